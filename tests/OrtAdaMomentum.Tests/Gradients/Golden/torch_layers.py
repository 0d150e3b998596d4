"""ONNX operators in PyTorch: convolution, pooling, normalisation and other layers."""

import itertools
import math

import torch
import torch.nn.functional as functional

from torch_operators import operator

CONVOLUTION = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}
TRANSPOSED_CONVOLUTION = {1: functional.conv_transpose1d, 2: functional.conv_transpose2d, 3: functional.conv_transpose3d}
MAX_POOLING = {1: functional.max_pool1d, 2: functional.max_pool2d, 3: functional.max_pool3d}


def padded(x, begin, end, value=0.0):
    """Pads the last axes; negative counts crop."""
    return functional.pad(x, [count for pair in reversed(list(zip(begin, end))) for count in pair], value=value)


def window(node, x, kernel):
    """Strides, dilations and padding in front and behind."""
    rank = len(kernel)
    strides = node.get("strides") or [1] * rank
    dilations = node.get("dilations") or [1] * rank
    pads = node.get("pads") or [0] * 2 * rank
    begin, end = list(pads[:rank]), list(pads[rank:])
    mode = node.get("auto_pad", "NOTSET")
    for axis in range(rank):
        if mode == "VALID":
            begin[axis] = end[axis] = 0
        elif mode.startswith("SAME"):
            extent = x.shape[axis + 2]
            outputs = math.ceil(extent / strides[axis])
            total = max(0, (outputs - 1) * strides[axis] + dilations[axis] * (kernel[axis] - 1) + 1 - extent)
            small, large = total // 2, total - total // 2
            begin[axis], end[axis] = (small, large) if mode == "SAME_UPPER" else (large, small)
    return strides, dilations, begin, end


@operator("Conv")
def convolution(node, x, filter_, bias=None):
    kernel = list(filter_.shape[2:])
    strides, dilations, begin, end = window(node, x, kernel)
    return CONVOLUTION[len(kernel)](
        padded(x, begin, end), filter_, bias, stride=strides, dilation=dilations, groups=node.get("group", 1))


@operator("ConvTranspose")
def transposed_convolution(node, x, filter_, bias=None):
    kernel = list(filter_.shape[2:])
    rank = len(kernel)
    strides = node.get("strides") or [1] * rank
    dilations = node.get("dilations") or [1] * rank
    output_padding = node.get("output_padding") or [0] * rank
    pads = list(node.get("pads") or [0] * 2 * rank)
    target = node.get("output_shape")
    mode = node.get("auto_pad", "NOTSET")
    after = []
    for axis in range(rank):
        extent = x.shape[axis + 2]
        reached = strides[axis] * (extent - 1) + dilations[axis] * (kernel[axis] - 1) + 1
        full = reached + output_padding[axis]
        if target or mode.startswith("SAME"):
            wanted = target[axis] if target else extent * strides[axis]
            total = max(0, full - wanted)
            small, large = total // 2, total - total // 2
            pads[axis], pads[rank + axis] = (small, large) if mode == "SAME_UPPER" else (large, small)
            full = max(full, wanted)
        after.append(full - reached - pads[rank + axis])
    y = TRANSPOSED_CONVOLUTION[rank](x, filter_, None, stride=strides, dilation=dilations, groups=node.get("group", 1))
    y = padded(y, [-count for count in pads[:rank]], after)
    return y if bias is None else y + bias.reshape([-1] + [1] * rank)


def pooling(node, x):
    """Window and number of outputs along each axis."""
    kernel = node.get("kernel_shape")
    strides, dilations, begin, end = window(node, x, kernel)
    outputs = []
    for axis in range(len(kernel)):
        room = x.shape[axis + 2] + begin[axis] + end[axis] - dilations[axis] * (kernel[axis] - 1) - 1
        if node.get("ceil_mode", 0) and node.get("auto_pad", "NOTSET") == "NOTSET":
            count = math.ceil(room / strides[axis]) + 1
            # A window that would start in the padding behind is left out.
            if (count - 1) * strides[axis] >= x.shape[axis + 2] + begin[axis]:
                count -= 1
        else:
            count = room // strides[axis] + 1
        outputs.append(count)
    return kernel, strides, dilations, begin, end, outputs


@operator("MaxPool")
def max_pool(node, x):
    kernel, strides, dilations, begin, end, outputs = pooling(node, x)
    # Exactly what the windows reach over, minus infinity outside.
    reach = [(count - 1) * s + d * (k - 1) + 1 for count, s, d, k in zip(outputs, strides, dilations, kernel)]
    after = [whole - extent - b for whole, extent, b in zip(reach, x.shape[2:], begin)]
    return MAX_POOLING[len(kernel)](padded(x, begin, after, -math.inf), kernel, strides, 0, dilations)


@operator("AveragePool")
def average_pool(node, x):
    kernel, strides, dilations, begin, end, outputs = pooling(node, x)
    counts_padding = node.get("count_include_pad", 0)
    averages = []
    for output in itertools.product(*[range(count) for count in outputs]):
        places = []
        for axis, place in enumerate(output):
            taps = [place * strides[axis] - begin[axis] + tap * dilations[axis] for tap in range(kernel[axis])]
            places.append(taps)
        inside = [[tap for tap in taps if 0 <= tap < x.shape[axis + 2]] for axis, taps in enumerate(places)]
        counted = inside
        if counts_padding:
            counted = [[tap for tap in taps if tap < x.shape[axis + 2] + end[axis]] for axis, taps in enumerate(places)]
        picked = x
        for axis, taps in enumerate(inside):
            picked = picked.index_select(axis + 2, torch.tensor(taps, dtype=torch.int64))
        averages.append(picked.flatten(2).sum(-1) / math.prod(len(taps) for taps in counted))
    return torch.stack(averages, -1).reshape(list(x.shape[:2]) + outputs)


@operator("GlobalAveragePool")
def global_average_pool(node, x):
    return x.flatten(2).mean(-1).reshape(list(x.shape[:2]) + [1] * (x.dim() - 2))


@operator("GlobalMaxPool")
def global_max_pool(node, x):
    return x.flatten(2).max(-1).values.reshape(list(x.shape[:2]) + [1] * (x.dim() - 2))


@operator("BatchNormalization")
def batch_normalization(node, x, scale, bias, mean, variance):
    epsilon, momentum = node.get("epsilon", 1e-5), node.get("momentum", 0.9)
    layout = [-1] + [1] * (x.dim() - 2)
    running = []
    if node.get("training_mode", 0):
        others = [axis for axis in range(x.dim()) if axis != 1]
        batch_mean, batch_variance = x.mean(others), x.var(others, unbiased=False)
        running = [mean * momentum + batch_mean * (1 - momentum), variance * momentum + batch_variance * (1 - momentum)]
        mean, variance = batch_mean, batch_variance
    y = (x - mean.reshape(layout)) / torch.sqrt(variance.reshape(layout) + epsilon) * scale.reshape(layout) + bias.reshape(layout)
    return [y] + running


@operator("LayerNormalization")
def layer_normalization(node, x, scale, bias=None):
    axes = list(range(node.get("axis", -1) % x.dim(), x.dim()))
    mean = x.mean(axes, keepdim=True)
    inverse = torch.rsqrt(x.var(axes, unbiased=False, keepdim=True) + node.get("epsilon", 1e-5))
    y = (x - mean) * inverse * scale
    return [y if bias is None else y + bias, mean, inverse]


@operator("Softmax")
def softmax(node, x):
    return torch.softmax(x, node.get("axis", -1))


@operator("LogSoftmax")
def log_softmax(node, x):
    return torch.log_softmax(x, node.get("axis", -1))


@operator("Dropout")
def dropout(node, x, ratio=None, training=None):
    if training is not None and bool(training) and float(ratio if ratio is not None else 0.5) != 0:
        raise ValueError("random numbers cannot be compared")
    return [x * 1, torch.ones_like(x, dtype=torch.bool)]


@operator("Gemm")
def general_product(node, a, b, c=None):
    a = a.T if node.get("transA", 0) else a
    b = b.T if node.get("transB", 0) else b
    product = node.get("alpha", 1.0) * (a @ b)
    return product if c is None else product + node.get("beta", 1.0) * c


@operator("Pad")
def pad(node, x, pads, value=None, axes=None):
    axes = list(range(x.dim())) if axes is None else [axis % x.dim() for axis in axes.tolist()]
    begin, end = pads.tolist()[: len(axes)], pads.tolist()[len(axes) :]
    mode = node.get("mode", "constant")
    for axis, before, after in zip(axes, begin, end):
        extent = x.shape[axis]
        places = range(-before, extent + after)
        if mode == "constant":
            # Element 0 of a tensor with the constant in front stands for what is outside.
            outside = torch.zeros(1) if value is None else value.reshape(1)
            shape = list(x.shape)
            shape[axis] = 1
            x = torch.cat([outside.reshape([1] * x.dim()).expand(shape), x], axis)
            sources = [place + 1 if 0 <= place < extent else 0 for place in places]
        elif mode == "edge":
            sources = [min(max(place, 0), extent - 1) for place in places]
        elif mode == "wrap":
            sources = [place % extent for place in places]
        else:
            period = max(1, 2 * (extent - 1))
            sources = [min(place % period, period - place % period) for place in places]
        x = x.index_select(axis, torch.tensor(sources, dtype=torch.int64))
    return x
