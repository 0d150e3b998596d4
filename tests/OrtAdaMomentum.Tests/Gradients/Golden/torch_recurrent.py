"""ONNX recurrent layers and Scan in PyTorch, step by step as the specification writes them.

Where ONNX Runtime goes another way, so do these: the memory of an LSTM is not clipped before the output sees it, and the last state of an
empty sequence is zero in LSTM and GRU.
"""

import onnx
import torch
import torch.nn.functional as functional
from onnx import numpy_helper

from torch_operators import OPERATORS, Node, operator

# Function, number of its parameters, ONNX Runtime's defaults for them.
ACTIVATIONS = {
    "affine": (lambda x, a, b: a * x + b, 2, (0, 0)),
    "elu": (lambda x, a, b: torch.where(x >= 0, x, a * (torch.exp(x) - 1)), 1, (1, 0)),
    "hardsigmoid": (lambda x, a, b: torch.clamp(a * x + b, 0, 1), 2, (0.2, 0.5)),
    "leakyrelu": (lambda x, a, b: torch.where(x >= 0, x, a * x), 1, (0.01, 0)),
    "relu": (lambda x, a, b: torch.relu(x), 0, (0, 0)),
    "scaledtanh": (lambda x, a, b: a * torch.tanh(b * x), 2, (0, 0)),
    "sigmoid": (lambda x, a, b: torch.sigmoid(x), 0, (0, 0)),
    "softplus": (lambda x, a, b: functional.softplus(x), 0, (0, 0)),
    "softsign": (lambda x, a, b: x / (1 + x.abs()), 0, (0, 0)),
    "tanh": (lambda x, a, b: torch.tanh(x), 0, (0, 0)),
    "thresholdedrelu": (lambda x, a, b: torch.where(x > a, x, torch.zeros_like(x)), 1, (0, 0)),
}


def activations(node, defaults):
    """The functions in order; each takes as many parameters from the lists as it has."""
    alphas, betas = list(node.get("activation_alpha") or []), list(node.get("activation_beta") or [])
    functions = []
    for name in node.get("activations") or defaults:
        name = name.decode() if isinstance(name, bytes) else name
        function, parameters, (alpha, beta) = ACTIVATIONS[name.lower()]
        if parameters > 0 and alphas:
            alpha = alphas.pop(0)
        if parameters > 1 and betas:
            beta = betas.pop(0)
        functions.append(lambda x, f=function, a=alpha, b=beta: f(x, a, b))
    return functions


def walk(node, x, directions, lengths, states, step, empty_gives_zero):
    """Runs `step(direction, x_t, states)` over all samples on their own; gives Y and the last states."""
    time, batch, _ = x.shape
    sequences, last = [], []
    for direction in range(directions):
        columns, finals = [], []
        for sample in range(batch):
            length = time if lengths is None else int(lengths[sample])
            state = [s[direction, sample] for s in states]
            order = list(range(length))
            if direction == 1 or node.get("direction", "forward") == "reverse":
                order.reverse()
            outputs = [torch.zeros_like(state[0])] * time
            for t in order:
                state = step(direction, x[t, sample], state)
                outputs[t] = state[0]
            columns.append(torch.stack(outputs))
            empty = length == 0 and empty_gives_zero
            finals.append([torch.zeros_like(s) for s in state] if empty else state)
        sequences.append(torch.stack(columns, 1))
        last.append([torch.stack(parts) for parts in zip(*finals)])
    return [torch.stack(sequences, 1)] + [torch.stack(parts) for parts in zip(*last)]


def prepared(node, gates, x, r, b, h):
    directions, hidden = r.shape[0], r.shape[2]
    b = x.new_zeros(directions, 2 * gates * hidden) if b is None else b
    h = x.new_zeros(directions, x.shape[1], hidden) if h is None else h
    limit = node.get("clip")
    clip = (lambda value: value) if limit is None else (lambda value: torch.clamp(value, -limit, limit))
    return directions, hidden, b, h, clip


@operator("LSTM")
def lstm(node, x, w, r, b=None, lengths=None, h=None, c=None, p=None):
    directions, hidden, b, h, clip = prepared(node, 4, x, r, b, h)
    c = torch.zeros_like(h) if c is None else c
    p = x.new_zeros(directions, 3 * hidden) if p is None else p
    functions = activations(node, ["Sigmoid", "Tanh", "Tanh"] * directions)

    def step(d, x_t, state):
        f, g, squash = functions[3 * d: 3 * d + 3]
        before, memory = state
        wb, rb = b[d].chunk(2)
        i, o, forget, block = (w[d] @ x_t + r[d] @ before + wb + rb).chunk(4)
        pi, po, pf = p[d].chunk(3)
        i = f(clip(i + pi * memory))
        forget = 1 - i if node.get("input_forget", 0) else f(clip(forget + pf * memory))
        memory = forget * memory + i * g(clip(block))
        return [f(clip(o + po * memory)) * squash(memory), memory]

    return walk(node, x, directions, lengths, [h, c], step, empty_gives_zero=True)


@operator("GRU")
def gru(node, x, w, r, b=None, lengths=None, h=None):
    directions, hidden, b, h, clip = prepared(node, 3, x, r, b, h)
    functions = activations(node, ["Sigmoid", "Tanh"] * directions)

    def step(d, x_t, state):
        f, g = functions[2 * d: 2 * d + 2]
        (before,) = state
        wz, wr, wh = w[d].chunk(3)
        rz, rr, rh = r[d].chunk(3)
        wbz, wbr, wbh, rbz, rbr, rbh = b[d].chunk(6)
        z = f(clip(wz @ x_t + rz @ before + wbz + rbz))
        reset = f(clip(wr @ x_t + rr @ before + wbr + rbr))
        if node.get("linear_before_reset", 0):
            candidate = g(clip(wh @ x_t + reset * (rh @ before + rbh) + wbh))
        else:
            candidate = g(clip(wh @ x_t + rh @ (reset * before) + rbh + wbh))
        return [(1 - z) * candidate + z * before]

    return walk(node, x, directions, lengths, [h], step, empty_gives_zero=True)


@operator("RNN")
def rnn(node, x, w, r, b=None, lengths=None, h=None):
    directions, hidden, b, h, clip = prepared(node, 1, x, r, b, h)
    functions = activations(node, ["Tanh"] * directions)

    def step(d, x_t, state):
        wb, rb = b[d].chunk(2)
        return [functions[d](clip(w[d] @ x_t + r[d] @ state[0] + wb + rb))]

    return walk(node, x, directions, lengths, [h], step, empty_gives_zero=False)


def run_graph(graph, inputs, around):
    values = dict(around)
    values.update({tensor.name: torch.tensor(numpy_helper.to_array(tensor).copy()) for tensor in graph.initializer})
    values.update({declared.name: value for declared, value in zip(graph.input, inputs)})
    for node in graph.node:
        attributes = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
        arguments = [values[name] if name else None for name in node.input]
        outputs = OPERATORS[node.op_type](Node(attributes, len(node.output), values), *arguments)
        values.update(zip(node.output, [outputs] if isinstance(outputs, torch.Tensor) else outputs))
    return [values[declared.name] for declared in graph.output]


@operator("Scan")
def scan(node, *inputs):
    body, count = node.get("body"), node.get("num_scan_inputs")
    states, sequences = list(inputs[:len(inputs) - count]), inputs[len(inputs) - count:]
    collected = len(body.output) - len(states)
    axes = node.get("scan_input_axes") or [0] * count
    directions = node.get("scan_input_directions") or [0] * count
    output_axes = node.get("scan_output_axes") or [0] * collected
    output_directions = node.get("scan_output_directions") or [0] * collected
    time = sequences[0].shape[axes[0]]
    columns = [[] for _ in range(collected)]
    for step in range(time):
        elements = [
            sequence.select(axis, time - 1 - step if direction else step)
            for sequence, axis, direction in zip(sequences, axes, directions)]
        outputs = run_graph(body, states + elements, node.values)
        states = outputs[:len(states)]
        for column, value in zip(columns, outputs[len(states):]):
            column.append(value)
    stacked = [
        torch.stack(column[::-1] if direction else column, axis)
        for column, axis, direction in zip(columns, output_axes, output_directions)]
    return states + stacked
