"""Writes the reference cases of src/test/resources/onnx.

Each is a model directory (model.onnx as torch.onnx.export writes it, config.json, vocab.txt), tokens.jsonl and
expected.jsonl: what PyTorch computes for each token, or numpy where the graph is made by hand because PyTorch exports
no such node. Seeded: a second run with the same PyTorch writes the same numbers.

  apt-get install -y python3-torch python3-onnx      (PyTorch 1.13, ONNX 1.12 were used)
  /usr/bin/python3 src/test/python/onnx_cases.py src/test/resources/onnx
"""

import json
import pathlib
import sys
import warnings

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

KEYS = 3
STEPS = 6


class Net(nn.Module):
    """Input, recurrent layers, head: every option that a case asks for."""

    def __init__(self, kind, inputs, units, outputs, words=0, one_hot=False, hidden=0, activation="softmax",
                 last=False, learned=False, state=False, first_relu=False, flat=False, head_bias=True, **options):
        super().__init__()
        self.embedding = nn.Embedding(words, inputs) if words and not one_hot else None
        self.one_hot = inputs if one_hot else 0
        self.rnn = getattr(nn, kind)(inputs, units, **options)
        self.batch_first = options.get("batch_first", False)
        head = [nn.Linear(units, hidden), nn.ReLU(), nn.Linear(hidden, outputs)] if hidden else [
            nn.Linear(units, outputs, bias=head_bias)]
        self.head = nn.Sequential(*([nn.ReLU()] if first_relu else []), *head)
        self.activation, self.last, self.state, self.flat = activation, last, state, flat
        self.h0 = nn.Parameter(torch.randn(1, 1, units)) if learned else None

    def recur(self, x, h=None):
        if self.embedding is not None:
            x = self.embedding(x)
        if self.one_hot:
            x = nn.functional.one_hot(x, self.one_hot).float()
        if self.h0 is not None:
            h = self.h0.expand(-1, x.size(0 if self.batch_first else 1), -1).contiguous()
        return self.rnn(x, h) if h is not None else self.rnn(x)

    def outputs(self, a):
        y = self.head(a)
        return {"softmax": lambda: torch.softmax(y, -1), "sigmoid": lambda: torch.sigmoid(y),
                "log": lambda: torch.log_softmax(y, -1), "identity": lambda: y}[self.activation]()

    def forward(self, x, h=None):
        a, state = self.recur(x, h)
        if self.last:
            a = a[:, -1] if self.batch_first else a[-1]
        if self.flat:
            a = a.reshape(-1, a.size(-1))
        y = self.outputs(a)
        return (y, *(state if isinstance(state, tuple) else (state,))) if self.state else y


def lines(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def write(directory, config, inputs, hidden, predictions, vocabulary=None):
    """inputs, hidden, predictions: [keys][steps]"""
    (directory / "model" / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    labels = config.get("output", {}).get("labels")
    tokens, expected = [], []
    for step in range(STEPS):
        for key in range(KEYS):
            x = inputs[key][step]
            tokens.append({"key": f"k{key}", **(
                {"token": vocabulary[int(x)]} if vocabulary else {"features": [float(v) for v in x]})})
            y = predictions[key][step]
            record = {"key": f"k{key}", "t": step + 1, "prediction": [float(v) for v in y],
                      "hidden": [float(v) for v in hidden[key][step]]}
            if labels:
                record["label"] = labels[int(np.argmax(y))]
            expected.append(record)
    lines(directory / "tokens.jsonl", tokens)
    lines(directory / "expected.jsonl", expected)
    if vocabulary:
        (directory / "model" / "vocab.txt").write_text("".join(word + "\n" for word in vocabulary))


def exported(root, name, config=None, opset=13, folding=True, vocabulary=None, static=False, **options):
    torch.manual_seed(sum(map(ord, name)))
    net = Net(**options).eval()
    directory = root / name
    (directory / "model").mkdir(parents=True, exist_ok=True)
    words, size = options.get("words", 0), options["inputs"]
    x = torch.randint(0, words, (KEYS, STEPS)) if words else torch.randn(KEYS, STEPS, size)
    example = x if net.batch_first else x.transpose(0, 1)
    arguments, names = (example,), ["x"]
    if options.get("state"):
        arguments, names = (example, torch.zeros(1, KEYS, options["units"])), ["x", "h"]
    axes = {"x": {0: "batch", 1: "time"} if net.batch_first else {0: "time", 1: "batch"}, "h": {1: "batch"}}
    torch.onnx.export(
        net, arguments, str(directory / "model" / "model.onnx"), opset_version=opset, input_names=names,
        output_names=["y"] + (["last"] if options.get("state") else []), do_constant_folding=folding,
        dynamic_axes=None if static else {n: axes[n] for n in names})
    onnx.checker.check_model(str(directory / "model" / "model.onnx"))
    with torch.no_grad():
        a, _ = net.recur(example)
        y = net.outputs(a)
    if options.get("activation") == "log":
        y = y.exp()
    if not net.batch_first:
        a, y = a.transpose(0, 1), y.transpose(0, 1)
    write(directory, config or {}, x.numpy(), a.numpy(), y.numpy(), vocabulary)


def by_hand(root, name, op, layout, gates, attributes, step, typed):
    """One node and a Gemm, with a reference in numpy; step(W, R, Wb, Rb, x, h) gives the next h."""
    random = np.random.default_rng(sum(map(ord, name)))
    size, units, outputs = 3, 4, 2
    w = random.normal(0, 0.5, (1, gates * units, size)).astype(np.float32)
    r = random.normal(0, 0.5, (1, gates * units, units)).astype(np.float32)
    b = random.normal(0, 0.5, (1, 2 * gates * units)).astype(np.float32)
    head = random.normal(0, 0.5, (units, outputs)).astype(np.float32)
    bias = random.normal(0, 0.5, outputs).astype(np.float32)

    def tensor(label, array):
        if typed:  # the numbers in double_data, not in raw_data
            return helper.make_tensor(label, TensorProto.DOUBLE, array.shape, array.astype(np.float64).flatten())
        return numpy_helper.from_array(array, label)

    kind = TensorProto.DOUBLE if typed else TensorProto.FLOAT
    shape = ["batch", "time", size] if layout else ["time", "batch", size]
    recurrent = helper.make_node(op, ["x", "W", "R", "B"], ["", "last"], name="cell", hidden_size=units,
                                 **({"layout": 1} if layout else {}), **attributes)
    graph = helper.make_graph(
        [recurrent,
         helper.make_node("Constant", [], ["axes"], value_ints=[1 if layout else 0]),
         helper.make_node("Squeeze", ["last", "axes"], ["h"]),
         helper.make_node("Gemm", ["h", "head", "bias"], ["z"], name="head", alpha=0.5, beta=2.0),
         helper.make_node("Softmax", ["z"], ["y"])],
        name, [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info("y", kind, ["batch", outputs])],
        [tensor(label, array) for label, array in
         (("W", w), ("R", r), ("B", b), ("head", head), ("bias", bias))])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.checker.check_model(model)
    directory = root / name
    (directory / "model").mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(directory / "model" / "model.onnx"))

    x = random.normal(0, 1, (KEYS, STEPS, size)).astype(np.float32)
    hidden = np.zeros((KEYS, STEPS, units))
    for key in range(KEYS):
        h = np.zeros(units)
        for t in range(STEPS):
            h = step(*(m.astype(np.float64) for m in (w[0], r[0], b[0][:gates * units], b[0][gates * units:])),
                     x[key, t].astype(np.float64), h)
            hidden[key, t] = h
    z = 0.5 * hidden @ head.astype(np.float64) + 2 * bias
    e = np.exp(z - z.max(-1, keepdims=True))
    write(directory, {}, x, hidden, e / e.sum(-1, keepdims=True))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def gru_reset_before(w, r, wb, rb, x, h):
    """ONNX's GRU with linear_before_reset=0; rows of z, r, h."""
    n = len(h)
    a = w @ x + wb + rb
    z = sigmoid(a[:n] + r[:n] @ h)
    reset = sigmoid(a[n:2 * n] + r[n:2 * n] @ h)
    candidate = np.tanh(a[2 * n:] + r[2 * n:] @ (reset * h))
    return (1 - z) * candidate + z * h


def rnn_sigmoid(w, r, wb, rb, x, h):
    return sigmoid(w @ x + r @ h + wb + rb)


def main(root):
    words = ["<unk>"] + [f"w{i}" for i in range(1, 8)]
    tagged = {"input": {"unknown_token": "<unk>"}, "output": {"labels": ["O", "PER", "LOC"]}}
    exported(root, "rnn-tanh", kind="RNN", inputs=3, units=4, outputs=2)
    exported(root, "rnn-relu-no-bias", kind="RNN", inputs=3, units=4, outputs=2, nonlinearity="relu", bias=False,
             head_bias=False, activation="identity", flat=True, opset=16)
    exported(root, "gru", {"model_type": "onnx"}, kind="GRU", inputs=3, units=5, outputs=2, opset=14)
    exported(root, "gru-last-step-deep-head", kind="GRU", inputs=3, units=4, outputs=3, hidden=5, last=True,
             batch_first=True, activation="sigmoid", first_relu=True)
    exported(root, "gru-learned-state", kind="GRU", inputs=3, units=4, outputs=2, learned=True, batch_first=True)
    exported(root, "gru-state-in-and-out", kind="GRU", inputs=3, units=4, outputs=2, state=True,
             activation="identity")
    exported(root, "lstm-2-layers", {"model_type": "lstm"}, kind="LSTM", inputs=3, units=4, outputs=2, num_layers=2,
             batch_first=True, opset=15)
    exported(root, "lstm-2-layers-static", kind="LSTM", inputs=3, units=4, outputs=2, num_layers=2, static=True)
    exported(root, "lstm-words", tagged, kind="LSTM", inputs=3, units=4, outputs=3, words=len(words), opset=16,
             vocabulary=words)
    exported(root, "lstm-one-hot-not-folded", tagged, kind="LSTM", inputs=len(words), units=4, outputs=3,
             words=len(words), one_hot=True, folding=False, batch_first=True, vocabulary=words)
    exported(root, "rnn-log-softmax", {"output": {"activation": "softmax"}}, kind="RNN", inputs=3, units=4,
             outputs=2, activation="log")
    by_hand(root, "gru-reset-before", "GRU", 0, 3, {}, gru_reset_before, typed=False)
    by_hand(root, "rnn-sigmoid-layout-1-double", "RNN", 1, 1, {"activations": ["Sigmoid"]}, rnn_sigmoid, typed=True)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main(pathlib.Path(sys.argv[1]))
