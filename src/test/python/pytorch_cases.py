#!/usr/bin/env python3
"""Writes the reference cases of src/test/resources/pytorch: what PyTorch itself computes for networks of many makes.

Needs PyTorch 2.4 or later, nothing else. Run, in the project's directory:

    python3 src/test/python/pytorch_cases.py src/test/resources/pytorch

Each case is a directory: model/ as a user would hold it, tokens.jsonl with the keys interleaved as on a topic, and
expected.jsonl with the prediction and the top layer's h of every token, computed token by token in float32.
"""
import json
import os
import struct
import sys

import torch
from torch import nn
from torch.nn import functional as F

WORDS = ["<unk>", "the", "president", "Roosevelt", "said", "that", "Teddy", "was", "here", "."]


class Stack(nn.Module):
    """Recurrent modules one above the other (nn.GRU and its like, or nn.GRUCell and its like), then a head."""

    def __init__(self, modules, head, embedding=None, initial=()):
        super().__init__()
        for name, module in modules.items():
            self.add_module(name, module)
        self.recurrent_names = list(modules)
        for name, module in head.items():
            self.add_module(name, module)
        self.head_names = list(head)
        self.embedding = embedding
        for name, shape in dict(initial).items():
            self.register_parameter(name, nn.Parameter(torch.randn(*shape)))

    def zero(self):
        """A state for each module, from the learned one where there is such."""
        states = []
        for name in self.recurrent_names:
            module = getattr(self, name)
            lstm = isinstance(module, (nn.LSTM, nn.LSTMCell))
            if isinstance(module, nn.RNNCellBase):
                h = torch.zeros(1, module.hidden_size)
                states.append((h, h) if lstm else h)
                continue
            size = module.proj_size or module.hidden_size
            h = torch.zeros(module.num_layers, 1, size)
            c = torch.zeros(module.num_layers, 1, module.hidden_size)
            if "h0" in self._parameters:
                h = self.h0.reshape(h.shape)
            if "c0" in self._parameters:
                c = self.c0.reshape(c.shape)
            states.append((h, c) if lstm else h)
        return states

    def step(self, x, states):
        """(logits, the top layer's h, the next states)"""
        out, after = x.reshape(1, -1), []
        for name, state in zip(self.recurrent_names, states):
            module = getattr(self, name)
            if isinstance(module, nn.RNNCellBase):
                state = module(out, state)
                out = state[0] if isinstance(state, tuple) else state
            else:
                out, state = module(out.reshape(1, 1, -1), state)
                out = out[0]
            after.append(state)
        logits = out
        for name in self.head_names:
            logits = getattr(self, name)(logits)
        return logits[0], out[0], after


class Listed(nn.Module):
    """The modules and functions of `layers` in config.json, one after the other, over the whole sequence so far."""

    FUNCTIONS = {"tanh": torch.tanh, "relu": F.relu, "leaky_relu": F.leaky_relu, "elu": F.elu, "gelu": F.gelu,
                 "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"), "silu": F.silu, "sigmoid": torch.sigmoid,
                 "hard_sigmoid": F.hardsigmoid, "softplus": F.softplus}

    def __init__(self, layers, modules, embedding=None):
        super().__init__()
        for name, module in modules.items():
            self.add_module(name, module)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm1d):  # statistics as after training
                module.running_mean.normal_()
                module.running_var.uniform_(0.5, 2)
            if isinstance(module, (nn.BatchNorm1d, nn.LayerNorm)) and module.weight is not None:
                module.weight.data.uniform_(0.5, 1.5)
                module.bias.data.normal_()
        self.layers = layers
        self.embedding = embedding
        self.eval()

    def zero(self):
        return []

    def run(self, layers, x):
        """(the output, the output of the last layer with a state): [T, n]"""
        kept = None
        for layer in layers:
            name = layer if isinstance(layer, str) else layer.get("module")
            module = self._modules.get(name)
            if name is None:
                y, inner = self.run(layer["residual"], x)
                x = x + y
                kept = kept if inner is None else x
            elif module is None:
                x = self.FUNCTIONS[name](x)
            elif isinstance(module, nn.Conv1d):
                before = (module.kernel_size[0] - 1) * module.dilation[0]
                x = kept = module(F.pad(x.T, (before, 0))[None])[0].T
            elif isinstance(module, (nn.RNNBase)):
                x = kept = module(x[None])[0][0]
            else:
                x = module(x)
        return x, kept

    def step(self, x, states):
        states = states + [x]
        out, kept = self.run(self.layers, torch.stack(states))
        return out[-1], kept[-1], states


def tied(words, n, recurrent):
    model = Stack({"rnn": recurrent}, {"decoder": nn.Linear(n, words)}, nn.Embedding(words, n))
    model.decoder.weight = model.embedding.weight
    return model


def cases():
    """(name, model, config, dtype of the file, tensors that the file leaves out, steps of a key)"""
    features = {"input": {"type": "features"}}
    yield ("lstm-cells", Stack({"cell1": nn.LSTMCell(5, 8), "cell2": nn.LSTMCell(8, 8), "cell3": nn.LSTMCell(8, 8)},
                               {"fc": nn.Linear(8, 3)}), features, "F32", (), 12)
    yield ("gru-cell", Stack({"cell": nn.GRUCell(4, 9)}, {"fc": nn.Linear(9, 2)}), features, "F32", (), 12)
    yield ("rnn-cell-relu", Stack({"cell": nn.RNNCell(4, 9, nonlinearity="relu")}, {"fc": nn.Linear(9, 2)}),
           {**features, "nonlinearity": "relu"}, "F32", (), 12)
    yield ("gru-under-lstm", Stack({"lower": nn.GRU(6, 7, 2), "upper": nn.LSTM(7, 5)}, {"fc": nn.Linear(5, 4)}),
           {**features, "recurrent": ["lower", "upper"]}, "F32", (), 12)
    yield ("first-and-second", Stack({"second": nn.GRU(6, 6), "first": nn.GRU(6, 6)}, {"fc": nn.Linear(6, 4)}),
           {**features, "recurrent": ["second", "first"]}, "F32", (), 12)
    yield ("tied-gru", tied(len(WORDS), 12, nn.GRU(12, 12)), {"input": {"unknown_token": "<unk>"}}, "F32",
           ("decoder.weight",), 10)
    yield ("tied-projected-lstm", tied(len(WORDS), 12, nn.LSTM(12, 20, 2, proj_size=12)),
           {"input": {"unknown_token": "<unk>"}}, "F32", ("decoder.weight",), 10)
    yield ("tied-both-stored", tied(len(WORDS), 12, nn.LSTM(12, 12)), {}, "F32", (), 10)
    yield ("head-tanh", Stack({"rnn": nn.GRU(5, 10)}, {"hidden": nn.Linear(10, 6), "g": nn.Tanh(),
                                                       "out": nn.Linear(6, 3)}),
           {**features, "output": {"hidden_activation": "tanh", "labels": ["a", "b", "c"]}}, "F32", (), 10)
    yield ("head-3-relu", Stack({"rnn": nn.LSTM(5, 8)}, {"head": nn.Sequential(
        nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8, bias=False))}),
           {**features, "output": {"activation": "sigmoid"}}, "F32", (), 10)
    yield ("learned-h0", Stack({"rnn": nn.GRU(4, 6, 3)}, {"fc": nn.Linear(6, 2)}, initial={"h0": (3, 1, 6)}),
           {**features, "initial_state": "h0"}, "F32", (), 8)
    yield ("learned-h0-c0", Stack({"rnn": nn.LSTM(4, 7, 2, proj_size=3)}, {"fc": nn.Linear(3, 2)},
                                  initial={"h0": (2, 1, 3), "c0": (2, 1, 7)}),
           {**features, "initial_state": ["h0", "c0"]}, "F32", (), 8)
    yield ("gru-4-layers-f16", Stack({"rnn": nn.GRU(6, 16, 4)}, {"fc": nn.Linear(16, 3)}), features, "F16", (), 20)
    yield ("lstm-4-layers-f64", Stack({"rnn": nn.LSTM(6, 10, 4, bias=False)}, {"fc": nn.Linear(10, 3, bias=False)}),
           features, "F64", (), 20)
    yield ("lstm-257", Stack({"rnn": nn.LSTM(20, 257)}, {"fc": nn.Linear(257, 2)}), features, "F16", (), 3)


def listed():
    """As cases(), for config.json with `layers`."""

    def case(name, layers, modules, size, dtype="F32", steps=12, words=False, config=None, embedding=None):
        model = Listed(layers, modules, embedding)
        model.input_size = size
        config = {**({} if words else {"input": {"type": "features"}}), "layers": layers, **(config or {})}
        return name, model, config, dtype, (), steps

    yield case("layers-norms", ["bn", "gru", "ln", "fc1", "relu", "fc2"],
               {"bn": nn.BatchNorm1d(6), "gru": nn.GRU(6, 9, batch_first=True), "ln": nn.LayerNorm(9),
                "fc1": nn.Linear(9, 7), "fc2": nn.Linear(7, 3)}, 6)
    yield case("layers-conv", ["conv", "relu", "rnn", "fc"],
               {"conv": nn.Conv1d(5, 8, 3), "rnn": nn.RNN(8, 7, batch_first=True), "fc": nn.Linear(7, 2)}, 5)
    yield case("layers-dilated", [{"module": "conv1", "dilation": 2}, "gelu", {"module": "conv2", "dilation": 4},
                                  "silu", "fc"],
               {"conv1": nn.Conv1d(4, 6, 2, dilation=2), "conv2": nn.Conv1d(6, 6, 3, dilation=4, bias=False),
                "fc": nn.Linear(6, 3)}, 4, steps=25)
    yield case("layers-residual", ["in", {"residual": ["ln", "lstm", "gelu_tanh", "out"]},
                                   {"residual": [{"module": "rms", "type": "rms_norm", "eps": 1e-6}, "fc1", "gelu",
                                                 "fc2"]}, "head"],
               {"in": nn.Linear(5, 8), "ln": nn.LayerNorm(8, bias=True), "lstm": nn.LSTM(8, 10, 2, batch_first=True),
                "out": nn.Linear(10, 8), "rms": nn.RMSNorm(8, eps=1e-6), "fc1": nn.Linear(8, 16),
                "fc2": nn.Linear(16, 8), "head": nn.Linear(8, 4)}, 5)
    yield case("layers-activations", ["a", "leaky_relu", "b", "elu", "c", "softplus", "gru", "d", "hard_sigmoid", "e",
                                      "tanh", "f", "sigmoid", "g"],
               {**{name: nn.Linear(6, 6) for name in "abcdef"}, "gru": nn.GRU(6, 6, batch_first=True),
                "g": nn.Linear(6, 3)}, 6)
    yield case("layers-words", ["bn", "lstm", "dropout", "fc"],
               {"bn": nn.BatchNorm1d(7, affine=False), "lstm": nn.LSTM(7, 6, batch_first=True),
                "dropout": nn.Dropout(0.5), "fc": nn.Linear(6, 4)}, 7, words=True, embedding=nn.Embedding(10, 7))
    yield case("scaled-standard", ["gru", "fc"], {"gru": nn.GRU(3, 6, batch_first=True), "fc": nn.Linear(6, 3)}, 3,
               config={"input": {"type": "features", "scale": {"mean": [1, -2, 0.5], "std": [0.5, 4, 10],
                                                               "clip": [-1.5, 1.5]}},
                       "output": {"activation": "identity", "unscale": {"mean": [1, -2, 0.5], "std": [0.5, 4, 10]}}})
    yield case("scaled-range", ["lstm", "fc"], {"lstm": nn.LSTM(2, 5, batch_first=True), "fc": nn.Linear(5, 1)}, 2,
               config={"input": {"type": "features", "scale": {"min": -3, "max": [4, 5]}},
                       "output": {"activation": "identity", "unscale": {"mean": 100, "std": 7}}})
    yield case("layers-last-conv", ["gru", {"module": "rms", "type": "rms_norm"}, "conv"],
               {"gru": nn.GRU(4, 6, batch_first=True), "rms": nn.RMSNorm(6), "conv": nn.Conv1d(6, 3, 2)}, 4)


def save(path, state, dtype):
    form, header, data = {"F32": "f", "F64": "d", "F16": "e"}[dtype], {}, b""
    for name, tensor in state.items():
        if tensor.dtype == torch.int64:  # num_batches_tracked of a BatchNorm
            raw = struct.pack("<%dq" % tensor.numel(), *tensor.flatten().tolist())
            span = [len(data), len(data) + len(raw)]
            header[name] = {"dtype": "I64", "shape": list(tensor.shape), "data_offsets": span}
            data += raw
            continue
        raw = struct.pack("<%d%s" % (tensor.numel(), form), *tensor.flatten().tolist())
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(head)) + head + data)


def scaled(x, config):
    """x as input.scale makes it, in double."""
    scale = config.get("input", {}).get("scale")
    if not scale:
        return x
    z = x.double()
    if scale.get("log1p"):
        z = z.log1p()
    if "mean" in scale:
        z = (z - torch.tensor(scale["mean"]).double()) / torch.tensor(scale["std"]).double()
    if "min" in scale:
        low = torch.tensor(scale["min"]).double()
        z = (z - low) / (torch.tensor(scale["max"]).double() - low)
    if "clip" in scale:
        z = z.clamp(*scale["clip"])
    return z.float()


def lines(path, records):
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)


def write(directory, seed, name, model, config, dtype, left_out, steps):
    if dtype == "F16":
        model.half().float()  # what the file can say is what PyTorch computes with
    os.makedirs(os.path.join(directory, name, "model"), exist_ok=True)
    state = {k: v for k, v in model.state_dict().items() if k not in left_out}
    save(os.path.join(directory, name, "model", "model.safetensors"), state, dtype)
    with open(os.path.join(directory, name, "model", "config.json"), "w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(config, indent=2) + "\n")
    if model.embedding is not None:
        with open(os.path.join(directory, name, "model", "vocab.txt"), "w", encoding="utf-8", newline="\n") as file:
            file.writelines(word + "\n" for word in WORDS)
    draw = torch.Generator().manual_seed(seed)
    keys = ["k0", "k1"] if steps < 5 else ["k0", "k1", "k2"]
    states = {key: model.zero() for key in keys}
    sizes = model.input_size if isinstance(model, Listed) else getattr(model, model.recurrent_names[0]).input_size
    activation = config.get("output", {}).get("activation", "softmax")
    labels = config.get("output", {}).get("labels")
    tokens, expected = [], []
    for t in range(1, steps + 1):
        for key in keys:
            if model.embedding is None:
                x = torch.randn(sizes, generator=draw)
                tokens.append({"key": key, "features": x.tolist()})
            else:
                word = torch.randint(len(WORDS), (), generator=draw)
                x = model.embedding(word)
                tokens.append({"key": key, "token": WORDS[word]})
            logits, hidden, states[key] = model.step(scaled(x, config), states[key])
            y = {"softmax": logits.softmax(0), "sigmoid": logits.sigmoid(), "identity": logits}[activation]
            unscale = config.get("output", {}).get("unscale")
            if unscale:
                y = y * torch.tensor(unscale["std"]) + torch.tensor(unscale["mean"])
            expected.append({"key": key, "t": t, "prediction": y.tolist(), "hidden": hidden.tolist()})
            if labels:
                expected[-1]["label"] = labels[int(logits.argmax())]
    lines(os.path.join(directory, name, "tokens.jsonl"), tokens)
    lines(os.path.join(directory, name, "expected.jsonl"), expected)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(113)
    with torch.no_grad():
        for seed, case in enumerate([*cases(), *listed()]):
            write(sys.argv[1], seed, *case)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()
