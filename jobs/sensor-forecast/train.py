#!/usr/bin/env python3
"""Trains the model of the sensor-forecast example: what will the six sensors of a machine read next?

Needs Python 3.9 or later, NumPy and PyTorch 1.13 or later. Run, in this directory:

    python3 train.py --out model

The readings come from generate.py; only normal ones are learnt. config.json is written first, and ../fields.py makes
the network's inputs from it: the same rules that the job follows.
"""
import argparse
import json
import os
import random
import struct
import sys

import numpy as np
import torch
from torch import nn

import generate

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import fields  # noqa: E402

SIZE, HIDDEN = len(generate.SENSORS), 48
EPOCHS, BATCH, RATE = 60, 16, 0.01
GAPS = 30  # times as many gaps in training: the network has to learn to get over one
TRAINING, VALIDATION = (1, 400), (2, 200)  # seed of the generator, machines
FALSE_ALARMS = 0.001  # of the normal tokens of the validation machines: it sets the limit
SEED = 1


class Forecast(nn.Module):
    """What is shipped: its state_dict is the file's list of tensors."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(SIZE, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, SIZE)

    def forward(self, x):
        """x [machine, t, sensor] -> the forecast of the x after it, scaled like x."""
        return self.fc(self.gru(x)[0])


def present(records):
    """[t, sensor]: has the record this reading?"""
    return np.array([[v is not None for v in r.get("readings", [None] * SIZE)] for r in records])


def config(machines):
    """config.json: the scales are those of the training machines."""
    rows = np.array([r.get("readings", [None] * SIZE) for records, _, _ in machines for r in records], float)
    mean = [float("%.5g" % v) for v in np.nanmean(rows, 0)]
    std = [float("%.4g" % v) for v in np.nanstd(rows, 0)]
    return {
        "model_type": "gru",
        "input": {"fields": [{"name": "readings", "type": "vector", "size": SIZE,
                              "scale": {"mean": mean, "std": std}, "missing": mean}]},
        "output": {"activation": "identity", "labels": generate.SENSORS, "unscale": {"mean": mean, "std": std}},
        "name": "sensor-forecast"}


def write_config(directory, machines):
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, "config.json"), "w", encoding="utf-8", newline="\n") as file:
        json.dump(config(machines), file, indent=2)
        file.write("\n")


def examples(inputs, machines):
    """[(x [t, sensor], present [t, sensor], begin of the anomaly, kind)]. No record of the generator is rejected."""
    found = []
    for records, begin, kind in machines:
        columns, rejected = inputs.sequence(records)
        assert not rejected
        found.append((inputs.x(columns), present(records), begin, kind))
    return found


def errors(model, x):
    """error [t] of one machine, as the job computes it; t = 1 has none: 0 here."""
    with torch.no_grad():
        y = model(torch.from_numpy(x[None, :-1]))[0].numpy()
    return np.concatenate([[0], np.square(y - x[1:]).mean(1)]).astype(np.float32)


def train_model(training, validation, seed=SEED):
    torch.manual_seed(seed)
    rng = random.Random(seed)
    model = Forecast()
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)

    def loss_of(batch):
        x = torch.from_numpy(np.stack([e[0] for e in batch]))
        there = torch.from_numpy(np.stack([e[1] for e in batch]))[:, 1:].float()
        return (torch.square(model(x[:, :-1]) - x[:, 1:]) * there).sum() / there.sum()

    steps, step = EPOCHS * -(-len(training) // BATCH), 0
    for epoch in range(EPOCHS):
        order = training[:]
        rng.shuffle(order)
        for i in range(0, len(order), BATCH):
            loss = loss_of(order[i:i + BATCH])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.param_groups[0]["lr"] = RATE * (1 - 0.98 * step / steps)
            optimizer.step()
            step += 1
        if epoch % 5 == 4:
            with torch.no_grad():
                print("epoch %2d: loss %.4f, validation %.4f" % (epoch + 1, loss, loss_of(validation)), flush=True)
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
    model = Forecast()
    model.load_state_dict({
        name: torch.tensor(struct.unpack("<%df" % ((to - start) // 4), data[start:to])).reshape(tensor["shape"])
        for name, tensor in header.items() for start, to in [tensor["data_offsets"]]})
    return model


def limit_of(scores, examples):
    """The limit that FALSE_ALARMS of the normal tokens are above. Tokens with a gap, and t = 1, do not count."""
    normal = np.concatenate([s[1:begin][there[1:begin].all(1)] for s, (_, there, begin, _) in zip(scores, examples)])
    return float(np.sort(normal)[-int(len(normal) * FALSE_ALARMS) - 1])


def main():
    parser = argparse.ArgumentParser(description="trains the sensor-forecast example")
    parser.add_argument("--out", required=True, help="directory to write the model to")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    machines = generate.machines(*TRAINING, gaps=GAPS)
    write_config(args.out, machines)
    inputs = fields.read(args.out)
    training, validation = examples(inputs, machines), examples(inputs, generate.machines(*VALIDATION))
    model = train_model(training, validation)
    print("%d tokens; %d parameters" % (sum(len(e[0]) for e in training), sum(p.numel() for p in model.parameters())))
    save(os.path.join(args.out, "model.safetensors"), model.state_dict())
    print("limit of error: %.3f" % limit_of([errors(model, e[0]) for e in validation], validation))


if __name__ == "__main__":
    main()
