#!/usr/bin/env python3
"""What PyTorch says of the sample, and which blocks of it are flagged. Run, in this directory:

    python3 sample.py --out ../../src/test/resources/log-anomaly/expected.jsonl

Writes a line per record of tokens.jsonl, in its order: key, t, token, rank, surprise (both null at t = 1, where nothing
was predicted yet). Then reads these lines back and fails if the flagged blocks are not those that were meant.
"""
import argparse
import json
import sys
from collections import defaultdict

import torch

import train

MEANT = ["blk_04", "blk_07", "blk_09", "blk_11", "blk_13", "blk_16"]


def main():
    parser = argparse.ArgumentParser(description="expected ranks and surprises of the log-anomaly sample")
    parser.add_argument("--model", default="model", help="directory of the weights")
    parser.add_argument("--tokens", default="tokens.jsonl", help="the sample")
    parser.add_argument("--out", required=True, help="file to write")
    args = parser.parse_args()
    torch.set_num_threads(1)
    model = train.load(args.model)
    with open(args.tokens, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    sessions = defaultdict(list)
    for record in records:
        sessions[record["key"]].append(train.WORDS.index(record["token"]))
    judged = {key: [(None, None)] + train.judge(model, session) for key, session in sessions.items()}
    steps = defaultdict(int)
    with open(args.out, "w", encoding="utf-8", newline="\n") as file:
        for record in records:
            key = record["key"]
            rank, surprise = judged[key][steps[key]]
            steps[key] += 1
            line = {"key": key, "t": steps[key], "token": record["token"], "rank": rank,
                    "surprise": None if surprise is None else float("%.7g" % surprise)}
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
    with open(args.out, encoding="utf-8") as file:
        flagged = [line for line in map(json.loads, file) if (line["rank"] or 0) > train.NEVER]
    for line in flagged:
        print("%s  t %2d  %-5s  rank %2d  surprise %.2f" % tuple(line[f] for f in ("key", "t", "token", "rank", "surprise")))
    blocks = sorted({line["key"] for line in flagged})
    if blocks != MEANT:
        sys.exit("flagged: %s; meant: %s" % (blocks, MEANT))
    print("%d of %d blocks are flagged, as meant: %s" % (len(blocks), len(sessions), " ".join(blocks)))


if __name__ == "__main__":
    main()
