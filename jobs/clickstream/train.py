#!/usr/bin/env python3
"""Trains the model of the clickstream example: which page of the shop does this visitor open next?

Needs Python 3.9 or later, NumPy and PyTorch 1.13 or later. Run, in this directory:

    python3 train.py --out model

The visits come from generate.py. The network is embedding -> GRU -> linear. It reads whole visits from a zero state,
and learns the page after each page. After <leave> it learns <leave> again: the visitor stays away.
"""
import argparse
import json
import os
import random
import struct

import torch
from torch import nn
from torch.nn import functional as F

import generate

EMBEDDING, HIDDEN = 16, 32
EPOCHS, BATCH, RATE = 15, 32, 0.01
TRAINING, VALIDATION = (1, 30000), (2, 2000)  # seed of the generator, visits
SEED = 1


class NextPage(nn.Module):
    """What is shipped: its state_dict is the file's list of tensors."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(generate.PAGES), EMBEDDING)
        self.gru = nn.GRU(EMBEDDING, HIDDEN, batch_first=True)
        self.linear = nn.Linear(HIDDEN, len(generate.PAGES))

    def forward(self, ids):
        """ids [visit, t] -> the logits of the page after each."""
        return self.linear(self.gru(self.embedding(ids))[0])


def visits(seed, n):
    """The visits, each the ids of its pages."""
    return [[generate.PAGES.index(page) for page in pages] for pages, _ in generate.visits(seed, n)]


def rows(visits):
    """x [visit, t], padded with 0, and y [visit, t]: the page after x, or -1 where nobody knows it."""
    longest = max(map(len, visits))
    leave = generate.PAGES.index(generate.LEAVE)
    x = torch.zeros(len(visits), longest, dtype=torch.long)
    y = torch.full((len(visits), longest), -1)
    for r, ids in enumerate(visits):
        x[r, :len(ids)] = torch.tensor(ids)
        y[r, :len(ids) - 1] = torch.tensor(ids[1:])
        if ids[-1] == leave:
            y[r, len(ids) - 1] = leave
    return x, y


def loss_of(model, visits):
    x, y = rows(visits)
    return F.cross_entropy(model(x).transpose(1, 2), y, ignore_index=-1)


def train_model(training, validation, seed=SEED):
    torch.manual_seed(seed)
    rng = random.Random(seed)
    model = NextPage()
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    steps, step = EPOCHS * -(-len(training) // BATCH), 0
    for epoch in range(EPOCHS):
        order = sorted(training, key=lambda ids: len(ids) + 4 * rng.random())
        batches = [order[i:i + BATCH] for i in range(0, len(order), BATCH)]
        rng.shuffle(batches)
        for batch in batches:
            loss = loss_of(model, batch)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.param_groups[0]["lr"] = RATE * (1 - 0.98 * step / steps)
            optimizer.step()
            step += 1
        with torch.no_grad():
            print("epoch %2d: validation loss %.4f" % (epoch + 1, loss_of(model, validation)), flush=True)
    return model


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
    model = NextPage()
    model.load_state_dict({
        name: torch.tensor(struct.unpack("<%df" % ((to - start) // 4), data[start:to])).reshape(tensor["shape"])
        for name, tensor in header.items() for start, to in [tensor["data_offsets"]]})
    return model


def write_words(directory):
    """vocab.txt and config.json: words and outputs are the pages."""
    with open(os.path.join(directory, "vocab.txt"), "w", encoding="utf-8", newline="\n") as file:
        file.writelines(page + "\n" for page in generate.PAGES)
    with open(os.path.join(directory, "config.json"), "w", encoding="utf-8", newline="\n") as file:
        json.dump({"model_type": "gru", "input": {"type": "vocabulary", "file": "vocab.txt"},
                   "output": {"activation": "softmax", "labels": generate.PAGES}, "name": "clickstream"},
                  file, indent=2)
        file.write("\n")


def main():
    parser = argparse.ArgumentParser(description="trains the clickstream example")
    parser.add_argument("--out", required=True, help="directory to write the model to")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    training = visits(*TRAINING)
    model = train_model(training, visits(*VALIDATION))
    print("%d visits, %d pages; %d parameters" % (
        len(training), sum(map(len, training)), sum(p.numel() for p in model.parameters())))
    os.makedirs(args.out, exist_ok=True)
    save(os.path.join(args.out, "model.safetensors"), model.state_dict())
    write_words(args.out)


if __name__ == "__main__":
    main()
