#!/usr/bin/env python3
"""Writes more reference cases of src/test/resources/pytorch: the forms in which training code saves a state_dict.

Needs PyTorch 2.13, nothing else. Run, in the project's directory:

    python3 src/test/python/pytorch_form_cases.py src/test/resources/pytorch

The cases have the form of those of pytorch_cases.py: names put before the module's by wrappers, tensors that only
training needs, weights with a parametrization, and a state_dict in several files.
"""
import json
import os
import sys

import torch
from torch import nn
from torch.nn.utils import parametrizations, prune

import pytorch_cases
from pytorch_cases import Listed, Stack, WORDS

FEATURES = {"input": {"type": "features"}}


def saved(model, wrapped, extra=()):
    """The model, whose state_dict is that of a wrapper around it, and more tensors."""
    state = {**wrapped.state_dict(), **dict(extra)}
    model.state_dict = lambda: state
    return model


def nested(*names):
    """A module in a module in a module, as in a LightningModule."""
    def wrap(model):
        for name in reversed(names):
            outer = nn.Module()
            outer.add_module(name, model)
            model = outer
        return model
    return wrap


def listed(layers, modules, size, embedding=None):
    model = Listed(layers, modules, embedding)
    model.input_size = size
    return model


def words():
    return Stack({"rnn": nn.LSTM(5, 6, batch_first=True)}, {"fc1": nn.Linear(6, 5), "relu": nn.ReLU(),
                                                            "fc2": nn.Linear(5, 4)}, nn.Embedding(len(WORDS), 5))


def norms():
    layers = ["bn", "gru", "ln", "fc1", "relu", "fc2"]
    return layers, listed(layers, {"bn": nn.BatchNorm1d(4), "gru": nn.GRU(4, 6, batch_first=True),
                                   "ln": nn.LayerNorm(6), "fc1": nn.Linear(6, 5), "fc2": nn.Linear(5, 3)}, 4)


def cases():
    """As cases() of pytorch_cases.py."""
    roles = {"input": {"embedding": "embedding"}, "output": {"head": ["fc1", "fc2.weight"]}, "recurrent": "rnn"}
    model = words()
    yield "prefix-module", saved(model, nn.DataParallel(model)), {}, "F32", (), 6
    model = words()
    yield "prefix-orig-mod", saved(model, torch.compile(model)), roles, "F32", (), 6
    model = words()
    wrapped = nn.DataParallel(nested("model", "net")(torch.compile(nn.DataParallel(model))))
    yield "prefix-nested", saved(model, wrapped), roles, "F32", (), 6
    layers, model = norms()
    yield ("prefix-layers", saved(model, torch.compile(nested("model", "net")(model))), {**FEATURES, "layers": layers},
           "F32", (), 6)
    model = Stack({"gru": nn.GRU(3, 5, 2)}, {"fc": nn.Linear(5, 2)}, initial={"h0": (2, 1, 5)})
    model.gru = model.gru  # compiled in place: the wrapper is inside the path
    state = {name.replace("gru.", "gru._orig_mod."): tensor for name, tensor in model.state_dict().items()}
    model.state_dict = lambda state=state: {"module." + name: tensor for name, tensor in state.items()}
    yield "prefix-inside", model, {**FEATURES, "recurrent": "gru", "initial_state": "h0"}, "F32", (), 6
    model = Stack({"rnn": nn.GRU(3, 5)}, {"fc": nn.Linear(5, 2)})
    extra = {"criterion.weight": torch.ones(2), "model.loss_fn.weight": torch.ones(2), "step": torch.tensor(1200),
             "mask": torch.zeros(2, 3, dtype=torch.bool), "seen": torch.zeros(4, dtype=torch.int32),
             "bytes": torch.zeros(3, dtype=torch.uint8), "n_averaged": torch.tensor(3)}
    yield "extra-tensors", saved(model, nn.DataParallel(model), extra), FEATURES, "F32", (), 6

    with_norm = [torch.nn.utils.weight_norm, parametrizations.weight_norm]
    for name, norm in zip(["old", "new"], with_norm):
        model = words()
        for each in ["weight_ih_l0", "weight_hh_l0", "bias_hh_l0"]:
            norm(model.rnn, each)
        norm(model.fc1, dim=1)
        norm(model.fc2, dim=None)
        norm(model.embedding)
        rescaled(model)
        yield "weight-norm-" + name, model, {}, "F32", (), 6
        layers = ["conv", "relu", "rnn", "fc"]
        model = listed(layers, {"conv": norm(nn.Conv1d(4, 5, 3), dim=2), "fc": norm(nn.Linear(6, 1)),
                                "rnn": norm(nn.RNN(5, 6, batch_first=True), "weight_hh_l0")}, 4)
        rescaled(model)
        yield ("weight-norm-layers-" + name, model, {**FEATURES, "layers": layers, "output": {"activation": "identity"}},
               "F32", (), 6)
    for name, norm in zip(["old", "new"], [torch.nn.utils.spectral_norm, parametrizations.spectral_norm]):
        layers = ["conv", "tanh", "gru", "fc"]
        model = listed(layers, {"conv": norm(nn.Conv1d(4, 5, 2), dim=1), "fc": norm(nn.Linear(6, 3)),
                                "gru": norm(nn.GRU(5, 6, batch_first=True), "weight_hh_l0")}, 4)
        yield "spectral-norm-" + name, model, {**FEATURES, "layers": layers}, "F32", (), 6
    model = Stack({"rnn": nn.GRU(3, 5)}, {"fc": nn.Linear(5, 2)})
    prune.random_unstructured(model.fc, "weight", amount=0.4)
    prune.ln_structured(model.rnn, "weight_hh_l0", amount=0.3, n=2, dim=0)
    yield "pruned", model, FEATURES, "F32", (), 6
    yield "sharded", words(), {"input": {"unknown_token": "<unk>"}}, "F32", (), 6


def rescaled(model):
    """Norms as after training, which differ from those at the start."""
    for name, parameter in model.named_parameters():
        if name.endswith(("_g", "original0")):
            parameter.data.mul_(torch.empty_like(parameter).uniform_(0.5, 2))


def shard(directory):
    """Replaces model.safetensors by three files and their index, as Hugging Face writes them."""
    path = os.path.join(directory, "model.safetensors")
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        data = file.read()
    names, index, total = list(header), {}, 0
    for i in range(3):
        part, blob = {}, b""
        for name in names[i::3]:
            begin, end = header[name]["data_offsets"]
            part[name] = {**header[name], "data_offsets": [len(blob), len(blob) + end - begin]}
            blob += data[begin:end]
            index[name] = "model-%05d-of-00003.safetensors" % (i + 1)
        head = json.dumps(part, separators=(",", ":")).encode()
        head += b" " * (-len(head) % 8)
        total += len(blob)
        with open(os.path.join(directory, "model-%05d-of-00003.safetensors" % (i + 1)), "wb") as file:
            file.write(len(head).to_bytes(8, "little") + head + blob)
    with open(os.path.join(directory, "model.safetensors.index.json"), "w", encoding="utf-8", newline="\n") as file:
        json.dump({"metadata": {"total_size": total}, "weight_map": dict(sorted(index.items()))}, file, indent=2)
        file.write("\n")
    os.remove(path)


def save(path, state, dtype):
    """As save() of pytorch_cases.py, which knows integers of 64 bits only, for all that a state_dict holds."""
    forms = {torch.bool: "BOOL", torch.int32: "I32", torch.uint8: "U8", torch.int64: "I64", torch.float32: "F32"}
    header, data = {}, b""
    for name, tensor in state.items():
        raw = tensor.contiguous().numpy().tobytes()
        header[name] = {"dtype": forms[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as file:
        file.write(len(head).to_bytes(8, "little") + head + data)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(118)
    pytorch_cases.save = save
    for seed, case in enumerate(cases()):
        with torch.no_grad():
            case[1].eval()
            pytorch_cases.write(sys.argv[1], 1000 + seed, *case)
    shard(os.path.join(sys.argv[1], "sharded", "model"))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()
