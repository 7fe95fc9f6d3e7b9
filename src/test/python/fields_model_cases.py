#!/usr/bin/env python3
"""Writes the reference cases of src/test/resources/pytorch-fields: models with `input.fields` and `outputs`.

What PyTorch itself computes from x<t> of jobs/fields.py. Needs PyTorch 2.4 or later and numpy. Run, in the project's
directory:

    python3 src/test/python/fields_model_cases.py src/test/resources/pytorch-fields

Each case is a directory: model/ as a user would hold it, tokens.jsonl with the keys interleaved as on a topic, and
expected.jsonl with the predictions of every token. Some tokens are rejected: rejected.jsonl has their reasons.
"""
import json
import os
import random
import sys

import torch
from torch import nn

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "jobs"),
                os.path.dirname(os.path.abspath(__file__))]
import fields  # noqa: E402
from pytorch_cases import lines, save  # noqa: E402

MERCHANTS = ["<unk>", "grocer", "fuel", "café", "hotel", "<none>"]
COUNTRIES = ["de", "fr", "us", "<other>"]
STEPS = ["<unk>", "open", "check", "approve", "close"]


class Net(nn.Module):
    """Embeddings of categories, a recurrent module, modules above it that all heads share, and heads."""

    def __init__(self, embeddings, rnn, heads, below=(), shared=()):
        super().__init__()
        for name, module in [*embeddings.items(), *below, ("rnn", rnn), *shared]:
            self.add_module(name, module)
        for modules in heads.values():
            for name, module in modules:
                self.add_module(name, module)
        self.embeddings, self.heads, self.below, self.shared = embeddings, heads, below, shared
        self.eval()

    def forward(self, x):
        for _, module in self.below:
            x = module(x)
        a = self.rnn(x[None])[0][0]
        for _, module in self.shared:
            a = module(a)
        out = {}
        for head, modules in self.heads.items():
            y = a
            for _, module in modules:
                y = module(y)
            out[head] = y
        return out


def fraud():
    """The form of ../shared: two embeddings with unknown words, scaled numbers, elapsed time, a head of two layers."""
    net = Net({"merchant_emb": nn.Embedding(6, 8), "country_emb": nn.Embedding(4, 3)}, nn.GRU(14, 16, batch_first=True),
              {"": [("fc1", nn.Linear(16, 9)), ("relu", nn.ReLU()), ("fc2", nn.Linear(9, 1))]})
    config = {
        "model_type": "gru",
        "input": {"fields": [
            {"name": "merchant", "type": "category", "vocabulary": "merchants.txt", "unknown": "<unk>",
             "missing": "<none>", "embedding": "merchant_emb.weight"},
            {"name": "country", "type": "category", "vocabulary": "countries.txt", "unknown": "<other>",
             "embedding": "country_emb"},
            {"name": "amount", "type": "number", "scale": {"log1p": True, "mean": 3.1, "std": 1.2}, "missing": 20},
            {"name": "gap", "type": "elapsed", "unit": "hours", "first": 24,
             "scale": {"log1p": True, "clip": [0, 8]}},
            {"name": "hour", "scale": {"min": 0, "max": 23}}]},
        "output": {"activation": "sigmoid"}}
    return net, config, {"merchants.txt": MERCHANTS, "countries.txt": COUNTRIES}, ["merchant", "country"]


def everything():
    """One-hot, ids, flags, a vector with overlap, held fields, a plain number; two layers of LSTM; a BatchNorm below,
    so that x<t> itself is made."""
    net = Net({"segment": nn.Embedding(5, 4)}, nn.LSTM(4 + 4 + 2 + 1 + 6 + 2, 10, 2, batch_first=True),
              {"": [("fc", nn.Linear(10, 3))]}, below=[("bn", nn.BatchNorm1d(19))])
    net.bn.running_mean.normal_()
    net.bn.running_var.uniform_(0.5, 2)
    config = {
        "input": {"table_mb": 0, "fields": [
            {"name": "country", "type": "category", "vocabulary": "countries.txt", "unknown": "<other>"},
            {"name": "segment", "type": "category", "size": 5, "missing": 0, "hold": True, "embedding": "segment.weight"},
            {"name": "amount", "scale": {"mean": 50, "std": 30}, "missing_flag": True},
            "hour",
            {"name": "probe", "type": "vector", "size": 4, "overlap": 2, "scale": {"mean": [1, 2, 3, 4], "std": 2},
             "missing": [1, 2, 3, 4.5]},
            {"name": "limit", "missing": 100, "missing_flag": True, "hold": True,
             "scale": {"min": 0, "max": 1000, "clip": [0, 1]}}]},
        "layers": ["bn", "rnn", "fc"], "output": {"activation": "identity"}}
    return net, config, {"countries.txt": COUNTRIES}, ["segment"]


def one_hot():
    """Two one-hot fields and one number before an Elman network: only tables and one product."""
    net = Net({}, nn.RNN(4 + 1 + 6, 12, batch_first=True), {"": [("fc", nn.Linear(12, 4))]})
    config = {
        "input": {"table_mb": 0, "fields": [
            {"name": "country", "type": "category", "vocabulary": "countries.txt", "unknown": "<other>"},
            {"name": "amount", "scale": {"log1p": True}, "missing": 0},
            {"name": "merchant", "type": "category", "vocabulary": "merchants.txt", "unknown": "<unk>",
             "missing": 5}]}}
    return net, config, {"merchants.txt": MERCHANTS, "countries.txt": COUNTRIES}, []


def field_heads():
    """Fields, layers that the heads share, and three heads."""
    net = Net({"merchant_emb": nn.Embedding(6, 5)}, nn.GRU(6, 11, batch_first=True),
              {"risk": [("risk", nn.Linear(7, 1))],
               "next": [("a", nn.Linear(7, 8)), ("g", nn.Tanh()), ("b", nn.Linear(8, 6))],
               "amount": [("amount_out", nn.Linear(7, 1))]},
              shared=[("fc", nn.Linear(11, 7)), ("relu", nn.ReLU())])
    config = {
        "input": {"fields": [
            {"name": "merchant", "type": "category", "vocabulary": "merchants.txt", "unknown": "<unk>",
             "missing": "<none>", "embedding": "merchant_emb.weight"},
            {"name": "amount", "scale": {"mean": 50, "std": 30}, "missing": 50}]},
        "layers": ["rnn", "fc", "relu"],
        "outputs": [
            {"name": "risk", "layers": ["risk"], "activation": "sigmoid"},
            {"name": "next", "layers": ["a", "tanh", "b"], "activation": "softmax", "labels": MERCHANTS},
            {"name": "amount", "layers": ["amount_out"], "activation": "identity",
             "unscale": {"mean": 50, "std": 30}}]}
    return net, config, {"merchants.txt": MERCHANTS}, ["merchant"]


def word_heads():
    """Words, an embedding, an LSTM, and two heads without `layers` before them."""
    net = Net({"embedding": nn.Embedding(5, 6)}, nn.LSTM(6, 9, batch_first=True),
              {"next": [("next_step", nn.Linear(9, 5))], "remaining": [("remaining", nn.Linear(9, 1))]})
    config = {
        "input": {"unknown_token": "<unk>"},
        "outputs": [
            {"name": "next", "layers": ["next_step"], "activation": "softmax", "labels": STEPS},
            {"name": "remaining", "layers": ["remaining"], "activation": "identity",
             "unscale": {"mean": 12.5, "std": 4}}]}
    return net, config, {"vocab.txt": STEPS}, None


def record(draw, key, timestamp):
    """A record with every field that a case may read."""
    amount = round(draw.lognormvariate(3.5, 1), 2)
    made = {"key": key, "timestamp": timestamp,
            "merchant": draw.choice(MERCHANTS + ["kiosk"]), "country": draw.choice(["de", "fr", "us", "br"]),
            "amount": amount, "hour": draw.randrange(24), "token": draw.choice(STEPS + ["reopen"]),
            "probe": [round(draw.gauss(0, 2), 3) for _ in range(4)]}
    if draw.random() < 0.2:
        made["amount"] = None
    if draw.random() < 0.15:
        del made["merchant"]
    if draw.random() < 0.3:
        made["segment"] = draw.randrange(5)
    if draw.random() < 0.3:
        made["limit"] = draw.choice([10, 500, 2000, True])
    if draw.random() < 0.2:
        made["probe"] = draw.choice([None, [None, 1.5, None, 2]])
    if draw.random() < 0.06:
        made[draw.choice(["country", "hour", "amount", "probe", "segment"])] = draw.choice(["x", 1e300, [1], 7])
    return made


def write(directory, name, case, seed):
    net, config, vocabularies, embedded = case
    model = os.path.join(directory, name, "model")
    os.makedirs(model, exist_ok=True)
    state = {**net.state_dict(), "criterion.weight": torch.ones(2), "step": torch.tensor(7)}
    prefix = "module." if name == "fraud" else ""
    save(os.path.join(model, "model.safetensors"), {prefix + k: v for k, v in state.items()}, "F32")
    with open(os.path.join(model, "config.json"), "w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(config, indent=1, ensure_ascii=False) + "\n")
    for file_name, words in vocabularies.items():
        with open(os.path.join(model, file_name), "w", encoding="utf-8", newline="\n") as file:
            file.writelines(word + "\n" for word in words)
    draw = random.Random(seed)
    clock, records = 1_700_000_000_000, {key: [] for key in ("k0", "k1", "k2")}
    order = []
    for _ in range(80):
        key = draw.choice(list(records))
        clock += draw.randrange(-600_000, 20_000_000)
        records[key].append(record(draw, key, clock))
        order.append((key, len(records[key]) - 1))
    answers, refused = {}, {}
    for key, of_key in records.items():
        if embedded is None:
            ids = [STEPS.index(r["token"]) if r["token"] in STEPS else 0 for r in of_key]
            x, rejected = net.embeddings["embedding"](torch.tensor(ids)), []
        else:
            inputs = fields.read(model)
            columns, rejected = inputs.sequence(of_key)
            modules = dict(zip(embedded, net.embeddings.values()))
            tables = {field: module.weight.numpy() for field, module in modules.items()}
            x = torch.from_numpy(inputs.x(columns, tables))
        out, bad, t = net(x), {index for index, _, _ in rejected}, 0
        refused.update({(key, index): reason for index, reason, _ in rejected})
        for i in range(len(of_key)):
            if i in bad:
                continue
            answers[(key, i)] = {"key": key, "t": t + 1, **answer(config, {h: y[t] for h, y in out.items()})}
            t += 1
    lines(os.path.join(directory, name, "tokens.jsonl"), [records[key][i] for key, i in order])
    lines(os.path.join(directory, name, "expected.jsonl"), [answers[at] for at in order if at in answers])
    lines(os.path.join(directory, name, "rejected.jsonl"),
          [{"key": at[0], "reason": refused[at]} for at in order if at in refused])


def answer(config, logits):
    heads = config.get("outputs") or [{"name": "", **config.get("output", {})}]
    outputs = {}
    for head in heads:
        z = logits[head["name"]]
        y = {"softmax": z.softmax(0), "sigmoid": z.sigmoid(), "identity": z}[head.get("activation", "softmax")]
        if "unscale" in head:
            y = y * head["unscale"]["std"] + head["unscale"]["mean"]
        made = {"prediction": y.tolist()}
        if "labels" in head:
            made = {"label": head["labels"][int(z.argmax())], **made}
        outputs[head["name"]] = made
    return {"outputs": outputs} if "outputs" in config else outputs[""]


def main():
    torch.set_num_threads(1)
    torch.manual_seed(117)
    with torch.no_grad():
        for seed, case in enumerate([fraud, everything, one_hot, field_heads, word_heads]):
            write(sys.argv[1], case.__name__.replace("_", "-"), case(), seed)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()
