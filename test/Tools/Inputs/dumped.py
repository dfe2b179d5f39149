"""Prints the .npy files of a folder by their names, with whole numbers: dumped.py FOLDER"""
import pathlib
import sys

import numpy as np

for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    print(path.name, np.load(path).astype(int).tolist())
