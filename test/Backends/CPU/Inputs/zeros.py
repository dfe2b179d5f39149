"""Writes a text with weights in it: ZEROS(64x32, 80, 1x4) becomes the bits of f32 of which 80 % are zero, in whole blocks, and
BYTES(...) those of i8."""
import random
import re
import struct
import sys


def make(match):
    are_bytes = match[1] == "BYTES"
    shape = [int(size) for size in match[2].split("x")]
    percent = int(match[3])
    block = [int(size) for size in match[4].split("x")] + [1] * (len(shape) - 2)
    generator, kept, bits = random.Random(1), {}, []
    count = 1
    for size in shape:
        count *= size
    for i in range(count):
        index = []
        for size in reversed(shape):
            index.insert(0, i % size)
            i //= size
        key = tuple(place // size for place, size in zip(index, block))
        if key not in kept:
            kept[key] = generator.randrange(100) >= percent
        value = generator.randrange(1, 128) if are_bytes else generator.uniform(0.1, 1)
        bits.append(struct.pack("<b" if are_bytes else "<f", value if kept[key] else 0))
    return 'dense<"0x' + b"".join(bits).hex().upper() + '">'


print(re.sub(r"(ZEROS|BYTES)\(([0-9x]+), (\d+), ([0-9x]+)\)", make, open(sys.argv[1]).read()))
