"""What one node says: ONNX Runtime without graph optimisation, or ONNX's own reference where that has no kernel."""
import warnings

import numpy as np
import onnx
import onnx.reference
import onnxruntime
from onnx import helper, numpy_helper

onnxruntime.set_default_logger_severity(4)
warnings.simplefilter("ignore")


# Of these, where they have no elements to combine, ONNX Runtime takes this process with it, or leaves results unwritten.
NOT_OF_NOTHING = {"Einsum", "RNN", "GRU", "LSTM", "MatMulInteger", "ConvInteger", "QLinearMatMul", "QLinearConv", "Unique"}


class NoReference(Exception):
    """Neither can compute the node."""


def reads(node):
    """The values that a node reads, those that its bodies take from around them among them."""
    names = [name for name in node.input if name]
    for graph in (attribute.g for attribute in node.attribute if attribute.HasField("g")):
        made = {value.name for value in [*graph.input, *graph.initializer]}
        for inner in graph.node:
            names += [name for name in reads(inner) if name not in made]
            made.update(inner.output)
    return list(dict.fromkeys(names))


def domains_of(node):
    return {node.domain}.union(*(domains_of(inner) for attribute in node.attribute for inner in attribute.g.node))


def make_model(nodes, inputs, outputs, initializers=(), opset=21):
    """A model on arrays: `inputs` and `initializers` by name; `outputs` are names, or names with arrays like theirs."""
    values = [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
              for name, array in inputs.items()]
    results = [onnx.ValueInfoProto(name=name) if outputs[name] is None else
               helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(outputs[name].dtype),
                                             outputs[name].shape)
               for name in outputs]
    constants = [numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)
                 for name, array in dict(initializers).items()]
    graph = helper.make_graph(nodes, "g", values, results, constants)
    domains = {domain: 1 for node in nodes for domain in domains_of(node)} | {"": opset}
    return helper.make_model(graph, opset_imports=[helper.make_opsetid(*pair) for pair in domains.items()], ir_version=10)


def run_onnxruntime(model, inputs):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return [np.asarray(value) for value in session.run(None, inputs)]


# Where products of bytes have their operands and the zero points of these, and where that of the result is.
PRODUCTS_OF_BYTES = {"MatMulInteger": ((0, 2), (1, 3)), "ConvInteger": ((0, 2), (1, 3)),
                     "QLinearMatMul": ((0, 2), (3, 5), 7), "QLinearConv": ((0, 2), (3, 5), 7),
                     "MatMulIntegerToFloat": ((0, 4), (1, 5))}


def without_signs(node, arrays):
    """A product of bytes with i8 as u8, the zero point shifted as they are, and whether its result is shifted, too.

    ONNX Runtime adds up u8 times i8 in pairs that saturate on CPUs without VNNI; u8 times u8 is exact on all."""
    *operands, result = (*PRODUCTS_OF_BYTES[node.op_type], None)[:3]
    names, arrays = list(node.input), dict(arrays)

    def shift(place):
        names.extend([""] * (place + 1 - len(names)))
        array = arrays.get(names[place], np.zeros((), np.int8))
        if array.dtype == np.int8:
            names[place] = f"u8 of {place}"
            arrays[names[place]] = np.asarray(array.astype(np.int16) + 128, np.uint8)

    for operand, zero_point in operands:
        if arrays[names[operand]].dtype == np.int8:
            shift(operand)
            shift(zero_point)
    shifted = result is not None and arrays[names[result]].dtype == np.int8
    if shifted:
        shift(result)
    changed = onnx.NodeProto()
    changed.CopyFrom(node)
    changed.ClearField("input")
    changed.input.extend(names)
    return changed, arrays, shifted


def evaluate(node, arrays, opset=21):
    """The outputs of a node on arrays by name. Shapes and axes are known to shape inference, as in a model."""
    arrays = {name: np.asarray(arrays[name]) for name in node.input if name}
    if node.op_type in PRODUCTS_OF_BYTES:
        node, arrays, shifted = without_signs(node, arrays)
        results = evaluate_as_is(node, arrays, opset)
        return [(result.astype(np.int16) - 128).astype(np.int8) for result in results] if shifted else results
    return evaluate_as_is(node, arrays, opset)


def evaluate_as_is(node, arrays, opset):
    model = make_model([node], arrays, {name: None for name in node.output if name}, opset=opset)
    try:
        if node.op_type not in NOT_OF_NOTHING or all(array.size for array in arrays.values()):
            return run_onnxruntime(model, arrays)
    except Exception:  # it has many kinds of them
        pass
    try:
        return [np.asarray(value) for value in onnx.reference.ReferenceEvaluator(model).run(None, arrays)]
    except Exception as error:
        raise NoReference(f"{node.op_type}: {error}") from None
