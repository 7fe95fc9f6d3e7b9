#!/usr/bin/env python3
"""Readings of machines that do not exist, from fixed rules: what README.md says about them, and nothing else.

    python3 generate.py --seed 7 --machines 3          # JSON lines: the record, with "anomaly" beside its fields
    python3 generate.py --sample > tokens.jsonl        # the records of the sample, as the topic has them

machines(seed, n) needs numpy only, and gives the same readings for the same seed.
"""
import argparse
import json

import numpy as np

SENSORS = ["temperature", "pressure", "vibration", "current", "speed", "flow"]
DIGITS = [2, 3, 3, 2, 0, 2]
KINDS = ["drift", "stuck", "coupling"]
START = 1751328000  # 2025-07-01, in seconds; a reading every 10 s
LASTS = 60  # readings of an anomaly; the sequence ends with it
BASE = np.array([58.0, 4.2, 0.9, 21.0, 1480.0, 31.0])
# what a sensor takes of: slow load, load, oscillation 1, oscillation 2, their product
COUPLING = np.array([
    [14.0, 0.0, 1.5, 0.0, 0.0],
    [0.0, 1.1, 0.0, 0.35, 0.0],
    [0.0, 0.25, 0.0, 0.1, 0.12],
    [0.0, 15.0, 1.8, 0.0, 1.2],
    [0.0, -70.0, 22.0, 8.0, 0.0],
    [0.0, 4.0, 1.2, 1.4, 0.0]])
NOISE = np.array([0.25, 0.035, 0.02, 0.35, 2.5, 0.22])
TYPICAL = np.array([4.4, 0.42, 0.13, 4.6, 28.0, 1.9])  # about a sensor's standard deviation


def causes(rng, n):
    """[n, 5]: slow load, load, oscillation 1, oscillation 2, their product."""
    period1, period2 = rng.uniform(50, 110), rng.uniform(14, 30)
    size1, size2 = rng.uniform(0.7, 1.3, 2)
    phase1, phase2 = rng.uniform(0, 2 * np.pi, 2)
    level = load = slow = rng.uniform(0.2, 1.0)
    found = np.empty((n, 5))
    for t in range(n):
        if rng.random() < 1 / 70:
            level = rng.uniform(0.2, 1.0)
        load += (level - load) / 12
        slow += (load - slow) / 25
        u1 = size1 * np.sin(phase1)
        phase1 += 2 * np.pi / period1 + rng.normal(0, 0.01)
        phase2 += 2 * np.pi / period2 * (1 + 0.25 * u1) + rng.normal(0, 0.02)  # oscillation 1 moves the pace of 2
        u2 = size2 * np.sin(phase2) * (0.4 + load)  # and the load its size
        found[t] = slow - 0.6, load - 0.6, u1, u2, u1 * u2
    return found


def machine(rng, n, kind=None):
    """(readings [n, 6], begin): normal up to begin, and the anomaly of that kind from there; begin is n without one."""
    base = BASE + rng.normal(0, 0.15, 6) * TYPICAL
    coupling = COUPLING * rng.uniform(0.9, 1.1, COUPLING.shape)
    noise = rng.normal(0, 1, (n, 6)) * NOISE
    cause = causes(rng, n)
    values = base + cause @ coupling.T + noise
    begin = n - LASTS if kind else n
    sensor = rng.integers(6)
    if kind == "drift":
        end = rng.uniform(3, 6) * (1 if rng.random() < 0.5 else -1) * TYPICAL[sensor]
        values[begin:, sensor] += end * np.arange(1, LASTS + 1) / LASTS
    elif kind == "stuck":
        values[begin:, sensor] = values[begin - 1, sensor]
    elif kind == "coupling":
        present = np.flatnonzero(COUPLING[sensor])
        other = coupling.copy()
        other[sensor, present[rng.integers(len(present))]] *= rng.uniform(-1, 0.3)
        values[begin:] = (base + cause @ other.T + noise)[begin:]
    return values, begin


def records(rng, name, values, gaps=1):
    """The readings as records: rounded, some null, some without the array. gaps: how many times as often."""
    found, gap, silent = [], np.zeros(6, int), 0
    for t, row in enumerate(values):
        record = {"machine": name, "ts": START + 10 * t}
        gap = np.where(gap > 0, gap - 1, np.where(rng.random(6) < 0.0003 * gaps, rng.geometric(0.3, 6), 0))
        silent = silent - 1 if silent > 0 else int(rng.random() < 0.0006 * gaps) * rng.integers(1, 4)
        if not silent:
            record["readings"] = [
                None if gap[i] else round(float(v), DIGITS[i]) if DIGITS[i] else int(round(float(v)))
                for i, v in enumerate(row)]
        found.append(record)
    return found


def machines(seed, n, kinds=(None,), length=400, gaps=1):
    """n sequences: [(records, the index where the anomaly begins, its kind)]; the kinds take turns."""
    found = []
    for i in range(n):
        rng = np.random.default_rng([seed, i])
        kind = kinds[i % len(kinds)]
        values, begin = machine(rng, length + (LASTS if kind else 0), kind)
        found.append((records(rng, "m%d-%03d" % (seed, i), values, gaps), begin, kind))
    return found


def sample():
    """Four machines, interleaved, with more gaps than usual: m1 normal, m2 to m4 with an anomaly from t = 61 on."""
    found = []
    for i, (rows, _, kind) in enumerate(machines(7, 4, (None, *KINDS), 60, 5)):
        for t, record in enumerate(rows):
            record.update(machine="m%d" % (i + 1), ts=record["ts"] + 2 * i)
            found.append(record)
    for record in found[20:22]:  # of m1
        record.pop("readings", None)
    found[40]["readings"][3] = None
    found.sort(key=lambda r: r["ts"])
    found.insert(100, {"machine": "m2", "ts": found[99]["ts"] + 1, "readings": found[99]["readings"][:5]})  # rejected
    return found


def main():
    parser = argparse.ArgumentParser(description="readings of the sensor-forecast example")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--machines", type=int, default=3)
    parser.add_argument("--length", type=int, default=400)
    parser.add_argument("--sample", action="store_true", help="the records of tokens.jsonl instead")
    args = parser.parse_args()
    if args.sample:
        for record in sample():
            print(json.dumps(record, separators=(",", ":")))
        return
    for rows, begin, kind in machines(args.seed, args.machines, KINDS, args.length):
        for t, record in enumerate(rows):
            print(json.dumps({**record, "anomaly": kind if t >= begin else 0}, separators=(",", ":")))


if __name__ == "__main__":
    main()
