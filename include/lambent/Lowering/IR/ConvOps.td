//===- ConvOps.td - Convolutions ------------------------------------------===//

include "lambent/Lowering/IR/LIRBase.td"

def LIR_ConvOp : LIR_EpilogueOp<"conv"> {
  let summary = "Convolution, channels last";
  let description = [{
    input [N, spatial..., IC], output [N, spatial..., OC]; filter [OC, IC/group, taps...] until the backend packs it,
    `filter_shape` holds these sizes from the start. pads are all begins, then all ends. One to three spatial dims.

    C1: attribute sizes match the spatial rank. C2: the output's sizes are what attributes and input give (ends of
    pads may be more than is read). C3: as lir.matmul's C3.
    ```mlir
    lir.conv ins(%x, %w : memref<1x8x8x3xf32>, memref<4x3x3x3xf32>) outs(%y : memref<1x8x8x4xf32>) epilogue_maps [] attributes {filter_shape = array<i64: 4, 3, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
       group = 1 : i64} {
    ^bb0(%acc: f32):
      lir.yield %acc : f32
    }
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$input, Arg<LIR_Buffer, "", [MemRead]>:$filter,
    Arg<Variadic<LIR_Buffer>, "", [MemRead]>:$epilogue_inputs, Arg<LIR_Buffer, "", [MemWrite]>:$output,
    LIR_Maps:$epilogue_maps, DenseI64ArrayAttr:$filter_shape, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
    DenseI64ArrayAttr:$pads, I64Attr:$group, OptionalAttr<DictionaryAttr>:$algorithm);
  let assemblyFormat = [{
    `ins` `(` $input `,` $filter `:` type($input) `,` type($filter) `)`
    (`with` `(` $epilogue_inputs^ `:` type($epilogue_inputs) `)`)?
    `outs` `(` $output `:` type($output) `)` `epilogue_maps` $epilogue_maps attr-dict-with-keyword $epilogue
  }];
}
