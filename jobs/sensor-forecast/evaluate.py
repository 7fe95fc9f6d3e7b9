#!/usr/bin/env python3
"""Says how good the sensor-forecast example is, beside plain baselines, on machines that nothing was trained on.

    python3 evaluate.py                # the weights in model/
    python3 evaluate.py --sample       # instead: what PyTorch predicts for tokens.jsonl, a JSON object a line

A detector gives each token a score, and flags it if the score is above the detector's limit. All limits are chosen in
the same way: 1 in 1,000 normal tokens of the validation machines is above it. The baselines also choose a setting (the
memory of the averages, the order of the linear forecast): what detects most anomalies of further validation machines.
For the baselines, a reading that is missing is the last one that was there.
"""
import argparse
import json
import os

import numpy as np
import torch

import generate
import train

TESTS, MACHINES = (201, 202, 203), 480  # seeds; half of the machines have an anomaly, 80 of each kind
TUNING = (3, 150)  # validation machines with anomalies
KINDS = (None, None, None) + tuple(generate.KINDS)
WITHIN = (10, 20, 60)
MEMORIES, ORDERS = (5, 10, 20, 50, 100, 200, 400), (1, 2, 4, 8, 16, 32)


def filled(example):
    """x, with the last reading where one is missing. Before the first, the mean."""
    x, there = example[0].astype(float), example[1]
    rows = np.maximum.accumulate(np.where(there, np.arange(len(x))[:, None], 0), 0)
    return np.take_along_axis(x, rows, 0)


def persistence(x):
    """The next x is this x: the mean squared change."""
    return np.concatenate([[0], np.square(np.diff(x, axis=0)).mean(1)])


def ewma(memory, join):
    """z-scores by exponentially weighted means and variances, over the sensors: their mean square, or the largest."""
    def scores(x):
        mean, variance, found = x[0].copy(), np.ones(x.shape[1]), np.zeros(len(x))
        for t in range(1, len(x)):
            difference = x[t] - mean
            found[t] = join(np.square(difference) / np.maximum(variance, 1e-4))
            mean += difference / memory
            variance = (1 - 1 / memory) * (variance + np.square(difference) / memory)
        return found
    return scores


def linear(order, training):
    """The next x is linear in the last `order` x: least squares over the training machines."""
    def rows(x):
        padded = np.concatenate([np.repeat(x[:1], order - 1, 0), x])
        past = np.concatenate([padded[i:i + len(x) - 1] for i in range(order)], 1)
        return np.concatenate([past, np.ones((len(x) - 1, 1))], 1)

    past = np.concatenate([rows(filled(e)) for e in training])
    weights = np.linalg.lstsq(past, np.concatenate([filled(e)[1:] for e in training]), rcond=None)[0]
    return lambda x: np.concatenate([[0], np.square(rows(x) @ weights - x[1:]).mean(1)])


def detected(scores, examples, limit, kind, within):
    """The share of the anomalies that have a token above the limit among the first `within`, one with all readings."""
    return np.mean([((s > limit) & there.all(1))[begin:begin + within].any()
                    for s, (_, there, begin, its) in zip(scores, examples) if its and kind in (None, its)])


def rates(scores, examples, limit):
    """Before an anomaly: flagged per 1,000 tokens with all readings, and per 1,000 others; how many have all."""
    normal, gap = [], []
    for s, (_, there, begin, _) in zip(scores, examples):
        odd = ~there.all(1)
        flags = s[1:begin] > limit
        normal.append(flags[~odd[1:begin]])
        gap.append(flags[odd[1:begin]])
    return 1000 * np.concatenate(normal).mean(), 1000 * np.concatenate(gap).mean(), len(np.concatenate(normal))


def compare(model, inputs):
    training = train.examples(inputs, generate.machines(*train.TRAINING))  # without the further gaps
    validation = train.examples(inputs, generate.machines(*train.VALIDATION))
    tuning = train.examples(inputs, generate.machines(*TUNING, kinds=generate.KINDS))
    tests = [train.examples(inputs, generate.machines(seed, MACHINES, KINDS)) for seed in TESTS]

    def best(name, settings):
        found = []
        for setting, detector in settings:
            limit = train.limit_of([detector(filled(e)) for e in validation], validation)
            found.append((detected([detector(filled(e)) for e in tuning], tuning, limit, None, 60), setting, detector))
        share, setting, detector = max(found, key=lambda f: f[0])
        return "%s, %s" % (name, setting), lambda e: detector(filled(e))

    detectors = [
        ("gru", lambda e: train.errors(model, e[0])),
        ("persistence", lambda e: persistence(filled(e))),
        best("ewma", [("memory %d, %s" % (memory, name), ewma(memory, join)) for memory in MEMORIES
                      for name, join in (("mean", np.mean), ("largest", np.max))]),
        best("linear", [("order %d" % order, linear(order, training)) for order in ORDERS])]
    for seed, test in zip(TESTS, tests):
        normal = rates([e[0][:, 0] for e in test], test, 0)[2]
        print("seed %d: %d machines, %d normal tokens and %d with a gap before any anomaly" % (
            seed, len(test), normal, sum(e[2] - 1 for e in test) - normal))
    for name, detector in detectors:
        limit = round(train.limit_of([detector(e) for e in validation], validation), 3)
        print("%s: limit %.3f" % (name, limit))
        rows = []
        for test in tests:
            scores = [detector(e) for e in test]
            rows.append([*rates(scores, test, limit)[:2]] + [
                100 * detected(scores, test, limit, kind, n) for n in WITHIN for kind in (None, *generate.KINDS)])
        rows = np.array(rows)
        for seed, row in list(zip(TESTS, rows)) + [("mean", rows.mean(0))]:
            print("  seed %-4s false alarms %5.2f per 1,000, in gaps %4.0f" % (seed, *row[:2]) + "".join(
                "; within %d: %.0f %% (%s)" % (n, row[2 + 4 * i], ", ".join(
                    "%s %.0f" % pair for pair in zip(generate.KINDS, row[3 + 4 * i:6 + 4 * i])))
                for i, n in enumerate(WITHIN)), flush=True)


def sample(model, inputs, unscale, path):
    """The predictions of the sample, in the order of its records. A record that is rejected has none."""
    with open(path, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    places, found = {}, {}
    for i, record in enumerate(records):
        places.setdefault(record["machine"], []).append(i)
    for key, rows in places.items():
        columns, rejected = inputs.sequence([records[i] for i in rows])
        x = inputs.x(columns)
        with torch.no_grad():
            y = model(torch.from_numpy(x[None]))[0].numpy()
        error = train.errors(model, x)
        prediction = np.float32(y.astype(float) * unscale["std"] + unscale["mean"])
        gone = {index for index, _, _ in rejected}
        kept = [i for index, i in enumerate(rows) if index not in gone]
        found.update({i: (key, t + 1, prediction[t], error[t]) for t, i in enumerate(kept)})
    for i in sorted(found):
        key, t, prediction, error = found[i]
        print('{"key":"%s","t":%d,"prediction":[%s]%s}' % (
            key, t, ",".join(map(str, prediction)), ',"error":%s' % error if t > 1 else ""))


def main():
    parser = argparse.ArgumentParser(description="evaluates the sensor-forecast example")
    parser.add_argument("--model", default="model", help="directory of the weights")
    parser.add_argument("--sample", action="store_true", help="prints the predictions of tokens.jsonl instead")
    args = parser.parse_args()
    torch.set_num_threads(1)
    model, inputs = train.load(args.model), train.fields.read(args.model)
    if args.sample:
        with open(os.path.join(args.model, "config.json"), encoding="utf-8") as file:
            sample(model, inputs, json.load(file)["output"]["unscale"], "tokens.jsonl")
    else:
        compare(model, inputs)


if __name__ == "__main__":
    main()
