#!/usr/bin/env python3
"""Trains the models of the name-tagging example: which words of an English sentence are part of a person's name?

Needs Python 3.9 or later and PyTorch 1.13 or later, nothing else. Run, in this directory:

    python3 train.py --data DIR --out model
    python3 train.py --data DIR --out model-look-ahead --bidirectional

DIR holds two files, which are not part of this project (README.md says where they come from):
    uner-en-ewt-dev.iob2   Universal NER v1, English EWT, dev part
    wikigold.conll.txt     Wikigold

The shipped network is embedding -> Elman RNN -> linear. With --bidirectional, a second RNN reads the words after each
word, and linear gets the states of both. While a network is trained, a row of the embedding is the sum of a
vector of the word and vectors of what its spelling shows (lower-case form, shape, last letters). The sums are written
out at the end, so the network that is left only looks words up. The vocabulary is the words of the training part and
words derived from them by rule (see derive), which get the spelling part of the sum only.
"""
import argparse
import json
import os
import random
import struct
from collections import defaultdict

import torch
from torch import nn
from torch.nn import functional as F

EMBEDDING, HIDDEN = 16, 48  # of each direction
END = None  # a future without a bound: to the end of the sentence
FUTURES = (0, 1, 2, 3, 4, END)  # how many words after a word a batch may show while a bidirectional network is trained
EPOCHS, BATCH, RATE, DROPOUT, AVERAGE = 20, 32, 0.003, 0.4, 0.99
PER_BIAS = 0.5  # added to the PER logit: between the best of dev (0.3) and that of unseen documents (about 1)
ALWAYS = [c + "." for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"] + [str(n) for n in range(2031)]  # initials, years
UNK = "<unk>"
SEED = 1


class Tagger(nn.Module):
    """What is shipped: its state_dict is the file's list of tensors."""

    def __init__(self, words, bidirectional=False):
        super().__init__()
        self.embedding = nn.Embedding(words, EMBEDDING)
        self.rnn = nn.RNN(EMBEDDING, HIDDEN, nonlinearity="tanh", batch_first=True, bidirectional=bidirectional)
        self.head = nn.Linear(HIDDEN * (1 + bidirectional), 2)

    def forward(self, ids, k=END):
        x = self.embedding(ids)
        return self.head(self.states(x, torch.ones(ids.shape), k))

    def states(self, x, real, k):
        """What the head gets at each position; real is 1 at words and 0 behind the end of a sentence."""
        states = self.rnn(x)[0]
        if not self.rnn.bidirectional:
            return states
        return torch.cat([states[..., :HIDDEN], self.backward_states(x, real, k)], 2)

    def backward_states(self, x, real, k):
        """Of each position t: the cell runs from zero at t + k, or at the sentence's last word, down to t."""
        weights = [getattr(self.rnn, name + "_l0_reverse") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        sentences, length, _ = x.shape
        if k is END:  # one run serves all positions
            h, states = x.new_zeros(sentences, HIDDEN), []
            for t in reversed(range(length)):
                h = torch.rnn_tanh_cell(x[:, t], h, *weights) * real[:, t, None]
                states.insert(0, h)
            return torch.stack(states, 1)
        x, real = F.pad(x, (0, 0, 0, k)), F.pad(real, (0, k))
        h = x.new_zeros(sentences * length, HIDDEN)
        for ahead in reversed(range(k + 1)):  # a step of all positions at once
            at = slice(ahead, ahead + length)
            h = torch.rnn_tanh_cell(x[:, at].flatten(0, 1), h, *weights) * real[:, at].reshape(-1, 1)
        return h.view(sentences, length, HIDDEN)


def read(data):
    """The sentences, each (corpus, document, [(word, is it PER)])."""
    sentences = []
    for corpus, name in (("ewt", "uner-en-ewt-dev.iob2"), ("wikigold", "wikigold.conll.txt")):
        words, document = [], 0
        with open(os.path.join(data, name), encoding="utf-8") as file:
            for line in [*file, "\n"]:
                line = line.rstrip("\n")
                if line.startswith("# newdoc") or line.startswith("-DOCSTART-"):
                    document += 1
                elif not line.strip():
                    if words:
                        sentences.append((corpus, (corpus, document), words))
                    words = []
                elif not (corpus == "ewt" and line.startswith("# ")):
                    word, tag = line.split("\t")[1:3] if corpus == "ewt" else line.rsplit(" ", 1)
                    words.append((word, tag in ("B-PER", "I-PER")))
    return sentences


def split(sentences, by_document):
    """80/10/10. Equal sentences (or, if asked, all sentences of a document) stay in the same part."""
    def key(sentence):
        return sentence[1] if by_document else tuple(word for word, _ in sentence[2])
    keys = sorted({key(s) for s in sentences})
    random.Random(SEED).shuffle(keys)
    tenth = len(keys) // 10
    part = {k: "test" if i < tenth else "dev" if i < 2 * tenth else "train" for i, k in enumerate(keys)}
    return {p: [s for s in sentences if part[key(s)] == p] for p in ("train", "dev", "test")}


def derive(word):
    """Words that may be expected in other text once this one was seen. Some of them are no English words."""
    if not word.isalpha() or len(word) < 2:
        return []
    if not word.islower():
        return [word.lower()] if word[1:].islower() else []
    out = [word.capitalize()]
    if len(word) > 2:
        out.append(word[:-1] if word.endswith("s") else word + "s")
        for end in ("ed", "ing", "ly", "er", "es"):
            if word.endswith(end) and len(word) > len(end) + 2:
                out += [word[:-len(end)], word[:-len(end)] + "e"]
        if word.endswith(("ies", "ied")):
            out.append(word[:-3] + "y")
    return out


def shape(word):
    if not any(c.isalpha() for c in word):
        return "number" if any(c.isdigit() for c in word) else "mark"
    if len(word) == 2 and word[0].isupper() and word[1] == ".":
        return "initial"
    kind = ("lower" if word.islower() else "upper" if word.isupper() else
            "mixed" if word[0].islower() else "title" if word[1:].islower() else "camel")
    return kind + ("" if word.isalpha() else "-other") + ("1" if len(word) == 1 else "")


def spelling(word):
    low = word.lower()
    return ["l:" + low, "s:" + shape(word)] + (["e:" + low[-3:], "e:" + low[-2:]] if len(word) > 3 else [])


class Words:
    """The vocabulary, and the ids of the vectors that are summed for each word."""
    WIDTH = 5

    def __init__(self, train):
        self.documents, self.sources = defaultdict(set), defaultdict(set)
        for _, document, words in train:
            for word, _ in words:
                self.documents[word].add(document)
        seen = sorted(self.documents)
        for word in seen:
            for derived in derive(word):
                self.sources[derived] |= self.documents[word]
        for word in ALWAYS:
            self.sources[word] = {"always", ""}
        self.ids = {"": 0, UNK: 1}
        for word in seen:
            for feature in ["w:" + word] + spelling(word):
                self.ids.setdefault(feature, len(self.ids))
        self.unknown = self.sum_of([UNK])
        self.known = {w: self.sum_of(["w:" + w] + spelling(w)) for w in seen}
        self.derived = {w: self.sum_of(spelling(w)) for w in sorted({*seen, *self.sources})}
        self.vocabulary = [UNK] + [w for w in self.derived if "".join(w.split()) == w]
        self.rows = [self.unknown] + [self.known.get(w, self.derived[w]) for w in self.vocabulary[1:]]
        self.index = {w: i for i, w in enumerate(self.vocabulary)}

    def sum_of(self, features):
        ids = [self.ids[f] for f in features if f in self.ids]
        return ids + [0] * (self.WIDTH - len(ids))

    def sample(self, word, document, rng):
        """The word as training shows it: at times as if the text of this document were new to the vocabulary."""
        elsewhere = len(self.documents[word] - {document})
        if rng.random() < (0.5 if elsewhere == 0 else 0.3 / (0.3 + elsewhere)):
            return self.derived[word] if self.sources.get(word, set()) - {document} else self.unknown
        return self.known[word]


def train_model(train, bidirectional):
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    words = Words(train)
    model = Tagger(len(words.vocabulary), bidirectional)
    vectors = nn.Embedding(len(words.ids), EMBEDDING, padding_idx=0)
    nn.init.normal_(vectors.weight, std=0.2)
    vectors.weight.data[0] = 0
    parameters = [*vectors.parameters(), *model.rnn.parameters(), *model.head.parameters()]
    average = [p.detach().clone() for p in parameters]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=1e-5)
    steps, step = EPOCHS * -(-len(train) // BATCH), 0
    for _ in range(EPOCHS):
        order = sorted(train, key=lambda s: len(s[2]) + 8 * rng.random())
        batches = [order[i:i + BATCH] for i in range(0, len(order), BATCH)]
        rng.shuffle(batches)
        for batch in batches:
            longest = max(len(text) for _, _, text in batch)
            x = torch.zeros(len(batch), longest, words.WIDTH, dtype=torch.long)
            y = torch.full((len(batch), longest), -1)
            for r, (_, document, text) in enumerate(batch):
                x[r, :len(text)] = torch.tensor([words.sample(word, document, rng) for word, _ in text])
                y[r, :len(text)] = torch.tensor([int(name) for _, name in text])
            k = rng.choice(FUTURES) if bidirectional else None
            hidden = model.states(F.dropout(vectors(x).sum(2), DROPOUT), (y >= 0).float(), k)
            loss = F.cross_entropy(model.head(F.dropout(hidden, DROPOUT)).transpose(1, 2), y, ignore_index=-1)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.param_groups[0]["lr"] = RATE * (1 - 0.95 * step / steps)
            optimizer.step()
            step += 1
            with torch.no_grad():
                for a, p in zip(average, parameters):
                    a.lerp_(p, 1 - min(AVERAGE, step / (9 + step)))
    with torch.no_grad():
        for a, p in zip(average, parameters):
            p.copy_(a)
        model.embedding.weight.copy_(vectors(torch.tensor(words.rows)).sum(1))
        model.head.bias[1] += PER_BIAS
    return model, words


def margins(model, index, sentences, k=END):
    """[(corpus, by how much PER is above O, is PER)] of every word; index: the id of each word of the vocabulary."""
    out = []
    with torch.no_grad():
        for corpus, _, text in sentences:
            logits = model(torch.tensor([[index.get(word, 0) for word, _ in text]]), k)[0]
            out += [(corpus, m, name) for m, (_, name) in zip((logits[:, 1] - logits[:, 0]).tolist(), text)]
    return out


def scores(found):
    """Precision, recall and F1 of the words marked PER, word by word; and how many are PER."""
    marked, names = sum(m > 0 for _, m, _ in found), sum(name for _, _, name in found)
    right = sum(m > 0 and name for _, m, name in found)
    return right / max(1, marked), right / max(1, names), 2 * right / max(1, marked + names), names


def save(path, state):
    header, data = {}, b""
    for name, tensor in state.items():
        raw = struct.pack("<%df" % tensor.numel(), *tensor.flatten().tolist())
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(head)) + head + data)


def load(directory):
    """The shipped weights, read back from model.safetensors, and the id of each word."""
    with open(os.path.join(directory, "model.safetensors"), "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    with open(os.path.join(directory, "vocab.txt"), encoding="utf-8", newline="\n") as file:
        index = {line.rstrip("\n"): i for i, line in enumerate(file)}
    model = Tagger(len(index), any(name.endswith("_reverse") for name in header))
    model.load_state_dict({
        name: torch.tensor(struct.unpack("<%df" % ((to - start) // 4), data[start:to])).reshape(tensor["shape"])
        for name, tensor in header.items() for start, to in [tensor["data_offsets"]]})
    return model, index


def main():
    parser = argparse.ArgumentParser(description="trains the name-tagging example")
    parser.add_argument("--data", required=True, help="directory of uner-en-ewt-dev.iob2 and wikigold.conll.txt")
    parser.add_argument("--out", required=True, help="directory to write the model to")
    parser.add_argument("--bidirectional", action="store_true", help="train the network that looks ahead")
    parser.add_argument("--by-document", action="store_true", help="split by documents, not by sentences")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    parts = split(read(args.data), args.by_document)
    model, words = train_model(parts["train"], args.bidirectional)
    print("%d words; %d parameters" % (len(words.vocabulary), sum(p.numel() for p in model.parameters())))
    for part in ("dev", "test"):
        for k in FUTURES if args.bidirectional else (END,):
            found = margins(model, words.index, parts[part], k)
            for corpus in ("ewt", "wikigold", "both"):
                rows = [f for f in found if corpus in (f[0], "both")]
                print("%-5s %-9s precision %.3f  recall %.3f  F1 %.3f  (%d words, %d of them PER)%s" % (
                    part, corpus, *scores(rows)[:3], len(rows), scores(rows)[3],
                    "  look-ahead %s" % ("end" if k is END else k) if args.bidirectional else ""))
    os.makedirs(args.out, exist_ok=True)
    save(os.path.join(args.out, "model.safetensors"), model.state_dict())
    with open(os.path.join(args.out, "vocab.txt"), "w", encoding="utf-8", newline="\n") as file:
        file.writelines(word + "\n" for word in words.vocabulary)
    with open(os.path.join(args.out, "config.json"), "w", encoding="utf-8", newline="\n") as file:
        json.dump({"model_type": "rnn", "nonlinearity": "tanh",
                   "input": {"type": "vocabulary", "file": "vocab.txt", "unknown_token": UNK, "lowercase": False},
                   "output": {"activation": "softmax", "labels": ["O", "PER"]},
                   "name": "name-tagging" + "-look-ahead" * args.bidirectional}, file, indent=2)
        file.write("\n")


if __name__ == "__main__":
    main()
