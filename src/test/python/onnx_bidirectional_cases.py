#!/usr/bin/env python3
"""Writes the ONNX cases of src/test/resources/look-ahead: graphs with bidirectional and reverse nodes.

Needs PyTorch 2.13, onnx and onnxscript. Run, in the project's directory:

    python3 src/test/python/onnx_bidirectional_cases.py src/test/resources/look-ahead [NAME...]

The cases have the form of those of bidirectional_cases.py. `onnx-dynamo-*` and `onnx-legacy-*` are as both exporters of
PyTorch write a module; the others are written node by node, in the forms of other converters. expected-end.jsonl has
what PyTorch computes with the same weights.
"""
import json
import os
import random
import sys
import warnings
import zlib

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__))]
import look_ahead  # noqa: E402
from bidirectional_cases import LABELS, LENGTHS, LOOKS, WORDS, interleaved, tokens_of  # noqa: E402
from look_ahead import Bidirectional, Each, of_torch  # noqa: E402
from pytorch_cases import lines  # noqa: E402

CASES = {}


def case(make):
    CASES["onnx-" + make.__name__.replace("_", "-")] = make
    return make


class Net(nn.Module):
    """Recurrent modules and others, and how the head reads the last of them."""

    def __init__(self, modules, head, read="each", embedding=None):
        super().__init__()
        self.body, self.head, self.read, self.embedding = nn.ModuleList(modules), head, read, embedding
        self.eval()

    def forward(self, x):
        """[batch, T, n] for x of [batch, T, n_x] or ids of [batch, T]; [batch, n] of the last step, or of the ends."""
        x = x if self.embedding is None else self.embedding(x)
        h = None
        for module in self.body:
            if isinstance(module, nn.RNNBase):
                x, h = module(x) if module.batch_first else turned(module, x)
            else:
                x = module(x)
        h = h[0] if isinstance(h, tuple) else h
        if self.read == "last":
            x = x[:, -1]
        elif self.read == "cat":
            x = torch.cat([h[-2], h[-1]], dim=1)
        elif self.read == "reshape":
            x = h[-2:].transpose(0, 1).reshape(x.shape[0], -1)
        return self.head(x)

    def final(self):
        return self.read in ("cat", "reshape")

    def layers(self):
        """For look_ahead.py."""
        made = []
        for module in self.body:
            made += of_torch(module) if isinstance(module, nn.RNNBase) else [Each(lambda row, of=module: each(of, row))]
        if self.final():
            made[-1].final = True
        return made


def turned(module, x):
    y, h = module(x.transpose(0, 1))
    return y.transpose(0, 1), h


def each(module, row):
    return module(torch.from_numpy(row).float()[None])[0].double().numpy()


def bi(kind, *sizes, batch_first=True, **more):
    return kind(*sizes, batch_first=batch_first, bidirectional=True, **more)


def nets():
    """(name, network) of those that both exporters write."""
    yield "lstm-2-layers", Net([bi(nn.LSTM, 3, 3, 2)], nn.Linear(6, 2))
    yield "gru-time-first", Net([bi(nn.GRU, 3, 3, batch_first=False)], nn.Sequential(nn.Linear(6, 4), nn.ReLU(),
                                                                                    nn.Linear(4, 2)))
    yield "norm-between", Net([bi(nn.LSTM, 3, 3), nn.LayerNorm(6), nn.Linear(6, 3), nn.Tanh(),
                               bi(nn.GRU, 3, 3, bias=False)], nn.Linear(6, 2))
    yield "last", Net([nn.GRU(3, 3, batch_first=True), bi(nn.LSTM, 3, 3), nn.LSTM(6, 3, batch_first=True)],
                      nn.Linear(3, 2), "last")
    yield "rnn-relu", Net([bi(nn.RNN, 3, 3, 2, nonlinearity="relu")], nn.Linear(6, 2))
    yield "words", Net([bi(nn.LSTM, 3, 3)], nn.Linear(6, 2), embedding=nn.Embedding(len(WORDS), 3))
    yield "final-cat", Net([bi(nn.LSTM, 3, 3, 2)], nn.Linear(6, 2), "cat")
    yield "final-reshape", Net([bi(nn.GRU, 3, 3, 2)], nn.Linear(6, 2), "reshape")
    yield "final-words", Net([bi(nn.GRU, 3, 3)], nn.Linear(6, 2), "cat", nn.Embedding(len(WORDS), 3))


def export(net, file, dynamo):
    x = torch.randint(len(WORDS), (2, 5)) if net.embedding is not None else torch.randn(2, 5, 3)
    if dynamo:
        shapes = {"x": {0: torch.export.Dim("b"), 1: torch.export.Dim("t")}}
        model = torch.onnx.export(net, (x,), dynamo=True, dynamic_shapes=shapes, optimize=True).model_proto
        for part in [model.graph, *model.graph.node, *model.graph.input, *model.graph.output, *model.graph.value_info]:
            part.ClearField("metadata_props")
            part.ClearField("doc_string")
        del model.graph.value_info[:]
        onnx.save(model, file)
    else:
        torch.onnx.export(net, (x,), file, dynamo=False, opset_version=17, input_names=["x"], output_names=["y"],
                          dynamic_axes={"x": {0: "b", 1: "t"}, "y": {0: "b", 1: "t"}})


# Graphs that are written node by node: (network, graph, layers of look_ahead.py).

def rows(op, tensor):
    """PyTorch's rows of the gates in the order of ONNX."""
    order = {"RNN": [0], "GRU": [1, 0, 2], "LSTM": [0, 3, 1, 2]}[op]
    parts = np.split(tensor.detach().numpy(), len(order))
    return np.concatenate([parts[i] for i in order])


def weights_of(module, op, name, suffixes=("_l0", "_l0_reverse")):
    """W, R and B of a module."""
    made = {"W": np.stack([rows(op, getattr(module, "weight_ih" + s)) for s in suffixes]),
            "R": np.stack([rows(op, getattr(module, "weight_hh" + s)) for s in suffixes]),
            "B": np.stack([np.concatenate([rows(op, getattr(module, "bias_ih" + s)),
                                           rows(op, getattr(module, "bias_hh" + s))]) for s in suffixes])}
    return [numpy_helper.from_array(value, name + key) for key, value in made.items()]


def graph(nodes, constants, rank=3, features=3, time_first=True):
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["t", 1, features] if time_first else [1, "t", features])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None] * rank)
    made = helper.make_model(helper.make_graph(nodes, "g", [x], [y], constants),
                             opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made)
    return made


def head_of(linear):
    return [numpy_helper.from_array(linear.weight.detach().numpy().T.copy(), "fc"),
            numpy_helper.from_array(linear.bias.detach().numpy(), "fcb")]


HEAD = [helper.make_node("MatMul", ["h", "fc"], ["z"], name="fc"), helper.make_node("Add", ["z", "fcb"], ["y"])]


def ints(name, *values):
    return numpy_helper.from_array(np.array(values, np.int64), name)


def node(op, module, **more):
    return helper.make_node(op, ["x", "W", "R", "B"], ["Y", "Y_h"] + (["Y_c"] if op == "LSTM" else []), name="cell",
                            hidden_size=module.hidden_size, **more)


def halves(axis, y, h=("fw", "bw")):
    """Both directions, cut out of Y."""
    nodes = []
    for i, name in enumerate(h):
        nodes += [helper.make_node("Slice", [y, f"at{i}", f"at{i + 1}", "axis"], [name + "1"]),
                  helper.make_node("Squeeze", [name + "1", "axis"], [name])]
    return nodes, [ints("axis", axis), ints("at0", 0), ints("at1", 1), ints("at2", 2)]


@case
def split_concat():
    """Cut and joined, as tf2onnx does."""
    cell, fc = bi(nn.LSTM, 3, 3), nn.Linear(6, 2)
    nodes, constants = halves(1, "Y")
    nodes = [node("LSTM", cell, direction="bidirectional"), *nodes,
             helper.make_node("Concat", ["fw", "bw"], ["h"], axis=2), *HEAD]
    return graph(nodes, weights_of(cell, "LSTM", "") + constants + head_of(fc)), of_torch(cell), fc


@case
def split_average():
    cell, fc = bi(nn.GRU, 3, 3), nn.Linear(3, 2)
    nodes, constants = halves(1, "Y")
    nodes = [node("GRU", cell, direction="bidirectional", linear_before_reset=1), *nodes,
             helper.make_node("Add", ["fw", "bw"], ["sum"]), helper.make_node("Mul", ["sum", "half"], ["h"]), *HEAD]
    constants.append(numpy_helper.from_array(np.array(0.5, np.float32), "half"))
    layers = of_torch(cell)
    layers[0].join = lambda f, b: (f + b) / 2
    return graph(nodes, weights_of(cell, "GRU", "") + constants + head_of(fc)), layers, fc


@case
def layout_1():
    cell, fc = bi(nn.GRU, 3, 3), nn.Linear(6, 2)
    nodes = [node("GRU", cell, direction="bidirectional", linear_before_reset=1, layout=1),
             helper.make_node("Reshape", ["Y", "shape"], ["h"]), *HEAD]
    return graph(nodes, weights_of(cell, "GRU", "") + [ints("shape", 0, 0, -1)] + head_of(fc),
                 time_first=False), of_torch(cell), fc


@case
def other_activations():
    """The backward cell has another activation."""
    cell, fc = bi(nn.RNN, 3, 3), nn.Linear(6, 2)
    nodes = [node("RNN", cell, direction="bidirectional", activations=["Tanh", "Relu"]),
             helper.make_node("Transpose", ["Y"], ["T"], perm=[0, 2, 1, 3]),
             helper.make_node("Reshape", ["T", "shape"], ["h"]), *HEAD]
    layers = of_torch(cell)
    layers[0].backward.g = lambda x: np.maximum(x, 0)
    return graph(nodes, weights_of(cell, "RNN", "") + [ints("shape", 0, 0, -1)] + head_of(fc)), layers, fc


@case
def reverse():
    cell, fc = bi(nn.LSTM, 3, 3), nn.Linear(3, 2)
    nodes = [node("LSTM", cell, direction="reverse"), helper.make_node("Squeeze", ["Y", "axis"], ["h"]), *HEAD]
    backward = Bidirectional(None, of_torch(cell)[0].backward)
    return graph(nodes, weights_of(cell, "LSTM", "", ["_l0_reverse"]) + [ints("axis", 1)] + head_of(fc)), [backward], fc


@case
def two_nodes():
    """A node for each direction."""
    cell, fc = bi(nn.LSTM, 3, 3), nn.Linear(6, 2)
    nodes, constants = [], [ints("axis", 1)]
    for name, suffix, direction in [("f", "_l0", "forward"), ("b", "_l0_reverse", "reverse")]:
        constants += weights_of(cell, "LSTM", name, [suffix])
        nodes += [helper.make_node("LSTM", ["x", name + "W", name + "R", name + "B"], [name + "Y"], hidden_size=3,
                                   direction=direction), helper.make_node("Squeeze", [name + "Y", "axis"], [name])]
    nodes += [helper.make_node("Concat", ["f", "b"], ["h"], axis=2), *HEAD]
    return graph(nodes, constants + head_of(fc)), of_torch(cell), fc


@case
def final_reverse():
    cell, fc = bi(nn.GRU, 3, 3), nn.Linear(3, 2)
    nodes = [node("GRU", cell, direction="reverse", linear_before_reset=1),
             helper.make_node("Squeeze", ["Y_h", "axis"], ["h"]), *HEAD]
    backward = Bidirectional(None, of_torch(cell)[0].backward, final=True)
    return graph(nodes, weights_of(cell, "GRU", "", ["_l0_reverse"]) + [ints("axis", 0)] + head_of(fc), 2), [backward], fc


@case
def final_split_mul():
    cell, fc = bi(nn.RNN, 3, 3), nn.Linear(3, 2)
    nodes, constants = halves(0, "Y_h")
    nodes = [node("RNN", cell, direction="bidirectional"), *nodes, helper.make_node("Mul", ["fw", "bw"], ["h"]), *HEAD]
    layers = of_torch(cell)
    layers[0].join, layers[0].final = (lambda f, b: f * b), True
    return graph(nodes, weights_of(cell, "RNN", "") + constants + head_of(fc), 2), layers, fc


@case
def final_layout_1():
    cell, fc = bi(nn.LSTM, 3, 3), nn.Linear(6, 2)
    nodes = [node("LSTM", cell, direction="bidirectional", layout=1),
             helper.make_node("Flatten", ["Y_h"], ["h"]), *HEAD]
    layers = of_torch(cell)
    layers[0].final = True
    return graph(nodes, weights_of(cell, "LSTM", "") + head_of(fc), 2, time_first=False), layers, fc


def write(directory, name, model, layers, head, whole=None, embedding=None, last=False):
    path = os.path.join(directory, name, "model")
    os.makedirs(path, exist_ok=True)
    model(os.path.join(path, "model.onnx"))
    config = {"output": {"activation": "identity"}}
    if embedding is not None:
        config = {"input": {"type": "vocabulary"}, "output": {"activation": "identity", "labels": LABELS}}
        with open(os.path.join(path, "vocab.txt"), "w", encoding="utf-8", newline="\n") as file:
            file.writelines(word + "\n" for word in WORDS)
    with open(os.path.join(path, "config.json"), "w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(config) + "\n")
    draw = random.Random(zlib.crc32(name.encode()))
    tokens = tokens_of(WORDS if embedding is not None else 3, draw)
    final = any(isinstance(layer, Bidirectional) and layer.final for layer in layers)
    expected = {k: [] for k in (["end"] if final else [*LOOKS, "end"])}
    for key, of_key in tokens.items():
        ids = [WORDS.index(token["token"]) for token in of_key] if embedding is not None else None
        x = torch.tensor([token["features"] for token in of_key]) if ids is None else torch.tensor(ids)
        vectors = x if ids is None else embedding(x)

        def looking(k):
            return head(torch.from_numpy(look_ahead.outputs(layers, vectors, k)).float())
        if whole is not None:
            said = whole(x[None])[0].reshape(-1, looking(0).shape[-1])
            assert torch.allclose(looking(look_ahead.END)[-len(said):], said, rtol=0, atol=1e-5), (name, key)
        for k in expected:
            y = looking(look_ahead.END if k == "end" else k)
            for i in range(len(y)):
                label = {"label": LABELS[int(y[i].argmax())]} if embedding is not None else {}
                expected[k].append({"key": key, "t": len(of_key) if final else i + 1, **label,
                                    "prediction": y[i].tolist()})
    lines(os.path.join(directory, name, "tokens.jsonl"), interleaved(tokens, draw))
    for k, made in expected.items():
        lines(os.path.join(directory, name, "expected-%s.jsonl" % k), made)


def main():
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    asked = sys.argv[2:]
    for exporter in ("legacy", "dynamo"):
        torch.manual_seed(123)
        for name, net in nets():
            if exporter == "dynamo" and name == "rnn-relu":
                continue  # it writes the steps of nn.RNN one by one
            full = f"onnx-{exporter}-{name}"
            if not asked or full in asked:
                with torch.no_grad():
                    write(sys.argv[1], full, lambda file, of=net: export(of, file, exporter == "dynamo"), net.layers(),
                          net.head, net, net.embedding)
    for name, make in CASES.items():
        if not asked or name in asked:
            torch.manual_seed(zlib.crc32(name.encode()))
            model, layers, head = make()
            with torch.no_grad():
                write(sys.argv[1], name, lambda file: onnx.save(model, file), layers, head)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main()
