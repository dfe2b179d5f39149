"""Seeded zeros in weights: what benchmarks of sparsity share."""
import re

import numpy as np
import onnx
from onnx import numpy_helper

# Output channels and input channels that share a pattern.
STRUCTURES = {"unstructured": (1, 1), "4x1": (4, 1), "4x2": (4, 2), "4x4": (4, 4), "1x32": (32, 1)}
# How models with such zeros are called.
ENDS = {"unstructured": "", "4x1": "x4", "4x2": "x4x2", "4x4": "x4x4", "1x32": "x32"}
SUFFIX = re.compile(r"_zeros(?:(\d+)(x4x2|x4x4|x4|x32)?|(3x3))$")


def mask(generator, shape, axis, block, zeros):
    """Which weights stay: neighbours along `axis`, the output channels, and along the input channels go together, as many as
    `block` says of each, `zeros` of all."""
    sizes, inputs = list(shape), axis - 1 if axis else 1
    for dim, together in zip((axis, inputs), block):
        sizes[dim] = -(-shape[dim] // together)
    kept = generator.random(sizes) >= zeros
    for dim, together in zip((axis, inputs), block):
        kept = np.repeat(kept, together, dim).take(range(shape[dim]), dim)
    return kept


def list_weights(graph):
    """(initializer, axis of output channels, is 3x3) of each product and convolution that is not depthwise."""
    constants = {t.name: t for t in graph.initializer}
    for node in graph.node:
        if node.op_type not in ("Conv", "MatMul", "Gemm") or node.input[1] not in constants:
            continue
        weight = constants.pop(node.input[1])
        transposed = any(a.name == "transB" and a.i for a in node.attribute)
        if node.op_type == "Conv":
            if weight.dims[1] > 1:
                yield weight, 0, list(weight.dims[2:]) == [3, 3]
        else:
            yield weight, 0 if transposed else len(weight.dims) - 1, False


def make(model_path, path, generators):
    """Writes the model with zeros. The end of `path` says which: NAME_zeros80, 80 % of each weight; NAME_zeros80x4,
    x4x2, x4x4 and x32, in blocks; NAME_zeros3x3, 81 to 98 % of each 3x3 convolution, as in published ResNet-50s (SkimCaffe)."""
    share, end, _ = SUFFIX.search(path.removesuffix(".onnx")).groups()
    block = next(STRUCTURES[name] for name in ENDS if ENDS[name] == (end or ""))
    model = onnx.load(model_path)
    for weight, axis, is3x3 in list_weights(model.graph):
        generator = generators(weight.name)
        zeros = int(share) / 100 if share else generator.uniform(0.81, 0.98)
        if share or is3x3:
            array = numpy_helper.to_array(weight)
            kept = mask(generator, array.shape, axis, block, zeros)
            weight.CopyFrom(numpy_helper.from_array(array * kept.astype(array.dtype), weight.name))
    onnx.save(model, path)
