#!/usr/bin/env python3
"""Models whose sizes follow from data, compiled ahead of time once and run on several inputs, against ONNX Runtime.

usage: selection.py SCRATCH

Every operand of a node is an input that nothing is known of but its type and the dims written here. `lambent run` then gets
the values: its answers must be the same.
"""
import itertools
import pathlib
import shutil

import numpy as np
import onnx
import onnx.reference
from command import call_main, run, write_inputs
from in_process import compile_model
from near import difference
from onnx import helper
from reference import run_onnxruntime


class Case:
    """One node, and the arrays of each run by input. `outputs` are how many there are."""

    def __init__(self, op, *runs, dims=None, outputs=1, opset=21, tolerance=1e-5, reference=False, **attributes):
        self.op, self.runs, self.tolerance, self.reference = op, runs, tolerance, reference
        names = max((list(arrays) for arrays in runs), key=len)
        dims = dims or {}
        values = [helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(runs[0][name].dtype),
            dims.get(name, [f"{name}{i}" for i in range(runs[0][name].ndim)])) for name in names if name[0] != "_"]
        results = [f"y{i}" for i in range(outputs)]
        node = helper.make_node(op, ["" if name[0] == "_" else name for name in names], results, **attributes)
        graph = helper.make_graph([node], "g", values, [onnx.ValueInfoProto(name=name) for name in results])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
        self.model = onnx.shape_inference.infer_shapes(model)
        for output in self.model.graph.output:
            output.type.tensor_type.ClearField("shape")

    def expect(self, arrays):
        if self.reference:
            return [np.asarray(value) for value in onnx.reference.ReferenceEvaluator(self.model).run(None, arrays)]
        return run_onnxruntime(self.model, arrays)


def ints(*values):
    return np.array(values, np.int64)


def floats(*values):
    return np.array(values, np.float32)


def scalar(value, dtype=np.int64):
    return np.array(value, dtype)


def sparse(generator, shape, dtype):
    return (generator.integers(-3, 4, shape) * (generator.random(shape) < 0.4)).astype(dtype)


def places(generator):
    for dtype in "f4", "i8", "i4", "?", "u1":
        yield Case("NonZero", *[dict(x=sparse(generator, shape, dtype)) for shape in [(3, 7), (130, 70), (0, 4), (1, 1)]])
    yield Case("NonZero", *[dict(x=sparse(generator, shape, "f4")) for shape in [(9,), (10000,), (0,)]])
    yield Case("NonZero", *[dict(x=sparse(generator, shape, "f4")) for shape in [(3, 2, 5, 2), (7, 1, 1, 900)]])
    yield Case("NonZero", dict(x=scalar(0, "f4")), dict(x=scalar(2, "f4")))

    def chosen(shape, count):
        return dict(x=generator.standard_normal(shape).astype("f4"), c=generator.random(count) < 0.5)
    for axis, counts in [({}, (24, 7, 0)), (dict(axis=0), (2, 1, 0)), (dict(axis=-1), (4, 3, 9))]:
        yield Case("Compress", *[chosen((2, 3, 4), count) for count in counts], **axis)
    yield Case("Compress", chosen((5000,), 5000), chosen((3,), 2), axis=0)


def uniques(generator):
    for dtype, order in itertools.product(["f4", "f8", "i8", "i1"], [0, 1]):
        yield Case("Unique", *[dict(x=generator.integers(-4, 5, shape).astype(dtype)) for shape in [(7,), (300,), (1,)]],
                   outputs=4, sorted=order)
    for axis, order in itertools.product([0, 1, -1], [0, 1]):
        yield Case("Unique", *[dict(x=generator.integers(0, 2, shape).astype("f4")) for shape in [(9, 3, 2), (40, 5, 1)]],
                   outputs=4, sorted=order, axis=axis)
    for dtype in "f2", "?", "u1", "i4":
        yield Case("Unique", *[dict(x=generator.integers(0, 4, shape).astype(dtype)) for shape in [(7, 2), (30, 3)]],
                   outputs=4, reference=True)
    yield Case("Unique", dict(x=floats(2, 1)), dict(x=floats()), outputs=4, reference=True)
    yield Case("TopK", dict(x=floats(), k=ints(0)), dims=dict(x=[0], k=[1]), outputs=2)
    yield Case("Unique", dict(x=floats(2, np.nan, 1, np.nan, 2, -np.inf)), outputs=4, reference=True)


def boxes(generator):
    def draw(batches, classes, count, *limits):
        corners = generator.random((batches, count, 4)).astype("f4")
        scores = (generator.integers(0, 30, (batches, classes, count)) / 30).astype("f4")
        names = ["limit", "iou", "threshold"]
        return dict(b=corners, s=scores, **{name: np.array([value], "i8" if name == "limit" else "f4")
                                            for name, value in zip(names, limits)})
    for center in 0, 1:
        yield Case("NonMaxSuppression", draw(2, 3, 50, 10, 0.1, 0.3), draw(1, 1, 1, 5, 0.5, 0), draw(1, 4, 500, 1000, 0.4, 0.2),
                   draw(1, 2, 9, 0, 0.4, 0.2), draw(1, 2, 9, 4, 0.4, 2), draw(1, 2, 0, 4, 0.4, 0.1),
                   dims=dict(limit=[1], iou=[1], threshold=[1]), center_point_box=center)
    yield Case("NonMaxSuppression", draw(1, 2, 40, 6, 0.3), draw(3, 1, 7, 100, 0), dims=dict(limit=[1], iou=[1]))
    yield Case("NonMaxSuppression", draw(1, 2, 40), draw(3, 1, 7))


def resizes(generator):
    def image(*shape):
        return generator.standard_normal(shape).astype("f4")
    by_scales = [(image(1, 2, 5, 6), floats(1, 1, 2, 3)), (image(2, 1, 7, 4), floats(1, 1, 0.6, 1.3)),
                 (image(1, 1, 8, 8), floats(1, 1, 0.5, 0.25)), (image(1, 2, 3, 3), floats(1, 1, 1, 2.5))]
    by_sizes = [(image(1, 2, 5, 6), ints(1, 2, 10, 3)), (image(2, 1, 7, 4), ints(2, 1, 4, 9)),
                (image(1, 1, 8, 8), ints(1, 1, 3, 1))]
    known = dict(x=["a", "b", "c", "d"], s=[4])

    def cases(runs, name, **attributes):
        skipped = dict(_roi=None) if name == "scales" else dict(_roi=None, _scales=None)
        return Case("Resize", *[dict(x=x, **skipped, s=s) for x, s in runs], dims=known, opset=18, tolerance=1e-4, **attributes)
    modes = "half_pixel half_pixel_symmetric pytorch_half_pixel align_corners asymmetric".split()
    for mode in modes:
        for rounding in "round_prefer_floor", "round_prefer_ceil", "floor", "ceil":
            # ONNX Runtime rounds ties of real numbers as they come.
            yield cases(by_scales[:1] + by_scales[2:3], "scales", coordinate_transformation_mode=mode, nearest_mode=rounding)
        for kind in "linear", "cubic":
            if kind == "linear" or mode != "half_pixel_symmetric":
                # Corners are those of the size before it is rounded, as in ONNX; ONNX Runtime takes the rounded one.
                runs = by_scales[:1] + by_scales[2:3] if mode == "align_corners" else by_scales
                yield cases(runs, "scales", mode=kind, coordinate_transformation_mode=mode)
                yield cases(by_sizes, "sizes", mode=kind, coordinate_transformation_mode=mode)
    yield cases(by_scales, "scales", mode="cubic", exclude_outside=1, cubic_coeff_a=-0.5)
    for kind in "linear", "cubic":
        yield cases(by_scales, "scales", mode=kind, antialias=1)
        yield cases(by_sizes, "sizes", mode=kind, antialias=1)
    for policy, kind in itertools.product(["not_larger", "not_smaller"], ["nearest", "linear"]):
        yield Case("Resize", *[dict(x=x, _roi=None, _scales=None, s=s[2:]) for x, s in by_sizes], opset=18, tolerance=1e-4,
                   dims=dict(x=["a", "b", "c", "d"], s=[2]), axes=[2, 3], mode=kind, keep_aspect_ratio_policy=policy)
    for kind in "nearest", "linear":
        yield Case("Resize", *[dict(x=x, r=floats(0, 0, low, 0.1, 1, 1, high, 0.8), _scales=None, s=s)
                               for (x, s), low, high in zip(by_sizes, [0.2, -0.3, 0], [0.9, 1.4, 0.5])],
                   dims=dict(x=["a", "b", "c", "d"], s=[4], r=[8]), mode=kind, extrapolation_value=7.0, opset=18, tolerance=1e-4,
                   coordinate_transformation_mode="tf_crop_and_resize")
    for opset, op in [(9, "Upsample"), (10, "Resize")]:
        for kind in "nearest", "linear":
            yield Case(op, *[dict(x=x, s=s) for x, s in by_scales[:1]], dims=known, opset=opset, mode=kind)


def signals(generator):
    for op, periodic in itertools.product(["HannWindow", "HammingWindow", "BlackmanWindow"], [0, 1]):
        yield Case(op, dict(size=scalar(10)), dict(size=scalar(257)), dict(size=scalar(3)), periodic=periodic, opset=17)

    def bank(bands, length, rate, low, high):
        return dict(bands=scalar(bands), length=scalar(length), rate=scalar(rate), low=scalar(low, "f4"), high=scalar(high, "f4"))
    yield Case("MelWeightMatrix", bank(8, 16, 8192, 0, 4096), bank(40, 512, 16000, 80, 7600), opset=17)

    def signal(*shape):
        return generator.standard_normal(shape).astype("f4")
    dims = dict(x=["b", "n", 1])
    for sided in 0, 1:
        yield Case("DFT", dict(x=signal(2, 9, 1), n=scalar(9)), dict(x=signal(1, 16, 1), n=scalar(20)),
                   dict(x=signal(3, 10, 1), n=scalar(4)), dims=dims, onesided=sided, opset=17, tolerance=1e-4)
    yield Case("DFT", dict(x=signal(2, 9, 2)), dict(x=signal(1, 16, 2)), dims=dict(x=["b", "n", 2]), inverse=1, opset=17,
               tolerance=1e-4)
    yield Case("DFT", *[dict(x=signal(3, 4, 5, 2), _n=None, axis=scalar(axis)) for axis in (0, 1, 2, -2, -4)],
               dims=dict(x=["a", "b", "c", 2]), opset=20, tolerance=1e-4)
    yield Case("DFT", *[dict(x=signal(3, 4, 5, 1), n=scalar(n), axis=scalar(axis)) for axis, n in ((0, 3), (1, 6), (2, 4))],
               dims=dict(x=["a", "b", "c", 1]), opset=20, onesided=1, tolerance=1e-4)
    for sided in 0, 1:
        yield Case("STFT", dict(x=signal(2, 40, 1), step=scalar(8), _w=None, n=scalar(16)),
                   dict(x=signal(1, 33, 1), step=scalar(3), _w=None, n=scalar(5)), dims=dims, onesided=sided, opset=17,
                   tolerance=1e-4)
        yield Case("STFT", dict(x=signal(2, 40, 1), step=scalar(8), w=signal(16), n=scalar(16)),
                   dict(x=signal(1, 33, 1), step=scalar(3), w=signal(5), n=scalar(5)), dims=dims, onesided=sided, opset=17,
                   tolerance=1e-4)


def check(case, scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    onnx.save(case.model, scratch / "m.onnx")
    compiled = compile_model(case.model, strict=True, threads=2)
    for index, arrays in enumerate(case.runs):
        arrays = {name: value for name, value in arrays.items() if value is not None}
        ahead = now = compiled.run(arrays)
        if index == 0:
            write_inputs(scratch / "in", arrays)
            files = run(scratch / "m.onnx", scratch / "in", scratch / "now", "--accuracy=strict")
            now = {name: files[name + ".npy"] for name in ahead}
        try:
            expected = case.expect(arrays)
        except Exception:  # it has many kinds of them, for sizes that it refuses
            print(f"no reference: {case.op} {index}")
            continue
        for results, way in (ahead, "before its inputs are known"), (now, "by the command"):
            for output, value in zip(case.model.graph.output, expected):
                if problem := difference(value, results[output.name], case.tolerance, case.tolerance):
                    shapes = {name: value.shape for name, value in arrays.items()}
                    return f"{case.op} {case.model.graph.node[0].attribute} on {shapes}, {way}: {output.name}: {problem}"
    compiled.close()
    return None


def main(scratch):
    generator = np.random.default_rng(1)
    cases = itertools.chain(places(generator), uniques(generator), boxes(generator), resizes(generator), signals(generator))
    problems = [problem for case in cases if (problem := check(case, pathlib.Path(scratch)))]
    print("\n".join(problems))
    return bool(problems)


if __name__ == "__main__":
    call_main(main, __doc__)
