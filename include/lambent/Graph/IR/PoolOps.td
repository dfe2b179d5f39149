//===- PoolOps.td - Pooling over windows ----------------------------------===//

include "lambent/Graph/IR/GraphBase.td"

def Graph_PoolOp : Graph_InferOp<"pool", [DeclareOpInterfaceMethods<SpatialOpInterface>]> {
  let summary = "Reduces a window of one to three spatial dims";
  let description = [{
    `kind` is max, average or lp (with `p`). Global pooling is graph.reduce.

    C1: kernel, strides, dilations have one entry per spatial dim, pads two; kernel and strides positive.
    C2: auto_pad as in graph.conv.
    ```mlir
    %r = graph.pool(%x) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
      pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, StrAttr:$kind, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
    DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads, DefaultValuedAttr<BoolAttr, "false">:$ceil_mode,
    DefaultValuedAttr<BoolAttr, "false">:$count_include_pad, DefaultValuedAttr<I64Attr, "2">:$p,
    DefaultValuedStrAttr<StrAttr, "NOTSET">:$auto_pad, DefaultValuedAttr<BoolAttr, "false">:$channels_last);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` $input `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}
