"""Writes the reference cases of step graphs in src/test/resources/onnx: recurrences that no built-in cell computes.

Each takes one token and the states of step t-1, and gives y<t> and the states of step t. The expected values are what
PyTorch computes with the same module, step by step. The format and the versions are those of onnx_cases.py.

  /usr/bin/python3 src/test/python/onnx_step_cases.py src/test/resources/onnx
"""

import pathlib
import sys
import warnings

import numpy as np
import onnx
import torch
from torch import nn

from onnx_cases import KEYS, STEPS, write


class NormalizedGru(nn.Module):
    """A GRU cell whose state passes a layer normalisation."""

    def __init__(self):
        super().__init__()
        self.cell, self.norm, self.head = nn.GRUCell(3, 4), nn.LayerNorm(4), nn.Linear(4, 2)

    def forward(self, x, h):
        h = self.norm(self.cell(x, h))
        return torch.softmax(self.head(h), -1), h


class CoupledLstm(nn.Module):
    """Words; an LSTM with peepholes and a coupled input and forget gate (Greff et al. 2017)."""

    def __init__(self, words):
        super().__init__()
        self.embedding = nn.Embedding(words, 3)
        self.gates, self.peephole, self.head = nn.Linear(3 + 5, 15), nn.Parameter(torch.randn(2, 5)), nn.Linear(5, 3)

    def forward(self, token, h, c):
        f, o, g = self.gates(torch.cat([self.embedding(token), h], -1)).chunk(3, -1)
        f = torch.sigmoid(f + self.peephole[0] * c)
        c = f * c + (1 - f) * torch.tanh(g)
        h = torch.sigmoid(o + self.peephole[1] * c) * torch.tanh(c)
        return self.head(h), h, c


class TwoLayers(nn.Module):
    """Two Elman layers in one state [layers x batch x units], the second with a residual connection."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.head = nn.RNNCell(3, 3), nn.RNNCell(3, 3), nn.Linear(3, 2)

    def forward(self, x, a):
        below = self.first(x[0], a[0])
        above = below + self.second(below, a[1])
        return torch.sigmoid(self.head(above)).unsqueeze(0), torch.stack([below, above])


class PlainLstm(nn.Module):
    """What the built-in cells compute too: one step of nn.LSTM in two layers."""

    def __init__(self):
        super().__init__()
        self.rnn, self.head = nn.LSTM(3, 4, num_layers=2), nn.Linear(4, 2)

    def forward(self, x, h, c):
        a, (h, c) = self.rnn(x, (h, c))
        return torch.softmax(self.head(a), -1), h, c


def stepped(root, name, module, config, inputs, states, output_names, hidden, vocabulary=None, first=None, axes=None):
    """inputs: [keys][steps], each what the graph takes of one token; states: name to shape; hidden: of the states."""
    directory = root / name / "model"
    directory.mkdir(parents=True, exist_ok=True)
    zeros = [torch.zeros(shape) for shape in states.values()]
    torch.onnx.export(
        module.eval(), (inputs[0][0], *zeros), str(directory / "model.onnx"), opset_version=13,
        input_names=["x", *states], output_names=output_names, dynamic_axes=axes)
    onnx.checker.check_model(str(directory / "model.onnx"))
    every_hidden, predictions = [], []
    with torch.no_grad():
        for key in range(KEYS):
            state = [torch.tensor(first[n]).reshape(s) if first else torch.zeros(s) for n, s in states.items()]
            every_hidden.append([])
            predictions.append([])
            for step in range(STEPS):
                y, *state = module(inputs[key][step], *state)
                predictions[key].append(y.flatten().numpy())
                every_hidden[key].append(hidden(state).flatten().numpy())
    plain = [[x.flatten().numpy() if not vocabulary else x.item() for x in key] for key in inputs]
    write(root / name, config, plain, every_hidden, predictions, vocabulary)


def main(root):
    torch.manual_seed(20261124)
    features = [[torch.randn(1, 3) for _ in range(STEPS)] for _ in range(KEYS)]
    stepped(root, "step-normalized-gru", NormalizedGru(), {"output": {"labels": ["no", "yes"]}}, features,
            {"h": (1, 4)}, ["y", "h_out"], lambda state: state[0],
            axes={"x": {0: "batch"}, "h": {0: "batch"}, "y": {0: "batch"}, "h_out": {0: "batch"}})

    words = ["<unk>"] + [f"w{i}" for i in range(1, 8)]
    ids = [[torch.randint(0, len(words), (1,)) for _ in range(STEPS)] for _ in range(KEYS)]
    first = {"c": [0.5, -0.25, 0.0, 1.0, -1.0], "h": [0.1, 0.2, 0.3, 0.4, 0.5]}
    stepped(root, "step-coupled-lstm",
            CoupledLstm(len(words)),
            {"model_type": "onnx", "state": {"c": "second", "h": "first"}, "initial_state": first,
             "input": {"unknown_token": "<unk>"}, "output": {"activation": "softmax", "labels": ["O", "PER", "LOC"]}},
            ids, {"h": (1, 5), "c": (1, 5)}, ["y", "first", "second"], lambda state: state[0],
            vocabulary=words, first=first)
    softened(root / "step-coupled-lstm")

    boxed = [[x.unsqueeze(0) for x in key] for key in features]
    stepped(root, "step-two-layers", TwoLayers(), {"output": {"activation": "sigmoid"}}, boxed,
            {"past_a": (2, 1, 3)}, ["y", "present_a"], lambda state: state[0][1])
    stepped(root, "step-plain-lstm", PlainLstm(), {}, boxed, {"h0": (2, 1, 4), "c0": (2, 1, 4)},
            ["y", "hn", "cn"], lambda state: state[0][1])


def softened(directory):
    """The graph gives logits, config.json asks for softmax: the expected predictions are probabilities."""
    import json
    path = directory / "expected.jsonl"
    records = [json.loads(line) for line in path.read_text().splitlines()]
    for record in records:
        y = np.array(record["prediction"])
        e = np.exp(y - y.max())
        record["prediction"] = [float(v) for v in e / e.sum()]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main(pathlib.Path(sys.argv[1]))
