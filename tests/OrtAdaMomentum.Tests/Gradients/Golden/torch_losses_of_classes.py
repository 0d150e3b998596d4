"""The losses of the ONNX standard over class indices, in PyTorch."""

import torch

from torch_operators import operator


@operator("NegativeLogLikelihoodLoss")
def negative_log_likelihood(node, logs, labels, weights=None):
    labels = labels.long()
    counted = torch.ones_like(labels, dtype=torch.bool)
    if "ignore_index" in node.attributes:
        counted = labels != node.get("ignore_index")
    safe = torch.where(counted, labels, torch.zeros_like(labels))
    weight = torch.ones_like(logs[:, 0]) if weights is None else weights[safe]
    weight = torch.where(counted, weight, torch.zeros_like(weight))
    terms = -weight * logs.gather(1, safe.unsqueeze(1)).squeeze(1)
    reduction = node.get("reduction", "mean")
    if reduction == "none":
        return terms
    return terms.sum() if reduction == "sum" else terms.sum() / weight.sum()


@operator("SoftmaxCrossEntropyLoss")
def softmax_cross_entropy(node, logits, labels, weights=None):
    logs = torch.log_softmax(logits, 1)
    return [negative_log_likelihood(node, logs, labels, weights), logs]
