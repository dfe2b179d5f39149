#!/usr/bin/env python3
"""Compiles two real models ahead of time and shows results that a person can check.

usage: demo.py LAMBENT FOLDER

Python only prepares the inputs and reads the outputs; the models run as compiled libraries.
"""
import json
import pathlib
import subprocess
import sys
import time

import numpy as np
from PIL import Image, ImageDraw, ImageFont

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "models"))
from fetch import load_models  # noqa: E402
from packages import PackageStore, default_cache  # noqa: E402
from samples import file_features, normalise, open_image  # noqa: E402

HEIGHT, WIDTH = 48, 640


class CompiledModel:
    """A model as a shared library, run through the command line."""

    def __init__(self, lambent, folder, name, **shapes):
        self.lambent, self.folder = lambent, folder / name
        self.inputs = self.folder / "in"
        self.inputs.mkdir(parents=True, exist_ok=True)
        self.library = self.folder / f"{name}.so"
        options = [f"--shape={k}={'x'.join(map(str, v))}" for k, v in shapes.items()]
        start = time.monotonic()
        self.call("compile", default_cache() / name / "model.onnx", "-o", self.library, *options)
        self.compile_s = time.monotonic() - start

    def call(self, *words):
        return subprocess.run([self.lambent, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True).stdout

    def run(self, output, **inputs):
        for name, value in inputs.items():
            np.save(self.inputs / f"{name}.npy", value)
        self.call("run", self.library, "--input-dir", self.inputs, "--output-dir", self.folder / "out")
        return np.load(self.folder / "out" / f"{output}.npy")

    def report(self):
        bench = json.loads(self.call("bench", self.library, "--input-dir", self.inputs, "--json", "--seconds=1"))
        size = self.library.stat().st_size / 2**20
        print(f"    compiled in {self.compile_s:.2f} s to {size:.1f} MiB; {bench['median_ms']:.2f} ms a run on "
              f"{bench['threads']} threads, {bench['peak_rss_mb']:.0f} MiB of memory")


def show_file_types(lambent, folder, store):
    entry = load_models()["magika-v3"]
    config = store.read(entry["package"], entry["version"],
                        entry["path_in_package"].replace("model.onnx", "config.min.json"))
    types = json.loads(config)["target_labels_space"]
    root = HERE.parent
    files = [root / "README.md", root / "CMakeLists.txt", HERE / "test.sh", pathlib.Path(__file__),
             HERE / "models" / "models.json", root / "tools" / "lambent" / "main.cpp", folder / "words.png",
             default_cache() / "ppocrv4-rec" / "model.onnx", pathlib.Path(lambent).resolve()]
    model = CompiledModel(lambent, folder, "magika-v3", bytes=[len(files), 2048])
    scores = model.run("target_label", bytes=np.array([file_features(f.read_bytes()) for f in files], np.int32))
    print("\nWhat kind of file is it?  (magika 1.0.3: 214 kinds, from the first and last bytes)")
    for file, row in zip(files, scores):
        print(f"    {file.name:16} {types[row.argmax()]:12} {100 * row.max():.0f} %")
    model.report()


def draw_picture(text):
    """Black on white, in the font that Pillow carries."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    ImageDraw.Draw(image).text((8, 4), text, font=ImageFont.load_default(32), fill="black")
    return image


def read_line(steps, alphabet):
    """Greedy CTC: drop repeats, then blanks (symbol 0)."""
    best = steps.argmax(-1)
    return "".join(alphabet[s] for s, before in zip(best, [0, *best[:-1]]) if s != before and s != 0).strip()


def show_words(lambent, folder, store, picture):
    import onnx
    path = default_cache() / "ppocrv4-rec" / "model.onnx"
    properties = {p.key: p.value for p in onnx.load(path).metadata_props}
    alphabet = ["", *properties["character"].split("\n"), " "]
    page = open_image(store, "scikit-image:skimage/data/page.png").crop((0, 8, 384, 30)).resize((WIDTH, HEIGHT))
    page.save(folder / "page.png")
    images = [normalise(np.asarray(i), 127.5, 127.5).transpose(2, 0, 1) for i in (picture, page)]
    model = CompiledModel(lambent, folder, "ppocrv4-rec", x=[len(images), 3, HEIGHT, WIDTH])
    lines = model.run("softmax_11.tmp_0", x=np.stack(images))
    print("\nWhat does the picture say?  (text recogniser of rapidocr-onnxruntime 1.4.4)")
    for name, steps in zip(("words.png", "page.png"), lines):
        print(f"    {folder / name}: {read_line(steps, alphabet)}")
    model.report()


def main():
    lambent, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    store = PackageStore(default_cache() / ".packages")
    picture = draw_picture("Hello from Lambent")
    picture.save(folder / "words.png")
    show_file_types(lambent, folder, store)
    show_words(lambent, folder, store, picture)


if __name__ == "__main__":
    sys.exit(main())
