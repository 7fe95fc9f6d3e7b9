#!/usr/bin/env python3
"""Visits of a web shop that nobody made, by fixed rules: what README.md says about them, and nothing else, is here.

    python3 generate.py --seed 7 --visits 3       # JSON lines: the records, with "intention" beside their fields
    python3 generate.py --sample > tokens.jsonl   # the records of the sample, as the topic has them

visits(seed, n) needs numpy only, and gives the same visits for the same seed.
"""
import argparse
import json

import numpy as np

LEAVE = "<leave>"
PAGES = ["home", "newsletter", "search", "category", "sale", "product", "photos", "reviews", "size-guide", "delivery",
         "compare", "wishlist", "cart", "voucher", "checkout", "login", "address", "payment", "thanks", "account",
         "orders", "order", "tracking", "returns", "return-form", "return-label", "help", "contact", "stores", LEAVE]
INTENTIONS = {"buy": 0.3, "compare": 0.2, "browse": 0.2, "order": 0.18, "return": 0.12}
WAYS = {"search": 0.45, "category": 0.4, "sale": 0.15}
HABITS = [(), ("reviews",), ("photos",), ("photos", "reviews"), ("size-guide",), ("reviews", "product")]
STRAYS = ["home", "wishlist", "stores", "sale", "help"]
STRAY, GIVES_UP, SILENT = 0.04, 0.02, 0.15
START = 1751328000  # 2025-07-01, in seconds
SAMPLE = [("v1", 72, 0), ("v2", 28, 20), ("v3", 34, 50), ("v4", 158, 2640), ("v5", 67, 90),
          ("v6", 68, 35), ("v6", 187, 2700)]  # visitor, visit of seed 7, seconds after START


class Visit:
    """A visitor's intention and habits, which do not change during the visit. pages() is what comes of them."""

    def __init__(self, rng):
        self.rng = rng
        self.intention = self.one_of(INTENTIONS)
        self.way = self.one_of(WAYS)
        self.habit = HABITS[rng.integers(len(HABITS))]
        self.has_account = self.chance(0.6) or self.intention in ("order", "return")
        self.is_logged_in = False
        self.has_voucher = self.intention in ("buy", "compare") and self.chance(0.25)
        self.reads_delivery = "product" if self.chance(0.3) else "cart" if self.chance(0.5) else "never"

    def one_of(self, shares):
        return str(self.rng.choice(list(shares), p=list(shares.values())))

    def chance(self, share):
        return self.rng.random() < share

    def login(self):
        if not self.is_logged_in:
            yield "login"
            self.is_logged_in = True

    def products(self, n):
        for _ in range(n):
            yield self.way
            if self.chance(0.15):
                yield self.way  # another page of the list
            yield "product"
            if self.chance(0.9):
                yield from self.habit
            if self.reads_delivery == "product":
                yield "delivery"
                self.reads_delivery = "never"

    def checkout(self):
        yield "cart"
        if self.has_voucher:
            yield from ("voucher", "cart")
            self.has_voucher = False
        if self.reads_delivery == "cart":
            yield from ("delivery", "cart")
        yield "checkout"
        if self.has_account:
            yield from self.login()
        else:
            yield "address"
        yield from ("payment", "thanks")

    def shopping(self):
        if self.intention == "buy":
            yield from self.products(2 if self.chance(0.8) else 3)
            yield from self.checkout()
        elif self.intention == "compare":
            yield from self.products(3)
            yield from ("compare", "product")
            if self.chance(0.6):
                yield from self.checkout()
            else:
                yield "wishlist"
        else:
            yield from self.products(int(self.rng.integers(1, 6)))

    def course(self):
        """The pages, if nothing comes between."""
        if self.intention in ("order", "return"):
            reads_first = self.intention == "return" and self.chance(0.5)
            yield "returns" if reads_first else "home"
            yield from self.login()
            if self.chance(0.6):
                yield "account"
            yield from ("orders", "order")
            if self.intention == "order":
                yield "tracking"
                if self.chance(0.4):  # late
                    yield from ("help", "contact")
            else:
                if not reads_first:
                    yield "returns"
                yield from ("return-form", "return-label")
                if self.chance(0.3):
                    yield from self.products(1)
                    yield from self.checkout()
            return
        yield "newsletter" if self.has_voucher else "home"
        if self.has_account and self.chance(0.4):
            yield from self.login()
        yield from self.shopping()

    def pages(self):
        """The pages of the visit. LEAVE is the last one, if the browser tells it."""
        found = []
        for page in self.course():
            if found and self.chance(GIVES_UP):
                break
            if found and self.chance(STRAY):
                found.append(STRAYS[self.rng.integers(len(STRAYS))])
            found.append(page)
        return found if self.chance(SILENT) else found + [LEAVE]


def visits(seed, n):
    """[(pages, intention)]"""
    found = []
    for i in range(n):
        visit = Visit(np.random.default_rng([seed, i]))
        found.append((visit.pages(), visit.intention))
    return found


def records(rng, visitor, pages, start):
    """The pages as records. A visitor stays on a page for half a minute, as a rule."""
    found, time = [], start
    for page in pages:
        found.append({"visitor": visitor, "page": page, "ts": time})
        time += int(np.clip(rng.lognormal(3.4, 0.8), 2, 600))
    return found


def sample():
    """Six visitors, interleaved. v6 comes back after a visit that did not end with LEAVE."""
    found, all_of_seed = [], visits(7, 200)
    for i, (visitor, visit, start) in enumerate(SAMPLE):
        found += records(np.random.default_rng([7, i, 1]), visitor, all_of_seed[visit][0], START + start)
    found.append({"visitor": "v3", "page": "careers", "ts": START + 100})  # in no vocabulary
    return sorted(found, key=lambda r: r["ts"])


def main():
    parser = argparse.ArgumentParser(description="visits of the clickstream example")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--visits", type=int, default=3)
    parser.add_argument("--sample", action="store_true", help="the records of tokens.jsonl instead")
    args = parser.parse_args()
    if args.sample:
        for record in sample():
            print(json.dumps(record, separators=(",", ":")))
        return
    for i, (pages, intention) in enumerate(visits(args.seed, args.visits)):
        rng = np.random.default_rng([args.seed, i, 1])
        for record in records(rng, "v%d-%d" % (args.seed, i), pages, START + 60 * i):
            print(json.dumps({**record, "intention": intention}, separators=(",", ":")))


if __name__ == "__main__":
    main()
