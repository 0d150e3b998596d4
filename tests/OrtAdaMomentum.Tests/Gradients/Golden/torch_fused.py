"""Operators that ONNX Runtime adds to the standard, in PyTorch."""

import torch
import torch.nn.functional as functional

from torch_layers import convolution, general_product, layer_normalization
from torch_operators import Node, operator


@operator("BiasGelu")
def bias_gelu(node, x, bias):
    return functional.gelu(x + bias)


@operator("FastGelu")
def fast_gelu(node, x, bias=None):
    return functional.gelu(x if bias is None else x + bias, approximate="tanh")


@operator("QuickGelu")
def quick_gelu(node, x):
    return x * torch.sigmoid(node.get("alpha", 1.702) * x)


def factor(node, x, side):
    if x.dim() < 2:
        return x
    if node.get("transBatch" + side, 0):
        x = x.movedim(0, -2)
    return x.transpose(-1, -2) if node.get("trans" + side, 0) else x


@operator("FusedMatMul", "TransposeMatMul")
def fused_product(node, a, b):
    return node.get("alpha", 1.0) * torch.matmul(factor(node, a, "A"), factor(node, b, "B"))


ACTIVATIONS = {
    "": lambda x: x * 1,
    "Celu": lambda x, alpha: torch.clamp(x, min=0) + torch.clamp(alpha * (torch.exp(x / alpha) - 1), max=0),
    "Clip": lambda x, low, high: torch.clamp(x, low, high),
    "Elu": lambda x, alpha: functional.elu(x, alpha),
    "HardSigmoid": lambda x, alpha, beta: torch.clamp(alpha * x + beta, 0, 1),
    "HardSwish": functional.hardswish,
    "LeakyRelu": lambda x, alpha: functional.leaky_relu(x, alpha),
    "ParametricSoftplus": lambda x, alpha, beta: alpha * functional.softplus(beta * x),
    "Relu": torch.relu,
    "ScaledTanh": lambda x, alpha, beta: alpha * torch.tanh(beta * x),
    "Selu": lambda x, alpha, gamma: gamma * functional.elu(x, alpha),
    "Sigmoid": torch.sigmoid,
    "Softplus": functional.softplus,
    "Softsign": functional.softsign,
    "Tanh": torch.tanh,
    "ThresholdedRelu": lambda x, alpha: functional.threshold(x, alpha, 0),
}


@operator("FusedGemm")
def fused_gemm(node, a, b, c=None):
    names = [name for name in ("activation_alpha", "activation_beta", "activation_gamma") if name in node.attributes]
    return ACTIVATIONS[node.get("activation")](general_product(node, a, b, c), *[node.get(name) for name in names])


@operator("FusedConv")
def fused_conv(node, x, filter_, bias=None, added=None):
    y = convolution(node, x, filter_, bias)
    y = y if added is None else y + added
    return ACTIVATIONS[node.get("activation", "")](y, *(node.get("activation_params") or []))


@operator("SimplifiedLayerNormalization")
def root_mean_square_normalization(node, x, scale):
    axes = list(range(node.get("axis", -1) % x.dim(), x.dim()))
    inverse = torch.rsqrt((x * x).mean(axes, keepdim=True) + node.get("epsilon", 1e-5))
    return [x * inverse * scale, inverse]


@operator("DequantizeLinear")
def dequantize(node, x, scale, zero=None):
    zero = torch.zeros_like(scale) if zero is None else zero.to(scale.dtype)
    if scale.numel() > 1 or node.get("block_size", 0):
        axis = node.get("axis", 1) % x.dim()
        if node.get("block_size", 0):
            blocks = torch.arange(x.shape[axis]) // node.get("block_size")
            scale, zero = scale.index_select(axis, blocks), zero.index_select(axis, blocks)
        else:
            layout = [-1] + [1] * (x.dim() - 1 - axis)
            scale, zero = scale.reshape(layout), zero.reshape(layout)
    return ((x.to(scale.dtype) - zero) * scale).reshape(x.shape)


def on_last_axis(node):
    return Node({"axis": -1, "epsilon": node.get("epsilon", 1e-5)}, 3)


@operator("SkipLayerNormalization")
def skip_layer_normalization(node, x, skip, gamma, beta=None, bias=None):
    total = x + skip if bias is None else x + skip + bias
    return layer_normalization(on_last_axis(node), total, gamma, beta) + [total]


@operator("SkipSimplifiedLayerNormalization")
def skip_simplified_layer_normalization(node, x, skip, gamma, bias=None):
    total = x + skip if bias is None else x + skip + bias
    y, inverse = root_mean_square_normalization(on_last_axis(node), total, gamma)
    return [y, torch.zeros_like(inverse), inverse, total]
