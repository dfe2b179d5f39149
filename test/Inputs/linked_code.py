#!/usr/bin/env python3
"""Checks that all code in linked files runs on any x86-64 CPU: the runtime in an artefact is for every machine.

usage: linked_code.py FILE...

Exceptions: the runtime asks the CPU for xgetbv before it uses it. CPUs that do not know them take endbr64 for a nop,
and tzcnt for the bsf that compilers mean by it.
"""
import re
import subprocess
import sys

from cpu_features import refused


def disassembled(file):
    """Every instruction as one line that an assembler reads again; its addresses are plain numbers then."""
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", file], capture_output=True, text=True, check=True).stdout
    lines = []
    for line in re.findall(r"^ +[0-9a-f]+:\t(.*)$", text, re.MULTILINE):
        line = re.sub(r"<[^>]*>|#.*", "", line)
        line = re.sub(r"^((?:\w+ +)*(?:j\w+|call\w*|loop\w*) +)([0-9a-f]+)\s*$", r"\g<1>0x\g<2>", line)
        # Padding repeats prefixes, which assemblers do not take.
        if not re.match(r"data16|cs|nop|xchg +%ax,%ax|endbr64", line):
            lines.append(re.sub(r"^tzcnt", "bsf", line) + "\n")
    return "".join(lines)


def main():
    problems = []
    for file in sys.argv[1:]:
        code = disassembled(file)
        problems += [f"{file}: {message}" for message in refused("x86-64", code, ["xsave"])]
        print(f"{file}: {code.count(chr(10))} instructions")
        if "ret" not in code or not refused("x86-64", code + "vaddps %ymm0, %ymm0, %ymm0\n", ["xsave"]):
            problems.append(f"{file}: the comparison does not work")
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
