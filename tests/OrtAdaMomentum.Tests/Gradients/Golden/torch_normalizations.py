"""ONNX operators in PyTorch: normalisation by statistics of instances, groups and neighbours, and by norms."""

import torch

from torch_operators import operator


def per_channel(values, x):
    return values.reshape([-1] + [1] * (x.dim() - 2))


def standardized(x, axes, epsilon):
    centred = x - x.mean(axes, keepdim=True)
    return centred / torch.sqrt((centred * centred).mean(axes, keepdim=True) + epsilon)


@operator("InstanceNormalization")
def instance_normalization(node, x, scale, bias):
    y = standardized(x, list(range(2, x.dim())), node.get("epsilon", 1e-5))
    return y * per_channel(scale, x) + per_channel(bias, x)


@operator("GroupNormalization")
def group_normalization(node, x, scale, bias):
    groups = node.get("num_groups")
    grouped = x.reshape(x.shape[0], groups, x[0:1].numel() // groups if x.shape[0] else 1)
    y = standardized(grouped, [2], node.get("epsilon", 1e-5)).reshape(x.shape)
    return y * per_channel(scale, x) + per_channel(bias, x)


@operator("LRN")
def local_response_normalization(node, x):
    size = node.get("size")
    squares = (x * x).split(1, 1)
    sums = []
    for channel in range(x.shape[1]):
        first = max(0, channel - (size - 1) // 2)
        last = min(x.shape[1] - 1, channel + size - 1 - (size - 1) // 2)
        sums.append(torch.cat(squares[first : last + 1], 1).sum(1, keepdim=True))
    base = node.get("bias", 1.0) + node.get("alpha", 1e-4) / size * torch.cat(sums, 1)
    return x / base ** node.get("beta", 0.75)


@operator("MeanVarianceNormalization")
def mean_variance_normalization(node, x):
    axes = node.get("axes") or [0, 2, 3]
    mean = x.mean(axes, keepdim=True)
    variance = ((x - mean) ** 2).mean(axes, keepdim=True)
    return (x - mean) / (torch.sqrt(variance) + 1e-9)


@operator("LpNormalization")
def norm_normalization(node, x):
    axis, power = node.get("axis", -1), node.get("p", 2)
    return x / (x.abs() ** power).sum(axis, keepdim=True) ** (1 / power)
