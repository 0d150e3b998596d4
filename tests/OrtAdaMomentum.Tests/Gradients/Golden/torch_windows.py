"""ONNX operators in PyTorch: pooling by norms, unpooling, regions, blocks, cropping, convolution at shifted places."""

import itertools
import math

import torch

from torch_layers import padded, pooling, window
from torch_operators import operator


@operator("LpPool")
def norm_pool(node, x):
    kernel, strides, dilations, begin, end, outputs = pooling(node, x)
    power = node.get("p", 2)
    reach = [(count - 1) * s + d * (k - 1) + 1 for count, s, d, k in zip(outputs, strides, dilations, kernel)]
    powers = padded(x.abs() ** power, begin, [max(0, whole - extent - b) for whole, extent, b in zip(reach, x.shape[2:], begin)])
    for axis, (count, stride, dilation, taps) in enumerate(zip(outputs, strides, dilations, kernel)):
        places = torch.tensor([[place * stride + tap * dilation for tap in range(taps)] for place in range(count)], dtype=torch.int64)
        picked = powers.index_select(axis + 2, places.flatten())
        powers = picked.unflatten(axis + 2, (count, taps)).sum(axis + 3)
    return powers ** (1 / power)


@operator("GlobalLpPool")
def global_norm_pool(node, x):
    power = node.get("p", 2)
    return (x.abs() ** power).sum(list(range(2, x.dim())), keepdim=True) ** (1 / power)


@operator("MaxUnpool")
def max_unpool(node, x, places, shape=None):
    kernel = node.get("kernel_shape")
    rank = len(kernel)
    strides = node.get("strides") or [1] * rank
    pads = node.get("pads") or [0] * 2 * rank
    spatial = [(x.shape[axis + 2] - 1) * strides[axis] + kernel[axis] - pads[axis] - pads[rank + axis] for axis in range(rank)]
    target = list(x.shape[:2]) + spatial if shape is None else shape.tolist()
    return torch.zeros(math.prod(target)).index_put((places.flatten(),), x.flatten()).reshape(target)


def half_away(value):
    return math.floor(abs(value) + 0.5) * (1 if value >= 0 else -1)


@operator("MaxRoiPool")
def max_region_pool(node, x, regions):
    bins = node.get("pooled_shape")
    scale = node.get("spatial_scale", 1.0)
    outputs = []
    for image, *corners in regions.tolist():
        left, top, right, bottom = [half_away(corner * scale) for corner in corners]
        ranges = []
        for start, last, count, extent in ((top, bottom, bins[0], x.shape[2]), (left, right, bins[1], x.shape[3])):
            size = max(last - start + 1, 1) / count
            ranges.append([
                range(min(max(math.floor(place * size) + start, 0), extent), min(max(math.ceil((place + 1) * size) + start, 0), extent))
                for place in range(count)
            ])
        for rows, columns in itertools.product(*ranges):
            if len(rows) == 0 or len(columns) == 0:
                outputs.append(torch.zeros(x.shape[1]))
            else:
                outputs.append(x[int(image), :, rows.start : rows.stop, columns.start : columns.stop].flatten(1).max(1).values)
    return torch.stack(outputs).reshape(regions.shape[0], bins[0], bins[1], x.shape[1]).permute(0, 3, 1, 2)


@operator("Col2Im")
def blocks_to_image(node, x, image_shape, block_shape):
    image, block = image_shape.tolist(), block_shape.tolist()
    channels = x.shape[1] // math.prod(block)
    strides, dilations, begin, end = window(node, x, block)
    counts = [(extent + b + e - d * (k - 1) - 1) // s + 1 for extent, b, e, d, k, s in zip(image, begin, end, dilations, block, strides)]
    places = []
    for tap in itertools.product(*map(range, block)):
        for position in itertools.product(*map(range, counts)):
            at = [p * s + t * d - b for p, s, t, d, b in zip(position, strides, tap, dilations, begin)]
            flat = 0
            for coordinate, extent in zip(at, image):
                flat = flat * extent + coordinate
            # What falls outside goes to an element behind the image.
            places.append(flat if all(0 <= coordinate < extent for coordinate, extent in zip(at, image)) else math.prod(image))
    whole = torch.zeros(x.shape[0], channels, math.prod(image) + 1)
    whole = whole.index_add(2, torch.tensor(places, dtype=torch.int64), x.reshape(x.shape[0], channels, -1))
    return whole[:, :, :-1].reshape([x.shape[0], channels] + image)


@operator("CenterCropPad")
def center_crop_pad(node, x, shape):
    axes = node.get("axes") or list(range(x.dim()))
    for axis, wanted in zip(axes, shape.tolist()):
        axis = axis % x.dim()
        extent = x.shape[axis]
        if wanted <= extent:
            x = x.narrow(axis, (extent - wanted) // 2, wanted)
        else:
            before = (wanted - extent) // 2
            sizes = [list(x.shape), list(x.shape)]
            sizes[0][axis], sizes[1][axis] = before, wanted - extent - before
            x = torch.cat([torch.zeros(sizes[0]), x, torch.zeros(sizes[1])], axis)
    return x * 1


def sampled(x, rows, columns):
    """Bilinear samples of [batch, channels, height, width] at [batch, outputs], zero outside: [batch, channels, outputs]."""
    height, width = x.shape[2:]
    flat = x.flatten(2)
    total = 0
    for row, column in itertools.product((rows.floor(), rows.floor() + 1), (columns.floor(), columns.floor() + 1)):
        inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        weight = (1 - (rows - row).abs()) * (1 - (columns - column).abs()) * inside
        places = (row.clamp(0, height - 1) * width + column.clamp(0, width - 1)).detach().long()
        total = total + flat.gather(2, places.unsqueeze(1).expand(-1, x.shape[1], -1)) * weight.unsqueeze(1)
    return total


@operator("DeformConv")
def deformable_convolution(node, x, filter_, offset, bias=None, mask=None):
    groups, offset_groups = node.get("group", 1), node.get("offset_group", 1)
    strides, dilations, begin, end = window(node, x, list(filter_.shape[2:]))
    taps = list(itertools.product(range(filter_.shape[2]), range(filter_.shape[3])))
    outputs = offset.shape[2:]
    positions = torch.meshgrid(*[torch.arange(count, dtype=x.dtype) * stride for count, stride in zip(outputs, strides)], indexing="ij")
    parts = []
    for group, part in enumerate(x.chunk(offset_groups, 1)):
        seen = []
        for number, tap in enumerate(taps):
            place = group * len(taps) + number
            rows, columns = [
                (positions[axis] + tap[axis] * dilations[axis] - begin[axis] + offset[:, 2 * place + axis]).flatten(1) for axis in range(2)
            ]
            values = sampled(part, rows, columns)
            seen.append(values if mask is None else values * mask[:, place].flatten(1).unsqueeze(1))
        parts.append(torch.stack(seen, 2))
    samples = torch.cat(parts, 1).reshape(x.shape[0], groups, filter_.shape[1] * len(taps), -1)
    y = filter_.reshape(groups, filter_.shape[0] // groups, -1) @ samples
    y = y.reshape([x.shape[0], filter_.shape[0]] + list(outputs))
    return y if bias is None else y + bias.reshape(-1, 1, 1)
