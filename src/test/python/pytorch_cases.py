#!/usr/bin/env python3
"""Writes the reference cases of src/test/resources/pytorch: what PyTorch itself computes for networks of many makes.

Needs PyTorch 1.13 or later, nothing else. Run, in the project's directory:

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


def save(path, state, dtype):
    form, header, data = {"F32": "f", "F64": "d", "F16": "e"}[dtype], {}, b""
    for name, tensor in state.items():
        raw = struct.pack("<%d%s" % (tensor.numel(), form), *tensor.flatten().tolist())
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(head)) + head + data)


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
    sizes = getattr(model, model.recurrent_names[0]).input_size
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
            logits, hidden, states[key] = model.step(x, states[key])
            y = logits.softmax(0) if activation == "softmax" else logits.sigmoid()
            expected.append({"key": key, "t": t, "prediction": y.tolist(), "hidden": hidden.tolist()})
            if labels:
                expected[-1]["label"] = labels[int(logits.argmax())]
    lines(os.path.join(directory, name, "tokens.jsonl"), tokens)
    lines(os.path.join(directory, name, "expected.jsonl"), expected)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(113)
    with torch.no_grad():
        for seed, case in enumerate(cases()):
            write(sys.argv[1], seed, *case)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()
