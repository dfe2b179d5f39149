"""Models of a few random nodes: every op of ONNX, with attributes, types and shapes that mostly do not fit."""
import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper

OPSETS = [7, 9, 11, 13, 17, 18, 21, 22]
TYPES = [TensorProto.FLOAT] * 6 + [TensorProto.INT64] * 3 + [
    TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.INT32, TensorProto.INT8, TensorProto.UINT8,
    TensorProto.BOOL, TensorProto.STRING, TensorProto.COMPLEX64, TensorProto.UINT64, TensorProto.FLOAT8E4M3FN]
DIMS = [0, 1, 1, 2, 2, 3, 3, 4, 5, 8]
HUGE = [2**16, 2**20, 2**31 - 1, 2**31, 2**33, 2**40, 2**62, 2**63 - 1, -1]
NUMBERS = [-(2**63), -(2**31), -7, -2, -1, -1, 0, 0, 1, 1, 2, 2, 3, 4, 7, 64, 65536, 2**31, 2**40, 2**63 - 1]
TEXTS = ["NOTSET", "SAME_UPPER", "VALID", "linear", "nearest", "cubic", "constant", "reflect", "wrap", "half_pixel",
         "align_corners", "mean", "sum", "none", "bilinear", "add", "max", "ij,jk->ik", "ii->i", "forward", "reverse",
         "bidirectional", "tanh", "", "\x1b[2J", "\u00e9" * 40]
SCHEMAS = sorted((s for s in onnx.defs.get_all_schemas() if s.domain == ""), key=lambda s: s.name)
EXACT = {"axis": [-1, 0, 1, 2, 9], "axes": [-1, 0, 1, 2, 9], "group": [0, 1, 2, 4, 2**40], "to": range(0, 25)}


def shape(rng):
    dims = [rng.choice(DIMS) for _ in range(rng.choice([0, 1, 2, 2, 3, 4, 4, 5]))]
    if dims and rng.random() < 0.07:
        dims[rng.randrange(len(dims))] = rng.choice(HUGE)
    return dims


def tensor(rng, name):
    """A small tensor; as often as not of the kind that gives sizes or axes."""
    if rng.random() < 0.5:
        values = [rng.choice([-1, 0, 1, 1, 2, 2, 3, 4, rng.choice(NUMBERS)]) for _ in range(rng.randrange(6))]
        return helper.make_tensor(name, TensorProto.INT64, [len(values)], values)
    dims = [rng.choice(DIMS) for _ in range(rng.randrange(5))]
    kind = rng.choice([TensorProto.FLOAT, TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL, TensorProto.DOUBLE,
                       TensorProto.UINT8, TensorProto.FLOAT16])
    values = np.array([rng.choice([0, 1, 2, -1, 0.5, 1e30]) for _ in range(int(np.prod(dims)))])
    if kind in (TensorProto.BOOL, TensorProto.UINT8):
        values = np.abs(values).clip(0, 1)
    elif kind == TensorProto.FLOAT16:
        values = values.clip(-100, 100)
    elif kind == TensorProto.INT64:
        values = values.clip(-100, 100).astype(np.int64)
    made = helper.make_tensor(name, kind, dims, values.tolist())
    if rng.random() < 0.05:
        made.data_location = TensorProto.EXTERNAL
        made.ClearField("float_data")
        for key, text in (("location", "no.bin"), ("offset", str(rng.choice(NUMBERS))), ("length", "16")):
            entry = made.external_data.add()
            entry.key, entry.value = key, text
    return made


def value(rng, name):
    kind = rng.random()
    if kind < 0.04:
        return helper.make_tensor_sequence_value_info(name, TensorProto.FLOAT, shape(rng))
    if kind < 0.06:
        return helper.make_value_info(name, helper.make_optional_type_proto(
            helper.make_tensor_type_proto(TensorProto.FLOAT, [2])))
    if kind < 0.09:
        return helper.make_tensor_value_info(name, rng.choice(TYPES), None)
    dims = shape(rng)
    if dims and kind < 0.15:
        dims[rng.randrange(len(dims))] = rng.choice(["n", None])
    return helper.make_tensor_value_info(name, rng.choice(TYPES), dims)


def body(rng, depth, outer):
    """A branch or a loop's body; it may read what is around it."""
    inputs = [value(rng, f"b{depth}_{i}") for i in range(rng.randrange(4))]
    names = [v.name for v in inputs] + outer[:3]
    nodes, names = some_nodes(rng, names or ["nothing"], depth, rng.randrange(3))
    outputs = [value(rng, rng.choice(names)) for _ in range(rng.randrange(4))]
    return helper.make_graph(nodes, f"body{depth}", inputs, outputs)


def attribute(rng, name, kind, depth, names):
    numbers = EXACT.get(name, NUMBERS if rng.random() < 0.25 else [0, 1, 1, 2, 3])
    if kind == AttributeProto.INT:
        return helper.make_attribute(name, rng.choice(numbers))
    if kind == AttributeProto.INTS:
        return helper.make_attribute(name, [rng.choice(numbers) for _ in range(rng.choice([0, 1, 2, 2, 3, 4, 4]))],
                                     attr_type=AttributeProto.INTS)
    if kind == AttributeProto.FLOAT:
        return helper.make_attribute(name, rng.choice([0.0, 1.0, -1.0, 0.5, 1e-38, 3e38, float("inf"), float("nan")]))
    if kind == AttributeProto.FLOATS:
        return helper.make_attribute(name, [1.0] * rng.randrange(4), attr_type=AttributeProto.FLOATS)
    if kind == AttributeProto.STRING:
        return helper.make_attribute(name, rng.choice(TEXTS))
    if kind == AttributeProto.STRINGS:
        return helper.make_attribute(name, [rng.choice(TEXTS) for _ in range(rng.randrange(4))],
                                     attr_type=AttributeProto.STRINGS)
    if kind == AttributeProto.TENSOR:
        return helper.make_attribute(name, tensor(rng, "t"))
    if kind == AttributeProto.GRAPH and depth < 3:
        return helper.make_attribute(name, body(rng, depth + 1, names))
    return None


def some_nodes(rng, names, depth, count):
    """`count` nodes that read from `names`, and all names that there are then."""
    nodes, names = [], list(names)
    for index in range(count):
        schema = rng.choice(SCHEMAS)
        least, most = schema.min_input, min(schema.max_input, 6)
        wanted = rng.randint(least, max(least, most)) if rng.random() < 0.9 else rng.randrange(8)
        inputs = [rng.choice(names[-4:] if rng.random() < 0.5 else names) for _ in range(min(wanted, 8))]
        if inputs and rng.random() < 0.1:
            inputs[rng.randrange(len(inputs))] = ""
        outputs = [f"v{depth}_{len(names)}_{i}" for i in range(max(1, min(schema.min_output, 4)) + (rng.random() < 0.1))]
        node = helper.make_node(schema.name, inputs, outputs, name=f"{schema.name}_{index}")
        for name, declared in schema.attributes.items():
            if declared.required or rng.random() < 0.4:
                made = attribute(rng, name, int(declared.type.value) if rng.random() < 0.97 else rng.randrange(1, 9), depth,
                                 names)
                if made is not None:
                    node.attribute.append(made)
        nodes.append(node)
        names += outputs
    return nodes, names


def random_model(rng):
    inputs = [value(rng, f"x{i}") for i in range(rng.choice([1, 2, 2, 3]))]
    weights = [tensor(rng, f"w{i}") for i in range(rng.randrange(4))]
    names = [v.name for v in inputs] + [w.name for w in weights]
    nodes, names = some_nodes(rng, names, 0, rng.choice([1, 1, 1, 2, 3, 5]))
    functions = []
    if rng.random() < 0.1:
        inner, made = some_nodes(rng, ["a", "b"], 1, rng.choice([1, 2]))
        functions.append(helper.make_function("local", "Fun", ["a", "b"], [made[-1]], inner,
                                              [helper.make_opsetid("", 17)]))
        nodes.append(helper.make_node("Fun", [rng.choice(names) for _ in range(rng.randrange(4))], ["called"],
                                      domain="local"))
        names.append("called")
    kept = nodes[-1].output[0]
    outputs = [helper.make_empty_tensor_value_info(kept)] + (
        [value(rng, rng.choice(names))] if rng.random() < 0.3 else [])
    graph = helper.make_graph(nodes, "random", inputs, outputs, weights)
    opsets = [helper.make_opsetid("", rng.choice(OPSETS)), helper.make_opsetid("local", 1)]
    return helper.make_model(graph, opset_imports=opsets, functions=functions, ir_version=rng.choice([4, 8, 9, 10]))
