#!/usr/bin/env python3
"""Says how good the card-fraud example is, beside gradient boosting, on cards that nothing was trained on.

    python3 evaluate.py                # the weights in model/; needs scikit-learn 1.4 or later
    python3 evaluate.py --sample       # instead: what PyTorch predicts for tokens.jsonl, a JSON object a line

The baseline is HistGradientBoostingClassifier on features of a payment and of its card before it, trained on the same
payments: "windows" has counts, sums and extremes of the last ten minutes to seven days; "profile" also keeps, of each
card, all its merchants, countries, categories, hours and amounts, and says how unusual the payment is among them. All
limits are chosen in the same way: 1 in 1,000 honest payments of the validation cards is above it.
"""
import argparse
import json
import math
from collections import Counter, defaultdict, deque

import numpy as np
import torch

import generate
import train

TESTS, CARDS = (101, 102, 103), 2000  # seeds
LONG = (104, 500, 360)  # seed, cards, days
NAN = math.nan
MERCHANT = {word: i for i, word in enumerate(generate.MERCHANTS)}
COUNTRY = {word: i for i, word in enumerate(generate.COUNTRIES)}
CATEGORY = {word: i for i, word in enumerate(generate.NAMES)}
HOUR, DAY = 3600, 86400
SPANS = (600, HOUR, 6 * HOUR, DAY, 7 * DAY)
CATEGORICAL = [0, 1, 2, 3]


def category_of(record):
    return record["merchant"].rsplit("-", 1)[0]


def windows(records):
    """For each payment: itself, and the payments of its card in each span before it."""
    recent, segment, found = deque(), 0, []
    for record in records:
        now, amount = record["ts"], record.get("amount", NAN)
        segment = generate.SEGMENTS.index(record["segment"]) if "segment" in record else segment
        last = recent[-1] if recent else None
        row = [MERCHANT.get(record["merchant"], -1), CATEGORY.get(category_of(record), -1),
               COUNTRY.get(record["country"], -1), segment, amount, record["hour"], now - last[0] if last else NAN,
               last is not None and last[3] != record["country"]]
        while recent and recent[0][0] < now - SPANS[-1]:
            recent.popleft()
        total, most, least, merchants, countries, n, past = 0.0, 0.0, NAN, set(), set(), 0, list(recent)[::-1]
        for span in SPANS:
            while n < len(past) and past[n][0] >= now - span:
                value = past[n][1]
                if value == value:
                    total, most = total + value, max(most, value)
                    least = min(value, least) if least == least else value
                merchants.add(past[n][2])
                countries.add(past[n][3])
                n += 1
            row += [n, total, most, least, len(merchants), len(countries)]
        recent.append((now, amount, record["merchant"], record["country"]))
        found.append(row)
    return found


class Mean:
    """Of logarithms of amounts, so far."""

    def __init__(self):
        self.n, self.total, self.squares = 0, 0.0, 0.0

    def add(self, v):
        if v == v:
            self.n, self.total, self.squares = self.n + 1, self.total + v, self.squares + v * v

    def mean(self):
        return self.total / self.n if self.n else NAN

    def std(self):
        return math.sqrt(max(0.0, self.squares / self.n - self.mean() ** 2)) if self.n > 1 else NAN


def profile(records):
    """For each payment: how it differs from all payments of its card before it."""
    merchants, categories, countries, seen = Counter(), Counter(), Counter(), {}
    every, own, new, x, y, found = Mean(), defaultdict(Mean), deque(), 0.0, 0.0, []
    for n, record in enumerate(records):
        now, country, merchant, category = record["ts"], record["country"], record["merchant"], category_of(record)
        log = math.log1p(record["amount"]) if "amount" in record else NAN
        usual = math.atan2(y, x) * 12 / math.pi % 24 if n else NAN
        elsewhere = max((t for c, t in seen.items() if c != country), default=NAN)
        while new and new[0] < now - 3 * HOUR:
            new.popleft()
        if not merchants[merchant]:
            new.append(now)
        unusual = abs((record["hour"] - usual + 12) % 24 - 12)
        found.append([n, log - every.mean(), every.std(), log - own[category].mean(), merchants[merchant],
                      categories[category], countries[country] / max(1, n), usual, unusual, now - elsewhere,
                      now - seen.get(country, NAN), len(new)])
        merchants[merchant] += 1
        categories[category] += 1
        countries[country] += 1
        seen[country] = now
        every.add(log)
        own[category].add(log)
        x, y = x + math.cos(record["hour"] * math.pi / 12), y + math.sin(record["hour"] * math.pi / 12)
    return found


def features(cards):
    """[payment, feature], card after card: windows, then profile."""
    return np.array([a + b for records, _ in cards for a, b in zip(windows(records), profile(records))], np.float32)


def boosted(x, labels):
    from sklearn.ensemble import HistGradientBoostingClassifier
    return HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=300, min_samples_leaf=40, l2_regularization=1.0, early_stopping=False,
        categorical_features=CATEGORICAL, random_state=1).fit(x, labels)


def measures(scores, cards, limit):
    """Average precision; recall at precision 0.9; at the limit: per 1,000, precision, recall, of cards, of kinds."""
    kinds = np.array([str(kind) for _, ks in cards for kind in ks])
    owner = np.repeat(np.arange(len(cards)), [len(ks) for _, ks in cards])
    labels, flagged = kinds != "0", scores > limit
    hits = np.cumsum(labels[np.argsort(-scores, kind="stable")])
    exact = np.flatnonzero(hits / np.arange(1, len(hits) + 1) >= 0.9)
    return [train.average_precision(scores, labels), hits[exact[-1]] / hits[-1] if len(exact) else 0,
            1000 * flagged[~labels].mean(), labels[flagged].mean(), flagged[labels].mean(),
            len(set(owner[labels & flagged])) / len(set(owner[labels]))] + [
                flagged[kinds == kind].mean() for kind in generate.KINDS]


def show(name, row):
    print(("  %-8s AP %.3f, recall at precision 0.9 %.3f; at the limit: %.2f false alarms per 1,000, precision %.3f, "
           "recall %.3f, cards %.3f; recall of " % (name, *row[:6]))
          + ", ".join("%s %.2f" % pair for pair in zip(generate.KINDS, row[6:])), flush=True)


def compare(directory):
    inputs, model = train.inputs_of(directory), train.load(directory)

    def network(cards):
        return train.scores(model, train.examples(inputs, cards))

    def labels(cards):
        return np.array([kind != 0 for _, kinds in cards for kind in kinds])

    validation = generate.cards(*train.VALIDATION)
    tests = [generate.cards(seed, CARDS) for seed in TESTS]
    for seed, cards in zip(TESTS, tests):
        print("seed %d: %d cards, %d payments, %d of them fraud, on %d cards" % (
            seed, len(cards), len(labels(cards)), labels(cards).sum(), sum(any(kinds) for _, kinds in cards)))
    limit = round(train.limit_of(network(validation), labels(validation)), 2)

    def report(name, limit, scored):
        print("%s: limit %.3f" % (name, limit))
        rows = [measures(scores, cards, limit) for scores, cards in scored]
        for seed, row in zip(TESTS, rows):
            show("seed %d" % seed, row)
        show("mean", np.mean(rows, 0))

    report("network", limit, [(network(cards), cards) for cards in tests])
    seed, n, days = LONG
    cards = generate.cards(seed, n, days)
    print("network, cards of %d days: %d payments" % (days, len(labels(cards))))
    show("", measures(network(cards), cards, limit))
    cards = train.training_cards()
    x, y, of_validation, of_tests = features(cards), labels(cards), features(validation), [features(c) for c in tests]
    for name, width in (("windows", len(windows(cards[0][0])[0])), ("windows and profile", x.shape[1])):
        trees = boosted(x[:, :width], y)

        def score(rows):
            return trees.predict_proba(rows[:, :width])[:, 1]

        report(name, train.limit_of(score(of_validation), labels(validation)), [
            (score(rows), test) for rows, test in zip(of_tests, tests)])


def sample(directory, path):
    """The predictions of the sample, in the order of its records. A record that is rejected has none."""
    inputs, model = train.inputs_of(directory), train.load(directory)
    with open(path, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    places, found = defaultdict(list), {}
    for i, record in enumerate(records):
        places[record["card"]].append(i)
    for key, rows in places.items():
        columns, rejected = inputs.sequence([records[i] for i in rows])
        gone = {index for index, _, _ in rejected}
        batch = train.padded([(columns, np.zeros(len(rows) - len(gone), bool))])[0]
        x = inputs.x(columns, {name: getattr(model, name).weight.detach().numpy() for name in ("merchant", "country")})
        with torch.no_grad():
            assert np.array_equal(x, model.x(batch)[0].numpy())
            y = torch.sigmoid(model(batch))[0].numpy()
        kept = [i for index, i in enumerate(rows) if index not in gone]
        found.update({i: (key, t + 1, y[t]) for t, i in enumerate(kept)})
    for i in sorted(found):
        print('{"key":"%s","t":%d,"prediction":[%s]}' % found[i])


def main():
    parser = argparse.ArgumentParser(description="evaluates the card-fraud example")
    parser.add_argument("--model", default="model", help="directory of the weights")
    parser.add_argument("--sample", action="store_true", help="prints the predictions of tokens.jsonl instead")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.sample:
        sample(args.model, "tokens.jsonl")
    else:
        compare(args.model)


if __name__ == "__main__":
    main()
