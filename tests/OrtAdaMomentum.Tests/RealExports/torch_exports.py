#!/usr/bin/python3
"""Exports models in the shapes that people train with PyTorch, each for inference and in training mode.

    /usr/bin/python3 torch_exports.py FOLDER

Needs PyTorch (Debian: python3-torch 1.13, python3-onnx). Weights are random with a fixed seed; the models are wanted for what the exporter
makes of them. The convolutional networks have torchvision's layers, widths and names; images are 64 by 64 so that a step takes
milliseconds. Batch and sequence axes are free.
"""

import math
import pathlib
import sys

import torch
import torch.nn.functional as F
from torch import nn

CLASSES = 1000
VOCABULARY = 1000


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        widths = [(64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)]
        for number, (inputs, outputs, stride) in enumerate(widths, 1):
            setattr(self, f"layer{number}", nn.Sequential(BasicBlock(inputs, outputs, stride), BasicBlock(outputs, outputs, 1)))
        self.fc = nn.Linear(512, CLASSES)

    def forward(self, image):
        x = self.maxpool(F.relu(self.bn1(self.conv1(image))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


def convolution(inputs, outputs, kernel=3, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs), nn.ReLU6())


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        hidden = inputs * expansion
        layers = [] if expansion == 1 else [convolution(inputs, hidden, 1)]
        layers += [convolution(hidden, hidden, 3, stride, hidden), nn.Conv2d(hidden, outputs, 1, bias=False), nn.BatchNorm2d(outputs)]
        self.conv = nn.Sequential(*layers)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.conv(x) if self.residual else self.conv(x)


class MobileNetV2(nn.Module):
    SETTINGS = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]

    def __init__(self):
        super().__init__()
        layers, width = [convolution(3, 32, 3, 2)], 32
        for expansion, outputs, count, stride in self.SETTINGS:
            for place in range(count):
                layers.append(InvertedResidual(width, outputs, stride if place == 0 else 1, expansion))
                width = outputs
        self.features = nn.Sequential(*layers, convolution(width, 1280, 1))
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, CLASSES))

    def forward(self, image):
        return self.classifier(torch.flatten(F.adaptive_avg_pool2d(self.features(image), 1), 1))


class DenseLayer(nn.Module):
    def __init__(self, inputs, growth=32, bottleneck=4):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, bottleneck * growth, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(bottleneck * growth)
        self.conv2 = nn.Conv2d(bottleneck * growth, growth, 3, 1, 1, bias=False)

    def forward(self, features):
        y = self.conv1(F.relu(self.norm1(torch.cat(features, 1))))
        return self.conv2(F.relu(self.norm2(y)))


class DenseBlock(nn.Module):
    def __init__(self, layers, inputs):
        super().__init__()
        self.layers = nn.ModuleList(DenseLayer(inputs + 32 * place) for place in range(layers))

    def forward(self, x):
        features = [x]
        for layer in self.layers:
            features.append(layer(features))
        return torch.cat(features, 1)


class DenseNet121(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
        width = 64
        for place, count in enumerate((6, 12, 24, 16)):
            layers.append(DenseBlock(count, width))
            width += 32 * count
            if place < 3:
                layers += [nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, width // 2, 1, bias=False), nn.AvgPool2d(2, 2)]
                width //= 2
        self.features = nn.Sequential(*layers, nn.BatchNorm2d(width))
        self.classifier = nn.Linear(width, CLASSES)

    def forward(self, image):
        return self.classifier(torch.flatten(F.adaptive_avg_pool2d(F.relu(self.features(image)), 1), 1))


class RecurrentLanguageModel(nn.Module):
    """Two recurrent layers over an embedding; the next token's logits at every position. The exporter refuses dropout between the layers."""

    def __init__(self, kind, width=128):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, width)
        self.recurrent = kind(width, width, 2, batch_first=True)
        self.decoder = nn.Linear(width, VOCABULARY)

    def forward(self, tokens):
        return self.decoder(self.recurrent(self.embedding(tokens))[0])


class DecomposedLayerNorm(nn.Module):
    """As models spell it that do not use the framework's layer, so that no exporter sees one operator in it."""

    def __init__(self, width, epsilon=1e-12):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))
        self.epsilon = epsilon

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        variance = (x - mean).pow(2).mean(-1, keepdim=True)
        return self.weight * ((x - mean) / torch.sqrt(variance + self.epsilon)) + self.bias


class SelfAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.dropout = nn.Dropout(0.1)

    def split(self, x):
        return x.view(x.size(0), x.size(1), self.heads, -1).permute(0, 2, 1, 3)

    def forward(self, x, mask):
        query, key, value = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        scores = query @ key.transpose(-1, -2) / math.sqrt(query.size(-1)) + mask
        mixed = self.dropout(scores.softmax(-1)) @ value
        return mixed.permute(0, 2, 1, 3).contiguous().view(x.size(0), x.size(1), -1)


class BertLayer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.attention = SelfAttention(width, heads)
        self.output = nn.Linear(width, width)
        self.norm1 = DecomposedLayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)
        self.norm2 = DecomposedLayerNorm(width)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x, mask):
        x = self.norm1(x + self.dropout(self.output(self.attention(x, mask))))
        return self.norm2(x + self.dropout(self.down(F.gelu(self.up(x)))))


class Bert(nn.Module):
    """BERT's encoder with its three embeddings, its mask, a pooler and a classifier of 3 classes; 4 layers of width 256."""

    def __init__(self, width=256, heads=4, layers=4, positions=128):
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, width, padding_idx=0)
        self.positions = nn.Embedding(positions, width)
        self.types = nn.Embedding(2, width)
        self.register_buffer("position_ids", torch.arange(positions).unsqueeze(0))
        self.norm = DecomposedLayerNorm(width)
        self.dropout = nn.Dropout(0.1)
        self.layers = nn.ModuleList(BertLayer(width, heads) for _ in range(layers))
        self.pooler = nn.Linear(width, width)
        self.classifier = nn.Linear(width, 3)

    def forward(self, input_ids, attention_mask, token_type_ids):
        x = self.words(input_ids) + self.types(token_type_ids) + self.positions(self.position_ids[:, : input_ids.size(1)])
        x = self.dropout(self.norm(x))
        mask = (1.0 - attention_mask[:, None, None, :].to(x.dtype)) * -10000.0
        for layer in self.layers:
            x = layer(x, mask)
        return self.classifier(torch.tanh(self.pooler(x[:, 0])))


class GptBlock(nn.Module):
    def __init__(self, width, heads, positions):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.attention = nn.Linear(width, 3 * width)
        self.projection = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(0.1)
        self.register_buffer("causal", torch.tril(torch.ones(positions, positions, dtype=torch.bool)).view(1, 1, positions, positions))

    def forward(self, x):
        batch, length, width = x.size()
        query, key, value = (
            part.view(batch, length, self.heads, width // self.heads).transpose(1, 2) for part in self.attention(self.norm1(x)).split(width, dim=2))
        scores = query @ key.transpose(-2, -1) / math.sqrt(width // self.heads)
        scores = scores.masked_fill(~self.causal[:, :, :length, :length], float("-inf"))
        mixed = (self.dropout(scores.softmax(-1)) @ value).transpose(1, 2).contiguous().view(batch, length, width)
        x = x + self.dropout(self.projection(mixed))
        y = self.up(self.norm2(x))
        y = 0.5 * y * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (y + 0.044715 * torch.pow(y, 3.0))))
        return x + self.dropout(self.down(y))


class Gpt(nn.Module):
    """GPT-2's decoder: causal attention, tanh GELU, output weights tied to the embedding; 4 layers of width 256."""

    def __init__(self, width=256, heads=4, layers=4, positions=128):
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, width)
        self.positions = nn.Embedding(positions, width)
        self.blocks = nn.ModuleList(GptBlock(width, heads, positions) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, VOCABULARY, bias=False)
        self.head.weight = self.tokens.weight

    def forward(self, tokens):
        x = self.tokens(tokens) + self.positions(torch.arange(tokens.size(1)))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def images(count):
    return (torch.randn(count, 3, 64, 64),)


def tokens(count):
    return (torch.randint(1, VOCABULARY, (count, 16)),)


def sentences(count):
    words = torch.randint(1, VOCABULARY, (count, 16))
    return words, torch.ones_like(words), torch.zeros_like(words)


IMAGE = {"image": {0: "batch"}, "logits": {0: "batch"}}
TOKENS = {"tokens": {0: "batch", 1: "length"}, "logits": {0: "batch", 1: "length"}}
BERT = {name: {0: "batch", 1: "length"} for name in ("input_ids", "attention_mask", "token_type_ids")} | {"logits": {0: "batch"}}

MODELS = {
    "resnet18": (ResNet18, images, IMAGE, 13),
    "mobilenet_v2": (MobileNetV2, images, IMAGE, 13),
    "densenet121": (DenseNet121, images, IMAGE, 13),
    "lstm_language_model": (lambda: RecurrentLanguageModel(nn.LSTM), tokens, TOKENS, 14),
    "gru_language_model": (lambda: RecurrentLanguageModel(nn.GRU), tokens, TOKENS, 14),
    "bert": (Bert, sentences, BERT, 17),
    "gpt": (Gpt, tokens, TOKENS, 17),
}


def export(folder, name, create, inputs, axes, opset):
    torch.manual_seed(1)
    model = create()
    # Running statistics as training leaves them: an export with means of 0 and variances of 1 would hide what they are.
    model.train()
    with torch.no_grad():
        for _ in range(3):
            model(*inputs(8))
    for mode in ("inference", "training"):
        training = mode == "training"
        model.train(training)
        torch.onnx.export(
            model, inputs(2), str(folder / f"{name}_{mode}.onnx"), opset_version=opset, input_names=[key for key in axes if key != "logits"],
            output_names=["logits"], dynamic_axes=axes, do_constant_folding=not training,
            training=torch.onnx.TrainingMode.TRAINING if training else torch.onnx.TrainingMode.EVAL)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(2)
    for name, settings in MODELS.items():
        if not (folder / f"{name}_training.onnx").exists():
            print(f"exporting {name}", flush=True)
            export(folder, name, *settings)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
