#!/usr/bin/env python3
"""What ONNX Runtime says with a decoder of examples/kv-cache, without a cache: each token from all before it.

usage: greedy.py MODEL.onnx COUNT TOKEN...
"""
import sys

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
tokens = [int(token) for token in sys.argv[3:]]
empty = {value.name: np.zeros([1, value.shape[1], 0, value.shape[3]], np.float32)
         for value in session.get_inputs() if value.name.startswith("past_")}
for _ in range(int(sys.argv[2])):
    ids = np.array([tokens], np.int64)
    positions = np.arange(len(tokens), dtype=np.int64)[None]
    logits, = session.run(["logits"], {"input_ids": ids, "positions": positions, **empty})
    tokens.append(int(logits.argmax()))
print(*tokens[len(sys.argv) - 3:])
