#!/usr/bin/env python3
"""Checks who includes whom, so that the stages of the compiler stay apart.

usage: check-includes.py [REPOSITORY]

Prints one line per forbidden include, and exits 1 if there is any. The rules are the table below: the first row
whose folder a file lies in says which of the project's headers and which foreign ones it may include.
"""
import pathlib
import posixpath
import re
import sys

MLIR = ("mlir/", "mlir-c/", "llvm/", "llvm-c/")
PROTOBUF = ("google/protobuf", "onnx")
# What every stage of the compiler may say.
DIAGNOSTICS = "lambent/Diagnostics/"
# The table of element types, and what it is in MLIR.
SIZES = "lambent/Sizes/"
TYPE_TABLE, TYPES = "lambent/ElementTypes/ElementType.h", "lambent/ElementTypes/"

# folder below include/lambent or lib (or a folder of its own): the project's headers, the foreign ones.
RULES = [
    ("Diagnostics", [DIAGNOSTICS], MLIR),
    ("ElementTypes", [TYPES, "lambent-c/element_types.h"], MLIR),
    ("Sizes", [SIZES], MLIR),
    ("Graph/IR", [DIAGNOSTICS, TYPES, SIZES, "lambent/Graph/IR/"], MLIR),
    ("Graph/Import", [DIAGNOSTICS, SIZES, TYPES, "lambent/Graph/IR/", "lambent/Graph/Import/"], MLIR + PROTOBUF),
    ("Graph/Transforms", [DIAGNOSTICS, SIZES, TYPES, "lambent/Graph/IR/", "lambent/Graph/Transforms/"], MLIR),
    ("Quantization", [DIAGNOSTICS, TYPES, TYPE_TABLE, "lambent/Graph/IR/", "lambent/Graph/Import/", "lambent/Quantization/"],
     MLIR + PROTOBUF),
    # The actions on lists are those of the ABI.
    ("Lowering/IR", [DIAGNOSTICS, SIZES, "lambent/ElementTypes/BlockFormat.h", "lambent/Lowering/IR/", "lambent-c/model.h"], MLIR),
    ("Lowering/Kernels", [DIAGNOSTICS, SIZES, TYPE_TABLE, "lambent/Lowering/Kernels/", "lambent/Lowering/IR/"], MLIR),
    ("Lowering/GraphToLIR", [DIAGNOSTICS, SIZES, TYPES, "lambent/Lowering/", "lambent/Graph/IR/"], MLIR),
    ("Lowering/Transforms", [DIAGNOSTICS, SIZES, "lambent/Lowering/", "lambent/Backends/Backend.h"], MLIR),
    ("Backends/CPU", [DIAGNOSTICS, SIZES, TYPES, "lambent/Lowering/", "lambent/Backends/CPU/", "lambent/Backends/Backend.h",
                      "lambent/Backends/Emit/", "lambent/Backends/CodeGeneration.h", "lambent/Backends/CompilerThreads.h", "lambent-c/model.h"],
     MLIR),
    ("Backends/CUDA", [DIAGNOSTICS, SIZES, "lambent/Lowering/", "lambent/Backends/CUDA/", "lambent/Backends/Backend.h",
                       "lambent/Backends/CodeGeneration.h", "lambent-c/model.h"], MLIR),
    ("Backends/Emit", [DIAGNOSTICS, SIZES, TYPES, "lambent/Lowering/", "lambent/Backends/Emit/",
                       "lambent/Backends/CompilerThreads.h", "lambent-c/model.h"], MLIR),
    ("Backends", [DIAGNOSTICS, SIZES, "lambent/Lowering/", "lambent/Backends/"], MLIR),
    ("Compiler", ["lambent/", "lambent-c/"], MLIR),
    ("Runtime", ["lambent/Runtime/", "lambent-c/", TYPE_TABLE], ()),
    ("include/lambent-c", ["lambent-c/"], ()),
    ("tools/lambent-opt", ["lambent/"], MLIR),
    ("tools/lambent", ["lambent-c/"], ()),
]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')


def rule_of(path):
    """The rule for a file, by its path in the repository."""
    for prefix in ("include/lambent/", "lib/"):
        if path.startswith(prefix):
            inner = path[len(prefix):]
            return next((r for r in RULES if inner.startswith(r[0] + "/")), None)
    return next((r for r in RULES if path.startswith(r[0] + "/")), None)


def forbidden(path, header, rule):
    """Why the file may not include the header, or None."""
    folder, own, foreign = rule
    if header.startswith(("lambent/", "lambent-c/")):
        return None if header.startswith(tuple(own)) else f"{folder} must not see {header}"
    if header.startswith(MLIR + PROTOBUF):
        return None if header.startswith(foreign) else f"{folder} must not use {header}"
    if ".." in pathlib.PurePosixPath(header).parts:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), header))
        return None if rule_of(target) is rule else f"{folder} must not see {target}"
    return None


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[1])
    bad = files = 0
    for top in ("include", "lib", "tools"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in (".h", ".hpp", ".cpp", ".c", ".inc"):
                continue
            path = file.relative_to(root).as_posix()
            rule = rule_of(path)
            files += 1
            if rule is None:
                print(f"{path}: lies in no folder that the rules know")
                bad += 1
                continue
            for number, line in enumerate(file.read_text().splitlines(), 1):
                found = INCLUDE.match(line)
                reason = found and forbidden(path, found[2], rule)
                if reason:
                    print(f"{path}:{number}: {reason}")
                    bad += 1
    print(f"{files} files, {bad} forbidden includes")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
