//===- ShapeOps.td - Ops that describe data or see it in another shape ----===//

include "lambent/Graph/IR/GraphBase.td"
include "lambent/Graph/IR/Sizes.td"

/// Ops that only see their input in another shape: the elements are the same.
class Graph_ViewOp<string mnemonic> : Graph_InferOp<mnemonic, [DeclareOpInterfaceMethods<ElementsOpInterface>]> {
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let extraClassDefinition = inferDefinition # [{
    ::llvm::LogicalResult $cppClass::computeElements(::llvm::ArrayRef<Elements> operands,
                                                     ::mlir::RankedTensorType, Elements &result) {
      result = operands[0];
      return ::mlir::success();
    }
    ::mlir::OpFoldResult $cppClass::fold(FoldAdaptor adaptor) { return foldView(*this, adaptor.getInput()); }
  }];
}

def Graph_ReshapeOp : Graph_ViewOp<"reshape"> {
  let summary = "Same elements in row-major order, another shape";
  let description = [{
    `shape` as in ONNX: one -1 is deduced, 0 copies the input's dim (unless allow_zero).
    C1: the element count stays.
    ```mlir
    %r = graph.reshape(%x, %s) : (tensor<2x6xf32>, tensor<2xi64>) -> tensor<3x4xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, Graph_IndexTensor:$shape, DefaultValuedAttr<BoolAttr, "false">:$allow_zero);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` $input `,` $shape `)` attr-dict `:` functional-type(operands, results)";
}

class Graph_AxesOp<string mnemonic> : Graph_ViewOp<mnemonic> {
  let arguments = (ins Graph_Tensor:$input, DenseI64ArrayAttr:$axes);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` $input `)` attr-dict `:` functional-type(operands, results)";
}

def Graph_SqueezeOp : Graph_AxesOp<"squeeze"> {
  let summary = "Drops unit dims";
  let description = [{
    C1: axes are unique, sorted, in range and of size 1. Becomes graph.reshape once the shape is static.
    ```mlir
    %r = graph.squeeze(%x) {axes = array<i64: 0>} : (tensor<1x4xf32>) -> tensor<4xf32>
    ```
  }];
}

def Graph_UnsqueezeOp : Graph_AxesOp<"unsqueeze"> {
  let summary = "Inserts unit dims, at these positions of the result";
  let description = [{
    C1: axes are unique, sorted and in range of the result. Becomes graph.reshape once the shape is static.
    ```mlir
    %r = graph.unsqueeze(%x) {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<1x4xf32>
    ```
  }];
}

def Graph_FlattenOp : Graph_ViewOp<"flatten"> {
  let summary = "Reshapes to 2-D: dims before `axis` by dims from it";
  let description = [{
    C1: 0 <= axis <= rank. Becomes graph.reshape once the shape is static.
    ```mlir
    %r = graph.flatten(%x) {axis = 1 : i64} : (tensor<2x3x4xf32>) -> tensor<2x12xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, I64Attr:$axis);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` $input `)` attr-dict `:` functional-type(operands, results)";
}

def Graph_TransposeOp : Graph_InferOp<"transpose", [DeclareOpInterfaceMethods<ElementsOpInterface>]> {
  let summary = "Permutes dims: result dim d is input dim perm[d]";
  let description = [{
    C1: perm is a permutation of the dims.
    ```mlir
    %r = graph.transpose(%x) {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, DenseI64ArrayAttr:$perm);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` $input `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Graph_ExpandOp : Graph_InferOp<"expand", [DeclareOpInterfaceMethods<ElementsOpInterface>, DeclareOpInterfaceMethods<LayoutOpInterface, ["buildPermuted", "isDataOperand"]>]> {
  let summary = "Broadcasts to a shape (both ways, as ONNX's Expand)";
  let description = [{
    C1: input and shape broadcast together.
    ```mlir
    %r = graph.expand(%x, %s) : (tensor<1x3xf32>, tensor<2xi64>) -> tensor<2x3xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, Graph_IndexTensor:$shape);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` operands `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Graph_ShapeOp : Graph_InferOp<"shape", [DeclareOpInterfaceMethods<ElementsOpInterface>]> {
  let summary = "Dims [start, end) of a tensor as i64";
  let description = [{
    C1: 0 <= start <= end <= rank.
    ```mlir
    %r = graph.shape(%x) {start = 0 : i64, end = 2 : i64} : (tensor<2x3xf32>) -> tensor<2xi64>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, I64Attr:$start, I64Attr:$end);
  let results = (outs Graph_IndexTensor:$result);
  let assemblyFormat = "`(` $input `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Graph_SizesOp : Graph_Op<"sizes", [DeclareOpInterfaceMethods<ElementsOpInterface>]> {
  let summary = "Sizes as integers: what shape arithmetic on open dims comes to";
  let description = [{
    C1: the result has one element per size, in row-major order; C2: all sizes are known.
    ```mlir
    %r = graph.sizes #graph.sizes<[s0, s1 * 12, 64]> : tensor<3xi64>
    ```
  }];
  let arguments = (ins Graph_SizesAttr:$sizes);
  let results = (outs RankedTensorOf<[AnyInteger]>:$result);
  let assemblyFormat = "$sizes attr-dict `:` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}
