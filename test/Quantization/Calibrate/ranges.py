#!/usr/bin/env python3
"""The ranges that RangeTest.cpp expects, computed by NumPy on the elements themselves.

usage: ranges.py

Prints one line for each set of elements and each method. Entropy is computed as published, interval by interval; the
squared error is that of elements that were quantized.
"""
import numpy as np

COUNT, MOST_BINS = 20000, 2048


def uniform(seed, count):
    values, state = np.empty(count), seed
    for i in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        values[i] = (state >> 40) / 2.0**24
    return values


def elements(kind):
    bell = uniform(7, 4 * COUNT).reshape(COUNT, 4).sum(axis=1) - 2
    if kind == "relu":
        return np.maximum(bell, 0).astype(np.float32)
    return (bell**5).astype(np.float32) if kind == "tails" else bell.astype(np.float32)


def bins(values, least, most):
    """Counts on intervals of the least power of two that makes at most MOST_BINS of them, and their edges."""
    width = 2.0 ** (np.floor(np.log2(max(abs(least), abs(most)))) - 23)
    while np.floor(most / width) - np.floor(least / width) >= MOST_BINS:
        width *= 2
    edges = width * np.arange(np.floor(least / width), np.floor(most / width) + 2)
    return np.histogram(values, edges)[0].astype(np.float64), edges


def divergence(counts, last, levels):
    reference, inside = counts[:last].copy(), counts[:last]
    reference[-1] += counts[last:].sum()
    if (counts[last:].sum() > 0 and inside[-1] == 0) or inside.sum() == 0:
        return np.inf
    left = np.zeros(last)
    for level in range(levels):
        part = slice(level * last // levels, (level + 1) * last // levels)
        used = inside[part] > 0
        if used.any():
            left[part][used] = inside[part].sum() / used.sum()
    p, q = reference / reference.sum(), left / left.sum()
    return float((p[p > 0] * np.log(p[p > 0] / q[p > 0])).sum())


def entropy(values, levels, symmetric):
    most = float(np.abs(values).max())
    counts, edges = bins(values, -most if symmetric else 0, most)
    if symmetric:
        zero = int(np.flatnonzero(edges == 0)[0])
        folded = np.zeros(max(zero, len(counts) - zero))
        folded[:zero] += counts[:zero][::-1]
        folded[:len(counts) - zero] += counts[zero:]
        counts, edges = folded, edges[1] - edges[0] + np.append(-1, np.arange(len(folded))) * (edges[1] - edges[0])
    counts[0] = min(counts[0], counts[1])
    return edges[min(range(levels, len(counts) + 1), key=lambda last: (divergence(counts, last, levels), -last))]


def squared_error(values, least, most, steps):
    scale = (most - least) / steps
    zero = np.round(-least / scale)
    quantized = np.clip(np.round(values / scale) + zero, 0, steps)
    return np.mean((values - (quantized - zero) * scale)**2)


def by_error(values, symmetric, steps):
    """The least error of parts of the whole range."""
    values = values.astype(np.float64)
    parts = np.arange(1, 65) / 64
    if symmetric:
        most = np.abs(values).max()
        return min(squared_error(values, -most * part, most * part, steps) for part in parts)
    least, most = min(values.min(), 0), max(values.max(), 0)
    return min(squared_error(values, least * low, most * high, steps)
               for low in (parts[::4] if least < 0 else [1]) for high in parts)


def main():
    for kind in ("bell", "tails", "relu"):
        values = elements(kind)
        magnitudes = np.abs(values)
        print(kind, "range", repr(float(values.min())), repr(float(values.max())))
        print(kind, "percentile 99, magnitudes", np.quantile(magnitudes, 0.99))
        print(kind, "percentile 99, both ends", *np.quantile(values, [0.005, 0.995]))
        print(kind, "entropy, 128 levels of magnitudes", entropy(values, 128, True))
        if kind == "relu":
            print(kind, "entropy, 256 levels", entropy(values, 256, False))
        print(kind, "squared error, symmetric", by_error(values, True, 254))
        print(kind, "squared error, asymmetric", by_error(values, False, 255))


if __name__ == "__main__":
    main()
