#!/usr/bin/env python3
"""Says how good the clickstream example is, beside counted n-grams, on visits that nothing was trained on.

    python3 evaluate.py                # the weights in model/
    python3 evaluate.py --sample       # instead: what PyTorch predicts for tokens.jsonl, a JSON object a line

A page is right in the top k if it is among the k most likely. The first page of a visit is not predicted; <leave> is.

An n-gram counts which page came after the last n - 1 pages, in the same training visits. Where these never occurred, or
have fewer than k different pages after them, it goes on with the last n - 2 pages, and so on. A visit has a mark before
its first page, so that an n-gram knows where a visit begins.
"""
import argparse
import json
from collections import Counter, defaultdict

import numpy as np
import torch

import generate
import train

TESTS, VISITS = (201, 202, 203), 4000  # seeds
KS, NS = (1, 3), (2, 3, 4, 5, 6, 8, 12)
IDLE = 1800  # seconds, as in job.yaml
BEGIN = -1


class Ngram:
    def __init__(self, n, training):
        self.n = n
        counts = defaultdict(Counter)
        for ids in training:
            for t in range(1, len(ids)):
                for context in self.contexts(ids[:t]):
                    counts[context][ids[t]] += 1
        self.likely = {context: [page for page, _ in sorted(c.items(), key=lambda p: (-p[1], p[0]))[:max(KS)]]
                       for context, c in counts.items()}

    def contexts(self, past):
        """The last n - 1 pages, the last n - 2, …, none."""
        past = [BEGIN] * (self.n - 1) + past
        return [tuple(past[len(past) - i:]) for i in range(self.n - 1, -1, -1)]

    def top(self, past):
        found = []
        for context in self.contexts(past):
            found += [page for page in self.likely.get(context, ()) if page not in found]
            if len(found) >= max(KS):
                break
        return found[:max(KS)]


def tops_of_network(model, ids):
    with torch.no_grad():
        return model(torch.tensor([ids]))[0].topk(max(KS)).indices.tolist()


def compare(model):
    training = train.visits(*train.TRAINING)
    known = set(map(tuple, training))
    tests = [train.visits(seed, VISITS) for seed in TESTS]
    for seed, test in zip(TESTS, tests):
        print("seed %d: %d visits, %d predictions; %d of these visits also occur in the training" % (
            seed, len(test), sum(len(ids) - 1 for ids in test), sum(tuple(ids) in known for ids in test)))

    def report(name, tops):
        for part in ("all", "new"):
            rows = []
            for test in tests:
                right = [[ids[t + 1] in top[:k] for k in KS] for ids in test if part == "all" or tuple(ids) not in known
                         for t, top in enumerate(tops(ids))]
                rows.append(100 * np.mean(right, 0))
            print("%-7s %s visits" % (name, part) + "".join("  top %d: %.1f %% (%s)" % (
                k, np.mean(rows, 0)[i], ", ".join("%.1f" % row[i] for row in rows)) for i, k in enumerate(KS)),
                flush=True)

    report("gru", lambda ids: tops_of_network(model, ids)[:-1])
    for n in NS:
        ngram = Ngram(n, training)
        report("%d-gram" % n, lambda ids: [ngram.top(ids[:t]) for t in range(1, len(ids))])


def sample(model, path):
    """The three likeliest pages after each record, in the order of the records. A page of no vocabulary has none."""
    with open(path, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    visits, last = {}, {}
    for record in records:
        key, page, time = record["visitor"], record["page"], record["ts"]
        if page not in generate.PAGES:
            continue
        if key not in visits or time - last[key] >= IDLE or visits[key][-1] == generate.PAGES.index(generate.LEAVE):
            visits[key] = []
        visits[key].append(generate.PAGES.index(page))
        last[key] = time
        with torch.no_grad():
            values, pages = torch.softmax(model(torch.tensor([visits[key]]))[0, -1], 0).topk(max(KS))
        top = ",".join('{"label":"%s","prediction":%s}' % (generate.PAGES[p], v)
                       for p, v in zip(pages.tolist(), values.numpy()))
        print('{"key":"%s","t":%d,"token":"%s","top":[%s]}' % (key, len(visits[key]), page, top))


def main():
    parser = argparse.ArgumentParser(description="evaluates the clickstream example")
    parser.add_argument("--model", default="model", help="directory of the weights")
    parser.add_argument("--sample", action="store_true", help="prints the predictions of tokens.jsonl instead")
    args = parser.parse_args()
    torch.set_num_threads(1)
    model = train.load(args.model)
    if args.sample:
        sample(model, "tokens.jsonl")
    else:
        compare(model)


if __name__ == "__main__":
    main()
