#!/usr/bin/env python3
"""Models that ONNX's textual form cannot express: wrong in what a graph declares, or too deep, or too large.

usage: odd.py FOLDER
"""
import pathlib
import sys

from onnx import AttributeProto, GraphProto, ModelProto, TensorProto, ValueInfoProto, helper


def tensor(name, dims=(2,)):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, dims)


def relu(before, after):
    return helper.make_node("Relu", [before], [after], name=after)


def model(graph, **options):
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)], **options)


def no_graph():
    return ModelProto(ir_version=8)


def untyped_input():
    return model(GraphProto(name="g", input=[ValueInfoProto(name="x")], node=[relu("x", "y")], output=[tensor("y")]))


def no_element_type():
    made = model(helper.make_graph([relu("x", "y")], "g", [tensor("x")], [tensor("y")]))
    made.graph.input[0].type.tensor_type.elem_type = 0
    return made


def no_shape():
    made = model(helper.make_graph([relu("x", "y")], "g", [tensor("x")], [tensor("y")]))
    made.graph.input[0].type.tensor_type.ClearField("shape")
    return made


def no_output():
    split = helper.make_node("Split", ["x"], [], name="parts")
    return model(helper.make_graph([split, relu("x", "y")], "g", [tensor("x")], [tensor("y")]))


def with_initializer(change):
    """x + w, where w was changed."""
    w = helper.make_tensor("w", TensorProto.FLOAT, [2], [1.0, 2.0])
    change(w)
    node = helper.make_node("Add", ["x", "w"], ["y"], name="sum")
    return model(helper.make_graph([node], "g", [tensor("x")], [tensor("y")], [w]))


def segment():
    def change(w):
        w.segment.begin, w.segment.end = 0, 2
    return with_initializer(change)


def untyped_initializer():
    return with_initializer(lambda w: w.ClearField("data_type"))


def doubled():
    def change(w):
        w.raw_data = bytes(8)
    return with_initializer(change)


def with_attribute(change):
    """A node whose attribute was changed."""
    node = helper.make_node("LeakyRelu", ["x"], ["y"], name="leaky", alpha=0.5)
    change(node.attribute[0])
    return model(helper.make_graph([node], "g", [tensor("x")], [tensor("y")]))


def nameless_attribute():
    return with_attribute(lambda attribute: attribute.ClearField("name"))


def untyped_attribute(ir_version=8):
    made = with_attribute(lambda attribute: attribute.ClearField("type"))
    made.ir_version = ir_version
    return made


def field(number, data):
    """A length-delimited field; protobuf's own writer stops at a depth of 100."""
    tag, size = bytes([number << 3 | 2]), len(data)
    while size > 127:
        tag, size = tag + bytes([size & 127 | 128]), size >> 7
    return tag + bytes([size]) + data


def deep(levels):
    """Branches within branches, as bytes."""
    leaf = helper.make_graph([relu("x", "y0")], "leaf", [], [tensor("y0")]).SerializeToString()
    graph = leaf
    for level in range(1, levels + 1):
        node = helper.make_node("If", ["yes"], [f"y{level}"], name="choose").SerializeToString()
        for name, branch in (("then_branch", graph), ("else_branch", leaf)):
            kind = AttributeProto(name=name, type=AttributeProto.GRAPH).SerializeToString()
            node += field(5, kind + field(6, branch))
        graph = field(1, node) + GraphProto(name="g", output=[tensor(f"y{level}")]).SerializeToString()
    yes = helper.make_tensor("yes", TensorProto.BOOL, [], [True])
    graph += GraphProto(input=[tensor("x")], initializer=[yes]).SerializeToString()
    return model(GraphProto()).SerializeToString() + field(7, graph)


def calls(levels, width, last):
    """Functions of which each calls the next one `width` times in a row, and the last one the node `last`."""
    functions = []
    for level in range(levels):
        names = ["a", *(f"t{i}" for i in range(width - 1)), "b"]
        nodes = [helper.make_node(f"f{level + 1}", [x], [y], domain="local") for x, y in zip(names, names[1:])]
        functions.append(helper.make_function("local", f"f{level}", ["a"], ["b"], nodes if level + 1 < levels else last,
                                              [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]))
    graph = helper.make_graph([helper.make_node("f0", ["x"], ["y"], domain="local", name="call")], "g", [tensor("x")],
                              [tensor("y")])
    made = model(graph, functions=functions)
    made.opset_import.append(helper.make_opsetid("local", 1))
    return made


def branch():
    """A choice that is known."""
    graph = helper.make_graph([relu("a", "c")], "g", [], [tensor("c")])
    yes = helper.make_node("Constant", [], ["yes"], value=helper.make_tensor("yes", TensorProto.BOOL, [], [True]))
    return [yes, helper.make_node("If", ["yes"], ["b"], name="choose", then_branch=graph, else_branch=graph)]


def main():
    folder = pathlib.Path(sys.argv[1])
    made = {"no-graph": no_graph(), "untyped-input": untyped_input(), "no-element-type": no_element_type(),
            "no-shape": no_shape(), "no-output": no_output(), "huge": calls(6, 10, [relu("a", "b")]), "deep-calls": calls(256, 1, branch()),
            "deep-functions": calls(100, 1, [relu("a", "b")]),
            "segment": segment(), "untyped-initializer": untyped_initializer(),
            "doubled": doubled(), "nameless-attribute": nameless_attribute(),
            "untyped-attribute": untyped_attribute(), "untyped-attribute-of-old": untyped_attribute(1)}
    for name, value in made.items():
        (folder / f"{name}.onnx").write_bytes(value.SerializeToString())
    (folder / "deep.onnx").write_bytes(deep(50))


if __name__ == "__main__":
    main()
