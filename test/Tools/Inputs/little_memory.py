#!/usr/bin/env python3
"""Compiles a model with more and more memory, until there is enough: each time one line must say what is wrong.

usage: little_memory.py LAMBENT MODEL OUTPUT
"""
import subprocess
import sys


def main(lambent, model, output):
    wrong, tries = 0, 0
    for kilobytes in range(1000, 60000, 1000):
        done = subprocess.run([lambent, "compile", model, "-o", output, "--emit=object", f"--max-memory={kilobytes}K"],
                              capture_output=True, text=True)
        if done.returncode == 0:
            break
        tries += 1
        lines = done.stderr.splitlines()
        if done.returncode != 1 or len(lines) != 1 or not lines[0].startswith("lambent: error: "):
            print(f"{kilobytes}K: status {done.returncode}: {done.stderr}")
            wrong += 1
    print(f"{wrong} wrong of {tries}")


if __name__ == "__main__":
    main(*sys.argv[1:])
