#!/usr/bin/env python3
"""Writes the reference cases of src/test/resources/keras-real: files that Keras itself saves, and what it predicts.

Needs Keras 3 with any backend. Run, in the project's directory:

    KERAS_BACKEND=tensorflow python3 src/test/python/keras_real_cases.py src/test/resources/keras-real

Each case is a directory: model/ as a user would hold it, tokens.jsonl, and expected.jsonl with the prediction of every
token. A prediction at step t is the last one that Keras makes for the tokens up to t.
"""
import json
import os
import sys

import keras
import numpy as np
from keras import layers

WORDS = ["<pad>", "the", "president", "Roosevelt", "said", "that", "Teddy"]


def features(n):
    return keras.Input((None, n))


def cases():
    """(name, file, layers)"""
    yield "two-lstm", "keras", [features(4), layers.LSTM(6, return_sequences=True),
                                layers.LSTM(5, return_sequences=True), layers.Dense(3, activation="softmax")]
    yield "two-lstm-h5", "h5", [features(4), layers.LSTM(6, return_sequences=True),
                                layers.LSTM(5, return_sequences=True), layers.Dense(3, activation="softmax")]
    yield "gru-before", "keras", [features(3), layers.GRU(5, reset_after=False, return_sequences=True),
                                  layers.Dense(2, activation="sigmoid")]
    yield "batch-norms", "keras", [features(3), layers.BatchNormalization(), layers.GRU(6, return_sequences=True),
                                   layers.BatchNormalization(scale=False), layers.GRU(5, return_sequences=True),
                                   layers.BatchNormalization(center=False), layers.Dense(2)]
    yield "batch-norms-h5", "h5", [features(3), layers.BatchNormalization(), layers.GRU(6, return_sequences=True),
                                   layers.BatchNormalization(), layers.Dense(2)]
    yield "dense-around", "h5", [features(4), layers.Dense(6, activation="relu"),
                                 layers.SimpleRNN(5, return_sequences=True), layers.Dense(4, activation="gelu"),
                                 layers.Dropout(0.5), layers.Dense(2, activation="relu")]
    yield "layer-norm", "keras", [features(4), layers.Dense(5, activation="silu"), layers.LayerNormalization(),
                                  layers.LSTM(6, return_sequences=True, dropout=0.2, recurrent_dropout=0.3),
                                  layers.LayerNormalization(epsilon=1e-5), layers.RMSNormalization(),
                                  layers.Dense(3), layers.Activation("softmax")]
    yield "convolution", "keras", [features(3), layers.Conv1D(5, 3, padding="causal", activation="relu"),
                                   layers.Conv1D(4, 2, padding="causal", dilation_rate=3, use_bias=False),
                                   layers.Activation("tanh"), layers.GRU(6, return_sequences=True),
                                   layers.TimeDistributed(layers.Dense(3, activation="softmax"))]
    yield "words", "keras", [keras.Input((None,)), layers.Embedding(len(WORDS), 5), layers.BatchNormalization(),
                             layers.GRU(6, return_sequences=True), layers.Dense(4, activation="elu"),
                             layers.Dense(3, activation="softmax")]


def write(directory, seed, name, kind, stack):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(stack)
    draw = np.random.default_rng(seed)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.moving_mean.assign(draw.normal(size=layer.moving_mean.shape))
            layer.moving_variance.assign(draw.uniform(0.5, 2, layer.moving_variance.shape))
        for weight in layer.trainable_weights:  # biases, gammas and betas that matter
            if len(weight.shape) == 1:
                weight.assign(np.asarray(weight) + draw.normal(scale=0.3, size=weight.shape))
    os.makedirs(os.path.join(directory, name, "model"), exist_ok=True)
    model.save(os.path.join(directory, name, "model", "model." + kind))
    words = name == "words"
    if words:
        with open(os.path.join(directory, name, "model", "vocab.txt"), "w", encoding="utf-8", newline="\n") as file:
            file.writelines(word + "\n" for word in WORDS)
    steps = 12
    x = draw.integers(len(WORDS), size=steps) if words else draw.normal(size=(steps, stack[0].shape[-1]))
    tokens = [{"key": "k", **({"token": WORDS[v]} if words else {"features": np.float32(v).tolist()})} for v in x]
    y = np.asarray(model(x[None] if words else x[None].astype("float32"), training=False))[0]
    expected = [{"key": "k", "t": t + 1, "prediction": row.tolist()} for t, row in enumerate(y)]
    for path, records in (("tokens.jsonl", tokens), ("expected.jsonl", expected)):
        with open(os.path.join(directory, name, path), "w", encoding="utf-8", newline="\n") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for number, case in enumerate(cases()):
        write(sys.argv[1], number, *case)
