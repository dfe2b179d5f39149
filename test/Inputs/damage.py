#!/usr/bin/env python3
"""Damages a file in many ways; a command that takes each copy must refuse it.

usage: damage.py FILE COMMAND...        `{}` in COMMAND stands for the damaged copy

Flips one bit at a time, spread over the file, and cuts the file at several lengths. The command must end with exit
status 1 and a message, within its time limit.
"""
import os
import pathlib
import random
import subprocess
import sys
import tempfile

TIME_LIMIT = 10 * float(os.environ.get("LAMBENT_TEST_SLOWNESS", "1"))
FLIPS, CUTS = 60, 10


def damaged(data):
    """(what was done, the bytes) of each copy."""
    rng = random.Random(1)
    places = sorted(rng.sample(range(len(data)), FLIPS))
    for at in places:
        copy = bytearray(data)
        copy[at] ^= 1 << rng.randrange(8)
        yield f"a flipped bit in byte {at} of {len(data)}", bytes(copy)
    for i in range(CUTS):
        length = len(data) * i // CUTS
        yield f"cut to {length} bytes", data[:length]


def main():
    data, problems, count = pathlib.Path(sys.argv[1]).read_bytes(), [], 0
    with tempfile.TemporaryDirectory() as scratch:
        copy = os.path.join(scratch, "copy.so")
        command = [copy if word == "{}" else word for word in sys.argv[2:]]
        for what, content in damaged(data):
            pathlib.Path(copy).write_bytes(content)
            try:
                result = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=TIME_LIMIT)
                bad = result.returncode != 1 or not result.stderr.strip()
                reason = f"exit status {result.returncode}: {result.stderr[-300:]}"
            except subprocess.TimeoutExpired:
                bad, reason = True, "a hang"
            count += 1
            if bad:
                problems.append(f"{what}: {reason}")
    print("\n".join(problems))
    print(f"{count} damaged copies, {len(problems)} not refused")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
