"""Tests jobs/fields.py with numbers that were computed by hand. Needs numpy.

  python3 src/test/python/fields_test.py
"""

import contextlib
import gzip
import io
import json
import math
import pathlib
import sys
import tempfile
import types

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "jobs"))
import fields  # noqa: E402

VOCABULARY = "tea\ncoffee\nother\n7\ntrue\n"


def inputs(*listed, words=VOCABULARY, **options):
    """The inputs of a model with these fields."""
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory)
        (path / "config.json").write_text(json.dumps({"input": {"fields": list(listed)}}), encoding="utf-8")
        (path / "words.txt").write_bytes(words.encode())
        return fields.read(directory, **options)


def column(field, values, **options):
    """The column of one field, and the reasons of the rejected records by index. A value of ... is absent."""
    name = field if isinstance(field, str) else field["name"]
    records = [{} if value is ... else {name: value} for value in values]
    columns, rejected = inputs(field, **options).sequence(records)
    return columns[name].tolist(), {index: reason for index, reason, _ in rejected}


def f32(*values):
    return np.float32(values).tolist()


def test_a_number_is_any_json_number_or_boolean():
    good, bad = [1, 0.1, True, False, 10**30, 2**53 + 1], ["1", [1], {}, 10**400, 1e39, math.nan, None]
    values, rejected = column("a", good + bad)
    assert values == f32(1, 0.1, 1, 0, 1e30, 2**53)
    assert rejected == {6: "wrong-type", 7: "wrong-type", 8: "wrong-type", 9: "not-finite", 10: "not-finite",
                        11: "not-finite", 12: "missing-field"}


def test_numeric_strings_follow_the_grammar_of_json():
    good = ["1", "-0.5e1", "1E+2", "0", "-0.25"]
    bad = ["01", "+1", "1.", ".5", " 1", "1 ", "1_0", "0x1", "NaN", "Infinity", "", "1e", "١", "-", "1\n"]
    values, rejected = column("a", good + bad + ["1e400"], numeric_strings=True)
    assert values == [1, -5, 100, 0, -0.25]
    assert rejected == {**{i: "wrong-type" for i in range(5, 20)}, 20: "not-finite"}


def test_a_scale_is_log1p_then_the_mean_then_clip():
    scale = {"log1p": True, "mean": 1, "std": 2, "clip": [-1, 3]}
    values, rejected = column({"name": "a", "scale": scale}, [0, math.e - 1, math.exp(3) - 1, 1e9, -1, -2, math.inf])
    assert values == [-0.5, 0, 1, 3, -1]  # ln 0 is -inf, and -inf is clipped
    assert rejected == {5: "not-finite", 6: "not-finite"}  # ln -1 is NaN; an infinite number is not clipped
    values, rejected = column({"name": "a", "scale": {"min": 10, "max": 14}}, [10, 11, 14, 18])
    assert values == [0, 0.25, 1, 2] and not rejected
    values, _ = column({"name": "a", "scale": {"clip": [0, 1]}}, [-0.0, -5, 0.5])
    assert [math.copysign(1, value) for value in values] == [1, 1, 1]  # as in Java, max(-0.0, 0.0) is 0.0


def test_a_missing_number_goes_through_the_scale():
    field = {"name": "a", "missing": 30, "missing_flag": True, "scale": {"mean": 20, "std": 5}}
    assert column(field, [..., None, 30, 20]) == ([[2, 1], [2, 1], [2, 0], [0, 0]], {})
    assert column({"name": "a", "missing_flag": True}, [..., 3]) == ([[0, 1], [3, 0]], {})
    assert column({"name": "a", "missing": 7}, [..., 3]) == ([7, 3], {})


def test_a_category_is_a_word_or_an_id():
    field = {"name": "a", "type": "category", "vocabulary": "words.txt"}
    values, rejected = column(field, ["coffee", 7, True, "true", "Tea", False, 7.0, ["tea"], ...])
    assert values == [1, 3, 4, 4]
    assert rejected == {4: "unknown-token", 5: "unknown-token", 6: "wrong-type", 7: "wrong-type", 8: "missing-field"}
    field.update(unknown="other", missing="tea")
    assert column(field, ["Tea", -1, ..., None]) == ([2, 2, 0, 0], {})
    assert column(field, ["a\u2028b", "c", ""], words="other\r\na\u2028b\rtea\nc") == ([1, 3, 0], {})
    field = {"name": "a", "type": "category", "size": 11, "missing": 4}
    values, rejected = column(field, [0, "10", 11, "-1", "01", " 1", True, 1.0, 2**64, None, "9" * 5000])
    assert values == [0, 10, 4]
    assert rejected == {i: "wrong-type" if i == 7 else "unknown-token" for i in (2, 3, 4, 5, 6, 7, 8, 10)}


def test_a_vector_has_its_missing_numbers_and_its_flag():
    field = {"name": "a", "type": "vector", "size": 2, "scale": {"min": [0, 10], "max": [2, 20]}}
    values, rejected = column(field, [[1, 15], [1], [1, 2, 3], [1, None], [None], 5, [], [1, "x", 3], [1, 1e400], None])
    assert values == [[0.5, 0.5]]
    assert rejected == {1: "wrong-length", 2: "wrong-length", 3: "wrong-type", 4: "wrong-length", 5: "wrong-type",
                        6: "wrong-length", 7: "wrong-type", 8: "not-finite", 9: "missing-field"}
    field.update(missing=[1, 20], missing_flag=True)
    values, rejected = column(field, [[None, 15], [2, True], ..., [None, None, None], [None, "x"]])
    assert values == f32([0.5, 0.5, 1], [1, -0.9, 0], [0.5, 1, 1])
    assert rejected == {3: "wrong-length", 4: "wrong-type"}


def test_an_overlap_is_of_the_accepted_token_before():
    field = {"name": "a", "type": "vector", "size": 3, "overlap": 2, "missing": 9}
    values, rejected = column(field, [[1, 2, 3], [4, 5], [4, 5, None], ..., [6, 7, 8]])
    assert values == [[0, 0, 1, 2, 3], [2, 3, 4, 5, 9], [5, 9, 9, 9, 9], [9, 9, 6, 7, 8]]
    assert rejected == {1: "wrong-length"}


def test_a_held_value_lives_until_the_next():
    field = {"name": "a", "hold": True, "missing": 5, "missing_flag": True}
    assert column(field, [..., 2, None, ..., 3, ...]) == ([[5, 1], [2, 0], [2, 0], [2, 0], [3, 0], [3, 0]], {})
    field = {"name": "a", "hold": True}
    assert column(field, [..., "x", 2, ..., "x", ...]) == (
        [2, 2, 2], {0: "missing-field", 1: "wrong-type", 4: "wrong-type"})
    two = inputs("b", field)  # the value of a rejected record does not count
    columns, rejected = two.sequence([{"a": 1, "b": 1}, {"a": 2}, {"b": 2}])
    assert columns["a"].tolist() == [1, 1] and rejected == [(1, "missing-field", "b: missing: expected a number")]


def test_elapsed_is_measured_from_the_accepted_token_before():
    of = inputs("b", {"type": "elapsed", "unit": "minutes", "first": 3, "scale": {"mean": 1, "std": 2}})
    times = [60_000, 120_000, "1970-01-01T01:03:30.0009+01:00", 30_000, 90_000, None, "noon", 1.5, True]
    records = [{"timestamp": time, "b": 0} for time in times]
    records.insert(1, {"timestamp": 90_000})  # rejected
    columns, rejected = of.sequence(records)
    assert columns["elapsed"].tolist() == [1, 0, 0.25, -0.5, 0]  # 3 first, then 1, 1.5, less than 0, 1 minutes
    assert [(index, reason) for index, reason, _ in rejected] == [
        (1, "missing-field"), (6, "missing-field"), (7, "wrong-type"), (8, "wrong-type"), (9, "wrong-type")]
    of = inputs("b", {"type": "elapsed", "unit": "ms", "name": "gap"}, time_unit="s", pointers={"timestamp": "/t/0"})
    columns, _ = of.sequence([{"t": [time], "b": 0} for time in (-0.0001, 0, 1.001, 1.0029)])
    assert columns["gap"].tolist() == [0, 1, 1001, 1]  # -1, 0, 1001 and 1002 ms


def test_x_is_the_columns_in_order():
    of = inputs({"name": "w", "type": "category", "vocabulary": "words.txt", "embedding": "e.weight"}, "a",
                {"name": "c", "type": "category", "size": 3}, {"name": "v", "type": "vector", "size": 2},
                pointers={"w": "/of/a~1b", "a": "/of/numbers/1"})
    records = [{"of": {"a/b": "coffee", "numbers": [5, 6]}, "c": 2, "v": [7, 8]}]
    columns, rejected = of.sequence(records)
    x = of.x(columns, {"w": np.arange(10).reshape(5, 2)})
    assert x.dtype == np.float32 and x.tolist() == [[2, 3, 6, 0, 0, 1, 7, 8]] and not rejected
    assert of.x(of.sequence([])[0], {"w": np.zeros((5, 2))}).shape == (0, 8)
    for wrong in ({}, {"w": np.zeros((4, 2))}, {"w": np.zeros(5)}, {"w": np.zeros((5, 2)), "c": np.zeros((3, 1))}):
        assert_error("embeddings", lambda: of.x(columns, wrong))


def test_an_error_names_the_field_of_config_json():
    for place, field in {
        "input.fields[1].type": {"name": "a", "type": "text"},
        "input.fields[1].name": {"type": "vector", "size": 1},
        "input.fields[1].size": {"name": "a", "type": "vector"},
        "input.fields[1].overlap": {"name": "a", "type": "vector", "size": 2, "overlap": 3},
        "input.fields[1].hold": {"name": "a", "type": "vector", "size": 2, "overlap": 1, "hold": True},
        "input.fields[1].missing": {"name": "a", "scale": {"log1p": True}, "missing": -2},
        "input.fields[1].missing_flag": {"name": "a", "type": "category", "size": 2, "missing_flag": True},
        "input.fields[1].unknown": {"name": "a", "type": "category", "vocabulary": "words.txt", "unknown": "mate"},
        "input.fields[1].vocabulary": {"name": "a", "type": "category"},
        "input.fields[1].unit": {"type": "elapsed", "unit": "weeks"},
        "input.fields[1].scale": {"name": "a", "scale": {}},
        "input.fields[1].scale.std": {"name": "a", "scale": {"mean": 1, "std": 0}},
        "input.fields[1].scale.max": {"name": "a", "scale": {"min": 1, "max": 1}},
        "input.fields[1].scale.mean": {"name": "a", "scale": {"mean": [1, 2], "std": 1}},
        "input.fields[1].scale.clip": {"name": "a", "scale": {"clip": [1, 0]}},
        "input.fields[1].scale.sd": {"name": "a", "scale": {"mean": 1, "sd": 1}},
    }.items():
        assert_error(place + ":", lambda: inputs("first", field))
    assert_error("input.fields[1].name:", lambda: inputs("a", "a"))
    assert_error("input.fields:", lambda: inputs())


def test_a_scaler_becomes_a_scale():
    def standard(**options):
        of = dict(with_mean=True, with_std=True, mean_=np.array([1, 2.5]), scale_=np.array([2.0, 4]), n_features_in_=2)
        return types.SimpleNamespace(**{**of, **options})

    def min_max(least, most, **options):
        of = dict(data_min_=np.array(least), data_max_=np.array(most), feature_range=(0, 1), clip=False)
        return types.SimpleNamespace(**{**of, **options})

    assert fields.scale_of(standard()) == {"mean": [1, 2.5], "std": [2, 4]}
    assert fields.scale_of(standard(), 1) == {"mean": 2.5, "std": 4}
    assert fields.scale_of(standard(with_mean=False), 0) == {"mean": 0, "std": 2}
    assert fields.scale_of(standard(with_std=False, scale_=None), 1) == {"mean": 2.5, "std": 1}
    assert fields.scale_of(min_max([1.0], [5.0])) == {"min": 1, "max": 5}
    assert fields.scale_of(min_max([1.0], [1.0])) == {"mean": 1, "std": 1}
    # (v - 1) / 4 * 2 - 1 is (v - 3) / 2
    assert fields.scale_of(min_max([1.0], [5.0], feature_range=(-1, 1), clip=True)) == {
        "mean": 3, "std": 2, "clip": [-1, 1]}
    assert json.dumps(fields.scale_of(standard(), 0)) == '{"mean": 1.0, "std": 2.0}'
    assert_error("StandardScaler", lambda: fields.scale_of(object()))
    assert_error("StandardScaler", lambda: fields.scale_of(standard(mean_=np.array([math.nan, 0]))))


def test_the_command_prints_a_line_for_each_record():
    directory = ROOT / "src/test/resources/fields"
    with gzip.open(directory / "records.jsonl.gz", "rt", encoding="utf-8") as file:
        lines = [line for line, _ in zip(file, range(500))] + ["{\n", "[]\n", "{}\n", '{"key":""}\n', '{"key":true}\n']
    out, before = io.StringIO(), (sys.argv, sys.stdin)
    sys.argv, sys.stdin = ["fields.py", str(directory), "-", "--numeric-strings"], io.StringIO("".join(lines))
    try:
        with contextlib.redirect_stdout(out):
            fields.main()
    finally:
        sys.argv, sys.stdin = before
    results = [json.loads(line) for line in out.getvalue().splitlines()]
    with gzip.open(directory / "x.jsonl.gz", "rt") as file:
        expected = [json.loads(line) for line, _ in zip(file, range(500))]
    assert [result.get("x", result.get("reason")) for result in results[:500]] == expected
    assert [result["reason"] for result in results[500:]] == [
        "not-json", "wrong-type", "missing-field", "missing-field", "wrong-type"]


def assert_error(part, call):
    try:
        call()
    except ValueError as e:
        assert part in str(e), e
    else:
        raise AssertionError(f"expected an error with {part}")


if __name__ == "__main__":
    tests = [test for name, test in list(globals().items()) if name.startswith("test_")]
    for test in tests:
        test()
    print(f"{len(tests)} tests passed")
