"""Small models with seeded weights that together touch most op families: food for the mutation tests."""
import numpy as np
from onnx import TensorProto, helper, numpy_helper


class Builder:
    """Nodes and initializers in the order they are named."""

    def __init__(self, name):
        self.name, self.nodes, self.initializers = name, [], []
        self.rng = np.random.default_rng(sum(name.encode()))

    def weight(self, name, *shape):
        return self.constant(name, self.rng.standard_normal(shape).astype(np.float32) / 4)

    def constant(self, name, value):
        self.initializers.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, op, *inputs, outputs=1, **attributes):
        names = [f"{op.lower()}{len(self.nodes)}" + (f"_{i}" if i else "") for i in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, names, name=f"{op}_{len(self.nodes)}", **attributes))
        return names[0] if outputs == 1 else names

    def model(self, inputs, outputs, opset=17):
        values = [[helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in group]
                  for group in (inputs, outputs)]
        graph = helper.make_graph(self.nodes, self.name, *values, self.initializers)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def convolutions():
    b = Builder("convolutions")
    x = b.node("Conv", "x", b.weight("w0", 8, 3, 3, 3), b.weight("b0", 8), pads=[1, 1, 1, 1], strides=[2, 2])
    x = b.node("BatchNormalization", x, *(b.constant(n, np.ones(8, np.float32)) for n in ("scale", "bias", "mean", "var")))
    x = b.node("Relu", x)
    y = b.node("Conv", x, b.weight("w1", 8, 1, 3, 3), group=8, pads=[1, 1, 1, 1])
    x = b.node("Add", x, y)
    x = b.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    x = b.node("Flatten", b.node("GlobalAveragePool", x), axis=1)
    b.node("Gemm", x, b.weight("w2", 10, 8), b.weight("b2", 10), transB=1)
    return b.model([("x", FLOAT, [1, 3, 16, 16])], [(b.nodes[-1].output[0], FLOAT, [1, 10])])


def attention():
    b = Builder("attention")
    heads = b.constant("heads", np.array([1, 6, 2, 8], np.int64))

    def projected(name):
        y = b.node("Add", b.node("MatMul", "x", b.weight("w" + name, 16, 16)), b.weight("b" + name, 16))
        return b.node("Transpose", b.node("Reshape", y, heads), perm=[0, 2, 1, 3])

    q, k, v = projected("q"), projected("k"), projected("v")
    s = b.node("MatMul", q, b.node("Transpose", k, perm=[0, 1, 3, 2]))
    s = b.node("Softmax", b.node("Div", s, b.constant("scale", np.float32(2.83))), axis=-1)
    y = b.node("Transpose", b.node("MatMul", s, v), perm=[0, 2, 1, 3])
    y = b.node("Add", "x", b.node("Reshape", y, b.constant("flat", np.array([1, 6, 16], np.int64))))
    y = b.node("LayerNormalization", y, b.weight("gamma", 16), b.weight("beta", 16), axis=-1)
    b.node("Mul", y, b.node("Erf", y))
    return b.model([("x", FLOAT, [1, 6, 16])], [(b.nodes[-1].output[0], FLOAT, [1, 6, 16])])


def shapes():
    b = Builder("shapes")
    shape = b.node("Shape", "x")
    rows = b.node("Gather", shape, b.constant("zero", np.array(0, np.int64)))
    rows = b.node("Unsqueeze", rows, b.constant("axes", np.array([0], np.int64)))
    target = b.node("Concat", rows, b.constant("minus", np.array([-1], np.int64)), axis=0)
    y = b.node("Reshape", "x", target)
    y = b.node("Slice", y, b.constant("starts", np.array([1], np.int64)), b.constant("ends", np.array([99], np.int64)),
               b.constant("axis", np.array([1], np.int64)), b.constant("steps", np.array([2], np.int64)))
    y = b.node("Expand", y, b.constant("wide", np.array([2, 4, 1], np.int64)))
    y = b.node("Cast", b.node("ReduceSum", y, b.constant("last", np.array([-1], np.int64)), keepdims=0), to=INT64)
    b.node("Where", b.node("Equal", y, b.constant("two", np.array(2, np.int64))), y, b.constant("no", np.array(0, np.int64)))
    return b.model([("x", FLOAT, [4, 3, 5])], [(b.nodes[-1].output[0], INT64, [2, 4])])


def images():
    b = Builder("images")
    x = b.node("Pad", "x", b.constant("pads", np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64)))
    left, right = b.node("Split", x, outputs=2, axis=1)
    y = b.node("Concat", b.node("Sigmoid", left), b.node("HardSwish", right), axis=1)
    y = b.node("Resize", y, "", b.constant("scales", np.array([1, 1, 2, 2], np.float32)), mode="nearest",
               coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    y = b.node("ConvTranspose", y, b.weight("w", 4, 2, 2, 2), strides=[2, 2])
    y = b.node("AveragePool", y, kernel_shape=[2, 2], strides=[2, 2])
    y = b.node("Clip", y, b.constant("low", np.float32(0)), b.constant("high", np.float32(6)))
    b.node("ArgMax", y, axis=1, keepdims=0)
    return b.model([("x", FLOAT, [1, 4, 6, 6])], [(b.nodes[-1].output[0], INT64, [1, 16, 16])])


def tokens():
    b = Builder("tokens")
    x = b.node("Gather", b.weight("table", 20, 8), "ids")
    y = b.node("ReduceMean", x, axes=[-1], keepdims=1)
    d = b.node("Sub", x, y)
    v = b.node("ReduceMean", b.node("Pow", d, b.constant("two", np.float32(2))), axes=[-1], keepdims=1)
    x = b.node("Div", d, b.node("Sqrt", b.node("Add", v, b.constant("eps", np.float32(1e-5)))))
    x = b.node("Tanh", b.node("MatMul", x, b.weight("w", 8, 8)))
    b.node("Exp", b.node("Squeeze", b.node("ReduceMax", x, axes=[1], keepdims=1), b.constant("one", np.array([1], np.int64))))
    return b.model([("ids", INT64, [2, 5])], [(b.nodes[-1].output[0], FLOAT, [2, 8])])


def all_models():
    return [convolutions(), attention(), shapes(), images(), tokens()]
