#!/usr/bin/env python3
"""Convolutions by filters that are inputs of any size.

usage: open_filters.py

Each case is compiled once and run at several sizes beside ONNX Runtime or ONNX's own reference.
"""
import numpy as np

from command import call_main
from open_channels import case, examine

# Images [n, c, h, w] and filters of m channels with taps i x j; g channels of a filter that has groups.
SIZES = [dict(n=n, c=c, h=h, w=w, m=m, i=i, j=j) for n, c, h, w, m, i, j in (
    (1, 3, 7, 6, 4, 3, 2), (2, 1, 5, 9, 1, 1, 1), (1, 5, 4, 4, 7, 2, 4), (3, 8, 17, 33, 20, 5, 3))]
GROUPED = [dict(n=n, c=2 * g, g=g, h=h, w=w, m=2 * m, i=i, j=j, k=m, l=4 * m) for n, g, h, w, m, i, j in (
    (1, 3, 7, 6, 2, 3, 2), (2, 1, 5, 9, 1, 1, 1), (1, 4, 6, 5, 5, 2, 3))]
ROWS = [dict(n=n, c=c, w=w, m=m, i=i) for n, c, w, m, i in ((1, 3, 9, 4, 3), (2, 1, 5, 1, 5))]
VOLUME = [dict(n=1, c=2, d=3, h=4, w=5, m=3, i=2, j=3, k=1), dict(n=2, c=1, d=4, h=3, w=2, m=1, i=1, j=1, k=2)]
IMAGE = dict(n=2, c=3, h=7, w=6)


def convolutions():
    yield case("Conv", ["nchw", "mcij"], SIZES)
    yield case("Conv", ["nchw", "mcij", "m"], SIZES, pads=[1, 0, 2, 3])
    yield case("Conv", ["nchw", "mcij"], SIZES[:2], strides=[2, 3], pads=[1, 2, 1, 2], dilations=[2, 1])
    yield case("Conv", ["nchw", "mcij", "m"], SIZES, auto_pad="SAME_UPPER", strides=[2, 2])
    yield case("Conv", ["nchw", "mcij"], SIZES, auto_pad="SAME_LOWER", strides=[1, 3])
    yield case("Conv", ["nchw", "mgij", "m"], GROUPED, group=2, pads=[1, 1, 1, 1])
    yield case("Conv", ["ncw", "mci", "m"], ROWS, pads=[1, 1])
    yield case("Conv", ["ncdhw", "mcijk"], VOLUME)
    # Some of the dims are known, or said elsewhere.
    for bound in "m", "ij", "cij", "chw", "mc":
        yield case("Conv", ["nchw", "mcij", "m"], SIZES[:1], bound=bound)
    yield case("Conv", ["nchw", "mcij"], [IMAGE | dict(m=m, i=3, j=2) for m in (1, 4, 9)], bound="chw", kernel_shape=[3, 2])
    yield case("Conv", ["nchw", "mcij", "m"], [IMAGE | dict(m=4, i=3, j=2)], bound="c", kernel_shape=[3, 2])


def transposed():
    for attributes in (dict(), dict(strides=[2, 3]), dict(strides=[2, 3], output_padding=[1, 2], pads=[1, 0, 0, 1]),
                       dict(dilations=[2, 1], strides=[1, 2]), dict(strides=[2, 2], auto_pad="SAME_UPPER"),
                       dict(strides=[3, 2], auto_pad="SAME_LOWER")):
        yield case("ConvTranspose", ["nchw", "cmij", "m"], SIZES[:1] + [SIZES[3]], **attributes)
    yield case("ConvTranspose", ["nchw", "ckij", "m"], GROUPED, group=2)
    yield case("ConvTranspose", ["ncw", "cmi", "m"], ROWS, strides=[2])
    yield case("ConvTranspose", ["ncw", "cmi", "m"], ROWS, strides=[3], auto_pad="SAME_LOWER")
    yield case("ConvTranspose", ["nchw", "cmij"], SIZES[:1], bound="cij")
    # Cropped on all sides.
    for attributes in (dict(output_shape=[14, 12]), dict(output_shape=[9, 11], auto_pad="SAME_UPPER"),
                       dict(output_shape=[14, 12], strides=[2, 2], output_padding=[1, 0])):
        yield case("ConvTranspose", ["nchw", "cmij", "m"], SIZES[:1] + [SIZES[3]], **{"strides": [2, 3]} | attributes)


def integers():
    yield case("ConvInteger", ["nchw/u1", "mcij/u1"], SIZES, opset=10)
    yield case("ConvInteger", ["nchw/u1", "mcij/u1", np.array(3, np.uint8), np.array(2, np.uint8)], SIZES, opset=10,
               pads=[1, 1, 0, 2])
    scale, zero = np.array(0.05, np.float32), np.array(128, np.uint8)
    yield case("QLinearConv", ["nchw/u1", scale, zero, "mcij/u1", scale, zero, np.array(2, np.float32), zero], SIZES, opset=10,
               pads=[1, 1, 1, 1])


WRONG = [
    (case("Conv", ["nchw", "mcij"], [IMAGE | dict(m=2, i=8, j=2)]), "expected a window that fits in the image"),
    (case("Conv", ["nchw", "mgij"], [IMAGE | dict(m=2, g=2, i=2, j=2)]), "expected as many channels as the filter has"),
    (case("Conv", ["nchw", "mcij"], [IMAGE | dict(m=2, i=0, j=2)]), "expected a filter of at least one tap"),
    (case("Conv", ["nchw", "mcij", "k"], [IMAGE | dict(m=2, i=1, j=2, k=3)]), "as many entries of the bias as"),
    (case("Conv", ["nchw", "mgij"], [IMAGE | dict(c=4, m=3, g=2, i=1, j=2)], group=2), "a multiple of group 2"),
    (case("Conv", ["nchw", "mcij"], [IMAGE | dict(m=2, i=3, j=2)], kernel_shape=[3, 3]), "a filter whose dim 3 is 3"),
    (case("ConvTranspose", ["nchw", "kmij"], [IMAGE | dict(k=2, m=2, i=3, j=2)]), "as many channels as the filter has"),
    (case("ConvTranspose", ["nchw", "cmij"], [IMAGE | dict(m=2, i=3, j=2)], group=2), "a multiple of group 2"),
]


def main():
    problems = []
    for family in convolutions, transposed, integers:
        for row in family():
            problems += examine(*row)
    for row, message in WRONG:
        said = list(examine(*row))
        if len(said) != 1 or message not in said[0]:
            problems.append(f"expected '{message}', but got {said}")
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    call_main(main, __doc__)
