"""Sample inputs, built from the recipes in a models file.

Each input of a model names a recipe, a small JSON object with a "kind":

    image     a photo or page from a data package, resized and normalised
    file      the first and last bytes of a file of a data package
    values    the numbers themselves (token ids and the like)
    normal, uniform, integers, fill     made up, from a seed

Pictures and files come from the packages named in data.json.
"""

from __future__ import annotations

import io
import json
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from packages import PackageStore

DATA = {entry["package"]: entry
        for entry in json.loads(Path(__file__).with_name("data.json").read_text())["packages"]}
WINDOW, BLOCK, PADDING = 1024, 4096, 256


def read_data(store: PackageStore, source: str) -> bytes:
    """One file of a data package; `source` is PACKAGE:PATH."""
    package, _, path = source.partition(":")
    entry = DATA[package]
    return store.read(package, entry["version"], path, entry["kind"])


def open_image(store: PackageStore, source: str, mode: str = "RGB") -> Image.Image:
    return Image.open(io.BytesIO(read_data(store, source))).convert(mode)


def shorter_side(image: Image.Image, length: int) -> Image.Image:
    """Scale so that the shorter side has the given length."""
    factor = length / min(image.size)
    size = (round(image.width * factor), round(image.height * factor))
    return image.resize(size, Image.BICUBIC)


def center_crop(image: Image.Image, length: int) -> Image.Image:
    left, top = (image.width - length) // 2, (image.height - length) // 2
    return image.crop((left, top, left + length, top + length))


def normalise(pixels: np.ndarray, mean=0.0, std=1.0) -> np.ndarray:
    """(x - mean) / std in single precision; mean and std may be one per channel."""
    pixels = (np.asarray(pixels, np.float64) - np.asarray(mean)) / np.asarray(std)
    return pixels.astype(np.float32)


def image_tensor(store: PackageStore, recipe: dict) -> np.ndarray:
    """Open, crop, scale, crop to the centre, normalise, and lay out, in that order."""
    image = open_image(store, recipe["source"], recipe.get("mode", "RGB"))
    if "crop" in recipe:
        image = image.crop(recipe["crop"])
    if "shorter_side" in recipe:
        image = shorter_side(image, recipe["shorter_side"])
    if "resize" in recipe:
        image = image.resize(recipe["resize"], Image.BILINEAR)
    if "center_crop" in recipe:
        image = center_crop(image, recipe["center_crop"])
    pixels = np.asarray(image, np.float64)
    if recipe.get("channels") == "BGR":
        pixels = pixels[..., ::-1]
    pixels = normalise(pixels, recipe.get("mean", 0.0), recipe.get("std", 1.0))
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if recipe.get("layout", "NCHW") == "NCHW":
        pixels = pixels.transpose(2, 0, 1)
    return pixels[None]


def file_features(data: bytes) -> list[int]:
    """The model's input: the file's first and last bytes without surrounding blanks."""
    head, tail = data[:BLOCK], data[-BLOCK:]
    if len(data) <= BLOCK:
        head, tail = head.strip(), tail.strip()
    head, tail = head.lstrip()[:WINDOW], tail.rstrip()[-WINDOW:]
    return [*head, *[PADDING] * (WINDOW - len(head)), *[PADDING] * (WINDOW - len(tail)), *tail]


def build(recipe: dict, shape: list[int], dtype: str, key: str,
          store: PackageStore) -> np.ndarray:
    """The tensor that a recipe describes, in the wanted shape and type.

    `key` seeds the made-up ones, so that each input has numbers of its own that
    are the same on every machine.
    """
    kind = recipe["kind"]
    rng = np.random.default_rng(zlib.crc32(key.encode()))
    if kind == "image":
        value = image_tensor(store, recipe)
    elif kind == "file":
        value = file_features(read_data(store, recipe["source"]))
    elif kind == "values":
        value = np.asarray(recipe["values"])
    elif kind == "normal":
        value = rng.standard_normal(shape) * recipe.get("scale", 1.0)
    elif kind == "uniform":
        value = rng.uniform(recipe["low"], recipe["high"], shape)
    elif kind == "integers":
        value = rng.integers(recipe["low"], recipe["high"], shape)
    elif kind == "fill":
        value = np.full(shape, recipe["value"])
    else:
        raise ValueError(f"unknown kind of sample: {kind}")
    return np.ascontiguousarray(np.asarray(value).reshape(shape), dtype=dtype)
