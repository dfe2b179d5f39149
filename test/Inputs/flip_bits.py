#!/usr/bin/env python3
"""Flips single bits in artefacts of all forms; each must be refused before any of its code runs.

usage: flip_bits.py LIBLAMBENT MODEL.onnx COUNT [SEED]

COUNT flips are spread over the files of the four forms, headers aside. Libraries, objects and bundles are loaded in
this process, so that code which ran would show as a crash. An executable is checked from outside, as `lambent run`
does before it starts one; its weights are checked by the program itself, which then must say so.
"""
import ctypes
import pathlib
import random
import subprocess
import sys
import tempfile


class API:
    """The few functions of the C API that are needed; each call returns the message of a failure, or None."""

    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        for name in ("lambent_module_load", "lambent_module_link", "lambent_artefact_kind"):
            getattr(self.library, name).restype = ctypes.c_void_p
        self.library.lambent_status_message.restype = ctypes.c_char_p

    def message(self, status):
        if not status:
            return None
        status = ctypes.c_void_p(status)
        text = self.library.lambent_status_message(status).decode(errors="replace")
        self.library.lambent_status_destroy(status)
        return text

    def module(self, function, path):
        module = ctypes.c_void_p()
        text = self.message(getattr(self.library, function)(str(path).encode(), None, ctypes.byref(module)))
        if text is None:
            self.library.lambent_module_destroy(module)
        return text

    def kind(self, path):
        return self.message(self.library.lambent_artefact_kind(str(path).encode(), ctypes.byref(ctypes.c_int())))


def run_program(path):
    """The message of a program that refuses to run; None when it does anything else."""
    path.chmod(0o755)
    result = subprocess.run([path, "--input-dir", path.parent, "--output-dir", path.parent / "out"], capture_output=True,
                            text=True, errors="replace")
    refused = result.returncode == 1 and "damaged" in result.stderr
    return result.stderr if refused else None


def compile_forms(model, folder):
    for form, name in (("library", "library.so"), ("object", "object.o"), ("bundle", "bundle.o"), ("executable", "program")):
        subprocess.run(["lambent", "compile", model, "-o", folder / name, f"--emit={form}"], check=True)


def main():
    api, model, count = API(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    rng = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    problems, counts = [], {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        compile_forms(model, folder)

        def loads(name):
            return api.module("lambent_module_load" if name.endswith(".so") else "lambent_module_link",
                              folder / ("bundle.o" if name == "bundle.weights" else name))

        def refuses(name):
            if name != "program":
                return loads(name)
            return api.kind(folder / name) or run_program(folder / name)

        names = ["library.so", "object.o", "bundle.o", "bundle.weights", "program"]
        wrong = [name for name in names[:4] if loads(name) is not None] + (["program"] if api.kind(folder / "program") else [])
        assert not wrong, f"refused without damage: {wrong}"
        for i in range(count):
            name = names[i % len(names)]
            good = (folder / name).read_bytes()
            at, bit = rng.randrange(len(good)), rng.randrange(8)
            bad = bytearray(good)
            bad[at] ^= 1 << bit
            # A new file each time: the one before may be mapped, or be busy.
            (folder / name).unlink()
            (folder / name).write_bytes(bad)
            if not refuses(name):
                problems.append(f"{name}: bit {bit} of byte {at} of {len(good)}")
            counts[name] = counts.get(name, 0) + 1
            (folder / name).unlink()
            (folder / name).write_bytes(good)
    print("\n".join(problems))
    print(f"{count} flipped bits ({', '.join(f'{n} in {name}' for name, n in counts.items())}), {len(problems)} not caught")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
