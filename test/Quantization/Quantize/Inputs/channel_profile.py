"""Writes a profile of tensors whose channels of the last axis reach from -m to m.

usage: channel_profile.py OUT.json NAME=m,m,... ...
"""
import json
import math
import sys


def describe(magnitudes):
    most = max(magnitudes)
    width = 2.0**-40
    while math.floor(most / width) - math.floor(-most / width) + 1 > 2048:
        width *= 2
    counts = [0] * (math.floor(most / width) - math.floor(-most / width) + 1)
    for magnitude in magnitudes:
        for value in (magnitude, -magnitude):
            counts[math.floor(value / width) - math.floor(-most / width)] += 1
    return {"least": -most, "most": most, "sum": 0.0, "sum_of_squares": 2 * sum(m * m for m in magnitudes), "elements": 2 * len(magnitudes),
            "channel_axis": -1, "histogram": {"lowest": math.floor(-most / width) * width, "width": width, "counts": counts},
            "channels": {"least": [-m for m in magnitudes], "most": list(magnitudes), "sum": [0.0] * len(magnitudes)}}


tensors = {name: describe([float(m) for m in text.split(",")]) for name, text in (word.split("=") for word in sys.argv[2:])}
with open(sys.argv[1], "w") as file:
    json.dump({"lambent_profile": 1, "model": "0" * 64, "samples": 1, "tensors": tensors}, file)
