#!/usr/bin/env python3
"""Makes an ONNX model, or a tensor file, from text.

usage: onnx_from_text.py FILE -o MODEL.onnx [--part NAME]

The model stands in ONNX's own textual form (onnx.parser) in FILE. Lines that start with `#` or `//` are left out, so
that a lit test can carry its model beside its RUN and CHECK lines. A line `--- NAME` starts a named part. The model is
not checked: tests write wrong ones too.
"""
import argparse
import sys

import onnx.parser


def part_of(text, part):
    """The lines of one part, without comments."""
    current, lines = "", []
    for line in text.splitlines():
        if line.startswith("--- "):
            current = line[4:].strip()
        elif current == part and not line.lstrip().startswith(("#", "//")):
            lines.append(line)
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--part", default="")
    options = parser.parse_args()
    with open(options.file) as file:
        text = part_of(file.read(), options.part)
    if not text.strip():
        sys.exit(f"{options.file} holds no model text in part {options.part!r}")
    with open(options.output, "wb") as file:
        file.write(onnx.parser.parse_model(text).SerializeToString())


if __name__ == "__main__":
    main()
