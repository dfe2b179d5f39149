//===- ReduceOps.td - Reductions over whole dims --------------------------===//

include "lambent/Graph/IR/GraphBase.td"

def Graph_ReduceOp : Graph_InferOp<"reduce", [DeclareOpInterfaceMethods<ElementsOpInterface>, DeclareOpInterfaceMethods<LayoutOpInterface, ["buildPermuted"]>]> {
  let summary = "Reduces dims by sum, prod, max, min or mean";
  let description = [{
    Other ONNX reductions (L1, L2, LogSumExp, SumSquare) are element-wise ops around these.
    C1: kind is sum, prod, max, min or mean; C2: axes are unique, sorted and in range.
    ```mlir
    %r = graph.reduce(%x) {kind = "mean", axes = array<i64: 2, 3>, keep_dims = true} : (tensor<1x8x7x7xf32>) -> tensor<1x8x1x1xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, StrAttr:$kind, DenseI64ArrayAttr:$axes,
    DefaultValuedAttr<BoolAttr, "true">:$keep_dims);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` $input `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Graph_ArgReduceOp : Graph_InferOp<"arg_reduce", [DeclareOpInterfaceMethods<LayoutOpInterface, ["buildPermuted"]>]> {
  let summary = "Position (i64) of the largest or smallest element along a dim";
  let description = [{
    C1: kind is max or min; C2: axis is in range; C3: there are elements to choose from.
    ```mlir
    %r = graph.arg_reduce(%x) {kind = "max", axis = 1 : i64} : (tensor<4x8xf32>) -> tensor<4x1xi64>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, StrAttr:$kind, I64Attr:$axis,
    DefaultValuedAttr<BoolAttr, "true">:$keep_dims, DefaultValuedAttr<BoolAttr, "false">:$select_last);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` $input `)` attr-dict `:` functional-type(operands, results)";
}

def Graph_CumSumOp : Graph_InferOp<"cumsum", [DeclareOpInterfaceMethods<LayoutOpInterface, ["buildPermuted"]>]> {
  let summary = "Running sum along a dim";
  let description = [{
    C1: axis is in range.
    ```mlir
    %r = graph.cumsum(%x) {axis = 1 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, I64Attr:$axis, DefaultValuedAttr<BoolAttr, "false">:$exclusive,
    DefaultValuedAttr<BoolAttr, "false">:$reverse);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` $input `)` attr-dict `:` functional-type(operands, results)";
}
