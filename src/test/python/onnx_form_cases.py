#!/usr/bin/env python3
"""Writes the reference cases of src/test/resources/onnx-steps: step graphs with several inputs, constants, states of all
types, several heads and data in other files.

The expected values are those of onnxruntime, step by step. Needs onnx 1.16 or later, onnxruntime and numpy. Run, in the
project's directory:

    python3 src/test/python/onnx_form_cases.py src/test/resources/onnx-steps

Each case is a directory: model/ as a user would hold it, tokens.jsonl with the keys interleaved as on a topic, and
expected.jsonl with the predictions of every token. Some tokens are rejected: rejected.jsonl has their reasons.
"""
import json
import pathlib
import sys

import numpy as np
import onnx
import onnx.parser
import onnxruntime
from onnx import numpy_helper

HEAD = '<ir_version: 8, opset_import: ["": 15]>\n'
KEYS = ["k0", "k1", "k2"]
WORDS = ["<unk>", "open", "check", "approve", "close"]


def model(text, seed, **weights):
    """The graph with weights of these shapes."""
    random = np.random.default_rng(seed)
    made = onnx.parser.parse_model(HEAD + text)
    for name, (dtype, *shape) in weights.items():
        array = (random.standard_normal(shape) * 0.6).astype(dtype)
        made.graph.initializer.append(numpy_helper.from_array(array, name))
    return made


def softmax(y):
    e = np.exp(y - y.max())
    return e / e.sum()


class Case:
    """One case: `feeds` makes what the graph takes of a record, or a reason."""

    def __init__(self, root, name, made, config, states, feeds, heads, external=(), words=()):
        self.root, self.name, self.made, self.config = root / name, name, made, config
        self.states, self.feeds, self.heads, self.external, self.words = states, feeds, heads, external, words

    def write(self, records):
        directory = self.root / "model"
        directory.mkdir(parents=True, exist_ok=True)
        for file, names in self.external:
            data = b""
            for tensor in self.made.graph.initializer:
                if tensor.name in names:
                    data += b"\0" * (-len(data) % 16)
                    raw = numpy_helper.to_array(tensor).tobytes()
                    offset, data = len(data), data + raw
                    for field in ("raw_data", "float_data", "double_data"):
                        tensor.ClearField(field)
                    tensor.data_location = onnx.TensorProto.EXTERNAL
                    for key, value in (("location", file), ("offset", offset), ("length", len(raw))):
                        tensor.external_data.add(key=key, value=str(value))
            (directory / file).write_bytes(data)
        onnx.save(self.made, str(directory / "model.onnx"))
        (directory / "config.json").write_text(json.dumps(self.config, indent=1) + "\n")
        if self.words:
            (directory / "vocab.txt").write_text("".join(word + "\n" for word in self.words))
        session = onnxruntime.InferenceSession(str(directory / "model.onnx"))
        kept, t, expected, rejected = {}, {}, [], []
        for record in records:
            key = record["key"]
            state, memory = kept.get(key, ({n: s() for n, (_, s) in self.states.items()}, None))
            fed = self.feeds(record, memory)
            if isinstance(fed, str):
                rejected.append({"key": key, "reason": fed})
                continue
            inputs, memory = fed
            names = [name for name, _, _ in self.heads] + [out for out, _ in self.states.values()]
            out = session.run(names, {**inputs, **state})
            kept[key] = dict(zip(self.states, out[len(self.heads):])), memory
            t[key] = t.get(key, 0) + 1
            line = {"key": key, "t": t[key]}
            outputs = {}
            for (_, head, then), y in zip(self.heads, out):
                outputs[head] = {"prediction": [float(v) for v in then(np.asarray(y, np.float64).ravel())]}
            line.update({"outputs": outputs} if self.heads[0][1] else outputs[""])
            expected.append(line)
        for file, rows in (("tokens", records), ("expected", expected), ("rejected", rejected)):
            (self.root / f"{file}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def rounded(numbers):
    return [round(float(number), 3) for number in numbers]


def stream(random, count, values):
    """Records of three keys, interleaved; `values` makes those of a step."""
    return [{"key": KEYS[int(random.integers(3))], **values(step)} for step in range(count)]


def same(y):
    return y


def zeros(dtype, *shape):
    return lambda: np.zeros(shape, dtype)


def decay(root):
    """Two inputs of fields, a constant, two states of floats and one that counts up, two heads."""
    made = model("""
      step (float[1, 2] x, float[batch, 1] delta, int64 sr, float[1, 4] h, float[1, 4] c, int64 n)
        => (float[1, 3] a, float[batch, 1] b, float[1, 4] h_out, float[1, 4] c_out, int64 n_out)
      <int64 one = {1}, int64[4] parts = {4, 4, 4, 4}> {
        rate = Cast <to = 1> (sr)
        seconds = Div (delta, rate)
        slower = Neg (seconds)
        kept = Exp (slower)
        before = Mul (c, kept)
        xh = Concat <axis = 1> (x, h)
        g0 = MatMul (xh, W)
        gates = Add (g0, B)
        i0, f0, o0, z0 = Split <axis = 1> (gates, parts)
        i = Sigmoid (i0)
        f = Sigmoid (f0)
        o = Sigmoid (o0)
        z = Tanh (z0)
        fc = Mul (f, before)
        iz = Mul (i, z)
        c_out = Add (fc, iz)
        tc = Tanh (c_out)
        h_out = Mul (o, tc)
        n_out = Add (n, one)
        a = MatMul (h_out, A)
        count = Cast <to = 1> (n_out)
        b0 = MatMul (h_out, Y)
        b = Div (b0, count)
      }""", 1, W=("f4", 6, 16), B=("f4", 16), A=("f4", 4, 3), Y=("f4", 4, 1))
    config = {
        "input": {"fields": ["f0", {"name": "gap", "scale": {"log1p": True}, "missing": 0}, "f1"]},
        "inputs": {"x": ["f1", "f0"], "delta": ["gap"]}, "constants": {"sr": 2},
        "outputs": [{"name": "class", "tensor": "a", "activation": "softmax"},
                    {"name": "left", "tensor": "b", "activation": "identity", "unscale": {"mean": 3, "std": 2}}]}

    def feeds(record, _):
        if "f1" not in record:
            return "missing-field"
        gap = np.float32(np.log1p(record.get("gap", 0)))
        return {"x": np.array([[record["f1"], record["f0"]]], np.float32), "delta": gap.reshape(1, 1),
                "sr": np.array(2, np.int64)}, None

    random = np.random.default_rng(2)

    def values(step):
        record = {"f0": round(float(random.normal()), 3), "gap": round(float(random.exponential(3)), 2),
                  "f1": round(float(random.normal()), 3)}
        if step % 7 == 3:
            del record["gap"]
        if step % 11 == 5:
            del record["f1"]
        return record

    states = {"h": ("h_out", zeros("f4", 1, 4)), "c": ("c_out", zeros("f4", 1, 4)), "n": ("n_out", zeros("i8"))}
    Case(root, "decay", made, config, states, feeds,
         [("a", "class", softmax), ("b", "left", lambda y: y * 2 + 3)]).write(stream(random, 36, values))


def all_types(root):
    """Inputs, constants, states and heads of all types; the bits of the int64 state are any; two files of data."""
    made = model("""
      step (double[1, 3] x, int32[batch, 2] ids, bool[1] flag, int64[1, 1] count, float[m] mask, double eps, bool on,
            int32[1] k, double[1, 3] d, int32[1, 2] i, bool[1, 2] f, int64[3] b)
        => (double[1, 3] y, int64[3] z, bool[1, 2] w, float[1, 2] v, double[1, 3] d_out, int32[1, 2] i_out,
            bool[1, 2] f_out, int64[3] b_out)
      <int64[3] factors = {6364136223846793005, 2862933555777941757, 3202034522624059733}, int64[1] one = {1},
       int64[1] zero = {0}> {
        e0 = Gather (E, ids)
        e = ReduceMean <axes = [1], keepdims = 0> (e0)
        xw = MatMul (x, W)
        m = Cast <to = 11> (mask)
        em = Mul (e, m)
        s0 = Add (xw, em)
        s1 = Mul (d, eps)
        s2 = Add (s0, s1)
        d_out = Tanh (s2)
        y = MatMul (d_out, Y)
        ik = Add (ids, k)
        i_out = Add (i, ik)
        v = Cast <to = 1> (i_out)
        fl = And (flag, on)
        f_out = Xor (f, fl)
        w = Not (f_out)
        c1 = Squeeze (count, zero)
        c2 = Add (c1, one)
        b0 = Mul (b, factors)
        b_out = Add (b0, c2)
        z = Identity (b_out)
      }""", 3, E=("f8", 5, 3), W=("f8", 3, 3), Y=("f8", 3, 3))
    config = {
        "input": {"fields": [
            {"name": "probe", "type": "vector", "size": 2, "overlap": 1},
            {"name": "step", "type": "category", "vocabulary": "steps.txt", "unknown": "<unk>", "missing": "close"},
            {"name": "seen", "missing": 7}, {"name": "online", "hold": True, "missing": 0},
            {"name": "kind", "type": "category", "size": 4}]},
        "inputs": {"ids": ["kind", "step"], "x": ["probe"], "flag": ["online"], "count": ["seen"]},
        "constants": {"mask": [1, 0.5, 0.25], "eps": 0.125, "on": True, "k": [-3]},
        "initial_state": {"i": [2147483600, -5], "f": [True, False], "b": [-9223372036854775808, 9218868437227405313, 1],
                          "d": [[0.5, -0.1, 1e-3]]},
        "outputs": [{"name": "y", "tensor": "y"}, {"name": "z", "tensor": "z"}, {"name": "w", "tensor": "w"},
                    {"name": "v", "tensor": "v", "activation": "identity"}]}

    def feeds(record, memory):
        last, online = memory or (0.0, 0)
        if record["seen"] != int(record["seen"]):
            return "wrong-type"
        if not 0 <= record["kind"] < 4:
            return "unknown-token"
        online = record.get("online", online)
        step = record.get("step", "close")
        ids = [record["kind"], WORDS.index(step) if step in WORDS else 0]
        x = np.array([[last, *record["probe"]]], np.float32).astype("f8")
        return {"x": x, "ids": np.array([ids], np.int32), "flag": np.array([bool(online)]),
                "count": np.array([[int(record["seen"])]], np.int64), "mask": np.array([1, 0.5, 0.25], np.float32),
                "eps": np.array(0.125), "on": np.array(True), "k": np.array([-3], np.int32)}, (record["probe"][-1], online)

    random = np.random.default_rng(4)

    def values(step):
        record = {"probe": rounded(random.normal(size=2)), "step": str(random.choice(WORDS + ["other"])),
                  "seen": int(random.integers(-(1 << 24), 1 << 24)), "online": bool(random.integers(2)),
                  "kind": int(random.integers(4))}
        if step % 5 == 2:
            del record["step"], record["online"]
        if step % 9 == 4:
            record["seen"] = 1.5
        if step % 13 == 7:
            record["kind"] = 4
        return record

    first = config["initial_state"]
    states = {"d": ("d_out", lambda: np.array(first["d"])), "i": ("i_out", lambda: np.array([first["i"]], np.int32)),
              "f": ("f_out", lambda: np.array([first["f"]])), "b": ("b_out", lambda: np.array(first["b"], np.int64))}
    for head in config["outputs"]:
        head["activation"] = "identity"
    Case(root, "all-types", made, config, states, feeds, [(n, n, same) for n in "yzwv"],
         external=[("model.onnx.data", "W"), ("rows.bin", "EY")]).write(stream(random, 36, values))
    (root / "all-types" / "model" / "steps.txt").write_text("".join(word + "\n" for word in WORDS))


BRANCH = """
        {p}_branch = {p}_graph () => (float[batch, 1] {p}_y, float[2, batch, 4] {p}_s) {{
          {p}_x = MatMul (input, {p}_W)
          {p}_h0 = Gather <axis = 0> (state, at0)
          {p}_c0 = Gather <axis = 0> (state, at1)
          {p}_u = MatMul ({p}_h0, {p}_U)
          {p}_sum = Add ({p}_x, {p}_u)
          {p}_g = Tanh ({p}_sum)
          {p}_cg = Add ({p}_c0, {p}_g)
          {p}_c = Softsign ({p}_cg)
          {p}_h = Mul ({p}_g, {p}_c)
          {p}_h1 = Unsqueeze ({p}_h, axes)
          {p}_c1 = Unsqueeze ({p}_c, axes)
          {p}_s = Concat <axis = 0> ({p}_h1, {p}_c1)
          {p}_o = MatMul ({p}_h, {p}_O)
          {p}_y = Sigmoid ({p}_o)
        }}"""


def vad(root):
    """The signature of a current voice detector: a branch for each rate, a state whose output has no fixed sizes."""
    made = model("""
      step (float[batch, sequence] input, float[2, batch, 4] state, int64 sr)
        => (float[batch, 1] output, float[s0, batch, s2] stateN)
      <int64 at0 = {0}, int64 at1 = {1}, int64[1] axes = {0}, int64 rate = {16000}> {
        is16 = Equal (sr, rate)
        output, stateN = If (is16) <""" + BRANCH.format(p="then") + "," + BRANCH.format(p="else") + """
        >
      }""", 5, then_W=("f4", 12, 4), then_U=("f4", 4, 4), then_O=("f4", 4, 1),
                 else_W=("f4", 6, 4), else_U=("f4", 4, 4), else_O=("f4", 4, 1))
    random = np.random.default_rng(6)
    for name, rate, size, overlap in (("vad-16k", 16000, 8, 4), ("vad-8k", 8000, 4, 2)):
        config = {"input": {"fields": [{"name": "audio", "type": "vector", "size": size, "overlap": overlap}]},
                  "constants": {"sr": rate}}

        def feeds(record, memory):
            audio = record["audio"]
            if len(audio) != size:
                return "wrong-length"
            before = memory or [0.0] * overlap
            return {"input": np.array([before + audio], np.float32), "sr": np.array(rate, np.int64)}, audio[-overlap:]

        records = stream(random, 30, lambda step: {"audio": rounded(random.normal(size=size - (step == 9)))})
        Case(root, name, made, config, {"state": ("stateN", zeros("f4", 2, 1, 4))}, feeds,
             [("output", "", same)]).write(records)


def vad_before(root):
    """The signatures of earlier voice detectors: states h0 and c0, or h and c with a rate; two outputs of each step."""
    graph = """
      step (float[batch, sequence] input, {rate}float[2, batch, 4] h{zero}, float[2, batch, 4] c{zero})
        => (float[batch, 2, 1] output, float[2, batch, 4] hn, float[2, batch, 4] cn)
      <int64[1] front = {{0}}, int64[1] behind = {{2}}, int64[2] parts = {{1, 1}}> {{
        loud = Abs (input)
        x0 = MatMul (loud, W)
        x = Unsqueeze (x0, front)
        ha, hb = Split <axis = 0> (h{zero}, parts)
        ca, cb = Split <axis = 0> (c{zero}, parts)
        y1, h1, c1 = LSTM <hidden_size = 4> (x, A, R, , , ha, ca)
        h1f = Squeeze (h1, front)
        below = Unsqueeze (h1f, front)
        y2, h2, c2 = LSTM <hidden_size = 4> (below, A, R, , , hb, cb)
        hn = Concat <axis = 0> (h1, h2)
        cn = Concat <axis = 0> (c1, c2)
        top = Squeeze (h2, front)
        o = MatMul (top, O)
        p = Softmax <axis = 1> (o)
        output = Unsqueeze (p, behind)
      }}"""
    random = np.random.default_rng(7)
    for name, zero, rate in (("vad-h0", "0", ""), ("vad-h", "", "int64 sr, ")):
        made = model(graph.format(zero=zero, rate=rate), 8, W=("f4", 6, 4), A=("f4", 1, 16, 4), R=("f4", 1, 16, 4),
                     O=("f4", 4, 2))
        config = {"input": {"fields": [{"name": "audio", "type": "vector", "size": 6}]}}
        fixed = {}
        if rate:
            config["constants"] = {"sr": 16000}
            fixed = {"sr": np.array(16000, np.int64)}

        def feeds(record, _):
            return {"input": np.array([record["audio"]], np.float32), **fixed}, None

        records = stream(random, 24, lambda _: {"audio": rounded(random.normal(size=6))})
        states = {"h" + zero: ("hn", zeros("f4", 2, 1, 4)), "c" + zero: ("cn", zeros("f4", 2, 1, 4))}
        Case(root, name, made, config, states, feeds, [("output", "", same)]).write(records)


def previous_word(root):
    """A state that is the id of the word before, taken by a Gather; a state of doubles, taken by a Cast."""
    made = model("""
      step (int64[1] word, int64[1] prev, double[1, 4] h) => (float[1, 5] y, int64[1] prev_out, double[1, 4] h_out) {
        now = Gather (E, word)
        before = Gather (E, prev)
        both = Concat <axis = 1> (now, before)
        x = MatMul (both, W)
        hf = Cast <to = 1> (h)
        u = MatMul (hf, U)
        s = Add (x, u)
        g = Tanh (s)
        h_out = Cast <to = 11> (g)
        prev_out = Identity (word)
        y = MatMul (g, Y)
      }""", 9, E=("f4", 5, 3), W=("f4", 6, 4), U=("f4", 4, 4), Y=("f4", 4, 5))
    config = {"input": {"unknown_token": "<unk>"}, "output": {"activation": "softmax"}}

    def feeds(record, _):
        word = record["token"]
        return {"word": np.array([WORDS.index(word) if word in WORDS else 0], np.int64)}, None

    random = np.random.default_rng(10)
    records = stream(random, 24, lambda _: {"token": str(random.choice(WORDS + ["other"]))})
    states = {"prev": ("prev_out", zeros("i8", 1)), "h": ("h_out", zeros("f8", 1, 4))}
    Case(root, "previous-word", made, config, states, feeds, [("y", "", softmax)], words=WORDS).write(records)


if __name__ == "__main__":
    for case in (decay, all_types, vad, vad_before, previous_word):
        case(pathlib.Path(sys.argv[1]))
