#!/usr/bin/env python3
"""Writes the reference cases of src/test/resources/keras-layouts: models in the layouts of Keras 2.1 to 2.13.

Keras 3 computes what they predict. The layouts are those of the public source of Keras 2: hdf5_format.py for .h5, and
saving_lib.py for .keras, whose paths had backslashes on Windows. Needs Keras 3 with any backend, and h5py. Run, in the
project's directory:

    KERAS_BACKEND=tensorflow python3 src/test/python/keras_layout_cases.py src/test/resources/keras-layouts
"""
import io
import json
import os
import sys
import zipfile

import h5py
import keras
import numpy as np
from keras import layers, ops

INITIALIZER = {"class_name": "GlorotUniform", "config": {"seed": None}}


def hard_sigmoid(x):
    """That of Keras 2."""
    return ops.clip(0.2 * x + 0.5, 0, 1)


def config_of(layer, version, first_shape=None):
    """The options of a layer as Keras 2 wrote them."""
    said = layer.get_config()
    config = {"name": layer.name, "trainable": True}
    if first_shape:
        config["batch_input_shape"] = first_shape
    if version >= (2, 2):
        config["dtype"] = "float32"
    if isinstance(layer, keras.layers.RNN):
        config |= {"return_sequences": said["return_sequences"], "return_state": False, "go_backwards": False,
                   "stateful": False, "unroll": False, "kernel_initializer": INITIALIZER, "unit_forget_bias": True,
                   "implementation": 1 if version < (2, 2) else 2, "dropout": 0.2, "recurrent_dropout": 0.1}
        if version >= (2, 3):
            config["time_major"] = False
    for key in ("units", "use_bias", "activation", "recurrent_activation", "reset_after", "rate", "epsilon", "center",
                "scale", "input_dim", "output_dim", "mask_zero", "axis", "negative_slope"):
        if key in said:
            config[key] = "hard_sigmoid" if isinstance(said[key], dict) else said[key]
    if isinstance(layer, layers.BatchNormalization):
        config["axis"] = [len(layer.output.shape) - 1]
        config["momentum"] = 0.99
    if isinstance(layer, layers.LeakyReLU):
        config["alpha"] = np.float64(config.pop("negative_slope")).item()
    if isinstance(layer, layers.TimeDistributed):
        config["layer"] = {"class_name": layer.layer.__class__.__name__, "config": config_of(layer.layer, version)}
    if isinstance(layer, layers.InputLayer):
        config = {"batch_input_shape": list(layer.batch_shape), "dtype": "float32", "sparse": False, "name": layer.name}
    return config


def entry(layer, version, first_shape=None):
    said = {"class_name": layer.__class__.__name__, "config": config_of(layer, version, first_shape)}
    if version >= (2, 12):
        said = {"module": "keras.layers", **said, "registered_name": None}
    return said


def weight_names(layer, cells):
    names = []
    for weight in layer.weights:
        if "seed" not in weight.path:
            of_cell = f"/{layer.cell.name}" if cells and isinstance(layer, keras.layers.RNN) else ""
            names.append((f"{layer.name}{of_cell}/{weight.name}:0", np.asarray(weight)))
    return names


def h5_weights(group, model_layers, names, cells):
    group.attrs["layer_names"] = [names(layer).encode() for layer in model_layers]
    group.attrs["backend"] = b"tensorflow"
    for layer in model_layers:
        of = group.create_group(names(layer))
        weights = [(name.replace(layer.name, names(layer), 1), w) for name, w in weight_names(layer, cells)]
        of.attrs["weight_names"] = [name.encode() for name, _ in weights]
        for name, weight in weights:
            of.create_dataset(name, data=weight)


def optimizer(file):
    file.attrs["training_config"] = json.dumps({"optimizer_config": {"class_name": "MyAdam", "config": {"lr": 0.001}},
                                                "loss": "mse", "metrics": ["accuracy"]}).encode()
    file["optimizer_weights/Adam/iterations:0"] = np.int64(3)
    file["optimizer_weights/training/Adam/Variable:0"] = np.zeros((2, 3), np.float32)


def list_of_layers(path):
    """Keras 2.1: config is a list; hard_sigmoid; a name with a slash."""
    model = keras.Sequential([keras.Input((None, 2)), layers.LSTM(3, recurrent_activation=hard_sigmoid, name="lstm_1",
                                                               return_sequences=True), layers.Dropout(0.3),
                              layers.GRU(3, recurrent_activation=hard_sigmoid, reset_after=False, name="gru_1"),
                              layers.Dense(2, activation="softmax", name="dense_1")])
    yield model
    rename = {"gru_1": "block/gru_1"}
    said = [entry(layer, (2, 1), [None, 6, 2] if i == 0 else None) for i, layer in enumerate(model.layers)]
    for layer in said:
        layer["config"]["name"] = rename.get(layer["config"]["name"], layer["config"]["name"])
        layer["config"].pop("reset_after", None)
    with h5py.File(os.path.join(path, "model.h5"), "w") as file:
        file.attrs["keras_version"] = b"2.1.2"
        file.attrs["backend"] = b"tensorflow"
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": said}).encode()
        h5_weights(file.create_group("model_weights"), model.layers, lambda of: rename.get(of.name, of.name), False)
        optimizer(file)


def functional(path):
    """Keras 2.4: inbound nodes as lists; two outputs; BatchNormalization and LeakyReLU with their old options."""
    x = keras.Input((None, 2), name="input_1")
    h = layers.GRU(3, return_sequences=True, name="gru")(x)
    h = layers.Add(name="add")([h, layers.Dense(3, name="dense")(layers.BatchNormalization(name="bn")(h))])
    h = layers.TimeDistributed(layers.Dense(3, activation="gelu", name="inner"), name="td")(h)
    h = layers.LeakyReLU(negative_slope=0.25, name="leaky_re_lu")(h)
    model = keras.Model(x, [layers.Dense(2, activation="softmax", name="kind")(h), layers.Dense(1, name="level")(h)])
    yield model
    said = []
    for layer in model.layers:
        of = {"name": layer.name, **entry(layer, (2, 4)), "inbound_nodes": []}
        for node in layer._inbound_nodes:
            of["inbound_nodes"] += [[[t._keras_history.operation.name, 0, 0, {}] for t in node.input_tensors]] \
                if node.input_tensors else []
        said.append(of)
    config = {"name": "functional_1", "layers": said, "input_layers": [["input_1", 0, 0]],
              "output_layers": [["kind", 0, 0], ["level", 0, 0]]}
    with h5py.File(os.path.join(path, "model.h5"), "w") as file:
        file.attrs["keras_version"] = "2.4.0"
        file.attrs["model_config"] = json.dumps({"class_name": "Functional", "config": config})
        h5_weights(file.create_group("model_weights"), model.layers, lambda of: of.name, True)
        optimizer(file)


def saved(file, container, model_layers, join):
    """Keras 2.12 and 2.13 counted each layer with weights twice, so that the numbers have gaps."""
    counts = {}
    for layer in model_layers:
        if isinstance(layer, layers.InputLayer):
            continue
        snake = keras.src.utils.naming.to_snake_case(layer.__class__.__name__)
        number = counts.get(snake, 0)
        counts[snake] = number + (2 if [w for w in layer.weights if "seed" not in w.path] else 1)
        name = join(container, snake + (f"_{number}" if number else ""))
        variables = file.create_group(name).create_group("vars")
        if isinstance(layer, keras.Sequential):
            saved(file, join(name, "_layer_checkpoint_dependencies"), layer.layers, join)
            continue
        if isinstance(layer, keras.layers.RNN):
            variables = file.create_group(join(name, "cell")).create_group("vars")
        if isinstance(layer, layers.TimeDistributed):
            variables = file.create_group(join(name, "layer")).create_group("vars")
        for i, weight in enumerate(w for w in layer.weights if "seed" not in w.path):
            variables[str(i)] = np.asarray(weight)


def archive(path, model, said, join):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        saved(file, "_layer_checkpoint_dependencies", model.layers, join)
        file.create_group(join("metrics", "mean")).create_group("vars")["0"] = np.float32(1)
        file["optimizer/vars/0"] = np.int64(3)
        file["optimizer/vars/1"] = np.zeros((2, 3), np.float32)
        file.create_group("vars")
    config = {"module": "keras", "class_name": "Sequential", "config": {"name": "sequential", "layers": said},
              "registered_name": None, "build_config": {"input_shape": [None, 6, 2]},
              "compile_config": {"optimizer": {"module": "mine", "class_name": "MyAdam", "config": {}}, "loss": "mse"}}
    with zipfile.ZipFile(os.path.join(path, "model.keras"), "w") as file:
        for name, content in (("metadata.json", json.dumps({"keras_version": "2.13.1"})),
                              ("config.json", json.dumps(config)), ("model.weights.h5", buffer.getvalue())):
            file.writestr(zipfile.ZipInfo(name, (2026, 11, 26, 0, 0, 0)), content)


def windows(path):
    """Keras 2.13 on Windows."""
    model = keras.Sequential([keras.Input((None, 2)), layers.LSTM(3, return_sequences=True), layers.Dropout(0.2),
                              layers.LSTM(2), layers.BatchNormalization(), layers.Dropout(0.2), layers.Dense(3),
                              layers.Dense(1)])
    yield model
    first = {"module": "keras.layers", "class_name": "InputLayer", "registered_name": None,
             "config": {"batch_input_shape": [None, 6, 2], "dtype": "float32", "name": "lstm_input"}}
    archive(path, model, [first] + [entry(layer, (2, 13)) for layer in model.layers],
            lambda a, b: a + "\\" + b if a else b)


def nested(path):
    """Keras 2.12: a model in a model."""
    inner = keras.Sequential([keras.Input((None, 2)), layers.SimpleRNN(3, return_sequences=True), layers.Dense(2),
                              layers.Dense(2, activation="relu")])
    model = keras.Sequential([keras.Input((None, 2)), inner, layers.TimeDistributed(layers.Dense(3)),
                              layers.GRU(2, return_sequences=True), layers.Dense(2)])
    yield model
    said = [entry(layer, (2, 12)) for layer in model.layers]
    said[0]["config"] = {"name": inner.name, "layers": [entry(layer, (2, 12)) for layer in inner.layers]}
    archive(path, model, said, lambda a, b: a + "/" + b)


def weights_alone(path):
    """Keras 2.3: save_weights, and the text of to_json."""
    model = keras.Sequential([keras.Input((None, 2)), layers.GRU(3, return_sequences=True, name="gru",
                                                                 recurrent_activation=hard_sigmoid),
                              layers.TimeDistributed(layers.Dense(2, activation="sigmoid"), name="time_distributed_1")])
    yield model
    said = [entry(layer, (2, 3), [None, None, 2] if i == 0 else None) for i, layer in enumerate(model.layers)]
    with open(os.path.join(path, "model.json"), "w", encoding="utf-8") as file:
        json.dump({"class_name": "Sequential", "config": {"name": "sequential", "layers": said},
                   "keras_version": "2.3.0-tf", "backend": "tensorflow"}, file)
    with h5py.File(os.path.join(path, "model.h5"), "w") as file:
        file.attrs["keras_version"] = b"2.3.0-tf"
        h5_weights(file, model.layers, lambda of: of.name, True)


def expected(model, x):
    """The outputs at each step, or what the model makes of the tokens up to it."""
    rows = []
    for t in range(len(x)):
        y = model(x[None, :t + 1], training=False)
        each = [np.asarray(of)[0] for of in (y if isinstance(y, (list, tuple)) else [y])]
        rows.append([(of if of.ndim == 1 else of[-1]).tolist() for of in each])
    names = getattr(model, "output_names", ["y"])
    return [{"key": "k", "t": t + 1, **({"prediction": row[0]} if len(names) == 1 else {
        "outputs": {name: {"prediction": y} for name, y in zip(names, row)}})} for t, row in enumerate(rows)]


def main(directory):
    for seed, case in enumerate((list_of_layers, functional, windows, nested, weights_alone)):
        keras.utils.set_random_seed(seed)
        name = {list_of_layers: "list-of-layers", weights_alone: "weights-alone"}.get(case, case.__name__)
        path = os.path.join(directory, name, "model")
        os.makedirs(path, exist_ok=True)
        writing = case(path)
        model = next(writing)
        draw = np.random.default_rng(seed)
        for weight in model.weights:
            if len(weight.shape) == 1 and weight.dtype == "float32":
                weight.assign(draw.uniform(0.5, 1.5, weight.shape))
        list(writing)
        x = draw.normal(size=(6, 2)).astype("float32")
        tokens = [{"key": "k", "features": v.tolist()} for v in x]
        rows = expected(model, x)
        for file_name, records in (("tokens.jsonl", tokens), ("expected.jsonl", rows)):
            with open(os.path.join(directory, name, file_name), "w", encoding="utf-8", newline="\n") as file:
                file.writelines(json.dumps(record) + "\n" for record in records)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
