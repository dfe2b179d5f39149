"""Models with open dims for open_dims.py: fetched ones, known topologies, and a decoder with a cache of keys and values."""
import math
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from make_models import TOPOLOGIES, generator, make

# SmolLM2's sizes: width, of the layers between, heads of queries, of keys and values, layers, words.
WIDTH, INNER, HEADS, KEY_HEADS, LAYERS, WORDS = 576, 1536, 9, 3, 30, 49152


def name_dims(model, dims):
    """The model with inputs of these dims, numbers and names, and nothing said of other values."""
    for value in model.graph.input:
        if value.name in dims:
            del value.type.tensor_type.shape.dim[:]
            for dim in dims[value.name]:
                new = value.type.tensor_type.shape.dim.add()
                setattr(new, "dim_param" if isinstance(dim, str) else "dim_value", dim)
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    return model


def open_images(path, name):
    """A model of images, of any number and size."""
    return name_dims(onnx.load(path), {name: ["n", 3, "h", "w"]})


def open_bert(out):
    """BERT base for any batch and sequence: positions are counted, and reshapes keep what they do not split."""
    model = onnx.load(make(TOPOLOGIES, "bert_base_128", out))
    graph = model.graph
    for tensor in graph.initializer:
        if tensor.data_type == TensorProto.INT64:
            sizes = numpy_helper.to_array(tensor)
            if list(sizes[:2]) == [1, 128] and sizes.ndim == 1:
                tensor.CopyFrom(numpy_helper.from_array(np.array([0, 0, *sizes[2:]], np.int64), tensor.name))
    for node in graph.node:
        if node.op_type == "Reshape":
            del node.attribute[:]  # allowzero, with which a 0 would keep nothing
    positions = next(tensor for tensor in graph.initializer if tensor.name == "slice_1")
    graph.initializer.remove(positions)
    count = np.arange(512, dtype=np.int64)[None]
    graph.initializer.extend(numpy_helper.from_array(np.array(value, np.int64), name) for name, value in
                             (("positions", count), ("zero", [0]), ("axis", [1])))
    for node in reversed([helper.make_node("Shape", ["ids"], ["length"], start=1, end=2),
                          helper.make_node("Slice", ["positions", "zero", "length", "axis"], ["slice_1"])]):
        graph.node.insert(0, node)
    return name_dims(model, dict.fromkeys(("ids", "types", "mask"), ["batch", "seq"]))


class Decoder:
    """A decoder of SmolLM2's form, with drawn weights: `new` tokens behind `past` ones, whose keys and values come in."""

    def __init__(self):
        self.nodes, self.weights = [], []

    def constant(self, name, value):
        if all(tensor.name != name for tensor in self.weights):
            self.weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, op, *inputs, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [f"node{len(self.nodes)}"], **attributes))
        return self.nodes[-1].output[0]

    def linear(self, x, name, rows, columns):
        weight = generator(name).standard_normal((rows, columns), dtype=np.float32) / np.float32(math.sqrt(rows))
        return self.node("MatMul", x, self.constant(name, weight))

    def norm(self, x):
        scale = self.constant("scale", np.ones(WIDTH, np.float32))
        return self.node("RMSNormalization", x, scale, epsilon=1e-5)

    def layer(self, x, index):
        y, size = self.norm(x), WIDTH // HEADS
        query = self.linear(y, f"q{index}", WIDTH, WIDTH)
        key, value = (self.linear(y, f"{kind}{index}", WIDTH, KEY_HEADS * size) for kind in "kv")
        table = [self.constant(f"{kind}_table", np.zeros((2048, size // 2), np.float32) + (kind == "cos"))
                 for kind in ("cos", "sin")]
        query, key = (self.node("RotaryEmbedding", t, *table, "positions", num_heads=heads)
                      for t, heads in ((query, HEADS), (key, KEY_HEADS)))
        self.nodes.append(helper.make_node(
            "Attention", [query, key, value, "", f"past_k{index}", f"past_v{index}"],
            [f"mixed{index}", f"k{index}_out", f"v{index}_out"], q_num_heads=HEADS, kv_num_heads=KEY_HEADS, is_causal=1))
        x = self.node("Add", x, self.linear(f"mixed{index}", f"o{index}", WIDTH, WIDTH))
        y = self.norm(x)
        gate = self.linear(y, f"gate{index}", WIDTH, INNER)
        inner = self.node("Mul", self.node("Mul", gate, self.node("Sigmoid", gate)),
                          self.linear(y, f"up{index}", WIDTH, INNER))
        return self.node("Add", x, self.linear(inner, f"down{index}", INNER, WIDTH))

    def build(self):
        words = self.constant("words", generator("words").standard_normal((WORDS, WIDTH), dtype=np.float32))
        x = self.node("Gather", words, "ids")
        for index in range(LAYERS):
            x = self.layer(x, index)
        logits = self.node("MatMul", self.norm(x), self.node("Transpose", words, perm=[1, 0]))
        cache = ["batch", KEY_HEADS, "past", WIDTH // HEADS]
        inputs = [("ids", TensorProto.INT64, ["batch", "new"]), ("positions", TensorProto.INT64, ["batch", "new"])]
        inputs += [(f"past_{kind}{i}", TensorProto.FLOAT, cache) for i in range(LAYERS) for kind in "kv"]
        outputs = [logits, *(f"{kind}{i}_out" for i in range(LAYERS) for kind in "kv")]
        graph = helper.make_graph(self.nodes, "decoder", [helper.make_tensor_value_info(*i) for i in inputs],
                                  [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
                                  self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)], ir_version=10)


def models(out, real):
    """(name, function that makes it, sizes to run it at, ranges of its dims for SizeChange)."""
    def fetched(name):
        return os.path.join(real, name, "model.onnx")

    def sized(**sizes):
        names, values = list(sizes), list(zip(*sizes.values()))
        return [dict(zip(names, row)) for row in values]

    return [
        ("bert_base_128", lambda: open_bert(out), sized(batch=[1, 1, 1, 4], seq=[7, 40, 128, 64]),
         ["batch=1..4", "seq=4..128"]),
        ("ddddocr-det-yolox", lambda: open_images(fetched("ddddocr-det-yolox"), "images"),
         sized(n=[1, 1, 2], h=[416, 320, 160], w=[416, 480, 224]), ["n=1..2", "h=160..416:32", "w=160..416:32"]),
        ("ppocrv4-rec", lambda: open_images(fetched("ppocrv4-rec"), "x"),
         sized(n=[1, 1, 4], h=[48, 48, 48], w=[320, 100, 200]), ["n=1..2", "h=48..48", "w=64..320:4"]),
        ("minilm-l3-fp32", lambda: onnx.load(fetched("minilm-l3-fp32")),
         sized(batch_size=[1, 1, 1, 1, 4, 4, 4, 4], sequence_length=[7, 16, 50, 128] * 2),
         ["batch_size=1..8", "sequence_length=4..256"]),
        ("decoder, prefill", lambda: Decoder().build(), sized(batch=[1, 1], new=[16, 100], past=[0, 0]),
         ["batch=1..1", "new=4..100", "past=0..0"]),
        ("decoder, decode", lambda: Decoder().build(), sized(batch=[1, 1, 4], new=[1, 1, 1], past=[15, 200, 100]),
         ["batch=1..1", "new=1..1", "past=1..400"]),
    ]
