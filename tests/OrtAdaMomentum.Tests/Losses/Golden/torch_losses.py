#!/usr/bin/python3
"""Computes losses and their gradients with PyTorch, in double precision, and writes the golden file.

From the root of the repository:

    /usr/bin/python3 tests/OrtAdaMomentum.Tests/Losses/Golden/torch_losses.py \\
        tests/OrtAdaMomentum.Tests/Losses/Golden/losses.json

Needs PyTorch (Debian: python3-torch). The same seed gives the same file.

The file is a list with one object per case:

    name        what the case is about
    loss        name of the loss; soft-cross-entropy is PyTorch's cross_entropy with class probabilities
    activation  what the model ends with: Identity where the loss takes the input as it is, else the activation applied to it first
    axis        axis of the classes, or of the activation, counted from the end
    smoothing, weights, ignore, positiveWeight, delta, blank, timeFirst, inputLengths
                options of the loss; left out where they are at their default
    shape, prediction
                the input, whose elements are exact in single precision
    targetShape, target
                the target; for ctc the labels of a sample with -1 behind them, and with inputLengths the number of time steps before them
    value       the loss
    gradient    the gradient of the loss with respect to the input

One definition differs from PyTorch's and is written out here: with class probabilities the mean is over positions, as in PyTorch, but the
classes may lie on any axis. PyTorch wants them on axis 1, so they are moved there.
"""

import json
import pathlib
import sys

import torch
from torch.nn import functional

SIGNIFICANT_DIGITS = 10
WEIGHTS = [0.5, 2.0, 1.25, 0.0]
GENERATOR = torch.Generator().manual_seed(20)


def single(values):
    """Rounds to what single precision holds exactly and text holds briefly, so that both sides start from the same numbers."""
    return torch.round(256 * values) / 256


def normal(*shape):
    return single(2 * torch.randn(shape, generator=GENERATOR, dtype=torch.float64))


def uniform(*shape):
    return single(torch.rand(shape, generator=GENERATOR, dtype=torch.float64))


def labels(*shape, classes=4):
    return torch.randint(0, classes, shape, generator=GENERATOR)


def rounded(values):
    return [float(f"{value:.{SIGNIFICANT_DIGITS}g}") for value in values.flatten().tolist()]


def exact(values):
    """Elements as they are; the shortest text that is read back as the same number."""
    return values.flatten().tolist()


def activate(activation, prediction, axis):
    if activation == "Softmax":
        return prediction.softmax(axis)
    if activation == "LogSoftmax":
        return prediction.log_softmax(axis)
    if activation == "Sigmoid":
        return prediction.sigmoid()
    return prediction


def cross_entropy(prediction, target, axis, smoothing=0.0, weights=None, ignore=None):
    weight = None if weights is None else torch.tensor(weights)
    logits = prediction.movedim(axis, 1) if prediction.dim() > 1 else prediction
    if target.is_floating_point() and target.dim() > 1:
        target = target.movedim(axis, 1)
    ignored = {} if ignore is None else {"ignore_index": ignore}
    return functional.cross_entropy(logits, target, weight=weight, label_smoothing=smoothing, **ignored)


def ctc(output, target, blank=0, timeFirst=False, inputLengths=False):
    if not timeFirst:
        output = output.transpose(0, 1)
    steps = target[:, 0] if inputLengths else torch.full((output.size(1),), output.size(0))
    labels = target[:, 1:] if inputLengths else target
    lengths = (labels >= 0).sum(1)
    # Without any step the loss is 0 for an empty target and infinite, hence 0, for another; PyTorch 1.13 reads memory that it has not set.
    some = steps > 0
    losses = functional.ctc_loss(
        output.log_softmax(2)[:, some], labels[some].clamp(min=0), steps[some], lengths[some], blank=blank, reduction="none", zero_infinity=True)
    return (losses / lengths[some].clamp(min=1)).sum() / len(steps)


def compute(loss, output, target, axis, options):
    if loss in ("cross-entropy", "soft-cross-entropy"):
        return cross_entropy(output, target, axis, **options)
    if loss == "ctc":
        return ctc(output, target, **options)
    if loss == "binary-cross-entropy":
        weight = options.get("positiveWeight")
        return functional.binary_cross_entropy_with_logits(
            output, target, pos_weight=None if weight is None else torch.tensor(weight))
    if loss == "mse":
        return functional.mse_loss(output, target)
    if loss == "l1":
        return functional.l1_loss(output, target)
    return functional.huber_loss(output, target, **options)


def case(name, loss, prediction, target, activation="Identity", axis=-1, **options):
    prediction = prediction.clone().requires_grad_()
    value = compute(loss, activate(activation, prediction, axis), target, axis, options)
    value.backward()
    if not torch.isfinite(value) or not torch.isfinite(prediction.grad).all():
        raise ValueError(f"{name}: not finite")
    return {
        "name": name,
        "loss": loss,
        "activation": activation,
        "axis": axis,
        **options,
        "shape": list(prediction.shape),
        "prediction": exact(prediction),
        "targetShape": list(target.shape),
        "target": exact(target),
        "value": rounded(value)[0],
        "gradient": rounded(prediction.grad),
    }


def index_cases():
    for layout, shape, axis in (
        ("rank 2", (6, 4), -1),
        ("rank 3, classes on axis 1", (3, 4, 5), -2),
        ("rank 3, classes on the last axis", (3, 5, 4), -1),
    ):
        positions = [extent for place, extent in enumerate(shape) if place != len(shape) + axis]
        # At least one position of each batch has a label that counts and one that does not.
        target = labels(*positions)
        target.view(-1)[:2] = torch.tensor([1, 2])
        partly = target.clone()
        partly.view(-1)[1] = -100
        partly.view(-1)[-1] = -100
        among = {"ignore": 2}
        for title, wanted, options in (
            ("plain", target, {}),
            ("label smoothing", target, {"smoothing": 0.2}),
            ("class weights", target, {"weights": WEIGHTS}),
            ("ignore index", partly, {"ignore": -100}),
            ("ignore index that is a class", target, among),
            ("label smoothing and class weights", target, {"smoothing": 0.2, "weights": WEIGHTS}),
            ("label smoothing and ignore index", partly, {"smoothing": 0.2, "ignore": -100}),
            ("class weights and ignore index", partly, {"weights": WEIGHTS, "ignore": -100}),
            ("all options", partly, {"smoothing": 0.2, "weights": WEIGHTS, "ignore": -100}),
        ):
            yield case(f"{title}, {layout}", "cross-entropy", normal(*shape), wanted, axis=axis, **options)


def soft_cases():
    for layout, shape, axis in (
        ("rank 2", (6, 4), -1),
        ("rank 3, classes on axis 1", (3, 4, 5), -2),
        ("rank 3, classes on the last axis", (3, 5, 4), -1),
    ):
        for title, options in (
            ("plain", {}),
            ("label smoothing", {"smoothing": 0.2}),
            ("class weights", {"weights": WEIGHTS}),
            ("label smoothing and class weights", {"smoothing": 0.2, "weights": WEIGHTS}),
        ):
            target = single(normal(*shape).softmax(axis))
            yield case(f"{title}, {layout}", "soft-cross-entropy", normal(*shape), target, axis=axis, **options)


def binary_cases():
    for shape in ((5, 3), (2, 3, 4)):
        for title, options in (("plain", {}), ("positive weight", {"positiveWeight": 2.5}), ("small positive weight", {"positiveWeight": 0.25})):
            yield case(f"{title}, rank {len(shape)}", "binary-cross-entropy", normal(*shape), uniform(*shape), **options)
    zero = torch.zeros(2, 2, dtype=torch.float64)
    hard = torch.tensor([[0.0, 1.0], [1.0, 0.5]])
    yield case("logits of zero", "binary-cross-entropy", zero, hard)
    yield case("logits of zero, positive weight", "binary-cross-entropy", zero, hard, positiveWeight=3.0)


def regression_cases():
    for loss, options in (("mse", {}), ("l1", {}), ("huber", {}), ("huber", {"delta": 0.3}), ("huber", {"delta": 4.0})):
        title = "delta " + str(options["delta"]) if options else "plain"
        for shape in ((5, 3), (4, 1), (2, 3, 4)):
            yield case(f"{title}, shape {'x'.join(map(str, shape))}", loss, normal(*shape), normal(*shape), **options)
        same = normal(3, 2)
        yield case(f"{title}, prediction equals target", loss, same, same, **options)
        for activation in ("Sigmoid", "Softmax", "LogSoftmax"):
            yield case(f"{title}, of {activation}", loss, normal(4, 3), uniform(4, 3), activation=activation, **options)


def ctc_cases():
    def targets(*rows):
        longest = max(map(len, rows))
        return torch.tensor([[*row, *[-1] * (longest - len(row))] for row in rows])

    several = targets([1, 2], [3], [2, 1, 3])
    repeated = targets([1, 1], [2, 2, 2], [1, 2, 1])
    yield case("targets of several lengths", "ctc", normal(3, 6, 4), several)
    yield case("time first", "ctc", normal(6, 3, 4), several, timeFirst=True)
    yield case("repeated labels", "ctc", normal(3, 7, 4), repeated)
    yield case("just enough steps", "ctc", normal(3, 5, 4), repeated)
    yield case("the last class is the blank", "ctc", normal(3, 6, 4), targets([0, 2], [1, 1], [2]), blank=3)
    yield case("empty targets among others", "ctc", normal(3, 5, 4), targets([], [1, 2], []))
    yield case("only empty targets", "ctc", normal(2, 5, 4), torch.full((2, 1), -1))
    yield case("targets without columns", "ctc", normal(2, 5, 4), torch.zeros((2, 0), dtype=torch.int64))
    yield case("a target that does not fit", "ctc", normal(3, 4, 4), repeated)
    yield case("no target that fits", "ctc", normal(2, 2, 4), targets([1, 2, 3], [1, 1]))
    yield case("one step", "ctc", normal(2, 1, 4), targets([1], []))
    steps = targets([4, 1, 2], [6, 3], [5, 2, 1, 3])
    yield case("fewer steps than the output has", "ctc", normal(3, 6, 4), steps, inputLengths=True)
    yield case("fewer steps, time first", "ctc", normal(6, 3, 4), steps, inputLengths=True, timeFirst=True)
    yield case("no steps for a target, and none for an empty one", "ctc", normal(3, 4, 4), targets([0, 1], [0], [4, 2]), inputLengths=True)
    yield case("a hundred steps", "ctc", normal(2, 100, 6), targets([1, 2, 3, 3, 4, 5, 1, 2, 5, 4], [2, 2, 2, 5]))


def kept_cases():
    """Activations that the loss does not contain stay: the loss is that of the model's output."""
    yield case("of Sigmoid", "cross-entropy", normal(4, 4), labels(4), activation="Sigmoid")
    yield case("of Softmax", "binary-cross-entropy", normal(4, 3), uniform(4, 3), activation="Softmax")
    yield case("of LogSoftmax", "binary-cross-entropy", normal(4, 3), uniform(4, 3), activation="LogSoftmax")


def main(target):
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    cases = [*index_cases(), *soft_cases(), *binary_cases(), *regression_cases(), *kept_cases(), *ctc_cases()]
    target.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
    print(f"{len(cases)} cases, {target.stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
