"""Writes the reference cases of src/test/resources/onnx-exporters: graphs as the two exporters of PyTorch write them.

Each is model.onnx (with model.onnx.data, where the weights are outside) and steps.json: one sequence, x<t> and what
PyTorch computes for each t. Seeded. `dynamo-*` are the forms of torch.export: LSTM, GRU and nn.RNN, 1 or 2 layers,
every step or the last, with fixed and free sizes. `layers-*` have other layers around the recurrence, from both exporters.

  pip install torch==2.13.0+cpu onnx onnxscript numpy
  python src/test/python/onnx_exporter_cases.py src/test/resources/onnx-exporters
"""

import itertools
import json
import logging
import pathlib
import sys
import warnings

import numpy as np
import onnx
import torch
import torch.nn.functional as functional
from torch import nn

FEATURES, STEPS, WORDS = 3, 4, 7


class Swapped(nn.Module):
    """A layer of [batch, features, time], for x of [batch, time, features]."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x.transpose(1, 2)).transpose(1, 2)


class Causal(nn.Module):
    def __init__(self, size, out, taps, dilation, chomp, groups=1):
        super().__init__()
        self.more, self.chomp = (taps - 1) * dilation, chomp
        self.conv = nn.Conv1d(size, out, taps, dilation=dilation, groups=groups, padding=self.more if chomp else 0)

    def forward(self, x):
        return self.conv(x)[:, :, :-self.more] if self.chomp else self.conv(functional.pad(x, (self.more, 0)))


class Recurrent(nn.Module):
    def __init__(self, kind, size, units, time_first=False, **options):
        super().__init__()
        self.time_first = time_first
        self.rnn = getattr(nn, kind)(size, units, batch_first=not time_first, **options)

    def forward(self, x):
        return self.rnn(x.transpose(0, 1))[0].transpose(0, 1) if self.time_first else self.rnn(x)[0]


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


class Standardize(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.register_buffer("mean", torch.randn(size))
        self.register_buffer("std", torch.rand(size) + 0.5)

    def forward(self, x):
        return (x - self.mean) / self.std


class RootMeanSquare(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(size) + 0.5)

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight


class Net(nn.Module):
    def __init__(self, body, head, last="", end="", words=False):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, FEATURES) if words else None
        self.body, self.head, self.last, self.end = nn.Sequential(*body), nn.Sequential(*head), last, end

    def forward(self, x):
        a = self.body(x if self.embedding is None else self.embedding(x))
        if self.last == "-1":
            a = a[:, -1]
        elif self.last == "squeeze":  # an If where the exporter does not know the size
            a = a[:, -1:, :].squeeze(1)
        elif self.last == "size":
            a = a[:, a.size(1) - 1]
        y = self.head(a)
        return {"": lambda: y, "softmax": lambda: torch.softmax(y, -1), "sigmoid": lambda: torch.sigmoid(y),
                "one number": lambda: y.squeeze(-1)}[self.end]()


def numbers(tensor):
    return [float(str(np.float32(v))) for v in tensor.reshape(-1)]


def write(root, name, net, free, dynamo=True, opset=18, outside=False):
    """free: the sizes that the file does not fix, none, batch or both."""
    torch.manual_seed(sum(map(ord, name)))
    for module in net.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.LayerNorm)):
            nn.init.normal_(module.weight)
            nn.init.normal_(module.bias)
        if isinstance(module, nn.BatchNorm1d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    net.eval()
    directory = root / name
    directory.mkdir(parents=True, exist_ok=True)
    x = torch.randint(0, WORDS, (2, STEPS)) if net.embedding is not None else torch.randn(2, STEPS, FEATURES)
    file = str(directory / "model.onnx")
    if dynamo:
        auto = torch.export.Dim.AUTO
        shapes = {"none": None, "batch": {"x": {0: torch.export.Dim("batch")}}, "both": {"x": {0: auto, 1: auto}}}[free]
        program = torch.onnx.export(net, (x,), dynamo=True, dynamic_shapes=shapes, verbose=False, opset_version=opset)
        model = program.model_proto
        for node in model.graph.node:
            del node.metadata_props[:]  # the stack of the exporter, with paths
        for value in [*model.graph.value_info, *model.graph.input, *model.graph.output]:
            del value.metadata_props[:]
        del model.graph.metadata_props[:], model.metadata_props[:]
        onnx.save(model, file, save_as_external_data=outside, location="model.onnx.data", size_threshold=64)
    else:
        axes = {"none": None, "batch": {"x": {0: "b"}, "y": {0: "b"}}, "both": {"x": {0: "b", 1: "t"}}}[free]
        torch.onnx.export(net, (x,), file, dynamo=False, opset_version=opset, input_names=["x"], output_names=["y"],
                          dynamic_axes=axes)
    with torch.no_grad():
        rows = [net(x[:1, :t + 1])[0] for t in range(STEPS)] if net.last else net(x[:1])[0]
    if net.embedding is not None:
        config = {"input": {"type": "vocabulary", "file": "vocab.txt"}}
        (directory / "config.json").write_text(json.dumps(config) + "\n")
        (directory / "vocab.txt").write_text("".join(f"w{word}\n" for word in range(WORDS)))
    steps = {"x": [v.item() if v.dim() == 0 else numbers(v) for v in x[0]], "y": [numbers(y) for y in rows]}
    (directory / "steps.json").write_text(json.dumps(steps) + "\n")


def forms(root):
    for kind, layers, last, free in itertools.product(("LSTM", "GRU", "RNN"), (1, 2), ("", "-1"),
                                                      ("none", "batch", "both")):
        outside = free == "batch"
        end = "softmax" if (layers == 2) == (last == "") else ""
        body = [Recurrent(kind, FEATURES, 4, num_layers=layers)]
        name = f"dynamo-{kind.lower()}-{layers}-{'last' if last else 'all'}-{free}"
        write(root, name, Net(body, [nn.Linear(4, 2)], last, end), free, outside=outside)


def layers(root):
    n = FEATURES
    hidden = lambda g: Residual(nn.LayerNorm(4), nn.Linear(4, 6), g, nn.Linear(6, 4))
    norm = lambda size: Swapped(nn.BatchNorm1d(size))
    for exporter, opset, dynamo in (("legacy9", 9, False), ("legacy17", 17, False), ("dynamo", 20, True)):
        write(root, f"layers-norms-{exporter}",
              Net([Standardize(n), Recurrent("GRU", n, 4), norm(4), Recurrent("LSTM", 4, 4, time_first=True),
                   nn.LayerNorm(4)], [nn.BatchNorm1d(4), nn.Linear(4, 5), nn.ReLU(), nn.Dropout(), nn.Linear(5, 1)],
                  "size", "one number"), "batch", dynamo, opset)
        write(root, f"layers-activations-{exporter}",
              Net([nn.Linear(n, 4), nn.GELU(), hidden(nn.GELU("tanh")), Recurrent("RNN", 4, 4), hidden(nn.SiLU())],
                  [nn.Linear(4, 4), nn.Softplus(), nn.Linear(4, 4), nn.ELU(), nn.LeakyReLU(), nn.Linear(4, 4),
                   nn.Hardsigmoid(), nn.Linear(4, 3)], "", "softmax"), "batch", dynamo, opset)
        write(root, f"layers-convolutions-{exporter}",
              Net([Swapped(Causal(n, 4, 3, 1, False)), nn.ReLU(), Residual(Swapped(Causal(4, 4, 2, 2, True, groups=2)),
                  nn.Tanh()), Residual(Recurrent("GRU", 4, 4, bias=False)), Swapped(Causal(4, 4, 2, 1, False))],
                  [nn.Linear(4, 2)], "-1", "sigmoid"), "none" if dynamo else "both", dynamo, opset)
        write(root, f"layers-words-{exporter}",
              Net([RootMeanSquare(n), nn.Linear(n, 4, bias=False), nn.Tanh(), Recurrent("LSTM", 4, 4, num_layers=2)],
                  [RootMeanSquare(4), nn.Linear(4, 2)], "squeeze", words=True), "none" if dynamo else "both", dynamo, opset)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    forms(pathlib.Path(sys.argv[1]))
    layers(pathlib.Path(sys.argv[1]))
