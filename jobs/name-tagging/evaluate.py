#!/usr/bin/env python3
"""Says how good the name tagger that looks ahead is, on sentences that nothing was trained on. Run, in this directory:

    python3 evaluate.py --data DIR [--svg ../../docs/look-ahead.svg]      # DIR as for train.py
    python3 evaluate.py --sample tokens-look-ahead.jsonl --look-ahead 2   # instead: what PyTorch predicts for a sample

The look-ahead k is how many words after a word its label waits for, or end: to the end of the sentence. With a
provisional answer, a word is labelled at once, as if the sentence ended with it, and again when its future is there.
The three measures of that are those of Madureira and Schlangen (2020), for two answers a word instead of one at each
later word, over all words of the part together instead of a mean over sentences:

    edit overhead         labels that the final answer changed, divided by all labels that were set or changed
    correction time       how many words came after a word until its label had its final value
    relative correctness  the share of the words after which all labels so far were those of the final answers
"""
import argparse
import json

import torch

import train

KS = (0, 1, 2, 4, train.END)
WIDTH, LEFT, RIGHT, TOP, HEIGHT, BOTTOM = 760, 70, 70, 70, 200, 50
STYLE = """<style>
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 14px; }
  .grid { stroke: #d1d9e0; } .line { stroke: #0969da; stroke-width: 2; fill: none; } .dot { fill: #0969da; }
  .one { stroke: #bc4c00; stroke-width: 2; stroke-dasharray: 6 4; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .grid { stroke: #3d444d; } .line { stroke: #58a6ff; } .dot { fill: #58a6ff; }
    .one { stroke: #f0883e; }
  }
</style>
"""


def name(k):
    return "end" if k is train.END else str(k)


def labels(model, index, sentences, k):
    """Of each sentence: is its word marked PER?"""
    marked = iter(margin > 0 for _, margin, _ in train.margins(model, index, sentences, k))
    return [[next(marked) for _ in text] for _, _, text in sentences]


def provisional(first, final, k):
    """Edit overhead, mean correction time of all words and of those that changed, relative correctness."""
    changes, steps, right = [], 0, 0
    for before, after in zip(first, final):
        last = len(after) - 1
        wait = last if k is train.END else k
        changes += [min(wait, last - t) for t in range(last) if before[t] != after[t]]  # the last word gets one answer
        for now in range(last + 1):
            decided = last + 1 if now == last else max(0, now - wait + 1)
            steps += 1
            right += after[:decided] + before[decided:now + 1] == after[:now + 1]
    words = sum(map(len, final))
    return (len(changes) / (words + len(changes)), sum(changes) / words, sum(changes) / max(1, len(changes)),
            right / steps, len(changes))


def compare(one, model, index, sentences):
    """Prints everything; returns F1 of one direction, and of each k."""
    def report(title, network, k):
        found = train.margins(network, index, sentences, k)
        for corpus in ("ewt", "wikigold", "both"):
            rows = [f for f in found if corpus in (f[0], "both")]
            print("%-14s %-9s precision %.3f  recall %.3f  F1 %.3f  (%d words, %d of them PER)" % (
                title, corpus, *train.scores(rows)[:3], len(rows), train.scores(rows)[3]))
        return train.scores(found)[2]

    bound = report("one direction", one, train.END)
    f1 = [report("look-ahead " + name(k), model, k) for k in KS]
    pairs = [((a[1] > 0) == a[2], (b[1] > 0) == b[2]) for a, b in zip(
        train.margins(one, index, sentences), train.margins(model, index, sentences, 2))]
    print("words that only look-ahead 2 has right: %d; only one direction: %d" % (
        pairs.count((False, True)), pairs.count((True, False))))
    first = labels(model, index, sentences, 0)
    for k in KS[1:]:
        final = labels(model, index, sentences, k)
        better = sum(after != before and after == per for was, now, (_, _, text) in zip(first, final, sentences)
                     for before, after, (_, per) in zip(was, now, text))
        print("provisional, look-ahead %-3s  edit overhead %.4f  correction time %.4f, of changed words %.2f  "
              "relative correctness %.3f  (%d labels changed, %d of them to the right one)" % (
                  name(k), *provisional(first, final, k), better))
    return bound, f1


def whole_sentences_agree(model, index, sentences):
    """With end, the definition is what PyTorch computes of a whole sentence."""
    with torch.no_grad():
        for _, _, text in sentences:
            ids = torch.tensor([[index.get(word, 0) for word, _ in text]])
            torch.testing.assert_close(model(ids, train.END), model.head(model.rnn(model.embedding(ids))[0]),
                                       atol=1e-5, rtol=0)


def picture(bound, f1, low=0.74, high=0.82):
    def x(i):
        return LEFT + (WIDTH - LEFT - RIGHT) * (i + 0.5) / len(KS)

    def y(value):
        return TOP + HEIGHT * (high - value) / (high - low)

    svg = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" role="img" aria-labelledby="t">' % (
        WIDTH, TOP + HEIGHT + BOTTOM, WIDTH), '<title id="t">F1 of person names by look-ahead</title>', STYLE.rstrip(),
        '<text class="title" x="8" y="22">F1 of person names, test part, by look-ahead k</text>',
        '<path class="line" d="M8 44 H32"/><text x="38" y="48">look-ahead</text>',
        '<path class="one" d="M130 44 H154"/><text x="160" y="48">one direction: %.3f</text>' % bound]
    for tick in range(round(low * 100), round(high * 100) + 1, 2):
        svg.append('<path class="grid" d="M%d %.1f H%d"/><text x="%d" y="%.1f" text-anchor="end">%.2f</text>' % (
            LEFT, y(tick / 100), WIDTH - RIGHT, LEFT - 8, y(tick / 100) + 4, tick / 100))
    svg.append('<path class="one" d="M%d %.1f H%d"/>' % (LEFT, y(bound), WIDTH - RIGHT))
    svg.append('<path class="line" d="M%s"/>' % " L".join("%.1f %.1f" % (x(i), y(v)) for i, v in enumerate(f1)))
    for i, (k, value) in enumerate(zip(KS, f1)):
        svg.append('<circle class="dot" cx="%.1f" cy="%.1f" r="4"/>'
                   '<text x="%.1f" y="%.1f" text-anchor="middle">%.3f</text>'
                   '<text x="%.1f" y="%d" text-anchor="middle">%s</text>' % (
                       x(i), y(value), x(i), y(value) + (-10 if i else 20), value, x(i), TOP + HEIGHT + 20,
                       "k = " + name(k) if i == 0 else name(k)))
    return "\n".join(svg + ["</svg>\n"])


def sample(model, index, path, k):
    """A prediction for each record, in the order in which a job with one subtask writes them."""
    words, done = {}, {}
    with open(path, encoding="utf-8") as file:
        for record in map(json.loads, file):
            key, end = record["key"], record.get("end", False)
            text = words.setdefault(key, [])
            text.append(record["token"])
            decided = len(text) if end else max(0, len(text) - k) if k is not train.END else 0
            with torch.no_grad():
                logits = model(torch.tensor([[index.get(word, 0) for word in text]]), k)[0]
                predictions = torch.softmax(logits, 1).numpy()
            for t in range(done.get(key, 0), decided):
                print('{"key":"%s","t":%d,"token":"%s","label":"%s","prediction":[%s,%s]}' % (
                    key, t + 1, text[t], "PER" if logits[t, 1] > logits[t, 0] else "O", *predictions[t]))
            done[key] = decided
            if end:
                del words[key], done[key]
    if words:
        raise SystemExit("%s: expected an end of each key: %s" % (path, ", ".join(words)))


def main():
    parser = argparse.ArgumentParser(description="evaluates the name tagger that looks ahead")
    parser.add_argument("--data", help="directory of uner-en-ewt-dev.iob2 and wikigold.conll.txt")
    parser.add_argument("--part", default="test", choices=("dev", "test"))
    parser.add_argument("--model", default="model-look-ahead", help="directory of the weights")
    parser.add_argument("--one-direction", default="model", help="directory of the weights to compare with")
    parser.add_argument("--by-document", action="store_true", help="for weights that were trained so")
    parser.add_argument("--svg", help="file for a picture of F1")
    parser.add_argument("--sample", help="file of tokens: prints their predictions instead")
    parser.add_argument("--look-ahead", default="2", help="with --sample: a number, or end")
    args = parser.parse_args()
    torch.set_num_threads(1)
    model, index = train.load(args.model)
    if args.sample:
        sample(model, index, args.sample, train.END if args.look_ahead == "end" else int(args.look_ahead))
        return
    if not args.data:
        parser.error("expected --data or --sample")
    one, same = train.load(args.one_direction)
    if same != index:
        parser.error("the two models have different vocabularies")
    sentences = train.split(train.read(args.data), args.by_document)[args.part]
    whole_sentences_agree(model, index, sentences)
    bound, f1 = compare(one, model, index, sentences)
    if args.svg:
        with open(args.svg, "w", encoding="utf-8", newline="\n") as file:
            file.write(picture(bound, f1))


if __name__ == "__main__":
    main()
