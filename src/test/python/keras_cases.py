#!/usr/bin/python3
"""Writes src/test/resources/keras: models in the layouts of Keras with what they predict.

These files are our own and follow the layouts that Keras documents; Keras itself made none of
them. The predictions are computed here in numpy, in float64, from the formulas of Keras's layers.

Layouts: Keras 3 `.weights.h5` (layers/CLASS/cell/vars/N of a recurrent layer, layers/CLASS/vars/N of
the others), Keras 3 `.keras` (a zip of config.json, metadata.json and model.weights.h5), and the
older `.h5` (attribute model_config, groups model_weights/NAME with attribute weight_names).

    apt-get install python3-h5py python3-numpy
    /usr/bin/python3 src/test/python/keras_cases.py
"""

import io
import json
import pathlib
import shutil
import struct
import zipfile

import h5py
import numpy as np

OUT = pathlib.Path(__file__).resolve().parents[1] / "resources" / "keras"
GATES = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}
SNAKE = {"SimpleRNN": "simple_rnn", "GRU": "gru", "LSTM": "lstm", "Dense": "dense", "Embedding": "embedding",
         "InputLayer": "input_layer", "Dropout": "dropout", "TimeDistributed": "time_distributed",
         "Activation": "activation"}


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def activations(version):
    hard = (lambda z: np.clip(z / 6 + 0.5, 0, 1)) if version.startswith("3") else (
        lambda z: np.clip(0.2 * z + 0.5, 0, 1))
    return {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0), "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
            "linear": lambda z: z, "softmax": softmax, "hard_sigmoid": hard}


class Layer:
    """A layer, its configuration and its weights, rounded to float32 as a file has them."""

    def __init__(self, cls, **config):
        self.cls, self.config, self.weights = cls, config, []

    def build(self, size, rng):
        c, scale = self.config, 0.6
        draw = lambda *shape: (rng.standard_normal(shape) * scale).astype(np.float32).astype(np.float64)
        if self.cls == "Embedding":
            self.weights = [draw(c["input_dim"], c["output_dim"])]
            return c["output_dim"]
        if self.cls in GATES:
            u = c["units"]
            g = GATES[self.cls] * u
            self.weights = [draw(size, g), draw(u, g)]
            if c.get("use_bias", True):
                self.weights.append(draw(2, g) if c.get("reset_after") else draw(g))
            return u
        if self.cls in ("Dense", "TimeDistributed"):
            inner = c["layer"].config if self.cls == "TimeDistributed" else c
            self.weights = [draw(size, inner["units"])]
            if inner.get("use_bias", True):
                self.weights.append(draw(inner["units"]))
            return inner["units"]
        return size

    def step(self, x, state, act):
        c, w = self.config, self.weights
        if self.cls == "Embedding":
            return w[0][x], None
        if self.cls == "TimeDistributed":
            inner = c["layer"].config
            return act[inner["activation"]](x @ w[0] + (w[1] if len(w) > 1 else 0)), None
        if self.cls == "Dense":
            return act[c["activation"]](x @ w[0] + (w[1] if len(w) > 1 else 0)), None
        if self.cls == "Activation":
            return act[c["activation"]](x), None
        if self.cls not in GATES:
            return x, None
        g, u = act[c["activation"]], c["units"]
        bias = w[2] if len(w) > 2 else np.zeros(GATES[self.cls] * u)
        h = np.zeros(u) if state is None else state[0]
        if self.cls == "SimpleRNN":
            h = g(x @ w[0] + bias + h @ w[1])
            return h, (h,)
        s = act[c["recurrent_activation"]]
        if self.cls == "LSTM":
            cell = np.zeros(u) if state is None else state[1]
            i, f, k, o = np.split(x @ w[0] + h @ w[1] + bias, 4)
            cell = s(f) * cell + s(i) * g(k)
            h = s(o) * g(cell)
            return h, (h, cell)
        bx, bh = (bias[0], bias[1]) if c["reset_after"] else (bias, np.zeros(3 * u))
        xz, xr, xh = np.split(x @ w[0] + bx, 3)
        if c["reset_after"]:
            hz, hr, hh = np.split(h @ w[1] + bh, 3)
            z, r = s(xz + hz), s(xr + hr)
            candidate = g(xh + r * hh)
        else:
            z, r = s(xz + h @ w[1][:, :u]), s(xr + h @ w[1][:, u:2 * u])
            candidate = g(xh + (r * h) @ w[1][:, 2 * u:])
        h = z * h + (1 - z) * candidate
        return h, (h,)


def described(layer, name, version):
    config = {"name": name, "trainable": True}
    for key, value in layer.config.items():
        config[key] = described(value, SNAKE[value.cls], version) if isinstance(value, Layer) else value
    entry = {"class_name": layer.cls, "config": config}
    if version.startswith("3"):
        entry = {"module": "keras.layers", **entry, "registered_name": None}
    return entry


def model_json(layers, names, version, functional):
    entries = [described(layer, name, version) for layer, name in zip(layers, names)]
    if functional:
        for i, entry in enumerate(entries):
            entry["name"] = names[i]
            history = {"class_name": "__keras_tensor__",
                       "config": {"shape": [None, None, 1], "dtype": "float32", "keras_history": [names[i - 1], 0, 0]}}
            if i == 0:
                entry["inbound_nodes"] = []
            elif version.startswith("3"):
                entry["inbound_nodes"] = [{"args": [history], "kwargs": {"training": False}}]
            else:
                entry["inbound_nodes"] = [[[names[i - 1], 0, 0, {}]]]
        ends = lambda name: [name, 0, 0] if version.startswith("3") else [[name, 0, 0]]
        config = {"name": "functional", "layers": entries, "input_layers": ends(names[0]),
                  "output_layers": ends(names[-1])}
    else:
        config = {"name": "sequential", "layers": entries}
    return {"class_name": "Functional" if functional else "Sequential", "config": config}


def names_of(layers):
    seen, names = {}, []
    for layer in layers:
        snake = SNAKE[layer.cls]
        count = seen[snake] = seen.get(snake, -1) + 1
        names.append(snake if count == 0 else f"{snake}_{count}")
    return names


def keras3_weights(layers, dtype, libver=None):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", libver=libver) as f:
        for layer, group in zip(layers, names_of(layers)):
            f.create_group(f"layers/{group}/vars")
            inner = {"TimeDistributed": "/layer"}.get(layer.cls, "/cell" if layer.cls in GATES else "")
            variables = f.require_group(f"layers/{group}{inner}/vars")
            for i, w in enumerate(layer.weights):
                variables[str(i)] = w.astype(dtype)
            if layer.cls == "Dropout":
                f[f"layers/{group}/seed_generator/vars/0"] = np.array([1337, 0], np.uint32)
        f["optimizer/vars/0"] = np.int64(7)
    return buffer.getvalue()


def keras2_file(path, layers, names, version, dtype, functional):
    with h5py.File(path, "w") as f:
        f.attrs["keras_version"] = version
        f.attrs["backend"] = "tensorflow"
        f.attrs["model_config"] = json.dumps(model_json(layers, names, version, functional))
        group = f.create_group("model_weights")
        group.attrs["layer_names"] = [name.encode() for name in names]
        group.attrs["keras_version"] = version.encode()
        for layer, name in zip(layers, names):
            g = group.create_group(name)
            kinds = {"Embedding": ["embeddings"], "Dense": ["kernel", "bias"], "TimeDistributed": ["kernel", "bias"]}
            kinds = kinds.get(layer.cls, ["kernel", "recurrent_kernel", "bias"])
            cell = f"/{SNAKE[layer.cls]}_cell" if layer.cls in GATES else ""
            weight_names = [f"{name}{cell}/{kind}:0" for kind in kinds[:len(layer.weights)]]
            g.attrs["weight_names"] = [n.encode() for n in weight_names]
            for n, w in zip(weight_names, layer.weights):
                g.create_dataset(n, data=w.astype(dtype))
        f.create_group("top_level_model_weights")


def write_zip(path, model, version, weights):
    with zipfile.ZipFile(path, "w") as z:
        for name, content in [("metadata.json", json.dumps({"keras_version": version, "date_saved": "2026-11-23@00:00:00"})),
                              ("config.json", json.dumps(model)), ("model.weights.h5", weights)]:
            z.writestr(zipfile.ZipInfo(name, (2026, 11, 23, 0, 0, 0)), content)


def case(name, form, layers, *, seed, size=None, words=None, version="3.8.0", dtype=np.float32, functional=False,
         config=None, libver=None):
    rng = np.random.default_rng(seed)
    directory = OUT / name
    model = directory / "model"
    model.mkdir(parents=True)
    layers = [Layer("InputLayer", batch_shape=[None, None, size] if size else [None, None])] + layers
    width = size
    for layer in layers:
        width = layer.build(width, rng)
    names = names_of(layers)
    if form == "keras":
        write_zip(model / "model.keras", model_json(layers, names, version, functional), version,
                  keras3_weights(layers, dtype))
    elif form == "weights":
        (model / "model.weights.h5").write_bytes(keras3_weights(layers, dtype, libver))
    else:
        keras2_file(model / "model.h5", layers, names, version, dtype, functional)
    if words:
        (model / "vocab.txt").write_text("\n".join(words) + "\n")
    if config is not None:
        (model / "config.json").write_text(json.dumps(config) + "\n")
    act, states, count = activations(version), {}, {}
    with open(directory / "tokens.jsonl", "w") as tokens, open(directory / "expected.jsonl", "w") as expected:
        for _ in range(36):
            key = f"k{rng.integers(3)}"
            x = int(rng.integers(len(words))) if words else rng.standard_normal(size).round(4)
            token = {"token": words[x]} if words else {"features": x.tolist()}
            value, state = x, states.setdefault(key, [None] * len(layers))
            for i, layer in enumerate(layers):
                value, state[i] = layer.step(value, state[i], act)
                if layer.cls in GATES:
                    hidden = value
            count[key] = count.get(key, 0) + 1
            tokens.write(json.dumps({"key": key, **token}) + "\n")
            expected.write(json.dumps({"key": key, "t": count[key], "prediction": value.tolist(),
                                       "hidden": hidden.tolist()}) + "\n")


def rnn(units, **more):
    return Layer("SimpleRNN", **{"units": units, "activation": "tanh", "use_bias": True, **more})


def gru(units, reset_after, **more):
    return Layer("GRU", **{"units": units, "activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": True,
                           "reset_after": reset_after, **more})


def lstm(units, **more):
    return Layer("LSTM", **{"units": units, "activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": True,
                            **more})


def dense(units, activation, **more):
    return Layer("Dense", **{"units": units, "activation": activation, "use_bias": True, **more})


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    vocabulary = ["<pad>", "<unk>", "the", "cat", "sat", "on", "a", "mat"]
    case("simple-rnn", "keras", [rnn(6), dense(3, "softmax")], seed=1, size=4)
    case("simple-rnn-relu-no-bias", "h5", [rnn(5, activation="relu", use_bias=False), dense(2, "linear", use_bias=False)],
         seed=2, size=3, version="2.15.0")
    case("gru-reset-after", "keras", [gru(5, True), dense(4, "sigmoid")], seed=3, size=4, functional=True)
    case("gru-reset-before", "h5", [gru(5, False), dense(4, "softmax")], seed=4, size=4, version="2.2.4",
         dtype=np.float64)
    case("lstm-2-layers", "keras", [lstm(6), Layer("Dropout", rate=0.5), lstm(4, use_bias=False), dense(3, "softmax")],
         seed=5, size=5, dtype=np.float64)
    case("words-lstm", "keras", [Layer("Embedding", input_dim=len(vocabulary), output_dim=5, mask_zero=False), lstm(6),
                                 Layer("TimeDistributed", layer=dense(3, "softmax"))], seed=6, words=vocabulary)
    case("words-lstm-functional", "h5", [Layer("Embedding", input_dim=len(vocabulary), output_dim=4), lstm(5),
                                         dense(3, "linear"), Layer("Activation", activation="softmax")], seed=7,
         words=vocabulary, version="2.15.0", functional=True)
    case("hard-sigmoid", "keras", [lstm(5, recurrent_activation="hard_sigmoid"), dense(2, "softmax")], seed=8, size=3)
    case("hard-sigmoid-keras-2", "h5", [gru(5, True, recurrent_activation="hard_sigmoid"), dense(2, "softmax")], seed=9,
         size=3, version="2.3.1")
    case("dense-chain", "keras", [gru(5, True), dense(6, "relu"), Layer("Dropout", rate=0.1), dense(5, "tanh"),
                                  dense(4, "hard_sigmoid"), dense(2, "linear")], seed=10, size=3)
    case("weights-lstm", "weights", [lstm(4), lstm(5), dense(4, "relu"), dense(3, "softmax")], seed=11, size=3,
         config={"model_type": "lstm"})
    case("weights-gru-words", "weights", [Layer("Embedding", input_dim=len(vocabulary), output_dim=3), gru(4, True),
                                          dense(2, "sigmoid")], seed=12, words=vocabulary,
         config={"model_type": "gru", "output": {"activation": "sigmoid"}})
    case("weights-gru-reset-before", "weights", [gru(4, False), dense(2, "softmax")], seed=13, size=3,
         config={"model_type": "gru"})
    case("weights-rnn", "weights", [rnn(4, activation="relu"), dense(2, "linear")], seed=14, size=3,
         config={"model_type": "rnn", "nonlinearity": "relu", "output": {"activation": "identity"}})
    # Not Keras's choice, but a file that was written anew may have the newer structures of HDF5.
    case("weights-newer-hdf5", "weights", [rnn(3), dense(2, "softmax")], seed=15, size=2, libver="latest",
         config={"model_type": "rnn"})
    refused()


def refused():
    """Weights of one SimpleRNN and one Dense with something in them that must not be read."""
    directory = OUT / "refused"
    directory.mkdir()

    def write(name, spoil):
        with h5py.File(directory / f"{name}.h5", "w") as f:
            for path, shape in [("simple_rnn/cell/vars/0", (2, 3)), ("simple_rnn/cell/vars/1", (3, 3)),
                                ("simple_rnn/cell/vars/2", (3,)), ("dense/vars/0", (3, 2)), ("dense/vars/1", (2,))]:
                f[f"layers/{path}"] = np.zeros(shape, np.float32)
            spoil(f, "layers/dense/vars/1")

    def instead(make):
        def spoil(f, path):
            del f[path]
            make(f, path)
        return spoil

    write("sound", lambda f, path: None)
    write("chunked", instead(lambda f, path: f.create_dataset(path, data=np.zeros(2, np.float32), chunks=(2,),
                                                              compression="gzip")))
    write("float16", instead(lambda f, path: f.create_dataset(path, data=np.zeros(2, np.float16))))
    write("integers", instead(lambda f, path: f.create_dataset(path, data=np.zeros(2, np.int32))))
    write("nan", instead(lambda f, path: f.create_dataset(path, data=np.array([0, np.nan], np.float32))))
    write("too-large-for-float32", instead(lambda f, path: f.create_dataset(path, data=np.array([0, 1e300]))))
    write("huge", instead(lambda f, path: f.create_dataset(path, (1 << 40, 1 << 20), np.float32)))
    write("never-written", instead(lambda f, path: f.create_dataset(path, (2,), np.float32)))
    write("scalar", instead(lambda f, path: f.create_dataset(path, data=np.float32(1))))
    write("soft-link", instead(lambda f, path: f.__setitem__(path, h5py.SoftLink("/layers/simple_rnn/cell/vars/2"))))
    write("external-link", instead(lambda f, path: f.__setitem__(path, h5py.ExternalLink("other.h5", "/x"))))
    write("loop", lambda f, path: f.__setitem__("layers/dense/loop", f["layers"]))
    write("b-tree-2", lambda f, path: many(f.create_group("many", track_order=True)))
    write("deep", lambda f, path: f.create_group("/".join("a" * 40)))
    write("unused", lambda f, path: f.__setitem__("layers/dense/vars/2", np.zeros(2, np.float32)))
    write("elsewhere", lambda f, path: f.__setitem__("mine/vars/0", np.zeros(2, np.float32)))
    write("unknown-class", lambda f, path: f.__setitem__("layers/conv1d/vars/0", np.zeros(2, np.float32)))
    write("one-output", one_output)
    write("no-columns", lambda f, path: f.__setitem__("layers/embedding/vars/0", np.zeros((3, 0), np.float32)))
    branching(directory / "sound.h5", directory / "branching.h5", circular=False)
    branching(directory / "sound.h5", directory / "circular.h5", circular=True)
    nested_types(directory / "sound.h5", directory / "nested-types.h5")


def one_output(f, path):
    for name, shape in ("0", (3, 1)), ("1", (1,)):
        del f[f"layers/dense/vars/{name}"]
        f[f"layers/dense/vars/{name}"] = np.zeros(shape, np.float32)


def many(group):
    for i in range(20):
        group.create_group(str(i))


def branching(sound, path, circular):
    """The B-tree of the root group becomes one of ten levels whose 32 children are one and the same."""
    content = sound.read_bytes()
    child = first = content.index(b"TREE")
    added = b""
    for level in range(1, 11):
        at = len(content) + len(added)
        added += b"TREE" + struct.pack("<BBHqq", 0, level, 32, -1, -1) + struct.pack("<QQ", 0, child) * 32 + bytes(8)
        child = at
    old, new = struct.pack("<Q", first), struct.pack("<Q", child)
    path.write_bytes((content + added).replace(old, new) if circular else content.replace(old, new) + added)


def nested_types(sound, path):
    """A dataset becomes one of compounds within compounds, each of which claims 65535 members."""
    with h5py.File(sound) as f:
        old = struct.pack("<Q", h5py.h5o.get_info(f["layers/dense/vars/1"].id).addr)
    content = sound.read_bytes()
    message = (b"\x36\xff\xff\x00" + struct.pack("<I", 1) + b"\x00\x00") * 6552
    header = struct.pack("<BBHIIIHHI", 1, 0, 1, 1, len(message) + 8, 0, 3, len(message), 0)
    path.write_bytes(content.replace(old, struct.pack("<Q", len(content))) + header + message)


if __name__ == "__main__":
    main()
