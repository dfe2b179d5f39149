"""Writes models whose weight lies in another file, rightly and wrongly, to FOLDER/model."""
import hashlib
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper

folder = pathlib.Path(sys.argv[1])
data = np.arange(2048, dtype=np.float32).tobytes()
for path in ("model/weights.bin", "outside.bin"):
    (folder / path).write_bytes(data)


def write(name, again={}, raw=b"", **entries):
    """A model that adds the external tensor w to its input."""
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1024], data_location=TensorProto.EXTERNAL)
    if raw:
        tensor.raw_data = raw
    for key, value in [*entries.items(), *again.items()]:
        tensor.external_data.add(key=key, value=str(value))
    graph = helper.make_graph([helper.make_node("Add", ["x", "w"], ["z"])], "external",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1024])],
                              [helper.make_tensor_value_info("z", TensorProto.FLOAT, [1024])], [tensor])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (folder / "model" / (name + ".onnx")).write_bytes(model.SerializeToString())


write("good", location="own.bin", offset=4096, length=4096, checksum=hashlib.sha1(data).hexdigest(), other="x")
write("inner", location="./inner/weights.bin", offset=4096)
write("missing", location="nowhere.bin")
write("parent", location="../outside.bin", length=4096)
write("absolute", location="/etc/passwd")
write("link", location="link.bin", length=4096)
write("linked", location="linked/weights.bin", length=4096)
write("hard", location="hard.bin", length=4096)
write("fifo", location="fifo.bin", length=4096)
write("folder", location="inner", length=4096)
write("short", location="own.bin", offset=8000, length=4096)
write("overflow", location="own.bin", offset=2**64 - 1, length=4096)
write("negative", location="own.bin", offset=-4, length=4096)
write("checksum", location="own.bin", length=4096, checksum="0" * 40)
write("size", location="own.bin", length=4092)
write("twice", location="own.bin", length=4096, again={"location": "inner/weights.bin"})
write("both", location="own.bin", length=4096, raw=data[:4096])
write("empty")
