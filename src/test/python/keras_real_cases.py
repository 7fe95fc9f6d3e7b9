#!/usr/bin/env python3
"""Writes the reference cases of src/test/resources/keras-real: files that Keras itself saves, and what it predicts.

Needs Keras 3 with any backend. Run, in the project's directory:

    KERAS_BACKEND=tensorflow python3 src/test/python/keras_real_cases.py src/test/resources/keras-real [NAME...]

Each case is a directory: model/ as a user would hold it, tokens.jsonl, and expected.jsonl with the prediction of every
token. A prediction at step t is the last one that Keras makes for the tokens up to t. A model that was trained on
windows of 5 has a prediction only at t = 5.
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


def chains():
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
    # The rest of the forms, in the other of the two formats.
    yield "gru-before-h5", "h5", [features(3), layers.GRU(3, reset_after=False, return_sequences=True), layers.Dense(2)]
    yield "dense-around-keras", "keras", [features(2), layers.Dense(3, activation="relu"),
                                          layers.SimpleRNN(3, return_sequences=True),
                                          layers.Dense(2, activation="relu")]
    yield "layer-norm-h5", "h5", [features(2), layers.GRU(4, return_sequences=True), layers.LayerNormalization(),
                                  layers.Dense(2, activation="softmax")]
    yield "idle-gelu-relu", "keras", [features(2), layers.GaussianNoise(0.1), layers.SpatialDropout1D(0.1),
                                      layers.GRU(4, dropout=0.2, recurrent_dropout=0.2, return_sequences=True),
                                      layers.AlphaDropout(0.1), layers.Dense(3, activation="gelu"),
                                      layers.ActivityRegularization(0.1), layers.Dropout(0.3),
                                      layers.GaussianDropout(0.1), layers.Identity(),
                                      layers.Dense(2, activation="relu")]
    yield "time-distributed-h5", "h5", [features(2), layers.TimeDistributed(layers.Dense(3)),
                                        layers.TimeDistributed(layers.BatchNormalization()),
                                        layers.GRU(3, return_sequences=True),
                                        layers.TimeDistributed(layers.LayerNormalization(center=False)),
                                        layers.TimeDistributed(layers.Activation("tanh")),
                                        layers.TimeDistributed(layers.Dropout(0.5)),
                                        layers.TimeDistributed(layers.Dense(2, activation="softmax"))]
    # Last steps: what follows has no axis of steps, so that the axis of the features is 1.
    yield "last-step-h5", "h5", [features(2), layers.LSTM(3), layers.BatchNormalization(axis=1), layers.Flatten(),
                                 layers.Reshape((3,)), layers.Softmax(axis=1), layers.PReLU(),
                                 layers.Dense(2, activation=layers.LeakyReLU(0.1))]
    yield "window-of-5", "keras", [keras.Input((5,)), layers.Reshape((5, 1)), layers.GRU(3),
                                   layers.Dense(1, activation="softplus")]
    normal = layers.Normalization()
    normal.adapt(np.random.default_rng(1).normal((1000, -3), (20, 0.1), (50, 4, 2)).astype("float32"))
    yield "scales", "keras", [features(2), layers.Rescaling([20, 0.1], offset=[1000, -3]), normal,
                              layers.GRU(3, return_sequences=True),
                              layers.Normalization(mean=[1, 2, 3], variance=[4, 9, 16], invert=True),
                              layers.Normalization(axis=None, mean=2, variance=9), layers.Dense(2)]
    yield "rectifiers-h5", "h5", [features(2), layers.PReLU(shared_axes=[1]), layers.LSTM(3, return_sequences=True),
                                  layers.ReLU(max_value=0.5, negative_slope=0.1, threshold=0.05), layers.ELU(0.5),
                                  layers.ReLU(), layers.ELU(), layers.Softmax(), layers.LeakyReLU(0.2),
                                  layers.Activation(layers.ReLU(6.0)), layers.Dense(2, activation=keras.ops.tanh)]
    yield "activations", "keras", [features(2), layers.SimpleRNN(3, activation="relu6", return_sequences=True),
                                   layers.Dense(3, activation="leaky_relu"), layers.Activation("hard_sigmoid"),
                                   layers.Dense(3, activation="softmax"), layers.Dense(2, activation="log_softmax")]
    yield "cells", "keras", [features(2), layers.RNN(layers.LSTMCell(3), return_sequences=True),
                             layers.RNN([layers.GRUCell(2), layers.GRUCell(3, reset_after=False, use_bias=False),
                                         layers.SimpleRNNCell(2)], return_sequences=True), layers.Dense(2)]
    yield "cells-h5", "h5", [features(2), layers.RNN([layers.GRUCell(2, use_bias=False), layers.LSTMCell(2)],
                                                     return_sequences=True), layers.Dense(2)]
    yield "ends-in-a-cell", "keras", [features(2), layers.Dense(3), layers.GRU(2, return_sequences=True)]
    yield "masking-h5", "h5", [features(2), layers.Masking(-1.0), layers.Dense(3, activation="tanh"),
                               layers.LSTM(3, return_sequences=True), layers.BatchNormalization(),
                               layers.GRU(2, return_sequences=True), layers.Dense(2)]
    yield "mask-zero", "keras", [keras.Input((None,)), layers.Embedding(len(WORDS), 3, mask_zero=True),
                                 layers.GRU(3, return_sequences=True), layers.Dense(2)]
    inner = [keras.Sequential([features(2), layers.GRU(3, return_sequences=True), layers.BatchNormalization(),
                               layers.Dense(2)]) for _ in range(2)]
    yield "nested", "keras", [features(2), inner[0], layers.Dense(2), keras.Sequential([layers.Dense(3)])]
    yield "nested-h5", "h5", [features(2), inner[1], layers.Dense(2), keras.Sequential([layers.Dense(3)])]
    yield "weights-and-architecture", "weights", [features(2), layers.GRU(3, recurrent_activation="hard_sigmoid",
                                                                          return_sequences=True),
                                                  layers.LayerNormalization(), layers.Dense(2, activation="sigmoid")]


def graphs():
    """(name, file, model)"""
    for kind in "keras", "h5":
        x = features(3)
        h = layers.Dense(4)(x)
        h = layers.Add()([h, layers.GRU(4, return_sequences=True)(layers.LayerNormalization()(h))])
        h = layers.Concatenate()([h, layers.Conv1D(2, 2, padding="causal")(h), x])
        h = keras.ops.relu(1 - h * 0.5) + layers.Average()([h, layers.Dense(9, activation="softmax")(h)])
        yield "residual" + ("" if kind == "keras" else "-h5"), kind, keras.Model(x, layers.Dense(2)(h))
    for kind in "keras", "h5":
        x = keras.Input((None,))
        h = layers.LSTM(4, return_sequences=True)(layers.Embedding(len(WORDS), 3)(x))
        h = layers.Dense(3, activation="relu")(h)
        following = layers.Dense(len(WORDS), activation="softmax", name="next")(h)
        yield "heads" + ("" if kind == "keras" else "-h5"), kind, keras.Model(
            x, [following, layers.Dense(1, name="remaining")(layers.Concatenate()([h, following]))])
    x = features(2)
    a = layers.GRU(3, return_sequences=True)(x)
    b = layers.SimpleRNN(2, return_sequences=True)(x)
    joined = layers.Concatenate()([a, b])
    yield "heads-of-two-cells", "keras", keras.Model(x, {
        "level": layers.Dense(2, activation="sigmoid")(a), "trend": layers.Dense(1)(joined), "raw": b})
    x = features(2)
    cell, dense = layers.GRU(2, return_sequences=True), layers.Dense(2, activation="tanh")
    h = dense(cell(dense(cell(x))))
    yield "shared-layers", "keras", keras.Model(x, layers.Dense(2)(h[:, -1]))
    x = features(2)
    h = layers.LSTM(3, return_sequences=True)(layers.Masking(0.0)(x))
    yield "masking", "keras", keras.Model(x, layers.Dense(2)(layers.GRU(2)(h)))
    for kind in "keras", "h5":
        x = features(2)
        h = layers.TimeDistributed(keras.Sequential([layers.Dense(3, activation="relu"), layers.Dense(2)]))(x)
        yield "time-distributed-model" + ("" if kind == "keras" else "-h5"), kind, keras.Model(
            x, layers.Dense(2)(layers.GRU(2, return_sequences=True)(h)))


def settle(model, draw):
    """Statistics, biases, gammas and betas that matter."""
    for layer in model._flatten_layers(include_self=False):
        if isinstance(layer, layers.BatchNormalization):
            layer.moving_mean.assign(draw.normal(size=layer.moving_mean.shape))
            layer.moving_variance.assign(draw.uniform(0.5, 2, layer.moving_variance.shape))
    for weight in model.trainable_weights:
        if len(weight.shape) == 1 or weight.path.endswith("alpha"):
            weight.assign(np.asarray(weight) + draw.normal(scale=0.3, size=weight.shape))


def rows(model, x):
    """The outputs at each step: of a model of all steps at once, else of what came before; None for a short window."""
    def run(tokens):
        y = model(tokens[None], training=False)
        if isinstance(y, dict):
            y = [y[name] for name in sorted(y)]
        return [np.asarray(each)[0] for each in (y if isinstance(y, (list, tuple)) else [y])]
    if all(len(each.shape) == 3 for each in model.outputs):
        whole = run(x)
        return [[each[t].tolist() for each in whole] for t in range(len(x))]
    steps = model.input_shape[1]
    return [[each.tolist() for each in run(x[:t + 1])] if steps in (None, t + 1) else None for t in range(len(x))]


def write(directory, seed, name, kind, model):
    draw = np.random.default_rng(seed)
    settle(model, draw)
    path = os.path.join(directory, name, "model")
    os.makedirs(path, exist_ok=True)
    if kind == "weights":
        model.save_weights(os.path.join(path, "model.weights.h5"))
        with open(os.path.join(path, "model.json"), "w", encoding="utf-8") as file:
            file.write(model.to_json())
    else:
        model.save(os.path.join(path, "model." + kind))
    embeds = any(isinstance(layer, layers.Embedding) for layer in model.layers)
    if embeds:
        with open(os.path.join(path, "vocab.txt"), "w", encoding="utf-8", newline="\n") as file:
            file.writelines(word + "\n" for word in WORDS)
    steps = model.input_shape[1] or 12
    width = 1 if len(model.input_shape) == 2 else model.input_shape[-1]
    x = draw.integers(len(WORDS), size=steps) if embeds else draw.normal(size=(steps, width)).astype("float32")
    for layer in model.layers:
        if isinstance(layer, layers.Masking):
            x[[0, 3, 4, 8]] = layer.mask_value
    tokens = [{"key": "k", **({"token": WORDS[v]} if embeds else {"features": v.tolist()})} for v in x]
    outputs = rows(model, x[:, 0] if len(model.input_shape) == 2 and not embeds else x)
    output = getattr(model, "_outputs_struct", None)
    names = sorted(output) if isinstance(output, dict) else getattr(model, "output_names", ["y"])
    expected = []
    for t, row in enumerate(outputs):
        said = {"prediction": row[0] if row else None} if len(names) == 1 else {
            "outputs": {of: {"prediction": y} for of, y in zip(names, row)}}
        expected.append({"key": "k", "t": t + 1, **said})
    for file_name, records in (("tokens.jsonl", tokens), ("expected.jsonl", expected)):
        with open(os.path.join(directory, name, file_name), "w", encoding="utf-8", newline="\n") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)


def main(directory, names):
    number = 0
    for cases in chains, graphs:
        keras.utils.set_random_seed(number)
        for name, kind, of in cases():
            keras.utils.set_random_seed(number)
            if not names or name in names:
                write(directory, number, name, kind, of if cases is graphs else keras.Sequential(of))
            number += 1
            keras.utils.set_random_seed(number)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
