"""Writes a model that says much of itself: described_model.py FILE"""
import pathlib
import sys

import onnx.parser

model = onnx.parser.parse_model("""
<ir_version: 8, opset_import: ["" : 17], producer_name: "maker", producer_version: "7", domain: "org.example",
 model_version: 3, doc_string: "what the model is">
agraph (float[4] x) => (float[4] y) { y = Relu(x) }""")
model.doc_string += "\n for"
model.graph.doc_string = "what the graph is for"
model.metadata_props.add(key="empty", value="")
model.metadata_props.add(key="labels", value='["cat", "dog"]')
pathlib.Path(sys.argv[1]).write_bytes(model.SerializeToString())
