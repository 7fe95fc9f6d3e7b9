#!/usr/bin/env python3
"""Trains the model of the log-anomaly example: which log event of an HDFS block comes next?

Needs Python 3.9 or later and PyTorch 1.13 or later, nothing else. Run, in this directory:

    python3 train.py --data DIR --out model

DIR holds normal.txt (README.md says where it comes from): a session a line, the template ids of a block's log events.
Only normal sessions are read. evaluate.py reads the others.

The network is embedding -> LSTM -> linear. It reads whole sessions from a zero state, each with <end> behind it, and
learns what comes next. The vocabulary ends with nine words that never come, <never1> to <never9>: each is taught FLOOR
of the probability at every step. So an event that is less likely than FLOOR has all nine above it, which makes
its rank 10 or more: a limit on the rank becomes one on the probability, however many events could come.
"""
import argparse
import json
import math
import os
import random
import struct
from collections import Counter

import torch
from torch import nn
from torch.nn import functional as F

EMBEDDING, HIDDEN = 16, 64
EPOCHS, BATCH, RATE, DROPOUT, DECAY = 60, 32, 0.02, 0.3, 1e-5
POWER = 0.5  # a sequence that occurs n times in the training part counts as n**POWER: rare ones are to be learnt too
NEVER, FLOOR = 9, 0.005
TEMPLATES = [str(i) for i in range(1, 30)]
WORDS = TEMPLATES + ["<end>"]
VOCABULARY = WORDS + ["<never%d>" % i for i in range(1, NEVER + 1)]
END = WORDS.index("<end>")
PARTS = 5  # a fifth of the sessions is for tests, a tenth for validation
SEED = 1


class NextEvent(nn.Module):
    """What is shipped: its state_dict is the file's list of tensors."""

    def __init__(self, words):
        super().__init__()
        self.embedding = nn.Embedding(words, EMBEDDING)
        self.lstm = nn.LSTM(EMBEDDING, HIDDEN, batch_first=True)
        self.linear = nn.Linear(HIDDEN, words)

    def forward(self, ids, dropout=0.0):
        hidden = self.lstm(F.dropout(self.embedding(ids), dropout))[0]
        return self.linear(F.dropout(hidden, dropout))


def read(path):
    """The sessions, each a tuple of the ids of its words, <end> last."""
    with open(path, encoding="utf-8") as file:
        return [tuple(WORDS.index(word) for word in line.split()) + (END,) for line in file if line.strip()]


def split(sessions, part=0):
    """(training, validation, test) parts: 70, 10 and 20 %. The parts 0 to 4 have test parts that do not overlap."""
    order = sessions[:]
    random.Random(SEED).shuffle(order)
    fifth, tenth = len(order) // PARTS, len(order) // 10
    order = order[part * fifth:] + order[:part * fifth]
    return order[fifth + tenth:], order[fifth:fifth + tenth], order[:fifth]


def rows(sessions):
    """x [session, t], padded with 0, and y [session, t]: the word that comes after x, or -1."""
    longest = max(map(len, sessions))
    x = torch.zeros(len(sessions), longest, dtype=torch.long)
    y = torch.full((len(sessions), longest), -1)
    for r, session in enumerate(sessions):
        x[r, :len(session)] = torch.tensor(session)
        y[r, :len(session) - 1] = torch.tensor(session[1:])
    return x, y


def train_model(training, seed=SEED):
    torch.manual_seed(seed)
    rng = random.Random(seed)
    counts = Counter(training)
    distinct = sorted(counts)
    mean = sum(n ** POWER for n in counts.values()) / len(distinct)
    model = NextEvent(len(WORDS) + 1)  # one output stands for all the words that never come
    share = NEVER * FLOOR
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    steps, step = EPOCHS * -(-len(distinct) // BATCH), 0
    for _ in range(EPOCHS):
        order = sorted(distinct, key=lambda s: len(s) + 4 * rng.random())
        batches = [order[i:i + BATCH] for i in range(0, len(order), BATCH)]
        rng.shuffle(batches)
        for batch in batches:
            x, y = rows(batch)
            weight = torch.tensor([counts[s] ** POWER / mean for s in batch]).unsqueeze(1) * (y >= 0)
            logp = model(x, DROPOUT).log_softmax(2)
            event = logp.gather(2, y.clamp(min=0).unsqueeze(2)).squeeze(2)
            loss = -(weight * ((1 - share) * event + share * logp[:, :, -1])).sum() / (y >= 0).sum()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.param_groups[0]["lr"] = RATE * (1 - 0.95 * step / steps)
            optimizer.step()
            step += 1
    return with_never(model)


def with_never(model):
    """The network that is shipped: the last output becomes NEVER equal ones, which share its probability."""
    shipped = NextEvent(len(VOCABULARY))
    with torch.no_grad():
        shipped.lstm.load_state_dict(model.lstm.state_dict())
        shipped.embedding.weight.zero_()
        shipped.embedding.weight[:len(WORDS)] = model.embedding.weight[:len(WORDS)]
        source = torch.tensor([min(i, len(WORDS)) for i in range(len(VOCABULARY))])
        shipped.linear.weight.copy_(model.linear.weight[source])
        shipped.linear.bias.copy_(model.linear.bias[source])
        shipped.linear.bias[len(WORDS):] -= math.log(NEVER)
    return shipped


def judge(model, session):
    """[(rank, surprise)] of the events from the second on. rank: 1 + the number of outputs with a greater logit."""
    with torch.no_grad():
        logits = model(torch.tensor([session[:-1]]))[0]
    words = torch.tensor(session[1:]).unsqueeze(1)
    ranks = 1 + (logits > logits.gather(1, words)).sum(1)
    surprises = -logits.log_softmax(1).gather(1, words).squeeze(1)
    return list(zip(ranks.tolist(), surprises.tolist()))


def worst_ranks(model, sessions):
    """The greatest rank of each session. A session is flagged where this is above the limit."""
    known = {s: max(rank for rank, _ in judge(model, s)) for s in sorted(set(sessions))}
    return [known[s] for s in sessions]


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
    model = NextEvent(len(VOCABULARY))
    model.load_state_dict({
        name: torch.tensor(struct.unpack("<%df" % ((to - start) // 4), data[start:to])).reshape(tensor["shape"])
        for name, tensor in header.items() for start, to in [tensor["data_offsets"]]})
    return model


def main():
    parser = argparse.ArgumentParser(description="trains the log-anomaly example")
    parser.add_argument("--data", required=True, help="directory of normal.txt")
    parser.add_argument("--out", required=True, help="directory to write the model to")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    training, validation, _ = split(read(os.path.join(args.data, "normal.txt")))
    model = train_model(training)
    print("%d sessions (%d distinct); %d parameters" % (
        len(training), len(set(training)), sum(p.numel() for p in model.parameters())))
    ranks = worst_ranks(model, validation)
    print("validation: %d of %d sessions have a rank above %d" % (sum(r > NEVER for r in ranks), len(ranks), NEVER))
    os.makedirs(args.out, exist_ok=True)
    save(os.path.join(args.out, "model.safetensors"), model.state_dict())
    with open(os.path.join(args.out, "vocab.txt"), "w", encoding="utf-8", newline="\n") as file:
        file.writelines(word + "\n" for word in VOCABULARY)
    with open(os.path.join(args.out, "config.json"), "w", encoding="utf-8", newline="\n") as file:
        json.dump({"model_type": "lstm", "input": {"type": "vocabulary", "file": "vocab.txt"},
                   "output": {"activation": "softmax", "labels": VOCABULARY}, "name": "log-anomaly"}, file, indent=2)
        file.write("\n")


if __name__ == "__main__":
    main()
