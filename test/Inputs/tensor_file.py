#!/usr/bin/env python3
"""Writes a .npy file.

usage: tensor_file.py FILE.npy DTYPE SHAPE [--fortran]        SHAPE as in 2x3; values count up
"""
import sys

import numpy as np

path, dtype, shape = sys.argv[1:4]
shape = [int(size) for size in shape.split("x")] if shape != "scalar" else []
value = np.arange(int(np.prod(shape))).reshape(shape).astype(dtype)
np.save(path, np.asfortranarray(value) if "--fortran" in sys.argv else value)
