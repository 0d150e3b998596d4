#!/usr/bin/python3
"""Writes the small models the tests load, into the folder of this script.

Written for Debian 12's python3-torch (1.13.1), python3-onnx (1.12) and python3-numpy. The weights
are random with a fixed seed; the models are here for their graphs, not for what they compute.
"""
import pathlib

import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper
from torch import nn

FOLDER = pathlib.Path(__file__).parent


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(4, 8)
        self.fc2 = nn.Linear(8, 3)

    def forward(self, features):
        return F.log_softmax(self.fc2(torch.tanh(self.fc1(features))), dim=1)


class CnnBatchNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.bn = nn.BatchNorm2d(4)
        self.dropout = nn.Dropout(0.25)
        self.fc = nn.Linear(4 * 4 * 4, 5)

    def forward(self, image):
        x = F.max_pool2d(F.relu(self.bn(self.conv(image))), 2)
        return self.fc(self.dropout(torch.flatten(x, 1)))


class TransformerBlock(nn.Module):
    """One pre-norm block over 6 positions of width 16, with a head over their mean."""

    def __init__(self):
        super().__init__()
        self.heads = 2
        self.norm1 = nn.LayerNorm(16)
        self.query = nn.Linear(16, 16)
        self.key = nn.Linear(16, 16)
        self.value = nn.Linear(16, 16)
        self.proj = nn.Linear(16, 16)
        self.norm2 = nn.LayerNorm(16)
        self.up = nn.Linear(16, 32)
        self.down = nn.Linear(32, 16)
        self.head = nn.Linear(16, 3)

    def split(self, x):
        return x.view(x.size(0), x.size(1), self.heads, -1).transpose(1, 2)

    def forward(self, tokens):
        x = self.norm1(tokens)
        query, key, value = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        weights = F.softmax(query @ key.transpose(2, 3) / query.size(3) ** 0.5, dim=-1)
        mixed = (weights @ value).transpose(1, 2).reshape(tokens.size(0), tokens.size(1), 16)
        x = tokens + self.proj(mixed)
        x = x + self.down(F.gelu(self.up(self.norm2(x))))
        return self.head(x.mean(1))


class EmbeddingText(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(50, 8)
        self.fc = nn.Linear(8, 1)

    def forward(self, tokens):
        return torch.sigmoid(self.fc(self.embedding(tokens).mean(1)))


class Regression(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(6, 12)
        self.fc2 = nn.Linear(12, 1)

    def forward(self, features):
        return self.fc2(F.leaky_relu(self.fc1(features), 0.1))


class Depthwise(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.depthwise = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.pointwise = nn.Conv2d(8, 16, 1)
        self.grouped = nn.Conv2d(16, 16, 3, padding=1, groups=4)
        self.classifier = nn.Linear(16, 4)

    def forward(self, image):
        x = F.relu6(self.stem(image))
        x = F.relu6(self.depthwise(x))
        x = F.relu6(self.grouped(self.pointwise(x)))
        return self.classifier(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, stride=2, padding=1)
        self.conv2 = nn.Conv2d(4, 8, 3, stride=2, padding=1)
        self.deconv1 = nn.ConvTranspose2d(8, 4, 3, stride=2, padding=1, output_padding=1)
        self.deconv2 = nn.ConvTranspose2d(4, 1, 2, stride=2)

    def forward(self, image):
        x = F.relu(self.conv2(F.relu(self.conv1(image))))
        return torch.sigmoid(self.deconv2(F.relu(self.deconv1(x))))


class SharedWeights(nn.Module):
    """Decodes with the transpose of the weight that encodes."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(10, 4) * 0.3)
        self.bias = nn.Parameter(torch.zeros(10))

    def forward(self, features):
        return torch.tanh(features @ self.weight) @ self.weight.t() + self.bias


def settle(model):
    """Gives BatchNormalization statistics and affine weights other than 0 and 1."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, 0, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.2)
    return model


def export(name, model, example, opset, inputs, outputs, free_batch=True, **options):
    if options.get("training") != torch.onnx.TrainingMode.TRAINING:
        model.eval()
    axes = {tensor: {0: "batch"} for tensor in inputs + outputs} if free_batch else None
    torch.onnx.export(settle(model), example, str(FOLDER / name), opset_version=opset,
                      input_names=inputs, output_names=outputs, dynamic_axes=axes, **options)


def build_tree():
    """Two stumps that vote, the form in which converters of tree libraries write a classifier."""
    # Each stump is a node 0 with the leaves 1 and 2; a leaf gives its votes to the two classes.
    trees, nodes = [0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2]
    trees_of_leaves, leaves = [0, 0, 0, 0, 1, 1, 1, 1], [1, 1, 2, 2, 1, 1, 2, 2]
    classifier = helper.make_node(
        "TreeEnsembleClassifier", ["features"], ["label", "scores"], name="trees",
        domain="ai.onnx.ml",
        classlabels_int64s=[0, 1],
        post_transform="NONE",
        nodes_treeids=trees,
        nodes_nodeids=nodes,
        nodes_featureids=[0, 0, 0, 2, 0, 0],
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"] * 2,
        nodes_values=[0.5, 0.0, 0.0, 1.5, 0.0, 0.0],
        nodes_hitrates=[1.0] * 6,
        nodes_truenodeids=[1, 0, 0, 1, 0, 0],
        nodes_falsenodeids=[2, 0, 0, 2, 0, 0],
        nodes_missing_value_tracks_true=[0] * 6,
        class_treeids=trees_of_leaves,
        class_nodeids=leaves,
        class_ids=[0, 1] * 4,
        class_weights=[0.4, 0.1, 0.15, 0.35, 0.3, 0.2, 0.05, 0.45])
    zipmap = helper.make_node("ZipMap", ["scores"], ["probabilities"], name="zipmap",
                              domain="ai.onnx.ml", classlabels_int64s=[0, 1])
    probabilities = onnx.ValueInfoProto(name="probabilities")
    entry = probabilities.type.sequence_type.elem_type.map_type
    entry.key_type = TensorProto.INT64
    entry.value_type.tensor_type.elem_type = TensorProto.FLOAT
    entry.value_type.tensor_type.shape.SetInParent()
    graph = helper.make_graph(
        [classifier, zipmap], "tree",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", 4])],
        [helper.make_tensor_value_info("label", TensorProto.INT64, ["batch"]),
         probabilities])
    model = helper.make_model(graph, ir_version=8, opset_imports=[
        helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 1)])
    onnx.save(model, str(FOLDER / "tree.onnx"))


def mark_as_ir3(name):
    """Lowers the file's IR version to 3.

    That version asks every initializer to be an input too, which the exporter has seen to, but the
    exporter always writes its own, newer, version number.
    """
    path = str(FOLDER / name)
    model = onnx.load(path)
    model.ir_version = 3
    onnx.save(model, path)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(7)
    image, features = ["image"], ["features"]

    export("mlp.onnx", Mlp(), torch.zeros(1, 4), 13, features, ["log_probabilities"])
    # Before opset 14 it is the five outputs that make a BatchNormalization a training one, and
    # from then on the attribute training_mode.
    for name, opset in (("cnn_bn_train.onnx", 15), ("cnn_bn_train_opset13.onnx", 13)):
        export(name, CnnBatchNorm().train(), torch.randn(2, 1, 8, 8), opset, image, ["logits"],
               training=torch.onnx.TrainingMode.TRAINING, do_constant_folding=False)
    export("transformer_block.onnx", TransformerBlock(), torch.zeros(1, 6, 16), 17,
           ["tokens"], ["logits"], free_batch=False)
    export("embedding_text.onnx", EmbeddingText(), torch.zeros(1, 7, dtype=torch.int64), 13,
           ["tokens"], ["probability"])
    export("regression.onnx", Regression(), torch.zeros(1, 6), 9, features, ["value"])
    export("depthwise.onnx", Depthwise(), torch.zeros(1, 3, 16, 16), 11, image, ["logits"])
    export("convtranspose_autoencoder.onnx", Autoencoder(), torch.zeros(1, 1, 8, 8), 13,
           image, ["reconstruction"])
    # Folding would store the transposed weight as a second, independent one.
    export("shared_weights.onnx", SharedWeights(), torch.zeros(1, 10), 13,
           features, ["reconstruction"], do_constant_folding=False)
    export("ir3.onnx", Mlp(), torch.zeros(1, 4), 8, features, ["log_probabilities"],
           free_batch=False, keep_initializers_as_inputs=True)
    mark_as_ir3("ir3.onnx")
    build_tree()

    for path in sorted(FOLDER.glob("*.onnx")):
        onnx.checker.check_model(onnx.load(str(path)), full_check=path.name != "tree.onnx")


if __name__ == "__main__":
    main()
