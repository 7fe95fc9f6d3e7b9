#!/usr/bin/env python3
"""Card payments that nobody made, from fixed rules: what README.md says about them, and nothing else, is in here.

    python3 generate.py --seed 7 --cards 3       # JSON lines: records, with "fraud" (0 or a kind) beside their fields
    python3 generate.py --sample > tokens.jsonl  # the records of the sample, as the topic has them
    python3 generate.py --sample --labels        # with "fraud"

cards(seed, n) needs numpy only, and gives the same payments for the same seed.
"""
import argparse
import json

import numpy as np

DAY = 86400
START = 1751328000  # 2025-07-01, in seconds
# category: merchants, median amount, spread of its logarithm, share of the payments
CATEGORIES = {
    "grocery": (8, 28, 0.6, 0.24), "fuel": (4, 55, 0.35, 0.07), "restaurant": (7, 32, 0.6, 0.12),
    "cafe": (5, 5, 0.4, 0.12), "pharmacy": (3, 15, 0.6, 0.04), "clothes": (5, 60, 0.7, 0.06),
    "electronics": (4, 180, 0.9, 0.02), "furniture": (3, 240, 0.9, 0.01), "transport": (4, 9, 0.9, 0.11),
    "hotel": (3, 190, 0.6, 0.01), "airline": (3, 240, 0.6, 0.01), "web-shop": (5, 45, 0.9, 0.12),
    "streaming": (2, 12, 0.2, 0.03), "games": (2, 4, 0.9, 0.02), "gift-card": (1, 50, 0.5, 0.02)}
NAMES = list(CATEGORIES)
SHARES = np.array([c[3] for c in CATEGORIES.values()])
ONLINE = ("airline", "web-shop", "streaming", "games", "gift-card")
MERCHANTS = ["%s-%d" % (name, i) for name in NAMES for i in range(1, CATEGORIES[name][0] + 1)]
SEATS = ["US", "NL", "DE", "CN", "IE", "US", "GB"]  # an online payment has its merchant's country
HOMES = ["DE", "FR", "GB", "ES", "IT", "NL", "PL", "AT"]
FAR = ["US", "BR", "CN", "TH", "AE", "ZA", "KE", "FJ"]
COUNTRIES = HOMES + FAR[:6] + ["IE"]  # those of the vocabulary
SEGMENTS = ["none", "standard", "student", "gold", "business"]
LEVEL = {"standard": 1.0, "student": 0.6, "gold": 1.6, "business": 1.4}
TRIPS = {"standard": 0.008, "student": 0.008, "gold": 0.02, "business": 0.04}  # a day
TOWN = ["clothes", "electronics", "furniture", "cafe", "grocery"]
COSTLY = ["electronics", "furniture", "airline", "web-shop"]
INCIDENTS = 0.2  # of a card, expected in 90 days
KINDS = ["testing", "clone", "burst", "night", "single"]


def seat(merchant):
    return SEATS[MERCHANTS.index(merchant) % len(SEATS)]


class Card:
    """A holder's habits. pay() appends (time, merchant, country, amount, kind of fraud or 0)."""

    def __init__(self, rng):
        self.rng, self.rows = rng, []
        self.segment = rng.choice(SEGMENTS[1:], p=[0.6, 0.15, 0.15, 0.1])
        self.level = LEVEL[self.segment] * rng.lognormal(0, 0.35)
        self.home = HOMES[rng.integers(len(HOMES))]
        self.rate = float(np.clip(rng.lognormal(0.1, 0.6), 0.3, 4))  # payments a day
        self.hour = rng.normal(14, 1.5) if rng.random() > 0.08 else rng.normal(22, 1.5)
        self.taste = rng.dirichlet(SHARES * 40)
        self.gamer = rng.random() < 0.1
        self.other = FAR[rng.integers(len(FAR))] if rng.random() < 0.04 else None  # a second holder, abroad
        self.habits = {name: rng.choice(CATEGORIES[name][0], size=min(2, CATEGORIES[name][0]), replace=False)
                       for name in NAMES}

    def merchant(self, name, new=0.12):
        """A habitual merchant of the category; sometimes any of them, or a shop that is in no vocabulary."""
        if self.rng.random() < new:
            if self.rng.random() < 0.25:
                return "shop-%d" % self.rng.integers(1000, 9999)
            return "%s-%d" % (name, 1 + self.rng.integers(CATEGORIES[name][0]))
        return "%s-%d" % (name, 1 + self.rng.choice(self.habits[name]))

    def pay(self, time, name, country, factor=1.0, kind=0, amount=None, new=0.12):
        merchant = self.merchant(name, new)
        if name in ONLINE and merchant in MERCHANTS:
            country = seat(merchant)
        if amount is None:
            amount = CATEGORIES[name][1] * self.rng.lognormal(0, CATEGORIES[name][2]) * self.level * factor
        self.rows.append((int(time), merchant, country, round(max(0.3, float(amount)), 2), kind))

    def category(self, abroad=False):
        taste = self.taste
        if abroad:
            taste = taste * [4 if n in ("hotel", "restaurant", "transport", "cafe") else 1 for n in NAMES]
        return NAMES[self.rng.choice(len(NAMES), p=taste / taste.sum())]

    def trips(self, days):
        """[(leaves home, is there, leaves there, is home, country)], in days. Nobody pays on the way."""
        rng, found, day = self.rng, [], 1
        while day < days:
            if rng.random() < TRIPS[self.segment]:
                far = rng.random() < 0.4
                way = rng.uniform(6, 14) / 24 if far else rng.uniform(1, 5) / 24
                leaves, back = day + rng.uniform(0.25, 0.6), day + rng.integers(2, 11) + rng.uniform(0.25, 0.6)
                found.append((leaves, leaves + way, back, back + way, (FAR if far else HOMES)[rng.integers(8)]))
                day = int(back) + 1
            day += 1
        return found

    def live(self, days):
        """Every honest payment."""
        rng, trips = self.rng, self.trips(days)
        for day in range(days):
            times = list(day + rng.normal(self.hour, 3.5, rng.poisson(self.rate)) % 24 / 24)
            shopping = rng.random() < 0.02
            if shopping:
                times.append(day + rng.uniform(10, 17) / 24)
            for i, time in enumerate(times):
                trip = next((t for t in trips if t[0] <= time < t[3]), None)
                if trip and not trip[1] <= time < trip[2]:
                    continue
                place = trip[4] if trip else self.home
                if shopping and i == len(times) - 1:
                    for _ in range(rng.integers(3, 8)):
                        self.pay(time * DAY, TOWN[rng.integers(5)], place, rng.uniform(0.7, 2), new=0.5)
                        time += rng.uniform(600, 3600) / DAY
                    continue
                name, factor = self.category(trip is not None), 1.0
                if self.other and rng.random() < 0.15:
                    place = self.other
                if rng.random() < 0.012:
                    name, factor = COSTLY[rng.integers(4)], rng.uniform(2, 6)
                self.pay(time * DAY, name, place, factor)
                if name == "games" and self.gamer:
                    for j in range(rng.integers(1, 5)):
                        self.pay(time * DAY + (j + 1) * rng.uniform(60, 900), name, place)

    def fraud(self, time):
        """One incident from time on. Returns its end."""
        rng, kind = self.rng, KINDS[self.rng.choice(5, p=[0.3, 0.25, 0.2, 0.15, 0.1])]
        if kind == "testing":
            for _ in range(rng.integers(1, 5)):
                self.pay(time, ("games", "streaming", "web-shop")[rng.integers(3)], self.home, 1, kind,
                         rng.uniform(0.5, 4), new=0.8)
                time += rng.uniform(60, 1200)
            time += rng.uniform(180, 5400)
            for _ in range(rng.integers(1, 4)):
                self.pay(time, ("electronics", "web-shop", "gift-card")[rng.integers(3)], self.home, 1, kind,
                         self.level * rng.uniform(60, 400), new=0.8)
                time += rng.uniform(60, 1200)
        elif kind == "clone":
            place = self.home
            while place == self.home:
                place = (FAR if rng.random() < 0.6 else HOMES)[rng.integers(8)]
            for _ in range(rng.integers(2, 7)):
                self.pay(time, ("cafe", "grocery", "clothes", "electronics", "fuel")[rng.integers(5)], place,
                         rng.uniform(0.8, 3), kind, new=0.8)
                time += rng.uniform(300, 5400)
        elif kind == "burst":
            for _ in range(rng.integers(4, 10)):
                self.pay(time, self.category(), self.home, rng.uniform(0.8, 2.5), kind, new=0.9)
                time += rng.uniform(120, 1200)
        elif kind == "night":
            time = time // DAY * DAY + ((self.hour + 12 + rng.normal(0, 1.5)) % 24) * 3600
            for _ in range(rng.integers(2, 5)):
                self.pay(time, ("electronics", "gift-card", "web-shop")[rng.integers(3)], self.home,
                         rng.uniform(1, 3), kind, new=0.6)
                time += rng.uniform(300, 3600)
        else:
            self.pay(time, self.category(), self.home, rng.uniform(1, 5), kind, new=0.8)
        return time


def cards(seed, n, days=90, incidents=INCIDENTS):
    """n sequences: [(records in the order of their time, kinds of fraud, each 0 or one of KINDS)].

    incidents: of a card, expected in 90 days.
    """
    found = []
    for i in range(n):
        rng = np.random.default_rng([seed, i])
        card = Card(rng)
        card.live(days)
        stop = days * DAY
        for _ in range(rng.poisson(incidents * days / 90)):
            end = card.fraud(rng.uniform(3, days) * DAY)
            if rng.random() < 0.5:  # noticed: the card ends within a day
                stop = min(stop, end + rng.uniform(0, DAY))
        rows = sorted(r for r in card.rows if r[0] <= stop)
        records, kinds, last = [], [], -1
        told = 0 if rng.random() < 0.9 else rng.integers(1, 20)  # the payment that brings the segment
        for j, (time, merchant, country, amount, kind) in enumerate(rows):
            last = time = max(time, last + 1)
            record = {"card": "c%d-%04d" % (seed, i), "ts": START + time, "merchant": merchant, "country": country,
                      "amount": amount, "hour": (START + time) // 3600 % 24}
            if rng.random() < 0.003:
                del record["amount"]
            if j == told:
                record["segment"] = str(card.segment)
            records.append(record)
            kinds.append(kind)
        if records:
            found.append((records, kinds))
    return found


def sample():
    """[(record, fraud)]: a month of the first 12 cards of a seed that suit, interleaved, and some flaws."""
    wanted, honest, found = set(KINDS), 0, []
    for records, kinds in cards(7, 500, 30, 1.0):
        present = set(kinds) - {0}
        if not 20 <= len(records) <= 36:
            continue
        if not present and honest < 12 - len(KINDS):
            honest += 1
        elif len(present) == 1 and present <= wanted:
            wanted -= present
        else:
            continue
        found.append((records, kinds))
    for i, (records, _) in enumerate(found):
        for record in records:
            record["card"] = "c%02d" % (i + 1)
    found[1][0][9].pop("amount", None)
    found[2][0][12]["merchant"] = "shop-2718"  # in no vocabulary
    rejected = dict(found[3][0][14])
    rejected["ts"] += 60
    del rejected["country"]
    rows = [row for records, kinds in found for row in zip(records, kinds)] + [(rejected, 0)]
    return sorted(rows, key=lambda row: row[0]["ts"])


def main():
    parser = argparse.ArgumentParser(description="payments of the card-fraud example")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--cards", type=int, default=3)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--sample", action="store_true", help="the records of tokens.jsonl instead")
    parser.add_argument("--labels", action="store_true", help="with --sample: with fraud")
    args = parser.parse_args()
    if args.sample:
        rows = sample()
    else:
        rows = [row for records, kinds in cards(args.seed, args.cards, args.days) for row in zip(records, kinds)]
    for record, kind in rows:
        labelled = record if args.sample and not args.labels else {**record, "fraud": kind}
        print(json.dumps(labelled, separators=(",", ":")))


if __name__ == "__main__":
    main()
