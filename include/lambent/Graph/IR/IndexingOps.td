//===- IndexingOps.td - Ops that select, join or repeat elements ----------===//

include "lambent/Graph/IR/GraphBase.td"

def Graph_ConcatOp : Graph_InferOp<"concat", [DeclareOpInterfaceMethods<ElementsOpInterface>, DeclareOpInterfaceMethods<LayoutOpInterface, ["buildPermuted"]>]> {
  let summary = "Joins tensors along a dim";
  let description = [{
    C1: axis is in range; C2: all other dims agree.
    ```mlir
    %r = graph.concat(%a, %b) {axis = 0 : i64} : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<3x3xf32>
    ```
  }];
  let arguments = (ins Variadic<Graph_Tensor>:$inputs, I64Attr:$axis);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` $inputs `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Graph_SliceOp : Graph_InferOp<"slice", [DeclareOpInterfaceMethods<ElementsOpInterface>, DeclareOpInterfaceMethods<LayoutOpInterface, ["buildPermuted", "isDataOperand"]>]> {
  let summary = "Takes every `step`-th element of a range per axis";
  let description = [{
    starts, ends and steps hold one entry per entry of `axes`, and are clamped as in ONNX; steps may be negative.
    C1: axes are unique and in range; C2: list sizes agree; C3: steps are not 0.
    ```mlir
    %r = graph.slice(%x, %starts, %ends, %steps) {axes = array<i64: 1>} : (tensor<2x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x4xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, Graph_IndexTensor:$starts, Graph_IndexTensor:$ends, Graph_IndexTensor:$steps,
    DenseI64ArrayAttr:$axes);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` operands `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Graph_TileOp : Graph_InferOp<"tile", [DeclareOpInterfaceMethods<ElementsOpInterface>, DeclareOpInterfaceMethods<LayoutOpInterface, ["buildPermuted", "isDataOperand"]>]> {
  let summary = "Repeats the tensor along each dim";
  let description = [{
    C1: one repeat per dim.
    ```mlir
    %r = graph.tile(%x, %n) : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<4x3xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, Graph_IndexTensor:$repeats);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` operands `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Graph_PadOp : Graph_InferOp<"pad", [DeclareOpInterfaceMethods<LayoutOpInterface, ["buildPermuted", "isDataOperand"]>]> {
  let summary = "Adds (or, negative, removes) elements at the ends of dims";
  let description = [{
    pads [begins..., ends...] has two entries per entry of `axes`; mode is constant (with `value`, a scalar), reflect, edge or wrap.
    C1: axes unique and in range; C2: pads has twice as many entries; C3: the mode is one of these;
    C4: what is repeated has elements.
    ```mlir
    %r = graph.pad(%x, %p, %v) {mode = "constant", axes = array<i64: 1>} : (tensor<2x3xf32>, tensor<2xi64>, tensor<f32>) -> tensor<2x5xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, Graph_IndexTensor:$pads, Optional<Graph_Tensor>:$value,
    DefaultValuedStrAttr<StrAttr, "constant">:$mode, DenseI64ArrayAttr:$axes);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` operands `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Graph_GatherOp : Graph_InferOp<"gather", [DeclareOpInterfaceMethods<ElementsOpInterface>, DeclareOpInterfaceMethods<ValueRuleOpInterface>]> {
  let summary = "Takes slices of a dim by index; negative indices count from the end";
  let description = [{
    Result dims: data's before axis, indices', data's after axis. An index out of range is clamped at run time; a constant one is an error
    (graph-check-values).
    C1: axis is in range; C2: indices are i32 or i64; C3: data has elements to choose from.
    ```mlir
    %r = graph.gather(%t, %i) {axis = 0 : i64} : (tensor<100x8xf32>, tensor<2x3xi64>) -> tensor<2x3x8xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$data, Graph_Tensor:$indices, I64Attr:$axis);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` operands `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Graph_GatherElementsOp : Graph_InferOp<"gather_elements", [DeclareOpInterfaceMethods<ElementsOpInterface>, DeclareOpInterfaceMethods<ValueRuleOpInterface>]> {
  let summary = "result[i..., j, k...] = data[i..., indices[i..., j, k...], k...]";
  let description = [{
    C1: axis is in range; C2: ranks agree; C3: indices are i32 or i64; C4: no dim of indices but the axis is larger than
    data's; C5: data has elements to choose from.
    ```mlir
    %r = graph.gather_elements(%t, %i) {axis = 0 : i64} : (tensor<4x8xf32>, tensor<2x8xi64>) -> tensor<2x8xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$data, Graph_Tensor:$indices, I64Attr:$axis);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` operands `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Graph_GatherNDOp : Graph_InferOp<"gather_nd", [DeclareOpInterfaceMethods<ElementsOpInterface>, DeclareOpInterfaceMethods<ValueRuleOpInterface>]> {
  let summary = "result[b..., i..., k...] = data[b..., indices[b..., i...]..., k...]";
  let description = [{
    The last dim of indices holds tuples that lead into as many dims of data, behind `batch_dims` dims that both share.
    Negative indices and those out of range are as in graph.gather.
    C1: batch_dims are less than both ranks; C2: indices are i32 or i64; C3: a tuple has from 1 to as many indices as there
    are dims behind the batch; C4: batch dims agree; C5: data has elements to choose from.
    ```mlir
    %r = graph.gather_nd(%t, %i) {batch_dims = 1 : i64} : (tensor<2x4x5x8xf32>, tensor<2x3x2xi64>) -> tensor<2x3x8xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$data, Graph_Tensor:$indices, I64Attr:$batch_dims);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` operands `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Graph_ScatterElementsOp : Graph_InferOp<"scatter_elements", [DeclareOpInterfaceMethods<ElementsOpInterface>, DeclareOpInterfaceMethods<ValueRuleOpInterface>]> {
  let summary = "data, but result[i..., indices[i..., j, k...], k...] = updates[i..., j, k...]";
  let description = [{
    Of several updates of one element the last one along j is kept (kind none), or all are combined with data's, in order:
    sum, prod, max, min; of bool, or for sum and max, and for the others. Indices are as in graph.gather.
    C1: axis is in range; C2: ranks agree; C3: indices are i32 or i64; C4: no dim of indices but the axis is larger than
    data's; C5: updates have the indices' shape and data's element type; C6: the kind is one of these; C7: data has
    elements to update.
    ```mlir
    %r = graph.scatter_elements(%t, %i, %u) {axis = 0 : i64, kind = "sum"} : (tensor<4x8xf32>, tensor<2x8xi64>, tensor<2x8xf32>) -> tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$data, Graph_Tensor:$indices, Graph_Tensor:$updates, I64Attr:$axis,
    DefaultValuedStrAttr<StrAttr, "none">:$kind);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` operands `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Graph_ScatterNDOp : Graph_InferOp<"scatter_nd", [DeclareOpInterfaceMethods<ElementsOpInterface>, DeclareOpInterfaceMethods<ValueRuleOpInterface>]> {
  let summary = "data, but result[indices[i...]..., k...] = updates[i..., k...]";
  let description = [{
    The last dim of indices holds tuples that lead into as many dims of data, from the first on. Kinds, order and indices
    are as in graph.scatter_elements.
    C1: indices are i32 or i64; C2: a tuple has from 1 to as many indices as data has dims; C3: updates have the dims i...,
    k... and data's element type; C4: the kind is known; C5: data has elements to update.
    ```mlir
    %r = graph.scatter_nd(%t, %i, %u) : (tensor<4x5x8xf32>, tensor<3x2xi64>, tensor<3x8xf32>) -> tensor<4x5x8xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$data, Graph_Tensor:$indices, Graph_Tensor:$updates,
    DefaultValuedStrAttr<StrAttr, "none">:$kind);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` operands `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Graph_RangeOp : Graph_InferOp<"range", [DeclareOpInterfaceMethods<ElementsOpInterface>]> {
  let summary = "start, start + delta, ... below limit";
  let description = [{
    C1: all are scalars of one type.
    ```mlir
    %r = graph.range(%a, %b, %d) : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
    ```
  }];
  let arguments = (ins Graph_Tensor:$start, Graph_Tensor:$limit, Graph_Tensor:$delta);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` operands `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}
