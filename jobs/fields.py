"""Makes x<t> from records as the job does, for training a model whose config.json has `input.fields`.

Training and job read the same config.json, so scales, vocabularies, missing values and times cannot differ.
Needs numpy and Python 3.9 or later.

  import fields
  inputs = fields.read("model", pointers={"amount": "/tx/amount"})  # as source.fields of the job file
  columns, rejected = inputs.sequence(records)  # the records of one sequence in order, each a dict of parsed JSON
  columns["amount"]                             # number: float32 [n], or [n, 2] with missing_flag
  columns["merchant"]                           # category: int64 ids [n], for nn.Embedding
  x = inputs.x(columns, {"merchant": table})    # float32 [n, n_x]; a category without `embedding` is one-hot
  for index, reason, detail in rejected:        # the job makes these records dead letters
      print(index, reason, detail)
  fields.scale_of(scaler)                       # a fitted scaler of scikit-learn as `scale`: {"mean": ..., "std": ...}

  python3 fields.py model records.jsonl         # prints x<t> of each record, a category as its id
"""

import argparse
import datetime
import decimal
import json
import math
import os
import re
import sys

import numpy as np

TYPES = ("number", "category", "vector", "elapsed")
UNITS = {"ms": 1.0, "seconds": 1000.0, "minutes": 60000.0, "hours": 3600000.0, "days": 86400000.0}
PER_MILLI = {"s": None, "ms": 1, "us": 1000, "ns": 1000000}
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
ID = re.compile(r"0|[1-9][0-9]{0,9}")
TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{0,9}))?)?(?:Z|([+-])(\d\d)(?::?(\d\d))?)", re.A | re.I)


class Rejected(Exception):
    """A record that is no token of the model: reason and detail."""


def read(directory, pointers={}, numeric_strings=False, time_unit="ms"):
    """Reads `input.fields` of a model directory's config.json, and the vocabulary files beside it.

    pointers, numeric_strings and time_unit are source.fields, source.numeric_strings and source.time_unit of the job
    file. A ValueError names the field that is invalid. With source.each, a record is an element of that array.
    """
    path = os.path.join(directory, "config.json")
    try:
        with open(path, encoding="utf-8") as file:
            config = Config("", json.load(file)).take("input", "an object", is_dict)
        return Inputs(Config("input", config), directory, pointers, numeric_strings, time_unit)
    except ValueError as e:
        raise ValueError(f"{path}: {e}") from None


def scale_of(scaler, column=None):
    """What a fitted StandardScaler or MinMaxScaler of scikit-learn computes, as `scale` of config.json.

    column: the index of one column; without it all of them, as lists if there are several. A feature_range other than
    (0, 1), and a column whose numbers are all the same, become mean and std.
    """
    scale, clip = None, {}
    if hasattr(scaler, "with_mean") and hasattr(scaler, "n_features_in_"):
        zeros = np.zeros(scaler.n_features_in_)
        mean, std = (scaler.mean_ if scaler.with_mean else zeros), (scaler.scale_ if scaler.with_std else zeros + 1)
        scale = {"mean": mean, "std": std}
    elif hasattr(scaler, "feature_range") and hasattr(scaler, "data_min_"):
        low, high = map(float, scaler.feature_range)
        least, most = np.float64(scaler.data_min_), np.float64(scaler.data_max_)
        clip = {"clip": [low, high]} if getattr(scaler, "clip", False) else {}
        scale = {"min": least, "max": most}
        same = most - least < 10 * np.finfo(np.float64).eps  # as scikit-learn tells such a column
        if (low, high) != (0, 1) or same.any():
            std = np.where(same, 1, most - least) / (high - low)
            scale = {"mean": least - low * std, "std": std}
    if scale is None or not np.isfinite(list(scale.values())).all():
        raise ValueError(f"expected a StandardScaler or MinMaxScaler fitted to finite numbers, found {scaler!r}")
    if column is None and len(next(iter(scale.values()))) == 1:
        column = 0
    return {name: np.float64(n if column is None else n[column]).tolist() for name, n in scale.items()} | clip


class Inputs:
    """The fields, in the order of x<t>. Each has a name and a type; a category has `words`, the number of its ids."""

    def __init__(self, config, directory, pointers, numeric_strings, time_unit):
        if time_unit not in PER_MILLI:
            raise ValueError(f"time_unit: expected one of {', '.join(PER_MILLI)}, found {time_unit!r}")
        self.time_unit, self.time_path = time_unit, steps(pointers, "timestamp")
        self.fields, taken = [], {"key", "seq", "timestamp", "start", "end", "generate"}
        config.take("table_mb", "a number", is_number, None)
        for i, given in enumerate(config.take("fields", "an array of fields", lambda v: isinstance(v, list) and v)):
            element = Config(f"input.fields[{i}]", {"name": given} if isinstance(given, str) else given)
            field = Field(element, directory)
            field.path, field.numeric_strings = steps(pointers, field.name), numeric_strings
            if field.name in taken:
                raise element.invalid("name", f"expected a name that nothing else has, found {field.name!r}")
            taken.add(field.name)
            self.fields.append(field)
        config.reject_unknown()
        self.timed = any(field.type == "elapsed" for field in self.fields)
        if all(field.type == "elapsed" for field in self.fields):
            raise config.invalid("fields", "expected at least one field of a record, found none")

    def sequence(self, records):
        """The columns of the accepted records of one sequence, and the rejected records: (index, reason, detail)."""
        rows, rejected, before = [], [], None
        for i, record in enumerate(records):
            try:
                if not is_dict(record):
                    raise Rejected("wrong-type", f"expected a JSON object, found {kind(record)}")
                for field in self.fields:
                    field.expect_readable(record)
                now = millis(find(record, self.time_path), self.time_unit) if self.timed else None
                gap = None if before is None else max(0.0, float(now) - float(before))
                last = rows[-1] if rows else [None] * len(self.fields)
                rows.append(self.row(record, last, gap))
                before = now
            except Rejected as e:
                rejected.append((i, *e.args))
        columns = {}
        for j, field in enumerate(self.fields):
            column = np.array([row[j] for row in rows], np.int64 if field.type == "category" else np.float32)
            plain = field.type != "vector" and field.width == 1
            columns[field.name] = column.reshape(len(rows) if plain else (len(rows), field.width))
        return columns, rejected

    def row(self, record, last, gap):
        """The slots of each field: first of those that need only the record, then of those that need the token before.
        The job does it in this order, so that both find the same problem first."""
        row = [None] * len(self.fields)
        for needs_last in (False, True):
            for j, field in enumerate(self.fields):
                if field.needs_last(record) == needs_last:
                    row[j] = field.slots(record, last[j], gap)
        return row

    def x(self, columns, embeddings={}):
        """The columns side by side. embeddings: field name -> array [words, width], where config.json names one."""
        embedded = {field.name for field in self.fields if field.embedding}
        if embedded != set(embeddings):
            raise ValueError(f"embeddings: expected those of {sorted(embedded)}, found {sorted(embeddings)}")
        parts = []
        for field in self.fields:
            part = columns[field.name]
            if field.embedding:
                table = np.asarray(embeddings[field.name], np.float32)
                if table.ndim != 2 or len(table) != field.words:
                    raise ValueError(f"embeddings: {field.name}: expected [{field.words}, width], found {table.shape}")
                part = table[part]
            elif field.type == "category":
                part = np.float32(part[:, None] == np.arange(field.words))
            parts.append(part if part.ndim == 2 else part[:, None])
        return np.concatenate(parts, axis=1)


class Field:
    """What the value of one field of a record adds to x<t>."""

    def __init__(self, config, directory):
        self.type = config.take("type", "one of " + ", ".join(TYPES), lambda v: v in TYPES, "number")
        self.name = config.take("name", "a text", is_text, *(["elapsed"] if self.type == "elapsed" else []))
        self.hold = self.type != "elapsed" and config.flag("hold")
        self.embedding, self.size, self.overlap, self.flag, self.missing = None, 1, 0, False, None
        if self.type == "category":
            self.read_category(config, directory)
        else:
            self.read_numbers(config)
        config.reject_unknown()
        self.width = self.overlap + self.size + self.flag  # of the column

    def read_category(self, config, directory):
        self.embedding = config.take("embedding", "a text", is_text, None)
        vocabulary = config.take("vocabulary", "a file name", is_text, None)
        self.words = config.take("size", "an integer from 1 to 2^24", lambda v: is_whole(v, 1, 2**24), None)
        if (vocabulary is None) == (self.words is None):
            raise config.invalid("vocabulary", "expected either vocabulary or size")
        self.ids = read_words(config, os.path.join(directory, vocabulary)) if vocabulary else {}
        self.words = self.words or len(self.ids)
        unknown = config.take("unknown", "a word of the vocabulary", lambda v: is_text(v) and v in self.ids, None)
        self.unknown = self.ids.get(unknown)
        missing = config.take("missing", f"a word of the vocabulary or an id below {self.words}",
                              lambda v: v in self.ids if isinstance(v, str) else is_whole(v, 0, self.words - 1), None)
        self.missing = None if missing is None else [self.ids.get(missing, missing)]

    def read_numbers(self, config):
        name = "first" if self.type == "elapsed" else "missing"
        if self.type == "elapsed":
            unit = config.take("unit", "one of " + ", ".join(UNITS), lambda v: v in list(UNITS), "seconds")
            self.unit = UNITS[unit]
        else:
            self.flag = config.flag("missing_flag")
        if self.type == "vector":
            self.size = config.take("size", "an integer from 1 to 2^20", lambda v: is_whole(v, 1, 2**20))
            self.overlap = config.take("overlap", "an integer up to size", lambda v: is_whole(v, 0, self.size), 0)
            if self.hold and self.overlap:
                raise config.invalid("hold", "expected no hold with overlap")
        self.scale = Scale(config, self.size)
        self.raw = config.numbers(name, self.size, np.zeros(1) if self.flag or name == "first" else None)
        if self.raw is not None:
            self.raw = np.broadcast_to(self.raw, self.size).tolist()  # of missing numbers, in the record's unit
            try:
                self.missing = self.scaled(self.raw)
            except Rejected:
                raise config.invalid(name, "expected a number that is finite after scale") from None

    def expect_readable(self, record):
        """Rejects an object, and an array with anything but numbers, booleans and null."""
        value = None if self.type == "elapsed" else find(record, self.path)
        if is_dict(value):
            raise Rejected("wrong-type", f"{self.name}: expected a string, a number or an array, found an object")
        for i, element in enumerate(value if isinstance(value, list) else []):
            text = self.numeric_strings and isinstance(element, str) and NUMBER.fullmatch(element)
            if element is not None and not text and not isinstance(element, (int, float)):
                raise Rejected("wrong-type", f"{self.name}[{i}]: expected a number, found {kind(element)}")

    def needs_last(self, record):
        """Whether the slots depend on the token before, besides an overlap."""
        return self.type == "elapsed" or (self.hold and find(record, self.path) is None)

    def slots(self, record, last, gap):
        """The slots of x<t>; of a category its id. last: those of the token before. gap: the milliseconds since it.

        Without a token before, both are None.
        """
        if self.type == "elapsed":
            return self.missing if gap is None else self.scaled([gap / self.unit])
        value = find(record, self.path)
        if value is None and self.hold and last is not None:
            return last  # if the token before had no value either, both are missing
        if value is None and self.missing is None:
            raise Rejected("missing-field", f"{self.name}: missing: expected a {self.type}")
        if self.type == "category":
            return self.missing if value is None else [self.id(value)]
        values = value if self.type == "vector" and value is not None else [value]
        if not isinstance(values, list):
            raise Rejected("wrong-type", f"{self.name}: expected an array of numbers, found {kind(value)}")
        numbers = self.missing if value is None else self.numbers(values)
        overlap = [0.0] * self.overlap if last is None else last[self.size:self.size + self.overlap]
        return overlap + numbers + [float(None in values)] * self.flag

    def numbers(self, values):
        """The scaled numbers. A wrong type is found first, then the length, then null and what is not finite."""
        doubles = []
        for i, value in enumerate(values):
            text = self.numeric_strings and isinstance(value, str) and NUMBER.fullmatch(value)
            if value is not None and not text and not isinstance(value, (int, float)):
                self.reject("wrong-type", i, f"expected a number, found {kind(value)}")
            try:
                doubles.append(math.nan if value is None else float(value))
            except OverflowError:  # an integer
                doubles.append(math.inf)
        if len(doubles) != self.size:
            raise Rejected("wrong-length", f"{self.name}: expected {self.size} numbers, found {len(doubles)}")
        if self.raw is not None:
            doubles = [self.raw[i] if value is None else doubles[i] for i, value in enumerate(values)]
        return self.scaled(doubles, values)

    def scaled(self, doubles, values=None):
        """The scaled doubles. values: where the doubles come from, to tell null from NaN."""
        with np.errstate(all="ignore"):
            scaled = self.scale.apply(np.array(doubles))
        finite = np.isfinite(doubles) & np.isfinite(scaled)
        if not finite.all():
            i = finite.argmin()
            if values is not None and values[i] is None:
                self.reject("wrong-type", i, "expected a number, found null")
            self.reject("not-finite", i, "expected a number that is finite, also after scale")
        return scaled.tolist()

    def reject(self, reason, i, detail):
        raise Rejected(reason, f"{self.name}[{i}]: {detail}" if self.type == "vector" else f"{self.name}: {detail}")

    def id(self, value):
        if not isinstance(value, (str, int)):
            raise Rejected("wrong-type", f"{self.name}: expected a string, integer or boolean, found {kind(value)}")
        text = str(value).lower() if isinstance(value, bool) else str(value)
        found = self.ids.get(text, self.unknown)
        if not self.ids and ID.fullmatch(text) and int(text) < self.words:
            found = int(text)
        if found is None:
            expected = "a word of the vocabulary" if self.ids else f"an id below {self.words}"
            raise Rejected("unknown-token", f"{self.name}: expected {expected}")
        return found


class Scale:
    """ln(1 + v), then (v - offset) / divisor, then clip, as far as `scale` is given; in double, then float32."""

    def __init__(self, field, size):
        self.log1p, self.offset, self.divisor, self.clip = False, 0.0, 1.0, None
        given = field.take("scale", "an object", is_dict, None)
        if given is None:
            return
        config = Config(f"{field.where}.scale", given)
        self.log1p = config.flag("log1p")
        mean, std, least, most = (config.numbers(name, size, None) for name in ("mean", "std", "min", "max"))
        self.clip = config.take("clip", "two numbers, the smaller first", lambda v: isinstance(v, list)
                                and len(v) == 2 and all(map(is_number, v)) and v[0] <= v[1], None)
        config.reject_unknown()
        pairs = (mean is not None) + (std is not None), (least is not None) + (most is not None)
        if sorted(pairs) not in ([0, 0], [0, 2]) or not (self.log1p or sum(pairs) or self.clip):
            raise field.invalid("scale", "expected log1p, mean and std or else min and max, or clip")
        if mean is not None:
            self.offset, self.divisor = mean, std
        elif least is not None:
            self.offset, self.divisor = least, most - least
        if not np.all(self.divisor > 0):
            name, expected = ("max", "a range (max - min)") if mean is None else ("std", "numbers")
            raise config.invalid(name, f"expected {expected} above 0")

    def apply(self, v):
        if self.log1p:  # not by numpy, whose logarithm depends on the processor
            v = np.array([math.log1p(e) if e > -1 else -math.inf if e == -1 else math.nan for e in v])
        z = (v - self.offset) / self.divisor
        if self.clip:
            low, high = self.clip
            z = np.where(z <= low, low, z)  # NaN stays NaN
            z = np.where(z > high, high, z)
        return z.astype(np.float32)


class Config:
    """An object of config.json. Errors name the path of the field."""

    def __init__(self, where, values):
        if not is_dict(values):
            raise ValueError(f"{where or 'config.json'}: expected an object, found {json.dumps(values)}")
        self.where, self.values, self.known = where, values, []

    def take(self, name, expected, test, default=...):
        """The value of a field, or the default if it is absent or null. Without a default, it is required."""
        self.known.append(name)
        value = self.values.get(name)
        if value is None and default is not ...:
            return default
        if value is None or not test(value):
            raise self.invalid(name, f"expected {expected}, found {json.dumps(value)}")
        return value

    def flag(self, name):
        return self.take(name, "true or false", lambda v: isinstance(v, bool), False)

    def numbers(self, name, size, default):
        """One number or an array of `size`, as a float64 array."""
        value = self.take(name, f"a finite number or an array of {size}", lambda v: is_number(v) or
                          isinstance(v, list) and len(v) in (1, size) and all(map(is_number, v)), default)
        return None if value is None else np.array(value, np.float64).reshape(-1)

    def invalid(self, name, problem):
        return ValueError(f"{self.where}.{name}: {problem}".lstrip("."))

    def reject_unknown(self):
        for name in self.values.keys() - set(self.known):
            raise self.invalid(name, "unknown field; expected " + ", ".join(self.known))


def is_dict(value):
    return isinstance(value, dict)


def is_text(value):
    return isinstance(value, str) and value.strip() != ""


def is_whole(value, least, most):
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def read_words(config, path):
    """The ids of the words: the numbers of their lines, from 0."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            words = re.split("\r\n|\r|\n", file.read())
    except (OSError, UnicodeDecodeError) as e:
        raise config.invalid("vocabulary", f"cannot be read: {e}") from None
    words = words[:-1] if words[-1] == "" else words
    ids = {word: i for i, word in enumerate(words)}
    if not words or len(ids) < len(words):
        raise config.invalid("vocabulary", "expected at least one word, and no word twice")
    return ids


def steps(pointers, field):
    """The names along the JSON pointer of a field, by default at the top of the record."""
    pointer = pointers.get(field)
    if pointer is None:
        return [field]
    if not isinstance(pointer, str) or not pointer.startswith("/") or pointer == "/":
        raise ValueError(f"pointers: {field}: expected a JSON pointer like /user/id, found {pointer!r}")
    return [name.replace("~1", "/").replace("~0", "~") for name in pointer[1:].split("/")]


def find(value, path):
    """The value at the end of a path; None if it is absent."""
    for name in path:
        if isinstance(value, list):
            value = value[int(name)] if ID.fullmatch(name) and int(name) < len(value) else None
        else:
            value = value.get(name) if is_dict(value) else None
    return value


def millis(value, unit):
    """A timestamp in epoch milliseconds, rounded down."""
    if value is None:
        raise Rejected("missing-field", "timestamp: missing: a field of the model is elapsed")
    time = None
    if isinstance(value, str):
        time = millis_of_text(value)
    elif isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        time = value * 1000 if unit == "s" else value // PER_MILLI[unit]
    elif isinstance(value, float) and unit == "s" and abs(value) < 2**63:
        time = math.floor(decimal.Decimal(repr(value)) * 1000)  # 1.001 is 1001, as it is written
    if time is None or not -(2**63) <= time < 2**63:
        expected = "a number in s" if unit == "s" else f"an integer in {unit}"
        raise Rejected("wrong-type", f"timestamp: expected {expected} or ISO 8601 with an offset, found {kind(value)}")
    return time


def millis_of_text(text):
    """The milliseconds of an ISO 8601 time; None if it is none."""
    match = TIME.fullmatch(text)
    if match is None:
        return None
    *date, second, fraction, sign, hours, minutes = match.groups(default="0")
    offset = 60 * int(hours) + int(minutes)
    try:
        time = datetime.datetime(*map(int, date), int(second))
    except ValueError:
        return None
    seconds = (time - datetime.datetime(1970, 1, 1)) // datetime.timedelta(seconds=1)
    seconds += 60 * offset if sign == "-" else -60 * offset
    return None if offset > 18 * 60 or int(minutes) > 59 else 1000 * seconds + int((fraction + "000")[:3])


def kind(value):
    kinds = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")


def key_of(record, path):
    key = find(record, path)
    if key in (None, "") and is_dict(record):
        raise Rejected("missing-field", "key: expected a string or an integer, found none")
    if isinstance(key, bool) or not isinstance(key, (str, int)):
        found = kind(key) if is_dict(record) else kind(record)
        raise Rejected("wrong-type", f"expected an object with a string or an integer as key, found {found}")
    return str(key)


def main():
    parser = argparse.ArgumentParser(description="Prints x<t> of each record. The records of a key are one sequence.")
    parser.add_argument("model", help="a model directory with config.json")
    parser.add_argument("records", help="a file with a JSON object a line; - for standard input")
    parser.add_argument("--key", default="/key", metavar="POINTER", help="where the key is (default: /key)")
    parser.add_argument("--fields", nargs="+", default=[], metavar="NAME=POINTER", help="as source.fields")
    parser.add_argument("--numeric-strings", action="store_true", help="as source.numeric_strings: true")
    parser.add_argument("--time-unit", default="ms", help="as source.time_unit: s, ms, us or ns (default: ms)")
    args = parser.parse_args()
    try:
        pointers = dict(field.split("=", 1) for field in args.fields)
        inputs = read(args.model, pointers, args.numeric_strings, args.time_unit)
        key_path = steps({"key": args.key}, "key")
        with sys.stdin if args.records == "-" else open(args.records, encoding="utf-8") as file:
            lines = file.readlines()
    except (ValueError, OSError) as e:
        parser.error(str(e))
    results, sequences = [None] * len(lines), {}
    for i, line in enumerate(lines):
        try:
            record = json.loads(line)
            sequences.setdefault(key_of(record, key_path), []).append((i, record))
        except ValueError as e:
            results[i] = {"reason": "not-json", "detail": str(e)}
        except Rejected as e:
            results[i] = dict(zip(("reason", "detail"), e.args))
    for sequence in sequences.values():
        columns, rejected = inputs.sequence([record for _, record in sequence])
        for index, reason, detail in rejected:
            results[sequence[index][0]] = {"reason": reason, "detail": detail}
        accepted = [i for i, _ in sequence if results[i] is None]
        for row, i in enumerate(accepted):
            slots = [slot for field in inputs.fields for slot in np.ravel(columns[field.name][row])]
            results[i] = {"x": [int(s) if s.dtype == np.int64 else float(str(s)) for s in slots]}
    for result in results:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
