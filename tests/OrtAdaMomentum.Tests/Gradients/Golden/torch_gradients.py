#!/usr/bin/python3
"""Differentiates the exported gradient cases with PyTorch, in double precision, and writes the golden files.

From the root of the repository:

    ORTADAM_EXPORT_GRADIENT_CASES=/tmp/cases dotnet run -c Release --project tests/OrtAdaMomentum.Tests -- \\
        -method "*.Every_case_can_be_exported"
    /usr/bin/python3 tests/OrtAdaMomentum.Tests/Gradients/Golden/torch_gradients.py \\
        /tmp/cases tests/OrtAdaMomentum.Tests/Gradients/Golden/Operators [OPERATOR ...]

With names of operators, only their files are written; without, all files are, and those of operators without a case are removed. Needs PyTorch and the onnx package (Debian: python3-torch, python3-onnx). README.md beside this file describes what is read and written.
The operators are written from the ONNX specification in the files torch_*.py beside this one; their gradients are PyTorch's own.
"""

import json
import pathlib
import sys

import onnx
import torch
from onnx import numpy_helper

import torch_attention  # noqa: F401 - registers its operators
import torch_fused  # noqa: F401 - registers its operators
import torch_images  # noqa: F401 - registers its operators
import torch_indexing  # noqa: F401 - registers its operators
import torch_layers  # noqa: F401 - registers its operators
import torch_losses_of_classes  # noqa: F401 - registers its operators
import torch_normalizations  # noqa: F401 - registers its operators
import torch_operators
import torch_recurrent  # noqa: F401 - registers its operators
import torch_signal  # noqa: F401 - registers its operators
import torch_windows  # noqa: F401 - registers its operators
from torch_operators import Node

TYPES = {"float64": torch.float64, "int64": torch.int64, "int32": torch.int32, "bool": torch.bool}
SIGNIFICANT_DIGITS = 9


def constant(tensor):
    return torch.tensor(numpy_helper.to_array(tensor).copy())


def attributes(node):
    return {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}


def differentiate(folder, case):
    """The gradients of one case by input."""
    graph = onnx.load(str(folder / case["file"])).graph
    values = {tensor.name: constant(tensor) for tensor in graph.initializer}
    for given in case["inputs"]:
        value = torch.tensor(given["values"], dtype=torch.float64).to(TYPES[given["type"]]).reshape(given["shape"])
        values[given["name"]] = value.requires_grad_(given["name"] in case["differentiate"])

    (node,) = graph.node
    # Some operators of other domains have the name of a standard one.
    operator = torch_operators.OPERATORS.get(f"{node.domain}.{node.op_type}") or torch_operators.OPERATORS[node.op_type]
    inputs = [values[name] if name else None for name in node.input]
    outputs = operator(Node(attributes(node), len(node.output), values), *inputs)
    if isinstance(outputs, torch.Tensor):
        outputs = [outputs]

    loss = torch.zeros((), dtype=torch.float64)
    for name in case["outputs"]:
        weight = values["weight_" + name[1:]]
        output = outputs[int(name[1:])]
        if output.shape != weight.shape:
            raise ValueError(f"{name} has shape {tuple(output.shape)}, expected {tuple(weight.shape)}")
        loss = loss + (weight * output).sum()
    if loss.requires_grad:
        loss.backward()
    return {name: rounded(values[name]) for name in case["differentiate"]}


def rounded(value):
    gradient = torch.zeros_like(value) if value.grad is None else value.grad
    if not torch.isfinite(gradient).all():
        raise ValueError(f"the gradient is not finite: {gradient.tolist()}")
    return [float(f"{element:.{SIGNIFICANT_DIGITS}g}") for element in gradient.flatten().tolist()]


def main(folder, target, operators):
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    golden, problems = {}, []
    for case in json.loads((folder / "cases.json").read_text()):
        operator = case["name"].split("/")[0]
        if operators and operator not in operators:
            continue
        try:
            golden.setdefault(operator, {})[case["name"]] = {"hash": case["hash"], "gradients": differentiate(folder, case)}
        except Exception as problem:  # All problems of a run are wanted at once.
            problems.append(f"{case['name']}: {type(problem).__name__}: {problem}")
    if problems:
        sys.exit("\n".join(problems))

    target.mkdir(exist_ok=True)
    for operator, cases in golden.items():
        lines = [json.dumps(name) + ":" + json.dumps(cases[name], separators=(",", ":")) for name in sorted(cases)]
        (target / f"{operator}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    if not operators:
        for stale in [path for path in target.glob("*.json") if path.stem not in golden]:
            stale.unlink()
    print(f"{sum(map(len, golden.values()))} cases of {len(golden)} operators")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:])
