#!/usr/bin/env python3
"""Writes the Keras cases of src/test/resources/look-ahead: networks with bidirectional layers, as Keras saves them.

Needs Keras 3 with any backend, and h5py. Run, in the project's directory:

    KERAS_BACKEND=tensorflow python3 src/test/python/keras_bidirectional_cases.py src/test/resources/look-ahead [NAME...]

The cases have the form of those of bidirectional_cases.py; expected-end.jsonl has what Keras computes for the whole
sequence. Keras 3 does not write the layouts of Keras 2, so a case with them is made from its public source.
"""
import json
import os
import sys
import zlib

import h5py
import keras
import numpy as np
from keras import layers

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__))]
import look_ahead  # noqa: E402

WORDS = ["<pad>", "said", "Teddy", "Roosevelt", "bears", "are", "on", "sale"]
LENGTHS = {"k0": 14, "k1": 6, "k2": 1, "k3": 4}
LOOKS = [0, 1, 3, 10]
CASES = {}


def case(make):
    CASES["keras-" + make.__name__.replace("_", "-")] = make
    return make


def features(n):
    return keras.Input((None, n))


def bi(layer, mode="concat", **more):
    return layers.Bidirectional(layer, merge_mode=mode, **more)


def all_steps(kind, units, **more):
    return kind(units, return_sequences=True, **more)


@case
def lstm():
    return "keras", keras.Sequential([features(3), bi(all_steps(layers.LSTM, 4, dropout=0.2)),
                                      layers.Dense(3, activation="softmax")])


@case
def gru_sum_mul():
    return "keras", keras.Sequential([features(3), bi(all_steps(layers.GRU, 4), "sum"), layers.LayerNormalization(),
                                      layers.Dropout(0.3),
                                      bi(all_steps(layers.GRU, 4, reset_after=False, use_bias=False), "mul"),
                                      layers.TimeDistributed(layers.Dense(2, activation="sigmoid"))])


@case
def rnn_ave_words_h5():
    return "h5", keras.Sequential([keras.Input((None,)), layers.Embedding(len(WORDS), 3, mask_zero=True),
                                   bi(all_steps(layers.SimpleRNN, 4, activation="relu"), "ave"),
                                   bi(all_steps(layers.SimpleRNN, 3), "ave"), layers.Dense(2, activation="softmax")])


@case
def explicit_backward():
    """A backward layer with another activation, between layers of one direction."""
    return "keras", keras.Sequential([
        features(3), all_steps(layers.GRU, 4),
        bi(all_steps(layers.LSTM, 4), backward_layer=all_steps(layers.LSTM, 4, go_backwards=True, activation="relu")),
        all_steps(layers.LSTM, 3), layers.Dense(1)])


@case
def cells_h5():
    return "h5", keras.Sequential([
        features(3), bi(layers.RNN(layers.GRUCell(3), return_sequences=True)), layers.BatchNormalization(),
        bi(layers.RNN(layers.LSTMCell(3, recurrent_activation="hard_sigmoid"), return_sequences=True), "sum"),
        layers.Dense(2)])


@case
def nested_heads_h5():
    """A model in a model, and two heads."""
    inner = keras.Sequential([keras.Input((None, 3)), bi(all_steps(layers.LSTM, 3)), layers.Dense(4, activation="tanh"),
                              bi(all_steps(layers.GRU, 2), "concat")], name="encoder")
    x = features(3)
    h = inner(x)
    return "h5", keras.Model(x, [layers.Dense(3, activation="softmax", name="kind")(h),
                                 layers.Dense(1, name="level")(h)])


@case
def weights():
    return "weights", keras.Sequential([features(3), bi(all_steps(layers.GRU, 3)), bi(all_steps(layers.LSTM, 3), "ave"),
                                        layers.Dense(2)])


@case
def last_step():
    """Each position of a bidirectional layer below; Keras returns the last one."""
    x = features(3)
    h = bi(all_steps(layers.LSTM, 3))(x)
    return "keras", keras.Model(x, layers.Dense(2, activation="softmax")(layers.LSTM(3)(h)))


@case
def layout_2():
    """Keras 2.4: no backward_layer, names with the number of an output."""
    return "layout-2", keras.Sequential([
        features(3), bi(all_steps(layers.LSTM, 3, name="lstm"), name="bidirectional"),
        bi(all_steps(layers.GRU, 3, name="gru", reset_after=False), "sum", name="bidirectional_1"),
        layers.Dense(2, activation="softmax", name="dense")])


@case
def final_words():
    return "keras", keras.Sequential([keras.Input((None,)), layers.Embedding(len(WORDS), 3),
                                      bi(all_steps(layers.LSTM, 3)), bi(layers.GRU(3)),
                                      layers.Dense(4, activation="relu"), layers.Dense(1, activation="sigmoid")])


@case
def final_mul_h5():
    x = features(3)
    h = layers.BatchNormalization()(bi(layers.GRU(4, reset_after=False), "mul")(x))
    return "h5", keras.Model(x, [layers.Dense(2, activation="softmax", name="kind")(h),
                                 layers.Dense(1, name="level")(h)])


@case
def final_backward():
    """Only a layer that reads from the last token on."""
    return "keras", keras.Sequential([features(3), all_steps(layers.SimpleRNN, 3), layers.LSTM(4, go_backwards=True),
                                      layers.Dense(2, activation="softmax")])


ACTIVATIONS = {"tanh": np.tanh, "relu": lambda x: np.maximum(x, 0), "sigmoid": look_ahead.sigmoid,
               "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1)}


def cell_of(layer):
    """The cell of a recurrent layer, for look_ahead.py."""
    cell = layer.cell
    kernel, recurrent, *bias = [np.asarray(weight, np.float64) for weight in cell.weights]
    kernel, recurrent = kernel.T, recurrent.T
    g = ACTIVATIONS[cell.activation.__name__]
    bias = bias[0] if bias else 0
    if "SimpleRNN" in type(cell).__name__:
        return look_ahead.Rnn(kernel, recurrent, bias, g=g)
    gate = ACTIVATIONS[cell.recurrent_activation.__name__]
    if "LSTM" in type(cell).__name__:
        return look_ahead.Lstm(kernel, recurrent, bias, g=g, gate=gate)

    def turned(rows):  # the gates z, r, h of Keras to r, z, n
        z, r, h = np.split(rows, 3)
        return np.concatenate([r, z, h])
    biases = [0, 0] if np.ndim(bias) == 0 else [turned(b) for b in (bias if bias.ndim == 2 else [bias, 0 * bias])]
    return look_ahead.Gru(turned(kernel), turned(recurrent), *biases, g=g, gate=gate, reset_after=cell.reset_after)


JOINS = {"concat": lambda f, b: np.concatenate([f, b]), "sum": lambda f, b: f + b, "mul": lambda f, b: f * b,
         "ave": lambda f, b: (f + b) / 2}


def layers_of(model):
    """The layers of look_ahead.py, without those that do nothing and without an Embedding."""
    made = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            made += layers_of(layer)
        elif isinstance(layer, layers.Bidirectional):
            made.append(look_ahead.Bidirectional(cell_of(layer.forward_layer), cell_of(layer.backward_layer),
                                                 JOINS[layer.merge_mode], not layer.return_sequences))
        elif isinstance(layer, layers.RNN) and layer.go_backwards:
            made.append(look_ahead.Bidirectional(None, cell_of(layer), final=True))
        elif isinstance(layer, layers.RNN):
            made.append(look_ahead.Forward(cell_of(layer)))
        elif not isinstance(layer, (layers.InputLayer, layers.Embedding, layers.Dropout)):
            made.append(look_ahead.Each(lambda row, of=layer: each(of, row)))
    return made


def each(layer, row):
    """What a layer gives at one position."""
    whole = row.astype("float32").reshape([1] * (len(layer.input.shape) - 1) + [-1])
    return np.asarray(layer(whole), np.float64).reshape(-1)


def looking(model, x, k):
    """The outputs of each head, [T, n], or [1, n]; heads are the Dense layers that the model ends with."""
    heads = len(model.outputs)
    every = layers_of(model)
    shared = every[:-heads] if heads > 1 else every
    h = look_ahead.outputs(shared, x, k)
    return [look_ahead.outputs([head], h, k) for head in every[-heads:]] if heads > 1 else [h]


def save(model, kind, path):
    if kind == "weights":
        model.save_weights(os.path.join(path, "model.weights.h5"))
        with open(os.path.join(path, "model.json"), "w", encoding="utf-8") as file:
            file.write(model.to_json())
    elif kind == "layout-2":
        save_layout_2(model, os.path.join(path, "model.h5"))
    else:
        model.save(os.path.join(path, "model." + kind))


def options(layer):
    said = layer.get_config()
    keys = ("name", "units", "use_bias", "activation", "recurrent_activation", "reset_after", "return_sequences",
            "go_backwards", "merge_mode")
    return {key: said[key] for key in keys if key in said and not isinstance(said[key], dict)}


def save_layout_2(model, path):
    said = []
    for i, layer in enumerate(model.layers):
        config = options(layer)
        if isinstance(layer, layers.Bidirectional):
            inner = layer.forward_layer
            config["layer"] = {"class_name": type(inner).__name__,
                               "config": {**options(inner), "name": inner.name.replace("forward_", ""),
                                          "stateful": False, "unroll": False, "time_major": False}}
        if i == 0:
            config["batch_input_shape"] = [None, None, 3]
        said.append({"class_name": type(layer).__name__, "config": config})
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "2.4.0"
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential",
                                                 "config": {"name": "sequential", "layers": said}})
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for layer in model.layers:
            of, names = group.create_group(layer.name), []
            cells = {"": layer}
            if isinstance(layer, layers.Bidirectional):
                cells = {f"/{way.name}/{way.cell.name}": way for way in (layer.forward_layer, layer.backward_layer)}
            for inside, each in cells.items():
                for weight in each.weights:
                    if "seed" not in weight.path:
                        names.append(f"{layer.name}{inside}/{weight.name}:0".encode())
                        of.create_dataset(names[-1].decode(), data=np.asarray(weight))
            of.attrs["weight_names"] = names


def write(directory, name, make):
    seed = zlib.crc32(name.encode())
    keras.utils.set_random_seed(seed)
    draw = np.random.default_rng(seed)
    kind, model = make()
    for weight in model.trainable_weights:  # biases, gammas and betas that matter
        if len(weight.shape) == 1 or weight.name == "bias":
            weight.assign(np.asarray(weight) + draw.normal(scale=0.3, size=weight.shape))
    path = os.path.join(directory, name, "model")
    os.makedirs(path, exist_ok=True)
    save(model, kind, path)
    embedding = next((layer for layer in model.layers if isinstance(layer, layers.Embedding)), None)
    if embedding:
        with open(os.path.join(path, "vocab.txt"), "w", encoding="utf-8", newline="\n") as file:
            file.writelines(word + "\n" for word in WORDS)
    final = any(isinstance(look, look_ahead.Bidirectional) and look.final for look in layers_of(model))
    only_last = not final and len(model.outputs[0].shape) == 2
    names = getattr(model, "output_names", [])
    tokens, expected = [], {k: [] for k in (["end"] if final else [*LOOKS, "end"])}
    for key, length in LENGTHS.items():
        width = 3 if embedding else model.input_shape[-1]
        x = draw.integers(1, len(WORDS), length) if embedding else draw.normal(size=(length, width)).astype("float32")
        of_key = [{"key": key, **({"token": WORDS[v]} if embedding else {"features": v.tolist()})} for v in x]
        of_key[-1]["end"] = True
        tokens.append(of_key)
        whole = model(x[None], training=False)
        whole = [np.asarray(y)[0].reshape(-1, y.shape[-1])
                 for y in (whole if isinstance(whole, (list, tuple)) else [whole])]
        row = np.asarray(embedding(x)) if embedding else x
        for k in [look_ahead.END, length]:
            for y, said in zip(looking(model, row, k), whole):
                assert np.allclose(y[-len(said):], said, rtol=0, atol=1e-5), (name, key, k, y - said)
        for k in expected:
            outputs = looking(model, row, look_ahead.END if k == "end" else k)
            if k == "end" and not only_last:
                outputs = whole
            for i in range(len(outputs[0])):
                each = {of: {"prediction": np.float32(y[i]).tolist()} for of, y in zip(names or ["y"], outputs)}
                said = {"outputs": each} if len(outputs) > 1 else list(each.values())[0]
                expected[k].append({"key": key, "t": length if final else i + 1, **said})
    order = draw.permutation([i for i, of_key in enumerate(tokens) for _ in of_key])
    left = [iter(of_key) for of_key in tokens]
    for file_name, records in {"tokens": [next(left[i]) for i in order],
                               **{f"expected-{k}": made for k, made in expected.items()}}.items():
        with open(os.path.join(directory, name, file_name + ".jsonl"), "w", encoding="utf-8", newline="\n") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)


def main():
    for name, make in CASES.items():
        if len(sys.argv) == 2 or name in sys.argv[2:]:
            write(sys.argv[1], name, make)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main()
