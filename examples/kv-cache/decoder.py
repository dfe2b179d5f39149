#!/usr/bin/env python3
"""Makes a decoder with a cache of keys and values: a language model of Llama's form, from a GGUF file or drawn.

usage: decoder.py WEIGHTS.gguf OUT.onnx
       decoder.py --drawn OUT.onnx          a tiny one, for tests

Inputs:   input_ids [1, new], positions [1, new], past_key_I and past_value_I [1, heads, past, size] of each layer
Outputs:  logits [1, 1, words] of the last token, present_key_I and present_value_I [1, heads, past + new, size]
"""
import math
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

POSITIONS = 2048


class DrawnWeights:
    """Weights from a random generator, under GGUF's names."""
    width, inner, layers, heads, key_heads, words = 32, 48, 2, 4, 2, 97
    epsilon, rotary_base = 1e-5, 10000.0

    def __init__(self):
        self.generator = np.random.default_rng(5)

    def __getitem__(self, name):
        if "norm" in name:
            return np.ones(self.width, np.float32)
        rows = {"attn_k": self.width * self.key_heads // self.heads, "token_embd": self.words}
        rows["attn_v"] = rows["attn_k"]
        rows["ffn_gate"] = rows["ffn_up"] = self.inner
        kind = name.split(".")[-1]
        columns = self.inner if kind == "ffn_down" else self.width
        shape = rows.get(kind, self.width), columns
        return self.generator.standard_normal(shape, dtype=np.float32) / np.float32(math.sqrt(columns) / 2)


class GGUFWeights:
    """Those of a GGUF file, as float32, matrices as [outputs, inputs]."""

    def __init__(self, path):
        import gguf  # pip install gguf
        self.dequantize = gguf.dequantize
        reader = gguf.GGUFReader(path)
        self.tensors = {tensor.name: tensor for tensor in reader.tensors}

        def field(name):
            return reader.fields[f"llama.{name}"].contents()

        self.width, self.layers = field("embedding_length"), field("block_count")
        self.heads, self.key_heads = field("attention.head_count"), field("attention.head_count_kv")
        self.epsilon, self.rotary_base = field("attention.layer_norm_rms_epsilon"), field("rope.freq_base")

    def __getitem__(self, name):
        tensor = self.tensors[name + ".weight"]
        values = np.asarray(self.dequantize(tensor.data, tensor.tensor_type), np.float32)
        values = values.reshape([int(size) for size in tensor.shape[::-1]])
        kind = name.split(".")[-1]
        if kind not in ("attn_q", "attn_k"):
            return values
        # What rotates together lies side by side there, and a half apart in ONNX.
        heads = self.heads if kind == "attn_q" else self.key_heads
        return values.reshape(heads, -1, 2, self.width).swapaxes(1, 2).reshape(values.shape)


class Decoder:
    def __init__(self, weights):
        self.weights, self.nodes, self.constants = weights, [], {}

    def constant(self, name, value):
        self.constants.setdefault(name, numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, op, *inputs, outputs=None, **attributes):
        outputs = outputs or [f"{op.lower()}_{len(self.nodes)}"]
        self.nodes.append(helper.make_node(op, inputs, outputs, name=outputs[0], **attributes))
        return outputs[0]

    def linear(self, x, name):
        return self.node("MatMul", x, self.constant(name, np.ascontiguousarray(self.weights[name].T)))

    def norm(self, x, name):
        return self.node("RMSNormalization", x, self.constant(name, self.weights[name]), epsilon=self.weights.epsilon)

    def rotate(self, x, heads):
        size = self.weights.width // self.weights.heads
        steps = np.arange(0, size, 2) / size
        angles = np.outer(np.arange(POSITIONS), 1 / self.weights.rotary_base**steps)
        tables = self.constant("cos", np.float32(np.cos(angles))), self.constant("sin", np.float32(np.sin(angles)))
        return self.node("RotaryEmbedding", x, *tables, "positions", num_heads=heads)

    def attention(self, x, layer):
        heads, key_heads = self.weights.heads, self.weights.key_heads
        query, key, value = (self.linear(x, f"blk.{layer}.attn_{kind}") for kind in "qkv")
        return self.node("Attention", self.rotate(query, heads), self.rotate(key, key_heads), value, "",
                         f"past_key_{layer}", f"past_value_{layer}", q_num_heads=heads, kv_num_heads=key_heads, is_causal=1,
                         outputs=[f"mixed_{layer}", f"present_key_{layer}", f"present_value_{layer}"])

    def feed_forward(self, x, layer):
        gate = self.linear(x, f"blk.{layer}.ffn_gate")
        gate = self.node("Mul", gate, self.node("Sigmoid", gate))
        inner = self.node("Mul", gate, self.linear(x, f"blk.{layer}.ffn_up"))
        return self.linear(inner, f"blk.{layer}.ffn_down")

    def build(self):
        words = self.weights["token_embd"]
        x = self.node("Gather", self.constant("words", words), "input_ids")
        for layer in range(self.weights.layers):
            mixed = self.attention(self.norm(x, f"blk.{layer}.attn_norm"), layer)
            x = self.node("Add", x, self.linear(mixed, f"blk.{layer}.attn_output"))
            x = self.node("Add", x, self.feed_forward(self.norm(x, f"blk.{layer}.ffn_norm"), layer))
        last = self.node("Gather", x, self.constant("last", np.array([-1])), axis=1)
        turned = self.node("Transpose", "words", perm=[1, 0])
        self.node("MatMul", self.norm(last, "output_norm"), turned, outputs=["logits"])
        return self.make_model(len(words))

    def make_model(self, words):
        def describe(name, kind, *dims):
            return helper.make_tensor_value_info(name, kind, dims)

        def caches(name, rows):
            size = self.weights.width // self.weights.heads
            return [describe(f"{name}_{kind}_{layer}", TensorProto.FLOAT, 1, self.weights.key_heads, rows, size)
                    for layer in range(self.weights.layers) for kind in ("key", "value")]

        inputs = [describe(name, TensorProto.INT64, 1, "new") for name in ("input_ids", "positions")]
        graph = helper.make_graph(self.nodes, "decoder", inputs + caches("past", "past"),
                                  [describe("logits", TensorProto.FLOAT, 1, 1, words), *caches("present", "all")],
                                  list(self.constants.values()))
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)], ir_version=10)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    save(Decoder(DrawnWeights() if sys.argv[1] == "--drawn" else GGUFWeights(sys.argv[1])).build(), sys.argv[2])
