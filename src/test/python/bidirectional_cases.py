#!/usr/bin/env python3
"""Writes the PyTorch cases of src/test/resources/look-ahead: networks with bidirectional layers.

Needs PyTorch 2.4 or later and numpy. Run, in the project's directory:

    python3 src/test/python/bidirectional_cases.py src/test/resources/look-ahead [NAME...]

Each case is a directory: model/ as a user would hold it, tokens.jsonl with the keys interleaved as on a topic and
"end" on the last token of each, and for each key in turn all its predictions: expected-end.jsonl has those of PyTorch
for the whole sequence, expected-0.jsonl and so on those of look_ahead.py for so many tokens that each layer looks
ahead. A model that reads the two ends of a sequence has only expected-end.jsonl, with one prediction a key.
"""
import json
import os
import random
import sys
import zlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "jobs"),
                os.path.dirname(os.path.abspath(__file__))]
import fields  # noqa: E402
import look_ahead  # noqa: E402
from pytorch_cases import Listed, lines, save  # noqa: E402

WORDS = ["<unk>", "said", "Teddy", "Roosevelt", "bears", "are", "on", "sale"]
LABELS = ["O", "PER"]
LENGTHS = {"k0": 14, "k1": 6, "k2": 1, "k3": 4}
LOOKS = [0, 1, 3, 10]
CASES = {}


class Net(nn.Module):
    """The modules and activations in the order of forward, then the heads above them."""

    def __init__(self, chain, heads=None, embeddings=None, final=False):
        """
        chain: names, each of an activation or with a module
        heads: the same for each head; without them the chain ends with the logits
        """
        super().__init__()
        self.embeddings = nn.ModuleDict(embeddings or {})
        self.chain, self.heads, self.final = chain, heads or {"": []}, final
        for name, module in [*chain, *(each for head in self.heads.values() for each in head)]:
            if module is not None:
                self.add_module(name, module)
            if isinstance(module, nn.BatchNorm1d):  # statistics as after training
                module.running_mean.normal_()
                module.running_var.uniform_(0.5, 2)
            if isinstance(module, (nn.BatchNorm1d, nn.LayerNorm)):
                module.weight.data.uniform_(0.5, 1.5)
                module.bias.data.normal_()
        self.eval()

    def top(self):
        return [name for name, module in self.chain if isinstance(module, nn.RNNBase)][-1]

    def whole(self, x):
        """What PyTorch computes for a sequence, [T, n_x]: the logits of each head, [T, n], or [1, n] with `final`."""
        for name, module in self.chain:
            if isinstance(module, nn.RNNBase):
                x, h = module(x[None])
                h = h[0] if isinstance(h, tuple) else h
                x = torch.cat([h[-2], h[-1]], -1) if self.final and name == self.top() else x[0]
            else:
                x = Listed.FUNCTIONS[name](x) if module is None else module(x)
        return {head: self.of_head(modules, x) for head, modules in self.heads.items()}

    @staticmethod
    def of_head(modules, x):
        for name, module in modules:
            x = Listed.FUNCTIONS[name](x) if module is None else module(x)
        return x

    def looking(self, x, k):
        """What look_ahead.py computes for it, with the layers between the recurrent ones as PyTorch computes them."""
        layers = []
        for name, module in self.chain:
            if isinstance(module, nn.RNNBase):
                layers += look_ahead.of_torch(module)
                if self.final and name == self.top():
                    layers[-1].final = True
            else:
                layers.append(look_ahead.Each(lambda row, at=(name, module): self.each(at, row)))
        y = torch.from_numpy(look_ahead.outputs(layers, x, k)).float()
        return {head: self.of_head(modules, y) for head, modules in self.heads.items()}

    def each(self, at, row):
        return self.of_head([at], torch.from_numpy(row).float()[None])[0].double().numpy()


def case(make):
    CASES[make.__name__.replace("_", "-")] = make
    return make


FEATURES = {"input": {"type": "features"}}


def bi(kind, *sizes, **more):
    return kind(*sizes, batch_first=True, bidirectional=True, **more)


@case
def lstm_1_layer():
    return Net([("lstm", bi(nn.LSTM, 3, 4)), ("fc", nn.Linear(8, 3))]), FEATURES, 3


@case
def gru_3_layers():
    return Net([("gru", bi(nn.GRU, 3, 3, 3)), ("fc", nn.Linear(6, 2))]), FEATURES, 3


@case
def lstm_projected_2_layers():
    return Net([("rnn", bi(nn.LSTM, 4, 5, 2, proj_size=3)), ("fc", nn.Linear(6, 2))]), FEATURES, 4


@case
def rnn_relu_2_layers_no_bias():
    config = {**FEATURES, "nonlinearity": "relu", "output": {"activation": "sigmoid"}}
    return Net([("rnn", bi(nn.RNN, 3, 4, 2, bias=False, nonlinearity="relu")), ("fc", nn.Linear(8, 2))]), config, 3


@case
def rnn_words():
    net = Net([("rnn", bi(nn.RNN, 3, 4)), ("fc", nn.Linear(8, 2))],
              embeddings={"word": nn.Embedding(len(WORDS), 3)})
    return net, {"input": {"unknown_token": "<unk>"}, "output": {"labels": LABELS}}, WORDS


@case
def lstm_one_hot_3_layers():
    return Net([("lstm", bi(nn.LSTM, len(WORDS), 3, 3)), ("fc", nn.Linear(6, 2))]), {}, WORDS


@case
def numbered_modules():
    """Two modules, whose order is that of their numbers, and a head of two layers."""
    chain = [("lstm1", bi(nn.LSTM, 3, 4)), ("lstm2", bi(nn.LSTM, 8, 3)), ("fc1", nn.Linear(6, 5)), ("relu", None),
             ("fc2", nn.Linear(5, 2))]
    return Net(chain), FEATURES, 3


@case
def one_way_between():
    """Layers of one direction below, between and above bidirectional ones, in the order of `recurrent`."""
    chain = [("below", nn.GRU(3, 4, batch_first=True)), ("first", bi(nn.LSTM, 4, 3)),
             ("between", nn.LSTM(6, 3, 2, batch_first=True)), ("second", bi(nn.GRU, 3, 4, bias=False)),
             ("above", nn.GRU(8, 4, batch_first=True)), ("fc", nn.Linear(4, 2))]
    return Net(chain), {**FEATURES, "recurrent": [name for name, _ in chain[:-1]]}, 3


@case
def norms_between():
    chain = [("bn", nn.BatchNorm1d(4)), ("lstm", bi(nn.LSTM, 4, 3)), ("ln", nn.LayerNorm(6)), ("fc1", nn.Linear(6, 5)),
             ("silu", None), ("gru", bi(nn.GRU, 5, 4, 2)), ("bn2", nn.BatchNorm1d(8)), ("fc2", nn.Linear(8, 3))]
    return Net(chain), {**FEATURES, "layers": [name for name, _ in chain]}, 4


@case
def word_norms_heads():
    """Words, a norm between two layers, and two heads above layers that they share."""
    chain = [("lstm1", bi(nn.LSTM, 3, 3)), ("ln", nn.LayerNorm(6)), ("lstm2", bi(nn.LSTM, 6, 3)),
             ("fc", nn.Linear(6, 5)), ("tanh", None)]
    heads = {"tag": [("tag", nn.Linear(5, 2))], "score": [("a", nn.Linear(5, 3)), ("relu", None), ("b", nn.Linear(3, 1))]}
    config = {"layers": [name for name, _ in chain], "outputs": [
        {"name": "tag", "layers": ["tag"], "activation": "softmax", "labels": LABELS},
        {"name": "score", "layers": ["a", "relu", "b"], "activation": "identity", "unscale": {"mean": 2, "std": 3}}]}
    return Net(chain, heads, {"word": nn.Embedding(len(WORDS), 3)}), config, WORDS


@case
def fields_heads():
    """Fields, and three heads on a bidirectional layer."""
    heads = {"risk": [("risk", nn.Linear(6, 1))],
             "next": [("fc", nn.Linear(6, 5)), ("tanh", None), ("next", nn.Linear(5, 3))],
             "amount": [("amount", nn.Linear(6, 1))]}
    net = Net([("gru", bi(nn.GRU, 10, 3, 2))], heads, {"merchant": nn.Embedding(4, 3)})
    config = {
        "input": {"fields": [
            {"name": "merchant", "type": "category", "vocabulary": "merchants.txt", "unknown": "<unk>",
             "missing": "<unk>", "embedding": "embeddings.merchant"},
            {"name": "country", "type": "category", "size": 3, "hold": True, "missing": 0},
            {"name": "amount", "scale": {"log1p": True, "mean": 3, "std": 2}, "missing_flag": True},
            {"type": "elapsed", "unit": "hours", "first": 2, "scale": {"log1p": True}},
            "hour"]},
        "outputs": [
            {"name": "risk", "layers": ["risk"], "activation": "sigmoid"},
            {"name": "next", "layers": ["fc", "tanh", "next"], "activation": "softmax", "labels": ["a", "b", "c"]},
            {"name": "amount", "layers": ["amount"], "activation": "identity"}]}
    return net, config, None


@case
def final_words():
    net = Net([("lstm", bi(nn.LSTM, 3, 4, 2)), ("fc", nn.Linear(8, 2))], embeddings={"word": nn.Embedding(len(WORDS), 3)},
              final=True)
    return net, {"output": {"read": "final", "labels": ["no", "yes"]}}, WORDS


@case
def final_norm_heads():
    """A layer of one direction below; between the ends of the sequence and the heads a norm."""
    chain = [("rnn", nn.RNN(3, 4, batch_first=True)), ("gru", bi(nn.GRU, 4, 3)), ("ln", nn.LayerNorm(6))]
    config = {**FEATURES, "layers": [name for name, _ in chain], "output": {"read": "final"}, "outputs": [
        {"name": "a", "layers": ["a"], "activation": "softmax"},
        {"name": "b", "layers": ["b"], "activation": "identity"}]}
    return Net(chain, {"a": [("a", nn.Linear(6, 3))], "b": [("b", nn.Linear(6, 1))]}, final=True), config, 3


MERCHANTS = ["<unk>", "grocer", "fuel", "hotel"]


def tokens_of(what, draw):
    """The tokens of each key, and x<t> of each as the embedding or the layers take it."""
    tokens, inputs, clock = {}, {}, 1_700_000_000_000
    for key, length in LENGTHS.items():
        tokens[key] = []
        for _ in range(length):
            token = {"key": key}
            if what is None:
                clock += draw.randrange(20_000_000)
                token.update({"timestamp": clock, "merchant": draw.choice(MERCHANTS + ["kiosk"]),
                              "amount": draw.choice([None, round(draw.lognormvariate(3, 1), 2)]),
                              "hour": draw.randrange(24) / 24})
                if draw.random() < 0.4:
                    token["country"] = draw.randrange(3)
                if draw.random() < 0.2:
                    del token["merchant"]
            elif isinstance(what, int):
                token["features"] = [round(draw.gauss(0, 1), 3) for _ in range(what)]
            else:
                token["token"] = draw.choice(what)
            tokens[key].append(token)
        tokens[key][-1]["end"] = True
    return tokens


def inputs_of(net, what, of_key, model):
    if what is None:
        inputs = fields.read(model)
        columns, rejected = inputs.sequence(of_key)
        assert not rejected, rejected
        tables = {name: module.weight.detach().numpy() for name, module in net.embeddings.items()}
        return torch.from_numpy(inputs.x(columns, tables))
    if isinstance(what, int):
        return torch.tensor([token["features"] for token in of_key])
    ids = torch.tensor([what.index(token["token"]) for token in of_key])
    return net.embeddings["word"](ids) if net.embeddings else F.one_hot(ids, len(what)).float()


def answer(config, logits):
    """The prediction of a position, from the logits of each head."""
    heads = config.get("outputs") or [{"name": "", **config.get("output", {})}]
    made = {}
    for head in heads:
        z = logits[head["name"]]
        y = {"softmax": z.softmax(0), "sigmoid": z.sigmoid(), "identity": z}[head.get("activation", "softmax")]
        if "unscale" in head:
            y = y * head["unscale"]["std"] + head["unscale"]["mean"]
        label = {"label": head["labels"][int(z.argmax())]} if "labels" in head else {}
        made[head["name"]] = {**label, "prediction": y.tolist()}
    return {"outputs": made} if "outputs" in config else made[""]


def interleaved(tokens, draw):
    """All tokens, those of each key in their order."""
    order = [key for key, of_key in tokens.items() for _ in of_key]
    draw.shuffle(order)
    left = {key: iter(of_key) for key, of_key in tokens.items()}
    return [next(left[key]) for key in order]


def expected(config, key, logits, last):
    """The lines of a key, from the logits of each head at each position."""
    count = len(next(iter(logits.values())))
    for i in range(count):
        yield {"key": key, "t": last if count == 1 else i + 1,
               **answer(config, {head: z[i] for head, z in logits.items()})}


def write(directory, name, make):
    seed = zlib.crc32(name.encode())
    torch.manual_seed(seed)
    draw = random.Random(seed)
    net, config, what = make()
    model = os.path.join(directory, name, "model")
    os.makedirs(model, exist_ok=True)
    save(os.path.join(model, "model.safetensors"), net.state_dict(), "F32")
    with open(os.path.join(model, "config.json"), "w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(config, indent=1) + "\n")
    for file_name, words in {"vocab.txt": what if isinstance(what, list) else [],
                             "merchants.txt": MERCHANTS if what is None else []}.items():
        if words:
            with open(os.path.join(model, file_name), "w", encoding="utf-8", newline="\n") as file:
                file.writelines(word + "\n" for word in words)
    tokens = tokens_of(what, draw)
    found = {k: [] for k in (["end"] if net.final else [*LOOKS, "end"])}
    for key, of_key in tokens.items():
        x = inputs_of(net, what, of_key, model)
        whole = net.whole(x)
        for k in found:
            logits = whole if k == "end" else net.looking(x, k)
            found[k] += expected(config, key, logits, len(of_key))
        for k in [look_ahead.END, len(of_key), len(of_key) + 7]:
            for head, z in net.looking(x, k).items():
                assert torch.allclose(z, whole[head], rtol=0, atol=1e-5), (name, key, k, z - whole[head])
        if len(of_key) > 4 and not net.final:  # a short look does not give what the end gives
            assert not all(torch.allclose(z, whole[head], atol=1e-3) for head, z in net.looking(x, 1).items())
    lines(os.path.join(directory, name, "tokens.jsonl"), interleaved(tokens, draw))
    for k, made in found.items():
        lines(os.path.join(directory, name, "expected-%s.jsonl" % k), made)


def main():
    torch.set_num_threads(1)
    with torch.no_grad():
        for name, make in CASES.items():
            if len(sys.argv) == 2 or name in sys.argv[2:]:
                write(sys.argv[1], name, make)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main()
