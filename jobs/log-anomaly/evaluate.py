#!/usr/bin/env python3
"""Says how good the log-anomaly example is, beside a windowed baseline, on sessions that neither was trained on.

    python3 evaluate.py --data DIR --model model              # the shipped weights, on their test part
    python3 evaluate.py --data DIR --part 1 [--seed 2]        # trains anew: another fifth of the sessions as test part

DIR holds normal.txt and abnormal.txt. A session is flagged when one of its events has a rank above 9.

The baseline is DeepLog's way: two LSTM layers of 64 units read the last ten events (one-hot) from a zero state; a session
is flagged when an event is not among the nine most likely. It knows no <end>, and no event before the eleventh is judged.
As in the published PyTorch code of DeepLog, a session of ten events or fewer is padded to eleven with an event that the
model does not know: it is always flagged. It learns the training part that ours learns, every session as often as it occurs.
"""
import argparse
import os
import random
from collections import Counter

import torch
from torch import nn
from torch.nn import functional as F

import train

WINDOW, TOP, UNITS, LAYERS = 10, 9, 64, 2
EPOCHS, BATCH, RATE = 60, 256, 0.003


class Windowed(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(len(train.TEMPLATES), UNITS, LAYERS, batch_first=True)
        self.linear = nn.Linear(UNITS, len(train.TEMPLATES))

    def forward(self, windows):
        x = F.one_hot(windows, len(train.TEMPLATES)).float()
        return self.linear(self.lstm(x)[0][:, -1])


def windows(session):
    """[(ten events, the event after them)]; <end> is left out."""
    events = session[:-1]
    return [(events[i:i + WINDOW], events[i + WINDOW]) for i in range(len(events) - WINDOW)]


def train_baseline(training, seed):
    """Equal windows are fed once, weighted by how often they occur: the same loss in less time."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    counts = Counter(w for session in training for w in windows(session))
    distinct = sorted(counts)
    mean = sum(counts.values()) / len(distinct)
    model = Windowed()
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    steps, step = EPOCHS * -(-len(distinct) // BATCH), 0
    for _ in range(EPOCHS):
        rng.shuffle(distinct)
        for i in range(0, len(distinct), BATCH):
            batch = distinct[i:i + BATCH]
            logits = model(torch.tensor([w for w, _ in batch]))
            losses = F.cross_entropy(logits, torch.tensor([y for _, y in batch]), reduction="none")
            loss = (losses * torch.tensor([counts[w] / mean for w in batch])).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.param_groups[0]["lr"] = RATE * (1 - 0.95 * step / steps)
            optimizer.step()
            step += 1
    return model


def flagged_by_baseline(model, sessions):
    """One boolean a session."""
    distinct = sorted({w for session in sessions for w in windows(session)})
    odd = set()
    with torch.no_grad():
        for i in range(0, len(distinct), 4096):
            batch = distinct[i:i + 4096]
            logits = model(torch.tensor([w for w, _ in batch]))
            y = torch.tensor([y for _, y in batch]).unsqueeze(1)
            ranks = 1 + (logits > logits.gather(1, y)).sum(1)
            odd.update(w for w, rank in zip(batch, ranks.tolist()) if rank > TOP)
    return [len(s) - 1 <= WINDOW or any(w in odd for w in windows(s)) for s in sessions]


def multiply_adds(layers, hidden, inputs, outputs, steps):
    """A prediction's products of matrices and vectors. inputs: 0 where the first layer's input is a row of a table."""
    recurrent = sum(4 * hidden * (hidden + (hidden if layer else inputs)) for layer in range(layers))
    return steps * recurrent + hidden * outputs


def show(name, normal, abnormal):
    """normal, abnormal: was it flagged? One boolean a session. Equal F1: as if both were equally many."""
    right, wrong = sum(abnormal), sum(normal)
    recall, rate = right / len(abnormal), wrong / len(normal)
    print("  %-9s precision %.4f  recall %.4f  F1 %.4f  false positives %3d of %4d = %.4f  F1 at 1:1 %.4f" % (
        name, right / max(1, right + wrong), recall, 2 * right / (right + wrong + len(abnormal)),
        wrong, len(normal), rate, 2 * recall / (recall + rate + 1)), flush=True)


def main():
    parser = argparse.ArgumentParser(description="evaluates the log-anomaly example")
    parser.add_argument("--data", required=True, help="directory of normal.txt and abnormal.txt")
    parser.add_argument("--model", help="directory of trained weights (part 0); absent: trains anew")
    parser.add_argument("--part", type=int, default=0, choices=range(train.PARTS), help="which fifth is the test part")
    parser.add_argument("--seed", type=int, default=train.SEED, help="of the weights' start and the batches' order")
    args = parser.parse_args()
    if args.model and args.part:
        parser.error("--model: its test part is part 0")
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    training, validation, test = train.split(train.read(os.path.join(args.data, "normal.txt")), args.part)
    abnormal = train.read(os.path.join(args.data, "abnormal.txt"))
    model = train.load(args.model) if args.model else train.train_model(training, args.seed)
    baseline = train_baseline(training, args.seed)

    def ours(sessions):
        return [rank > train.NEVER for rank in train.worst_ranks(model, sessions)]

    def theirs(sessions):
        return flagged_by_baseline(baseline, sessions)

    print("part %d, %s; validation: ours %d, windowed %d of %d flagged" % (
        args.part, "weights of " + args.model if args.model else "seed %d" % args.seed,
        sum(ours(validation)), sum(theirs(validation)), len(validation)))
    print(" all sessions: %d normal, %d abnormal" % (len(test), len(abnormal)))
    show("ours", ours(test), ours(abnormal))
    show("windowed", theirs(test), theirs(abnormal))
    new, distinct = sorted(set(test) - set(training)), sorted(set(abnormal) - set(training))
    print(" sequences that are not in the training part, each once: %d normal, %d abnormal" % (len(new), len(distinct)))
    show("ours", ours(new), ours(distinct))
    show("windowed", theirs(new), theirs(distinct))
    step = multiply_adds(1, train.HIDDEN, train.EMBEDDING, len(train.VOCABULARY), 1)
    window = multiply_adds(LAYERS, UNITS, 0, len(train.TEMPLATES), WINDOW)
    print(" multiply-adds a token: ours %d (embedding counted), windowed %d (one-hot not counted): 1/%.1f" % (
        step, window, window / step))


if __name__ == "__main__":
    main()
