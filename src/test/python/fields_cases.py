"""Writes the test data of `input.fields` in src/test/resources/fields: records of payments, and x<t> of each.

  python3 src/test/python/fields_cases.py src/test/resources/fields

  config.json, *.txt    the input part of a model `fields`, which has every type and option, and its vocabularies
  records.jsonl.gz      10,000 records, one a line, of about 300 sequences that take turns; the fields are at the top
                        level, times are in ms. About 8 % of the records are hostile
  x.jsonl.gz            what jobs/fields.py makes of each record with numeric_strings=True, one line a record, in the
                        same order: [slots of x<t>] or "reason"

A slot is the shortest decimal of a float32; a category has one slot, its id. The order of the slots is that of the
fields: a number, then its missing_flag; a vector's overlap, then its numbers, then its missing_flag. The files are the
same bytes in every run. Needs numpy.
"""

import gzip
import json
import pathlib
import random
import sys

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "jobs"))
import fields  # noqa: E402

RECORDS, KEYS, HOSTILE = 10_000, 300, 0.08
START = 1_714_564_800_000  # 2024-05-01T12:00:00Z

MERCHANTS = [
    "<unk>", "bakery", "books", "café", "cinema", "fuel", "grocer", "hotel", "music", "pharmacy", "7", "true",
    "Straße 5", "東京", "a b", "\t", "parking", "rail", "taxi", "tolls", "toys", "vet", "\U0001f355", "zoo"]
COUNTRIES = ["??", "AT", "BE", "CH", "DE", "ES", "FR", "IT", "JP", "NL", "PT", "US"]

FIELDS = [
    "risk",
    {"name": "amount", "type": "number", "scale": {"log1p": True, "mean": 4.1, "std": 1.7, "clip": [-2, 2.5]}},
    {"name": "balance", "scale": {"min": -200, "max": 4800.5}, "missing": 150},
    {"name": "ratio", "scale": {"clip": [0, 1]}, "missing_flag": True},
    {"name": "tip", "scale": {"log1p": True}, "missing": 2.5, "missing_flag": True},
    {"name": "temperature", "hold": True, "scale": {"mean": 18.3, "std": 6.1}, "missing_flag": True},
    {"name": "limit", "hold": True, "scale": {"log1p": True, "min": 4, "max": 10}},
    {"name": "merchant", "type": "category", "vocabulary": "merchants.txt", "unknown": "<unk>",
     "embedding": "merchant.weight"},
    {"name": "channel", "type": "category", "size": 6, "missing": 2},
    {"name": "country", "type": "category", "vocabulary": "countries.txt", "missing": "??", "hold": True,
     "embedding": "country.weight"},
    {"name": "chip", "type": "category", "vocabulary": "chip.txt", "hold": True},
    {"name": "sensors", "type": "vector", "size": 3, "missing": [0.5, 40, -1], "missing_flag": True,
     "scale": {"log1p": False, "mean": [1.5, 55, -2], "std": [0.7, 12.5, 3]}},
    {"name": "wave", "type": "vector", "size": 4, "overlap": 2, "missing": 0.1,
     "scale": {"min": -1, "max": [1, 1, 2, 3]}},
    {"name": "place", "type": "vector", "size": 2, "hold": True, "missing_flag": True},
    {"name": "pair", "type": "vector", "size": 2, "overlap": 2},
    {"type": "elapsed", "unit": "hours", "first": 24,
     "scale": {"log1p": True, "mean": 1.2, "std": 0.8, "clip": [-3, 2]}},
]

# JSON texts: numbers of every size, strings that are numbers by the JSON grammar or are not, and other types.
NUMBERS = [
    '"12.5"', '"-0.5e1"', '"0"', '"1e400"', '"01"', '" 1"', '"1_0"', '"+1"', '"1."', '".5"', '"0x1p3"', '"NaN"', '""',
    '"ten"', "true", "false", "1e400", "-1e400", "1e39", "-1e39", "1e30", "3e-46", "-0.0", "-1", "-1.5", "0", "1E2",
    "[]", "[1]", "{}", '{"value":{"of":[1,null]}}', "1" + 400 * "0", "-1" + 309 * "0", "1" + 30 * "0", str(2**63),
    str(2**53 + 1), str(-2**63 - 1), "0.1000000000000000055511151231257827"]
WORDS = [
    '"never seen"', '"Bakery"', '"bakery "', '"caf\\u00e9"', '"\\ud83c\\udf55"', '"\\u0000"', '""', "7", "7.0", "1e0",
    "true", "false", '"true"', "[]", '["books"]', "{}", '{"name":"books"}', str(2**64), "-1", '"<unk>"', '"??"', "5"]
IDS = [
    "6", "-1", "1.0", "2.5", "1e0", '"0"', '"5"', '"6"', '"05"', '"00"', '" 1"', '"+1"', '"1.0"', '""', '"١"', "true",
    "false", "[1]", "{}", str(2**32), str(2**32 + 1), '"4294967297"', str(2**64), '"99999999999999999999"']
TIMES = [
    '"2024-05-03T07:30:00.1239+02:00"', '"2024-05-03t07:30:00z"', '"2024-05-03T07:30-0330"',
    '"2024-05-03T07:30:00.123456789+14"', '"1969-12-31T23:59:59.9999Z"', '"soon"', '"2024-05-03"',
    '"2024-05-03T07:30:00"', '"2024-02-30T07:30:00Z"', '"1714700000000"', "1714700000000.5", "1714700000000.0", "1e12",
    "true", str(2**63), "-1", "0", "[]", "{}"]
VECTORS = ["[]", "{}", "7", '"1,2,3"', "true", "[null]", '{"0":1,"1":2}', "[[1,2,3]]"]


def text(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def good(r, clock, first):
    """The fields of an ordinary record, as JSON texts. Few different numbers, so that the files stay small."""
    record = {
        "risk": text(r.randrange(11) / 10),
        "amount": text(r.choice([0, 0.99, 2.5, 4.2, 7, 9.9, 12.35, 20, 33.1, 50, 77, 120, 399, 1500, 25000])),
        "ratio": text(r.randrange(-1, 12) / 10),
        "merchant": text(r.choice(MERCHANTS)) if r.random() < 0.96 else text("shop %d" % r.randrange(9)),
        "wave": text([r.randrange(-4, 5) / 4 for _ in range(4)]),
        "pair": text([r.randrange(4), r.randrange(3) / 2]),
    }
    optional = {
        "balance": (0.7, r.randrange(-2, 20) * 100),
        "tip": (0.4, r.randrange(10) / 2),
        "temperature": (0.2, r.randrange(0, 30)),
        "limit": (0.97 if first else 0.3, r.choice([100, 250, 500, 1000, 20000])),
        "channel": (0.8, r.randrange(6) if r.random() < 0.7 else str(r.randrange(6))),
        "country": (0.2, r.choice(COUNTRIES)),
        "chip": (0.97 if first else 0.3, r.choice([True, False, "true", "new", 1])),
        "sensors": (0.4, [r.randrange(8) / 4, r.randrange(4, 9) * 10, -r.randrange(5)]),
        "place": (0.1, [r.randrange(5), r.randrange(5)]),
    }
    for name, (probability, value) in optional.items():
        if r.random() < probability:
            if isinstance(value, list) and r.random() < 0.1:
                value[r.randrange(len(value))] = None
            record[name] = text(value)
    record["timestamp"] = text(clock)
    return record


def spoil(r, record, name, clock):
    """Makes one field of a record hostile: most records are rejected then, some are only unusual."""
    how = r.random()
    if how < 0.12:
        record.pop(name, None)
    elif how < 0.24:
        record[name] = "null"
    elif name == "timestamp":
        back = clock - r.choice([1, 1000, 3_600_000, 10**10])
        record[name] = r.choice(TIMES) if r.random() < 0.5 else str(back)
    elif name in ("merchant", "country", "chip"):
        record[name] = r.choice(WORDS)
    elif name == "channel":
        record[name] = r.choice(IDS)
    elif name in ("sensors", "wave", "place", "pair"):
        record[name] = r.choice(VECTORS) if r.random() < 0.3 else vector(r, record.get(name, "[1,2]"))
    else:
        record[name] = r.choice(NUMBERS)


def vector(r, numbers):
    """A vector with another element, or another length, or both."""
    elements = [json.dumps(number) for number in json.loads(numbers)]
    how = r.randrange(5)
    if how > 1:
        elements[r.randrange(len(elements))] = r.choice(NUMBERS + ["null"])
    if how < 3:
        elements = elements[1:] if r.random() < 0.5 else elements + [r.choice(["1", "null", '"x"', "1e400"])]
    return "[" + ",".join(elements) + "]"


def records(r):
    """The records as JSON lines."""
    names = [field if isinstance(field, str) else field.get("name", "timestamp") for field in FIELDS]
    clocks, last, key = {}, {}, 0
    for i in range(RECORDS):
        if r.random() < 0.3:  # the sequences take turns of a few records; some are long, most are short
            key = r.choices(range(KEYS), [1 / (1 + k % 50) for k in range(KEYS)])[0]
        first = key not in clocks
        clock = clocks.get(key, START + i * 60_000)
        record = good(r, clock, first)
        if not first and r.random() < 0.9:  # most values are those of the record before: the files stay small
            changed = {name: record[name] for name in r.sample(sorted(record), 3)}
            record = {**last[key], **changed, "timestamp": str(clock)}
        last[key] = dict(record)
        clocks[key] = clock + r.choice([0, 250, 60_000, 60_000, 900_000, 5_400_000, 90_000_000])
        if r.random() < HOSTILE:
            for name in r.sample(names, 1 if r.random() < 0.8 else 3):
                spoil(r, record, name, clock)
        parts = [f'"{name}":{value}' for name, value in {"key": text(f"k{key}" if key % 10 else key), **record}.items()]
        if r.random() < 0.05:
            r.shuffle(parts)
            parts.insert(r.randrange(len(parts)), '"note":{"amount":1,"tags":["risk",null,{"key":[]}]}')
        yield "{" + ",".join(parts) + "}"


def expected(directory, lines):
    """x<t> or the reason of each record."""
    inputs = fields.read(directory, numeric_strings=True)
    sequences, results = {}, [None] * len(lines)
    for i, line in enumerate(lines):
        record = json.loads(line)
        sequences.setdefault(str(record["key"]), []).append((i, record))
    for sequence in sequences.values():
        columns, rejected = inputs.sequence([record for _, record in sequence])
        for index, reason, _ in rejected:
            results[sequence[index][0]] = reason
        accepted = [i for i, _ in sequence if results[i] is None]
        columns = [columns[field.name].reshape(len(accepted), field.width) for field in inputs.fields]
        for row, i in enumerate(accepted):
            slots = [slot for column in columns for slot in column[row]]
            results[i] = [float(str(slot)) if slot.dtype == np.float32 else int(slot) for slot in slots]
    return results


def write(path, lines):
    """A gzip file without a name or a time, so that equal lines give equal bytes."""
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write("".join(line + "\n" for line in lines).encode())


def main():
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    shown = ",\n".join("    " + json.dumps(field) for field in FIELDS)
    (directory / "config.json").write_text('{"input": {\n  "fields": [\n' + shown + "\n  ]\n}}\n", encoding="utf-8")
    for name, words in (("merchants", MERCHANTS), ("countries", COUNTRIES), ("chip", ["false", "true", "1", "new"])):
        (directory / f"{name}.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    lines = list(records(random.Random(20240501)))
    results = expected(directory, lines)
    write(directory / "records.jsonl.gz", lines)
    write(directory / "x.jsonl.gz", [json.dumps(result, separators=(",", ":")) for result in results])


if __name__ == "__main__":
    main()
