#!/usr/bin/env python3
"""Makes the benchmark models: known topologies with seeded random weights, single kernels, and bound real models.

usage: make_models.py OUT_DIR [NAME ...] [--kernels] [--real MODELS]

topologies/NAME.onnx holds the graph and its small constants, NAME.json the shape, mean and deviation of every
larger weight and the ranges of integer inputs. Weights are drawn per name from a seeded generator, so every
machine makes the same model. With --real, NAME is a model that scripts/models/fetch.py put into MODELS; its open
dims are bound to its sample's shapes. NAME_int8 is NAME as ONNX Runtime quantizes it: QDQ, u8 activations, weights of
i8 by channels, calibrated on its sample or on drawn inputs; recurrent layers, which that quantizer leaves as they are,
as Lambent does (command LAMBENT). NAME_int4 is NAME with the weights of its products, and
tables that are one of these, too, in blocks of 32 numbers of 4 bits (com.microsoft's MatMulNBits and GatherBlockQuantized).
NAME_bf16 is NAME, which engines compute in bf16. NAME_zeros80, NAME_zeros80x4, x4x2, x4x4 and x32, and NAME_zeros3x3 have zeros
(zeros.py). NAME may end so itself: NAME_zeros80x4x2_int8.
A model that is there already is left alone.
"""
import argparse
import hashlib
import json
import os
import subprocess
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import zeros

TOPOLOGIES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "topologies")

# Products (rows, inner, columns) and 3x3 convolutions (channels, size) in the shapes that the models above hold most.
PRODUCTS = [(128, 768, 3072), (128, 768, 768), (512, 512, 512), (196, 384, 1536)]
CONVOLUTIONS = [(64, 56), (128, 28), (256, 14), (512, 7)]
# Taps along y and x, channels in and out, height and width.
OTHER_TAPS = [(5, 5, 64, 64, 56), (5, 5, 32, 96, 14), (7, 7, 64, 64, 28), (1, 7, 192, 192, 17), (7, 1, 192, 192, 17),
              (1, 3, 64, 64, 56), (1, 5, 64, 64, 56)]


def generator(name):
    return np.random.default_rng(int(hashlib.sha256(name.encode()).hexdigest()[:8], 16))


def draw(name, weight):
    x = generator(name).standard_normal(weight["shape"], dtype=np.float32) * weight["std"] + weight["mean"]
    return (np.clip(x, weight["min"], weight["max"]) if weight["positive"] else x).astype(np.float32)


def write(out, name, model, sidecar):
    """Writes OUT/NAME.onnx, and NAME.json that says what its inputs are."""
    os.makedirs(out, exist_ok=True)
    path = os.path.join(out, name + ".onnx")
    onnx.save(model, path)
    with open(os.path.join(out, name + ".json"), "w") as file:
        json.dump(sidecar, file)
    return path


def make(topologies, name, out):
    """A topology with its weights."""
    with open(os.path.join(topologies, name + ".json")) as file:
        info = json.load(file)
    model = onnx.load(os.path.join(topologies, name + ".onnx"))
    model.graph.initializer.extend(numpy_helper.from_array(draw(k, w), k) for k, w in info["weights"].items())
    return write(out, name, model, {"inputs": info["inputs"]})


def bind(models, name, out):
    """A fetched model in its sample's shapes."""
    folder = os.path.join(models, name)
    model = onnx.load(os.path.join(folder, "model.onnx"))
    with open(os.path.join(folder, "sample", "io.json")) as file:
        io = json.load(file)
    files = {i["name"]: os.path.abspath(os.path.join(folder, "sample", i["file"])) for i in io["inputs"]}
    for value in model.graph.input:
        if value.name in files:
            dims = value.type.tensor_type.shape.dim
            del dims[:]
            for size in np.load(files[value.name], mmap_mode="r").shape:
                dims.add().dim_value = size
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    return write(out, name, model, {"samples": files})


class Inputs:
    """What ONNX Runtime calibrates on: a sample, or a few drawn inputs."""

    def __init__(self, path):
        with open(path.removesuffix(".onnx") + ".json") as file:
            sidecar = json.load(file)
        if "samples" in sidecar:
            batches = [{name: np.load(file) for name, file in sidecar["samples"].items()}]
        else:
            batches = [{value.name: self.draw(value, sidecar["inputs"], index)
                        for value in onnx.load(path, load_external_data=False).graph.input} for index in range(4)]
        self.batches = iter(batches)

    @staticmethod
    def draw(value, ranges, index):
        tensor = value.type.tensor_type
        shape = [dim.dim_value for dim in tensor.shape.dim]
        random = generator(f"{value.name} {index}")
        dtype = helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        if dtype.kind == "f":
            return random.standard_normal(shape).astype(dtype)
        return random.integers(*ranges[value.name], shape).astype(dtype)

    def get_next(self):
        return next(self.batches, None)


def quantize_layers(base, path):
    """A model of recurrent layers in QDQ form."""
    command = os.environ.get("LAMBENT", "lambent")
    with tempfile.TemporaryDirectory() as folder:
        for index, batch in enumerate(Inputs(base).batches):
            os.makedirs(os.path.join(folder, "samples", str(index)))
            for name, value in batch.items():
                np.save(os.path.join(folder, "samples", str(index), name + ".npy"), value)
        profile = os.path.join(folder, "profile.json")
        subprocess.run([command, "profile", base, "--input-dir", os.path.join(folder, "samples"), "-o", profile],
                       check=True, stdout=subprocess.DEVNULL)
        subprocess.run([command, "quantize", base, "--profile", profile, "-o", path], check=True,
                       stdout=subprocess.DEVNULL)


def quantize(base, name, out):
    """A model in QDQ form."""
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    path = os.path.join(out, name + ".onnx")
    if any(node.op_type in ("LSTM", "GRU", "RNN") for node in onnx.load(base).graph.node):
        quantize_layers(base, path)
    else:
        quantize_static(base, path, Inputs(base), quant_format=QuantFormat.QDQ, per_channel=True,
                        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
    os.link(base.removesuffix(".onnx") + ".json", os.path.join(out, name + ".json"))
    return path


def quantize_blocks(weight, block=32):
    """A matrix [N, K] as bytes [N, blocks, block / 2] of two numbers around 8 each, and scales [N, blocks]."""
    blocks = weight.reshape(weight.shape[0], -1, block)
    scales = np.maximum(np.abs(blocks).max(axis=2), 1e-12).astype(np.float32) / 7
    codes = np.clip(np.rint(blocks / scales[..., None]) + 8, 0, 15).astype(np.uint8)
    return codes[..., 0::2] | codes[..., 1::2] << 4, scales


def quantize_weights(base, name, out, block=32):
    """A model whose products have constant weights of 4 bits."""
    model = onnx.load(base)
    graph = model.graph
    weights = {t.name: t for t in graph.initializer}
    transposed = {n.output[0]: n.input[0] for n in graph.node if n.op_type == "Transpose" and n.input[0] in weights}
    made, tables, constants = {}, {}, []

    def add(key, array):
        constants.append(numpy_helper.from_array(array, key))
        return key

    for node in graph.node:
        source = transposed.get(node.input[1], node.input[1]) if node.op_type == "MatMul" else ""
        if source not in weights or len(weights[source].dims) != 2:
            continue
        isT = node.input[1] in transposed
        n, k = weights[source].dims if isT else reversed(weights[source].dims)
        if k % block:
            continue
        if source not in made:
            array = numpy_helper.to_array(weights[source])
            codes, scales = quantize_blocks(array if isT else np.ascontiguousarray(array.T), block)
            made[source] = [add(source + ".codes", codes), add(source + ".scales", scales)]
            if isT:
                tables[source] = codes.reshape(n, -1), made[source][1]
        node.CopyFrom(helper.make_node("MatMulNBits", [node.input[0], *made[source]], node.output, node.name,
                                       domain="com.microsoft", K=k, N=n, bits=4, block_size=block))
    for node in graph.node:
        if node.op_type == "Gather" and node.input[0] in tables:
            codes, scales = tables[node.input[0]]
            node.CopyFrom(helper.make_node("GatherBlockQuantized",
                                           [add(node.input[0] + ".table", codes), node.input[1], scales], node.output,
                                           node.name, domain="com.microsoft", gather_axis=0, quantize_axis=1,
                                           block_size=block, bits=4))
    used = {i for n in graph.node for i in n.input} | {o.name for o in graph.output}
    dead = [n for n in graph.node if n.op_type == "Transpose" and n.output[0] in transposed and n.output[0] not in used]
    for node in dead:
        graph.node.remove(node)
    used = {i for n in graph.node for i in n.input}
    kept = [t for t in graph.initializer if t.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept + constants)
    del graph.value_info[:]
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    onnx.save(model, os.path.join(out, name + ".onnx"))
    os.link(base.removesuffix(".onnx") + ".json", os.path.join(out, name + ".json"))
    return os.path.join(out, name + ".onnx")


def single(out, name, op, input_shape, weight_shape, **attributes):
    """A model of one op on a constant weight."""
    scale = np.float32(1 / np.sqrt(np.prod(weight_shape) / max(weight_shape)))
    weight = generator(name).standard_normal(weight_shape, dtype=np.float32) * scale
    graph = helper.make_graph(
        [helper.make_node(op, ["x", "w"], ["y"], name=op.lower(), **attributes)], name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, input_shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], [numpy_helper.from_array(weight, "w")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return write(out, name, onnx.shape_inference.infer_shapes(model), {"inputs": {}})


def make_kernels(out):
    """One model for each product and convolution of the lists above."""
    paths = [single(out, f"matmul_{m}x{k}x{n}", "MatMul", [m, k], [k, n]) for m, k, n in PRODUCTS]
    return paths + [single(out, f"conv3x3_{c}@{s}", "Conv", [1, c, s, s], [c, c, 3, 3], pads=[1, 1, 1, 1])
                    for c, s in CONVOLUTIONS] + [
        single(out, f"conv{y}x{x}_{c}to{o}@{s}", "Conv", [1, c, s, s], [o, c, y, x], pads=[y // 2, x // 2] * 2)
        for y, x, c, o, s in OTHER_TAPS]


def add_zeros(base, name, out):
    """A model whose weights have seeded zeros."""
    path = os.path.join(out, name + ".onnx")
    zeros.make(base, path, lambda weight: generator(f"zeros {weight}"))
    os.link(base.removesuffix(".onnx") + ".json", os.path.join(out, name + ".json"))
    return path


def link(path, name, out):
    """NAME_bf16 is the model itself: engines round, each by its own option."""
    for suffix in ".onnx", ".json":
        source, target = path[:-5] + suffix, os.path.join(out, name + suffix)
        if os.path.exists(source) and not os.path.exists(target):
            os.symlink(os.path.basename(source), target)
    return os.path.join(out, name + ".onnx")


def produce(name, out, real):
    """The model of a name, made where it is missing, with those that it is made of."""
    path = os.path.join(out, name + ".onnx")
    if os.path.exists(path):
        return path
    ending = zeros.SUFFIX.search(name)
    make_other = add_zeros if ending else {"_int8": quantize, "_int4": quantize_weights, "_bf16": link}.get(name[-5:])
    if make_other:
        return make_other(produce(name[:ending.start() if ending else -5], out, real), name, out)
    return bind(real, name, out) if real else make(TOPOLOGIES, name, out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--kernels", action="store_true")
    parser.add_argument("--real", metavar="MODELS")
    options = parser.parse_args()
    if options.kernels:
        print("\n".join(make_kernels(options.out)))
        return
    names = options.names or sorted(f[:-5] for f in os.listdir(TOPOLOGIES) if f.endswith(".onnx"))
    for name in names:
        print(produce(name, options.out, options.real))


if __name__ == "__main__":
    main()
