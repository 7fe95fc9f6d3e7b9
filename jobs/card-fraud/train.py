#!/usr/bin/env python3
"""Trains the model of the card-fraud example: is this payment fraud, after all payments of the card before it?

Needs Python 3.9 or later, NumPy and PyTorch 1.13 or later. Run, in this directory:

    python3 train.py --out model

The payments come from generate.py. config.json is written first, and ../fields.py makes the network's inputs from it:
the same rules that the job follows.
"""
import argparse
import json
import math
import os
import random
import struct
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import generate

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import fields  # noqa: E402

HIDDEN, BETWEEN, MERCHANT, COUNTRY = 64, 32, 8, 4
EPOCHS, BATCH, RATE, DROPOUT = 15, 16, 0.005, 0.1
TRAINING, VALIDATION = (1, 5000), (2, 2000)  # seed of the generator, cards
MORE = 5  # times as many incidents in training; the last bias makes up for it
FALSE_ALARMS = 0.001  # of the honest payments of the validation cards: it sets the limit
SEED = 1
POINTERS = {"key": "/card", "timestamp": "/ts"}  # as source.fields of job.yaml
UNKNOWN = "<unknown>"


class Fraud(nn.Module):
    """What is shipped: its state_dict is the file's list of tensors."""

    def __init__(self):
        super().__init__()
        self.merchant = nn.Embedding(len(generate.MERCHANTS) + 1, MERCHANT)
        self.country = nn.Embedding(len(generate.COUNTRIES) + 1, COUNTRY)
        self.gru = nn.GRU(MERCHANT + COUNTRY + 3 + len(generate.SEGMENTS), HIDDEN, batch_first=True)
        self.fc1 = nn.Linear(HIDDEN, BETWEEN)
        self.fc2 = nn.Linear(BETWEEN, 1)

    def x(self, columns, dropout=0.0):
        """columns: of fields.py, each [card, t]. In the order of config.json."""
        return torch.cat([
            F.dropout(self.merchant(columns["merchant"]), dropout), self.country(columns["country"]),
            torch.stack([columns[name] for name in ("amount", "elapsed", "hour")], 2),
            F.one_hot(columns["segment"], len(generate.SEGMENTS)).float()], 2)

    def forward(self, columns, dropout=0.0):
        """The logits [card, t]."""
        hidden = self.gru(self.x(columns, dropout))[0]
        return self.fc2(F.relu(self.fc1(F.dropout(hidden, dropout)))).squeeze(2)


def training_cards():
    return generate.cards(*TRAINING, incidents=MORE * generate.INCIDENTS)


def config(cards):
    """config.json: the scales are those of the training cards."""
    amounts = np.log1p([r["amount"] for records, _ in cards for r in records if "amount" in r])
    times = [[r["ts"] for r in records] for records, _ in cards]
    gaps = np.log1p(np.concatenate([np.diff(t) for t in times]) / 3600)

    def scale(values):
        return {"log1p": True, "mean": round(float(values.mean()), 3), "std": round(float(values.std()), 3)}

    return {
        "model_type": "gru",
        "input": {"fields": [
            {"name": "merchant", "type": "category", "vocabulary": "merchants.txt", "unknown": UNKNOWN,
             "embedding": "merchant.weight"},
            {"name": "country", "type": "category", "vocabulary": "countries.txt", "unknown": UNKNOWN,
             "embedding": "country.weight"},
            {"name": "amount", "type": "number", "scale": scale(amounts),
             "missing": round(float(np.expm1(np.median(amounts))), 2)},
            {"type": "elapsed", "unit": "hours", "first": 24, "scale": scale(gaps)},
            {"name": "hour", "type": "number", "scale": {"min": 0, "max": 23}},
            {"name": "segment", "type": "category", "vocabulary": "segments.txt", "hold": True, "missing": "none"}]},
        "output": {"activation": "sigmoid", "hidden_activation": "relu"},
        "name": "card-fraud"}


def write_config(directory, cards):
    os.makedirs(directory, exist_ok=True)
    words = {"merchants": [UNKNOWN] + generate.MERCHANTS, "countries": [UNKNOWN] + generate.COUNTRIES,
             "segments": generate.SEGMENTS}
    for name, lines in words.items():
        with open(os.path.join(directory, name + ".txt"), "w", encoding="utf-8", newline="\n") as file:
            file.writelines(line + "\n" for line in lines)
    with open(os.path.join(directory, "config.json"), "w", encoding="utf-8", newline="\n") as file:
        json.dump(config(cards), file, indent=2)
        file.write("\n")


def inputs_of(directory):
    return fields.read(directory, pointers=POINTERS, time_unit="s")


def examples(inputs, cards):
    """[(columns, labels)] of the cards. None of the generator's records is rejected."""
    found = []
    for records, kinds in cards:
        columns, rejected = inputs.sequence(records)
        assert not rejected
        found.append((columns, np.array([kind != 0 for kind in kinds])))
    return found


def padded(batch):
    """columns [card, t], labels [card, t] (0 in the padding), mask [card, t]."""
    longest = max(len(labels) for _, labels in batch)

    def pad(rows):
        return torch.from_numpy(np.stack([np.pad(row, (0, longest - len(row))) for row in rows]))

    columns = {name: pad([c[name] for c, _ in batch]) for name in batch[0][0]}
    labels = pad([labels.astype(np.float32) for _, labels in batch])
    return columns, labels, pad([np.ones(len(labels), np.float32) for _, labels in batch])


def train_model(training, seed=SEED, report=None):
    torch.manual_seed(seed)
    rng = random.Random(seed)
    model = Fraud()
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    steps, step = EPOCHS * -(-len(training) // BATCH), 0
    for epoch in range(EPOCHS):
        order = sorted(training, key=lambda e: len(e[1]) * (0.8 + 0.4 * rng.random()))
        batches = [order[i:i + BATCH] for i in range(0, len(order), BATCH)]
        rng.shuffle(batches)
        for batch in batches:
            columns, labels, mask = padded(batch)
            losses = F.binary_cross_entropy_with_logits(model(columns, DROPOUT), labels, reduction="none")
            loss = (losses * mask).sum() / mask.sum()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.param_groups[0]["lr"] = RATE * (1 - 0.95 * step / steps)
            optimizer.step()
            step += 1
        if report and epoch % 3 == 2:
            report(epoch, model)
    with torch.no_grad():
        model.fc2.bias -= math.log(MORE)
    return model


def scores(model, examples):
    """The predictions of all payments, card after card."""
    found = []
    with torch.no_grad():
        for i in range(0, len(examples), 100):
            columns, _, mask = padded(examples[i:i + 100])
            found.append(torch.sigmoid(model(columns))[mask > 0].numpy())
    return np.concatenate(found)


def labels_of(examples):
    return np.concatenate([labels for _, labels in examples])


def average_precision(scores, labels):
    hits = labels[np.argsort(-scores, kind="stable")]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())


def limit_of(scores, labels):
    """The limit that FALSE_ALARMS of the honest payments are above."""
    honest = np.sort(scores[~labels])
    return float(honest[-int(len(honest) * FALSE_ALARMS) - 1])


def save(path, state):
    header, data = {}, b""
    for name, tensor in state.items():
        raw = struct.pack("<%df" % tensor.numel(), *tensor.flatten().tolist())
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(head)) + head + data)


def load(directory):
    """The shipped weights, read back from model.safetensors."""
    with open(os.path.join(directory, "model.safetensors"), "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    model = Fraud()
    model.load_state_dict({
        name: torch.tensor(struct.unpack("<%df" % ((to - start) // 4), data[start:to])).reshape(tensor["shape"])
        for name, tensor in header.items() for start, to in [tensor["data_offsets"]]})
    return model


def main():
    parser = argparse.ArgumentParser(description="trains the card-fraud example")
    parser.add_argument("--out", required=True, help="directory to write the model to")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    cards = training_cards()
    write_config(args.out, cards)
    inputs = inputs_of(args.out)
    training, validation = examples(inputs, cards), examples(inputs, generate.cards(*VALIDATION))
    labels = labels_of(training)
    print("%d cards, %d payments, %d of them fraud" % (len(training), len(labels), labels.sum()), flush=True)

    def report(epoch, model):
        print("epoch %2d: validation average precision %.4f" % (
            epoch + 1, average_precision(scores(model, validation), labels_of(validation))), flush=True)

    model = train_model(training, report=report)
    print("%d parameters" % sum(p.numel() for p in model.parameters()))
    save(os.path.join(args.out, "model.safetensors"), model.state_dict())
    print("limit: %.2f" % limit_of(scores(model, validation), labels_of(validation)))


if __name__ == "__main__":
    main()
