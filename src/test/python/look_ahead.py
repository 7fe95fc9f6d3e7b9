"""What a network with bidirectional layers gives when each of them looks k tokens ahead: a reference by the definition.

For position t of a sequence of T tokens, a bidirectional layer gives its forward output at t, which comes from the
first token on, joined with its backward output at t: the backward cell runs from zero, from position min(t + k, T)
down to t, over what the layer below gives at these positions. Layer by layer, in float64 with numpy and nothing else.

    layers = [Bidirectional(Lstm(...), Lstm(...)), Each(lambda x: ...), Forward(Gru(...))]
    outputs(layers, x, k)  # [T, n] from x, [T, n_x]; k may be END
"""
import math

import numpy as np

END = math.inf


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Rnn:
    """h' = g(Wi x + bi + Wh h + bh)"""

    def __init__(self, wi, wh, bi=0, bh=0, g=np.tanh):
        self.wi, self.wh, self.b, self.g = wi, wh, bi + bh, g

    def zero(self):
        return np.zeros(self.wh.shape[1])

    def step(self, x, h):
        h = self.g(self.wi @ x + self.b + self.wh @ h)
        return h, h


class Gru:
    """Gates r, z, n, one below the other; the reset gate is behind the product with h, as in PyTorch, or before it."""

    def __init__(self, wi, wh, bi=0, bh=0, g=np.tanh, gate=sigmoid, reset_after=True):
        self.wi, self.wh, self.g, self.gate, self.reset_after = wi, wh, g, gate, reset_after
        rows = wi.shape[0]
        self.bi, self.bh = np.broadcast_to(bi, rows), np.broadcast_to(bh, rows)

    def zero(self):
        return np.zeros(self.wh.shape[1])

    def step(self, x, h):
        n = len(h)
        ir, iz, inew = np.split(self.wi @ x + self.bi, 3)
        hr, hz, hnew = np.split(self.wh @ h + self.bh, 3)
        r, z = self.gate(ir + hr), self.gate(iz + hz)
        if self.reset_after:
            new = self.g(inew + r * hnew)
        else:
            new = self.g(inew + self.wh[2 * n:] @ (r * h) + self.bh[2 * n:])
        h = (1 - z) * new + z * h
        return h, h


class Lstm:
    """Gates i, f, g, o, one below the other; with a projection wr, h = wr (o * g(c))."""

    def __init__(self, wi, wh, bi=0, bh=0, wr=None, g=np.tanh, gate=sigmoid):
        self.wi, self.wh, self.b, self.wr, self.g, self.gate = wi, wh, bi + bh, wr, g, gate

    def zero(self):
        return np.zeros(self.wh.shape[1]), np.zeros(self.wh.shape[0] // 4)

    def step(self, x, state):
        h, c = state
        i, f, new, o = np.split(self.wi @ x + self.b + self.wh @ h, 4)
        c = self.gate(f) * c + self.gate(i) * self.g(new)
        h = self.gate(o) * self.g(c)
        h = h if self.wr is None else self.wr @ h
        return h, (h, c)


def run(cell, inputs):
    """The output of each step from zero."""
    state, outputs = cell.zero(), []
    for x in inputs:
        y, state = cell.step(x, state)
        outputs.append(y)
    return outputs


class Each:
    """A function of the layer below at the same position."""

    def __init__(self, function):
        self.function = function

    def outputs(self, x, k):
        return np.stack([self.function(row) for row in x])


class Forward:
    """A layer of one direction."""

    def __init__(self, cell):
        self.cell = cell

    def outputs(self, x, k):
        return np.stack(run(self.cell, x))


class Bidirectional:
    """Two cells; forward may be None. With `final`, one output: of the last position and of the first one."""

    def __init__(self, forward, backward, join=lambda f, b: np.concatenate([f, b]), final=False):
        self.forward, self.backward, self.join, self.final = forward, backward, join, final

    def outputs(self, x, k):
        last = len(x) - 1
        backward = []
        for t in range(len(x)):
            ahead = x[t:min(t + k, last) + 1]
            backward.append(run(self.backward, ahead[::-1])[-1])
        if self.forward is None:
            return np.stack(backward[:1] if self.final else backward)
        forward = run(self.forward, x)
        if self.final:
            forward, backward = forward[-1:], backward[:1]
        return np.stack([self.join(f, b) for f, b in zip(forward, backward)])


def outputs(layers, x, k):
    for layer in layers:
        x = layer.outputs(np.asarray(x, np.float64), k)
    return x


def of_torch(module):
    """The layers of nn.RNN, nn.GRU or nn.LSTM."""
    layers = []
    for number in range(module.num_layers):
        cells = []
        for suffix in ["_l%d" % number] + (["_l%d_reverse" % number] if module.bidirectional else []):
            def tensor(name):
                found = getattr(module, name + suffix, None)
                return None if found is None else found.detach().double().numpy()
            weights = [tensor("weight_ih"), tensor("weight_hh")]
            weights += [tensor("bias_ih"), tensor("bias_hh")] if module.bias else [0, 0]
            if module.mode == "LSTM":
                cells.append(Lstm(*weights, wr=tensor("weight_hr")))
            elif module.mode == "GRU":
                cells.append(Gru(*weights))
            else:
                relu = module.mode == "RNN_RELU"
                cells.append(Rnn(*weights, g=(lambda x: np.maximum(x, 0)) if relu else np.tanh))
        layers.append(Bidirectional(*cells) if module.bidirectional else Forward(*cells))
    return layers
