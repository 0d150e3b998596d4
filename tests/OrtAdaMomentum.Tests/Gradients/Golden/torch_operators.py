"""ONNX operators in PyTorch: elementwise mathematics, reductions, shapes and indexing.

An operator is a function of its node (for the attributes) and its inputs; inputs left out are None.
"""

import math

import torch

OPERATORS = {}


class Node:
    """Attributes and number of outputs of a node, and the values around it by name for graphs inside it."""

    def __init__(self, attributes, output_count, values=None):
        self.attributes = attributes
        self.output_count = output_count
        self.values = values

    def get(self, name, otherwise=None):
        value = self.attributes.get(name, otherwise)
        return value.decode() if isinstance(value, bytes) else value


def operator(*names):
    def register(function):
        for name in names:
            OPERATORS[name] = function
        return function

    return register


def elementwise(**formulas):
    for name, formula in formulas.items():
        OPERATORS[name] = lambda node, *inputs, formula=formula: formula(*inputs)


elementwise(
    Abs=torch.abs, Acos=torch.acos, Acosh=torch.acosh, Asin=torch.asin, Asinh=torch.asinh, Atan=torch.atan, Atanh=torch.atanh,
    Ceil=torch.ceil, Cos=torch.cos, Cosh=torch.cosh, Erf=torch.erf, Exp=torch.exp, Floor=torch.floor, Identity=lambda x: x * 1,
    Log=torch.log, Neg=torch.neg, Reciprocal=torch.reciprocal, Round=torch.round, Sigmoid=torch.sigmoid, Sign=torch.sign, Sin=torch.sin,
    Sinh=torch.sinh, Sqrt=torch.sqrt, Tan=torch.tan, Tanh=torch.tanh,
    Relu=torch.relu,
    HardSwish=lambda x: x * torch.clamp(x / 6 + 0.5, 0, 1),
    Mish=lambda x: x * torch.tanh(torch.log1p(torch.exp(x))),
    Softplus=lambda x: torch.logaddexp(x, torch.zeros_like(x)),
    Softsign=lambda x: x / (1 + x.abs()),
    Add=torch.add, Sub=torch.sub, Mul=torch.mul, Div=torch.div, Pow=lambda x, y: torch.pow(x, y.to(x.dtype)), MatMul=torch.matmul,
    PRelu=lambda x, slope: torch.where(x < 0, slope * x, x),
    Where=torch.where,
    Sum=lambda *inputs: stacked(inputs).sum(0),
    Mean=lambda *inputs: stacked(inputs).mean(0),
    Max=lambda *inputs: stacked(inputs).amax(0),
    Min=lambda *inputs: stacked(inputs).amin(0),
)


def stacked(inputs):
    return torch.stack(torch.broadcast_tensors(*inputs))


@operator("Celu")
def celu(node, x):
    alpha = node.get("alpha", 1.0)
    return x.clamp(min=0) + alpha * torch.expm1(x.clamp(max=0) / alpha)


@operator("Elu")
def elu(node, x):
    return torch.where(x > 0, x, node.get("alpha", 1.0) * torch.expm1(x.clamp(max=0)))


@operator("Selu")
def selu(node, x):
    alpha, gamma = node.get("alpha", 1.67326319217681884765625), node.get("gamma", 1.05070102214813232421875)
    return gamma * torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))


@operator("LeakyRelu")
def leaky_relu(node, x):
    return torch.nn.functional.leaky_relu(x, node.get("alpha", 0.01))


@operator("ThresholdedRelu")
def thresholded_relu(node, x):
    return torch.where(x > node.get("alpha", 1.0), x, torch.zeros_like(x))


@operator("Shrink")
def shrink(node, x):
    bias, bound = node.get("bias", 0.0), node.get("lambd", 0.5)
    return torch.where(x < -bound, x + bias, torch.where(x > bound, x - bias, torch.zeros_like(x)))


@operator("HardSigmoid")
def hard_sigmoid(node, x):
    return (node.get("alpha", 0.2) * x + node.get("beta", 0.5)).clamp(0, 1)


@operator("Gelu")
def gelu(node, x):
    if node.get("approximate", "none") == "tanh":
        return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


@operator("Mod")
def mod(node, x, y):
    return torch.fmod(x, y) if node.get("fmod", 0) else torch.remainder(x, y)


@operator("Clip")
def clip(node, x, low=None, high=None):
    return x if low is None and high is None else torch.clamp(x, low, high)


@operator("Cast", "CastLike")
def cast(node, x, like=None):
    types = {1: torch.float32, 10: torch.float16, 11: torch.float64, 7: torch.int64, 6: torch.int32, 9: torch.bool}
    return x.to(types[node.get("to")] if like is None else like.dtype)


# Reductions.

REDUCTIONS = {
    "ReduceSum": lambda x: x.sum(-1),
    "ReduceMean": lambda x: x.mean(-1),
    "ReduceMax": lambda x: x.amax(-1),
    "ReduceMin": lambda x: x.amin(-1),
    "ReduceProd": lambda x: x.prod(-1),
    "ReduceL1": lambda x: x.abs().sum(-1),
    "ReduceL2": lambda x: torch.linalg.vector_norm(x, dim=-1),
    "ReduceSumSquare": lambda x: (x * x).sum(-1),
    "ReduceLogSum": lambda x: x.sum(-1).log(),
    "ReduceLogSumExp": lambda x: torch.logsumexp(x, -1),
}


def reduction(formula):
    def reduce(node, x, axes=None):
        axes = [] if axes is None else [axis % x.dim() for axis in axes.tolist()]
        if not axes:
            if node.get("noop_with_empty_axes", 0):
                # The part of the formula before the sum still applies to each element by itself.
                return formula(x.unsqueeze(-1))
            axes = list(range(x.dim()))
        kept = [axis for axis in range(x.dim()) if axis not in axes]
        flat = x.permute(kept + axes).reshape([x.shape[axis] for axis in kept] + [math.prod(x.shape[axis] for axis in axes)])
        shape = [1 if axis in axes else x.shape[axis] for axis in range(x.dim())]
        result = formula(flat)
        return result.reshape(shape) if node.get("keepdims", 1) else result

    return reduce


for name, formula in REDUCTIONS.items():
    OPERATORS[name] = reduction(formula)


@operator("CumSum")
def cumulative_sum(node, x, axis):
    axis = int(axis) % x.dim()
    if node.get("reverse", 0):
        x = x.flip(axis)
    result = x.cumsum(axis)
    if node.get("exclusive", 0):
        result = result - x
    return result.flip(axis) if node.get("reverse", 0) else result


@operator("Einsum")
def einsum(node, *inputs):
    return torch.einsum(node.get("equation").replace(" ", ""), *inputs)


# Shapes.


@operator("Reshape")
def reshape(node, x, shape):
    shape = shape.tolist()
    if not node.get("allowzero", 0):
        shape = [x.shape[axis] if extent == 0 else extent for axis, extent in enumerate(shape)]
    return x.reshape(shape)


@operator("Flatten")
def flatten(node, x):
    axis = node.get("axis", 1)
    axis = axis + x.dim() if axis < 0 else axis
    return x.reshape(math.prod(x.shape[:axis]), math.prod(x.shape[axis:]))


@operator("Squeeze")
def squeeze(node, x, axes=None):
    dropped = [a for a in range(x.dim()) if x.shape[a] == 1] if axes is None else [a % x.dim() for a in axes.tolist()]
    return x.reshape([extent for axis, extent in enumerate(x.shape) if axis not in dropped])


@operator("Unsqueeze")
def unsqueeze(node, x, axes):
    rank = x.dim() + len(axes)
    places = [axis % rank for axis in axes.tolist()]
    extents = iter(x.shape)
    return x.reshape([1 if axis in places else next(extents) for axis in range(rank)])


@operator("Transpose")
def transpose(node, x):
    return x.permute(node.get("perm") or list(reversed(range(x.dim()))))


@operator("Expand")
def expand(node, x, shape):
    return x.expand(torch.broadcast_shapes(x.shape, tuple(shape.tolist())))


@operator("Tile")
def tile(node, x, repeats):
    return x.repeat(repeats.tolist())


@operator("Concat")
def concat(node, *inputs):
    return torch.cat(inputs, node.get("axis"))


@operator("Split")
def split(node, x, sizes=None):
    axis = node.get("axis", 0)
    if sizes is not None:
        return x.split(sizes.tolist(), axis)
    return x.split(-(-x.shape[axis] // node.get("num_outputs", node.output_count)), axis)


@operator("Slice")
def slice_(node, x, starts, ends, axes=None, steps=None):
    axes = list(range(len(starts))) if axes is None else axes.tolist()
    steps = [1] * len(starts) if steps is None else steps.tolist()
    for axis, start, end, step in zip(axes, starts.tolist(), ends.tolist(), steps):
        places = range(*slice(start, end if end >= -x.shape[axis] or step > 0 else None, step).indices(x.shape[axis]))
        x = x.index_select(axis, torch.tensor(list(places), dtype=torch.int64))
    return x


@operator("Trilu")
def triangle(node, x, k=None):
    k = 0 if k is None else int(k)
    return x.triu(k) if node.get("upper", 1) else x.tril(k)


@operator("DepthToSpace")
def depth_to_space(node, x):
    n, c, h, w = x.shape
    b = node.get("blocksize")
    if node.get("mode", "DCR") == "DCR":
        return x.reshape(n, b, b, c // b**2, h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, c // b**2, h * b, w * b)
    return x.reshape(n, c // b**2, b, b, h, w).permute(0, 1, 4, 2, 5, 3).reshape(n, c // b**2, h * b, w * b)


@operator("SpaceToDepth")
def space_to_depth(node, x):
    n, c, h, w = x.shape
    b = node.get("blocksize")
    return x.reshape(n, c, h // b, b, w // b, b).permute(0, 3, 5, 1, 2, 4).reshape(n, c * b**2, h // b, w // b)


# Indexing.


@operator("Gather")
def gather(node, x, indices):
    axis = node.get("axis", 0) % x.dim()
    picked = x.index_select(axis, (indices % x.shape[axis]).flatten().long())
    return picked.reshape(x.shape[:axis] + indices.shape + x.shape[axis + 1 :])


@operator("GatherElements")
def gather_elements(node, x, indices):
    axis = node.get("axis", 0) % x.dim()
    return torch.gather(x, axis, (indices % x.shape[axis]).long())


@operator("GatherND")
def gather_nd(node, x, indices):
    if node.get("batch_dims", 0):
        inner = Node({"batch_dims": node.get("batch_dims") - 1}, 1)
        return torch.stack([gather_nd(inner, part, index) for part, index in zip(x, indices)])
    depth = indices.shape[-1]
    rows = indices.reshape(-1, depth).tolist()
    return torch.stack([x[tuple(row)] for row in rows]).reshape(indices.shape[:-1] + x.shape[depth:])
