"""Makes models whose weights lie behind links: linked_weights.py FOLDER, with snapshot, blobs and in inside it."""
import os
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper

folder = pathlib.Path(sys.argv[1])
np.arange(4, dtype=np.float32).tofile(folder / "blobs" / "1")
np.arange(4, dtype=np.float32).tofile(folder / "blobs" / "2")
np.save(folder / "in" / "x.npy", np.arange(1, 5, dtype=np.float32))
os.symlink("../blobs/1", folder / "snapshot" / "weights.bin")
os.symlink("../blobs/none", folder / "snapshot" / "dangling.bin")
os.link(folder / "blobs" / "2", folder / "snapshot" / "second.bin")
for name, location in [("model", "weights.bin"), ("second", "second.bin"), ("outside", "../blobs/1"),
                       ("dangling", "dangling.bin")]:
    weights = TensorProto(name="w", dims=[4], data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
    weights.external_data.add(key="location", value=location)
    graph = helper.make_graph([helper.make_node("Add", ["x", "w"], ["y"])], "g",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (folder / "snapshot" / (name + ".onnx")).write_bytes(model.SerializeToString())
