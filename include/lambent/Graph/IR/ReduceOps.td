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
  let summary = "Running sum, or product, along a dim";
  let description = [{
    C1: axis is in range; C2: kind is sum or prod.
    ```mlir
    %r = graph.cumsum(%x) {axis = 1 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, I64Attr:$axis, DefaultValuedAttr<BoolAttr, "false">:$exclusive,
    DefaultValuedAttr<BoolAttr, "false">:$reverse, DefaultValuedStrAttr<StrAttr, "sum">:$kind);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` $input `)` attr-dict `:` functional-type(operands, results)";
}

def Graph_TopKOp : Graph_InferResultsOp<"topk"> {
  let summary = "The `k` largest or smallest elements along a dim, best first, and their positions (i64)";
  let description = [{
    Of equal elements the one of lower position comes first. NaN is larger than all numbers.
    C1: axis is in range; C2: k is one number, from 0 to the size of that dim.
    ```mlir
    %v, %i = graph.topk(%x, %k) {axis = 1 : i64, largest = true} : (tensor<4x8xf32>, tensor<1xi64>) -> (tensor<4x3xf32>, tensor<4x3xi64>)
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, Graph_IndexTensor:$k, I64Attr:$axis, DefaultValuedAttr<BoolAttr, "true">:$largest);
  let results = (outs Graph_Tensor:$values, Graph_Tensor:$positions);
  let assemblyFormat = "`(` operands `)` attr-dict `:` functional-type(operands, results)";
}
