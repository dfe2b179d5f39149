"""Unlabelled inputs for calibrating quantization, apart from the inputs that are scored."""

from __future__ import annotations

from labelled import Batch, in_batches
from labelled.language import documents, encode_padded
from labelled.vision import CALIBRATION_STEP, classifier_input, crops, mnist_digits
from packages import PackageStore
from samples import open_image

PHOTOS = [f"scikit-image:skimage/data/{name}" for name in (
    "astronaut.png", "coffee.png", "chelsea.png", "rocket.jpg", "hubble_deep_field.jpg",
    "retina.jpg", "motorcycle_left.png", "grass.png", "brick.png", "gravel.png",
    "camera.png", "coins.png")]
PHOTOS += [f"scikit-learn:sklearn/datasets/images/{name}" for name in ("china.jpg", "flower.jpg")]
NEWS = "gensim:gensim/test/test_data/lee_background.cor"  # 300 documents; the task scores others
TEXTS = 64
CROPS = 200


def _photos(store: PackageStore) -> list[Batch]:
    return [{"image": classifier_input(open_image(store, source))[None]} for source in PHOTOS]


def _crops(store: PackageStore) -> list[Batch]:
    """Crops of other photos than the task's."""
    images = crops([open_image(store, source) for source in PHOTOS], CROPS, seed=2)
    return [{"image": batch} for batch in in_batches(images, 10)]


def _digits(store: PackageStore) -> list[Batch]:
    """Every fiftieth digit; the task scores the others."""
    images, _ = mnist_digits(store)
    return [{"image": batch} for batch in in_batches(images[::CALIBRATION_STEP], 10)]


def _texts(store: PackageStore) -> list[Batch]:
    return encode_padded(store, documents(store, NEWS)[:TEXTS], 8)


SETS = {"effnet-lite0": _photos, "ccexam-mnist-cnn": _digits,
        "ccexam-svhn-cnn": _crops, "minilm-l3-fp32": _texts}


def batches(name: str, store: PackageStore) -> list[Batch]:
    """The calibration batches for a model."""
    return SETS[name](store)
