"""ONNX operators in PyTorch: elements picked, ordered and placed by other inputs, and determinants."""

import torch

from torch_operators import Node, operator


def combined(reduction, values):
    """The element that is there with all that are written to its place."""
    if len(values) == 1 or reduction == "none":
        return values[-1]
    values = torch.stack(values)
    return {"add": values.sum, "mul": values.prod, "max": values.amax, "min": values.amin}[reduction](0)


@operator("ScatterElements")
def scatter_elements(node, x, indices, updates):
    axis = node.get("axis", 0) % x.dim()
    written = [[element] for element in x.flatten()]
    strides = x.contiguous().stride()
    places = torch.ones_like(indices).nonzero().tolist()
    for place in places:
        target = list(place)
        target[axis] = int(indices[tuple(place)]) % x.shape[axis]
        written[sum(a * b for a, b in zip(target, strides))].append(updates[tuple(place)])
    return torch.stack([combined(node.get("reduction", "none"), values) for values in written]).reshape(x.shape)


@operator("ScatterND")
def scatter_nd(node, x, indices, updates):
    depth = indices.shape[-1]
    inner = x.shape[depth:]
    numbers = torch.arange(x.numel()).reshape(x.shape)
    targets = [numbers[tuple(index)] for index in indices.reshape(-1, depth).tolist()]
    flat = Node({"reduction": node.get("reduction", "none")}, 1)
    return scatter_elements(flat, x.flatten(), torch.stack(targets).flatten(), updates.reshape((-1,) + inner).flatten()).reshape(x.shape)


@operator("Compress")
def compress(node, x, condition):
    axis = node.get("axis")
    if axis is None:
        x, axis = x.flatten(), 0
    return x.index_select(axis, condition.nonzero().flatten())


@operator("TopK")
def top_k(node, x, k):
    axis = node.get("axis", -1)
    return list(torch.topk(x, int(k), axis, bool(node.get("largest", 1)), True))


@operator("OneHot")
def one_hot(node, indices, depth, values):
    depth, indices = int(depth), indices.long()
    inside = (indices >= -depth) & (indices < depth)
    hot = torch.nn.functional.one_hot(indices % depth, depth) * inside.unsqueeze(-1)
    axis = node.get("axis", -1)
    return values[hot.movedim(-1, axis)]


@operator("ReverseSequence")
def reverse_sequence(node, x, lengths):
    batch, time = node.get("batch_axis", 1), node.get("time_axis", 0)
    x = x.movedim([batch, time], [0, 1])
    rows = [torch.cat([row[:length].flip(0), row[length:]]) for row, length in zip(x, lengths.tolist())]
    return torch.stack(rows).movedim([0, 1], [batch, time])


@operator("Det")
def determinant(node, x):
    # Laplace's expansion: PyTorch's own determinant has no gradient at matrices of low rank.
    if x.shape[-1] == 1:
        return x[..., 0, 0]
    rest = x[..., 1:, :]
    columns = range(x.shape[-1])
    minors = [determinant(node, rest[..., [other for other in columns if other != column]]) for column in columns]
    return sum((-1) ** column * x[..., 0, column] * minor for column, minor in zip(columns, minors))


@operator("Unique")
def unique(node, x):
    axis = node.get("axis")
    rows = x.flatten().unsqueeze(1) if axis is None else x.transpose(0, axis)
    first = {}
    for place, row in enumerate(rows.reshape(rows.shape[0], -1).tolist()):
        first.setdefault(tuple(row), place)
    keys = sorted(first) if node.get("sorted", 1) else list(first)
    picked = rows[torch.tensor([first[key] for key in keys])]
    return picked.squeeze(1) if axis is None else picked.transpose(0, axis)


@operator("Range")
def number_range(node, start, limit, delta):
    count = max(int(torch.ceil((limit.detach() - start.detach()) / delta.detach())), 0)
    return start + delta * torch.arange(count, dtype=start.dtype)
