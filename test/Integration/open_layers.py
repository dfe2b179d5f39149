#!/usr/bin/env python3
"""Small models with open dims, compiled ahead of time once and run at several sizes, against ONNX Runtime.

usage: open_layers.py SCRATCH

Dims are named: "bn4" is a tensor of two open dims and one of 4. What a resize gives must have the bits of the model that
is compiled for those sizes.
"""
import itertools
import pathlib
import shutil

import numpy as np
import onnx
from command import call_main, run, write_inputs
from in_process import compile_model
from near import difference, same_bits
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from reference import run_onnxruntime

SIZES = [dict(b=2, n=7, m=9), dict(b=1, n=3, m=4), dict(b=3, n=16, m=1), dict(b=5, n=33, m=17)]
EMPTY = dict(b=0, n=5, m=3)


class Model:
    """Nodes on x and further inputs. An input is its dims, and a type unless it is of floats."""

    def __init__(self, *nodes, sizes=(*SIZES, EMPTY), outputs=("y",), opset=21, tolerance=1e-5, bits=False,
                 reference=False, **inputs):
        self.inputs = {name: self.read(text) for name, text in inputs.items()}
        self.sizes, self.tolerance, self.bits, self.reference = sizes, tolerance, bits, reference
        values = [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(dtype), dims)
                  for name, (dims, dtype) in self.inputs.items()]
        constants = [numpy_helper.from_array(value, name) for node in nodes for name, value in node.constants.items()]
        graph = helper.make_graph([node.proto for node in nodes], "g", values,
                                  [onnx.ValueInfoProto(name=name) for name in outputs], constants)
        domains = {node.proto.domain: 1 for node in nodes} | {"": opset}
        imports = [helper.make_opsetid(*entry) for entry in domains.items()]
        model = helper.make_model(graph, opset_imports=imports, ir_version=10)
        self.model = onnx.shape_inference.infer_shapes(model)
        for output in self.model.graph.output:
            output.type.tensor_type.ClearField("shape")

    @staticmethod
    def read(text):
        dims, _, dtype = text.partition("/")
        return [int(dim) if dim.isdigit() else dim for dim in dims.split(",")], np.dtype(dtype or "f4")

    def draw(self, sizes, generator):
        arrays = {}
        for name, (dims, dtype) in self.inputs.items():
            shape = [sizes[dim] if isinstance(dim, str) else dim for dim in dims]
            arrays[name] = (generator.standard_normal(shape) if dtype.kind == "f" else
                            generator.integers(0, 4, shape)).astype(dtype)
        return arrays


class Node:
    """A node whose operands are names or constants."""

    def __init__(self, op, *operands, out="y", **attributes):
        self.constants, names = {}, []
        for operand in operands:
            if not isinstance(operand, str):
                name = f"{op}_{out}_{len(names)}"
                self.constants[name] = np.array(operand)
                operand = name
            names.append(operand)
        self.proto = helper.make_node(op, names, out.split(), **attributes)


def ints(*values):
    return np.array(values, np.int64)


def floats(*values):
    return np.array(values, np.float32)


def pads():
    for mode in "constant", "edge", "reflect", "wrap":
        yield f"pad {mode}", Model(Node("Pad", "x", ints(0, 2, 1, 0, 1, 2), mode=mode), x="b,n,5")
        yield f"pad {mode} both", Model(Node("Pad", "x", ints(1, 0, 0, 3), mode=mode), x="n,b",
                                        sizes=[dict(n=4, b=4), dict(n=2, b=9)])
    yield "pad value", Model(Node("Pad", "x", ints(1, 1, 0, 3), floats(7).reshape(())), x="b,n")
    yield "pad cuts", Model(Node("Pad", "x", ints(0, -1, 0, -2)), x="b,n")
    yield "pad cuts and adds", Model(Node("Pad", "x", ints(2, -1)), x="n")
    yield "pad of bool", Model(Node("Cast", "x", to=onnx.TensorProto.BOOL, out="c"), Node("Pad", "c", ints(1, 1)), x="n")


def resizes():
    coordinates = "half_pixel asymmetric".split()
    for mode, rounding in itertools.product([*coordinates, "tf_half_pixel_for_nn"],
                                            "round_prefer_floor round_prefer_ceil floor ceil".split()):
        for scale in 2, 3, 0.5, 1.75:
            node = Node("Resize", "x", "", floats(1, 1, scale, 1), mode="nearest", coordinate_transformation_mode=mode,
                        nearest_mode=rounding)
            yield f"nearest {mode} {rounding} {scale}", Model(node, x="b,3,n,2", bits=True, opset=13, sizes=SIZES[:2])
    for kind, mode in itertools.product(["linear", "cubic"], coordinates):
        for scale in 2, 0.5, 1.625:
            node = Node("Resize", "x", "", floats(1, 1, scale, scale), mode=kind, coordinate_transformation_mode=mode)
            yield f"{kind} {mode} {scale}", Model(node, x="b,2,n,m", bits=scale != 1.625, tolerance=1e-4, opset=18,
                                                  sizes=[dict(b=2, n=7, m=9), dict(b=1, n=4, m=2)])
    outside = Node("Resize", "x", "", floats(1, 1, 2, 1.5), mode="cubic", exclude_outside=1, cubic_coeff_a=-0.5)
    yield "cubic within", Model(outside, x="b,2,n,m", bits=True, opset=18, sizes=SIZES[:2], tolerance=1e-4)
    smooth = Node("Resize", "x", "", floats(1, 1, 0.5, 0.25), mode="linear", antialias=1)
    yield "antialias", Model(smooth, x="b,2,n,m", bits=True, opset=18, sizes=[SIZES[0], SIZES[3]], tolerance=1e-4)
    # To the sizes of another image, which run-time quotients give exactly.
    shape = Node("Shape", "z", out="s")
    for kind in "nearest", "linear":
        node = Node("Resize", "x", "", "", "s", mode=kind, coordinate_transformation_mode="asymmetric",
                    **(dict(nearest_mode="floor") if kind == "nearest" else {}))
        yield f"{kind} to sizes", Model(shape, node, x="b,2,n,m", z="b,2,k,l", opset=18, bits=True, sizes=[
            dict(b=1, n=4, m=6, k=8, l=3), dict(b=2, n=5, m=5, k=5, l=10)])


def moves():
    yield "tile", Model(Node("Tile", "x", ints(2, 1, 3)), x="b,n,4")
    yield "range", Model(Node("Shape", "x", start=1, end=2, out="s"), Node("Squeeze", "s", ints(0), out="e"),
                         Node("Range", np.int64(0), "e", np.int64(1)), x="b,n")
    for name, *ranges in [("to the end", 1, 1000000000, 1, 2), ("of the end", -2, 2 ** 63 - 1, 1, 1),
                          ("backwards", -1, -2 ** 63, 1, -1), ("but the last", 0, -1, 1, 1),
                          ("before the middle", -8, 4, 1, 2), ("up to a place before", -5, -8, 1, 1),
                          ("from the end on", 2 ** 62, -3, 1, 1), ("between both ends", 2, -3, 1, 2)]:
        yield f"slice {name}", Model(Node("Slice", "x", *[ints(value) for value in ranges]), x="b,n,4")
    # Sizes of long expressions, whose product is computed in each kernel.
    yield "slice of three dims", Model(Node("Slice", "x", ints(5, 2, -5), ints(-6, 99, 99), ints(0, 1, 2), ints(1, 1, 2)),
                                       x="b,n,m", sizes=[dict(b=13, n=7, m=9), dict(b=20, n=3, m=5), dict(b=11, n=2, m=8)])
    # As many from the end as another input has.
    yield "slice by a size", Model(
        Node("Shape", "z", start=0, end=1, out="s"), Node("Neg", "s", out="t"),
        Node("Slice", "x", "t", ints(2 ** 63 - 1), ints(0)), x="n,3", z="k",
        sizes=[dict(n=5, k=2), dict(n=4, k=4), dict(n=1, k=1)])
    tuples = np.array([[[1], [0]], [[2], [-1]]])
    yield "looked up by tuples of a known batch", Model(Node("GatherND", "x", tuples, batch_dims=1), x="b,n",
                                                        sizes=[dict(b=2, n=4), dict(b=2, n=3)])
    yield "looked up in data of a known batch", Model(Node("GatherND", floats(*range(6)).reshape(2, 3), "i", batch_dims=1),
                                                      i="b,n,1/i8", sizes=[dict(b=2, n=4), dict(b=2, n=1)])
    yield "looked up", Model(Node("Gather", floats(*range(20)).reshape(5, 4), "x"), x="b,n/i8")


def rows():
    for op, last in itertools.product(["ArgMax", "ArgMin"], [0, 1]):
        for axis, dims in [(1, "b,n"), (1, "b,n,5"), (1, "b,4,n"), (1, "b,300"), (1, "b,6"), (0, "n,m")]:
            for dtype in "", "/u1":
                sizes = SIZES if dims == "n,m" else (*SIZES, EMPTY)
                yield f"{op} {dims}{dtype} {last}", Model(
                    Node(op, "x", axis=axis, keepdims=last, select_last_index=last), x=dims + dtype, sizes=sizes)
    for reverse, exclusive in itertools.product([0, 1], [0, 1]):
        for axis, dims in [(1, "b,n"), (1, "b,n,5"), (1, "b,3,n"), (0, "n,m"), (1, "b,n,70")]:
            yield f"CumSum {dims} {reverse} {exclusive}", Model(
                Node("CumSum", "x", np.int64(axis), reverse=reverse, exclusive=exclusive), x=dims)


def recurrent():
    gates = dict(RNN=1, GRU=3, LSTM=4)
    generator = np.random.default_rng(3)

    def weights(*shape):
        return (generator.standard_normal(shape) / 4).astype(np.float32)
    for op, count in gates.items():
        for direction, hidden in [("forward", 5), ("bidirectional", 20), ("reverse", 300), ("bidirectional", 300)]:
            dirs = 2 if direction == "bidirectional" else 1
            for variant in [dict(linear_before_reset=0), dict(linear_before_reset=1)] if op == "GRU" else [{}]:
                outputs = "y h c" if op == "LSTM" else "y h"
                node = Node(op, "x", weights(dirs, count * hidden, 4), weights(dirs, count * hidden, hidden) / 4,
                            weights(dirs, 2 * count * hidden), "lengths", out=outputs, hidden_size=hidden,
                            direction=direction, **variant)
                sizes = [dict(n=5, b=1), dict(n=1, b=2), dict(n=3, b=17)]
                yield f"{op} {direction} {hidden} {variant}", Model(node, x="n,b,4", lengths="b/i4", sizes=sizes,
                                                                    outputs=outputs.split(), tolerance=1e-4)
        # Of any width: W is an input.
        yield f"{op} of open width", Model(Node(op, "x", "w", weights(1, count * 5, 5), hidden_size=5), x="n,b,m",
                                           w=f"1,{count * 5},m", sizes=SIZES, tolerance=1e-4)
        # Weights of any size, but for hidden_size.
        yield f"{op} of open weights", Model(Node(op, "x", "w", "r", "b", hidden_size=5), x="n,2,m", w="d,g,m", r="d,g,h", b="d,e",
                                             sizes=[dict(n=5, m=4, d=1, g=count * 5, h=5, e=count * 10)], tolerance=1e-4)
        # Other operands know the batch, or the number of directions.
        for lengths, hidden in [(np.array([2, 1], np.int32), "hidden"), ("", weights(1, 2, 5)), ("lengths", weights(1, 2, 5))]:
            node = Node(op, "x", weights(1, count * 5, 4), weights(1, count * 5, 5), "", lengths, hidden, out="y h",
                        hidden_size=5)
            more = {"hidden": "d,b,5"} if isinstance(hidden, str) else {"lengths": "b/i4"} if isinstance(lengths, str) and lengths else {}
            yield f"{op} of a batch that is known", Model(node, x="n,b,4", sizes=[dict(n=5, b=2, d=1), dict(n=2, b=2, d=1)],
                                                          outputs=["y", "h"], tolerance=1e-4, **more)


def caches():
    """Rotated heads, caches and matrices of open sizes."""
    heads = [dict(b=2, n=5, m=4, h=3, w=8), dict(b=1, n=3, m=2, h=2, w=4)]
    for interleaved in 0, 1:
        node = Node("RotaryEmbedding", "x", "c", "d", interleaved=interleaved)
        yield f"RotaryEmbedding {interleaved}", Model(node, x="b,h,n,w", c="b,n,m", d="b,n,m", opset=23, sizes=heads, reference=True)
        node = Node("RotaryEmbedding", "x", "c", "d", interleaved=interleaved, num_heads=2)
        yield f"RotaryEmbedding packed {interleaved}", Model(
            node, x="b,n,w", c="b,n,m", d="b,n,m", opset=23, reference=True,
            sizes=[dict(b=2, n=5, m=2, w=8), dict(b=1, n=3, m=3, w=12)])
    for mode in "linear", "circular":
        node = Node("TensorScatter", "x", "u", "i", mode=mode)
        yield f"TensorScatter {mode}", Model(node, x="b,h,n,3", u="b,h,m,3", i="b/i8", opset=24, reference=True, sizes=[
            dict(b=2, h=3, n=7, m=2), dict(b=1, h=1, n=9, m=5), dict(b=3, h=2, n=4, m=1)])
    # Channels that a run decides.
    corners = [dict(b=4, c=5, n=7, m=9, r=3), dict(b=4, c=1, n=12, m=4, r=1), dict(b=5, c=35, n=6, m=6, r=2)]
    places = Node("Cast", "w", to=onnx.TensorProto.INT64, out="i")
    for mode in "avg", "max":
        for ratio in 0, 2:
            node = Node("RoiAlign", "x", "z", "i", mode=mode, sampling_ratio=ratio, output_height=3, output_width=2)
            yield f"RoiAlign {mode} {ratio}", Model(places, node, x="b,c,n,m", z="r,4", w="r/i4", opset=16, sizes=corners,
                                                    tolerance=1e-4)
    node = Node("MaxRoiPool", "x", floats(0, 1, 1, 3, 4), pooled_shape=[2, 2])
    node.constants = {name: value.reshape(1, 5) for name, value in node.constants.items()}
    yield "MaxRoiPool", Model(node, x="b,c,n,m", sizes=corners)
    yield "LRN", Model(Node("LRN", "x", size=3), x="b,c,n,m", sizes=corners)
    # Statistics of each element.
    numbers = np.random.default_rng(8).uniform(0.5, 2, (4, 3, 5, 2)).astype(np.float32)
    yield "BatchNormalization of elements", Model(Node("BatchNormalization", "x", *numbers, spatial=0), x="b,3,5,2", opset=8,
                                                  sizes=SIZES)
    yield "Det", Model(Node("Det", "x"), x="b,n,4,4", sizes=SIZES, tolerance=1e-4)
    # A filter without channels: nothing is summed up.
    for op, filter in ("Conv", (2, 0, 3)), ("ConvTranspose", (0, 2, 3)):
        node = Node(op, "x", np.zeros(filter, np.float32), floats(1, 2))
        yield f"{op} of nothing", Model(node, x="b,c,n", sizes=[dict(b=2, c=0, n=5), dict(b=1, c=0, n=9)], reference=True)
    matrices = [dict(b=b, n=n) for b, n in ((2, 3), (1, 1), (3, 7), (2, 0), (1, 2), (4, 9))]
    yield "Det of any size", Model(Node("Det", "x"), x="b,n,n", sizes=matrices, tolerance=1e-4, reference=True)
    yield "Det of many rows", Model(Node("Det", "x"), x="b,70,70", sizes=[dict(b=2), dict(b=1)], tolerance=2e-4, reference=True)


def pools():
    images = [dict(b=2, n=7, m=9), dict(b=1, n=3, m=4), dict(b=3, n=16, m=5), dict(b=1, n=33, m=18)]
    for op, extra in (("MaxPool", {}), ("AveragePool", {}), ("AveragePool", dict(count_include_pad=1)), ("LpPool", dict(p=3))):
        for kernel, window in (([3, 2], dict(auto_pad="SAME_UPPER", strides=[2, 3])), ([2, 2], dict(auto_pad="SAME_LOWER", strides=[2, 2])),
                               ([1, 2], dict(auto_pad="SAME_UPPER", strides=[2, 3])),
                               ([3, 3], dict(ceil_mode=1, strides=[2, 2], pads=[1, 1, 1, 1])),
                               ([2, 3], dict(ceil_mode=1, strides=[3, 2], pads=[0, 1, 1, 2])),
                               ([2, 2], dict(ceil_mode=1, strides=[2, 3], dilations=[2, 1]))):
            node = Node(op, "x", kernel_shape=kernel, **window, **extra)
            yield f"{op} {kernel} {window} {extra}", Model(node, x="b,5,n,m", sizes=images, opset=22)
    node = Node("MaxPool", "x", out="y i", kernel_shape=[3, 2], strides=[2, 3], pads=[1, 0, 1, 1], ceil_mode=1)
    yield "MaxPool with indices", Model(node, x="b,5,n,m", sizes=images, outputs=["y", "i"], opset=22)


def shapes():
    yield "Trilu", Model(Node("Trilu", "x", upper=0), x="b,n,m")
    yield "Trilu of a diagonal", Model(Node("Trilu", "x", np.int64(2)), x="n,m")
    yield "EyeLike", Model(Node("EyeLike", "x", k=-1), x="n,m")
    yield "Split in two", Model(Node("Split", "x", out="y z", axis=1, num_outputs=2), x="b,n", outputs=["y", "z"])
    yield "Split in four", Model(Node("Split", "x", out="y z v w", axis=1, num_outputs=4), x="b,n", outputs=list("yzvw"))
    yield "Split in equal parts", Model(Node("Split", "x", out="y z v", axis=1), x="b,n", outputs=list("yzv"), opset=13,
                                        sizes=[dict(b=1, n=9), dict(b=2, n=3)])
    blocks = [dict(b=2, n=4, m=8), dict(b=1, n=2, m=6)]
    for mode in "DCR", "CRD":
        yield f"DepthToSpace {mode}", Model(Node("DepthToSpace", "x", blocksize=2, mode=mode), x="b,8,n,m", sizes=blocks)
    yield "SpaceToDepth", Model(Node("SpaceToDepth", "x", blocksize=2), x="b,3,n,m", sizes=blocks)
    yield "Squeeze", Model(Node("Squeeze", "x"), x="b,1,n", sizes=[dict(b=2, n=7), dict(b=3, n=0)])
    yield "Hardmax", Model(Node("Hardmax", "x", axis=1), x="b,n,m")
    yield "ReduceMean of integers", Model(Node("ReduceMean", "x", ints(1)), x="b,n,m/i4", opset=18, sizes=SIZES)
    yield "ReverseSequence", Model(Node("ReverseSequence", "x", "lengths", batch_axis=1, time_axis=0), x="n,b,3",
                                   lengths="b/i8", sizes=SIZES)
    yield "CenterCropPad", Model(Node("CenterCropPad", "x", ints(6, 8), axes=[0, 2]), x="n,b,m")
    yield "Col2Im", Model(Node("Col2Im", "x", ints(5, 6), ints(2, 3)), x="b,12,16", sizes=[dict(b=1), dict(b=3)])
    yield "Einsum of two free dims", Model(Node("Einsum", "x", "z", equation="abc,cde->abde"), x="b,n,4", z="4,m,3", sizes=SIZES)
    yield "Einsum of two sums", Model(Node("Einsum", "x", "z", equation="abc,bcd->ad"), x="b,n,m", z="n,m,3", sizes=SIZES)
    yield "Einsum of a diagonal", Model(Node("Einsum", "x", equation="aba->ba"), x="n,b,n", sizes=SIZES)
    for mode, padding, corners in itertools.product(("linear", "nearest", "cubic"), ("zeros", "border", "reflection"), (0, 1)):
        if (mode, padding) == ("cubic", "border"):
            continue  # ONNX Runtime's differs from ONNX's reference
        node = Node("GridSample", "x", "grid", mode=mode, padding_mode=padding, align_corners=corners)
        yield f"GridSample {mode} {padding} {corners}", Model(node, x="b,3,n,m", grid="b,m,n,2", sizes=SIZES[:2], opset=20,
                                                              tolerance=1e-4)
    yield "STFT", Model(Node("STFT", "x", np.int64(2), floats(1, 2, 3, 1)), x="b,n,1", opset=17,
                        sizes=[dict(b=1, n=9), dict(b=2, n=4)])


def check(name, model, scratch, generator):
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    onnx.save(model.model, scratch / "m.onnx")
    compiled = compile_model(model.model, threads=2)
    for sizes in model.sizes:
        inputs = model.draw(sizes, generator)
        if "lengths" in inputs:
            inputs["lengths"] = np.maximum(inputs["lengths"] % (sizes["n"] + 1), 1).astype(inputs["lengths"].dtype)
        results = compiled.run(inputs)
        try:
            expected = (ReferenceEvaluator(model.model).run(None, inputs) if model.reference else
                        run_onnxruntime(model.model, inputs))
        except Exception:  # it has many kinds of them, for sizes that it refuses
            continue
        for output, value in zip(model.model.graph.output, expected):
            if problem := difference(value, results[output.name], model.tolerance, model.tolerance):
                return f"{name} at {sizes}: {output.name}: {problem}"
        if model.bits:
            write_inputs(scratch / "in", inputs)
            bound = run(scratch / "m.onnx", scratch / "in", scratch / "bound")
            if not all(same_bits(bound[name + ".npy"], results[name]) for name in results):
                return f"{name} at {sizes}: not what the bound model gives"
    compiled.close()
    return None


def main(scratch):
    generator = np.random.default_rng(1)
    problems = []
    for name, model in itertools.chain(pads(), resizes(), moves(), rows(), recurrent(), caches(), pools(), shapes()):
        if problem := check(name, model, pathlib.Path(scratch), generator):
            problems.append(problem)
    print("\n".join(problems))
    return bool(problems)


if __name__ == "__main__":
    call_main(main, __doc__)
