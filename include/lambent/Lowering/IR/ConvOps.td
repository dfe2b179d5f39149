//===- ConvOps.td - Convolutions ------------------------------------------===//

include "lambent/Lowering/IR/SizeAttrs.td"

def LIR_ConvOp : LIR_EpilogueOp<"conv", [AttrSizedOperandSegments], ["getBatchedOperands"]> {
  let summary = "Convolution, channels last";
  let description = [{
    input [N, spatial..., IC], output [N, spatial..., OC]; filter [OC, IC/group, taps...] until the backend packs it,
    `filter_shape` holds these sizes from the start. pads are all begins, then all ends: sizes, and
    below 0 where they cut the image. One to three spatial dims. `workspace` is room for what a backend computes of the
    input once, for all that reads it; nothing else reads it.

    C1: attribute sizes match the spatial rank. C2: the output's sizes are what attributes and input give (ends of
    pads may be more than is read). C3: as lir.matmul's C3, input as lhs and filter as rhs.
    ```mlir
    lir.conv ins(%x, %w : memref<1x8x8x3xf32>, memref<4x3x3x3xf32>) outs(%y : memref<1x8x8x4xf32>) epilogue_maps [] attributes {filter_shape = array<i64: 4, 3, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>,
       group = 1 : i64} {
    ^bb0(%acc: f32):
      lir.yield %acc : f32
    }
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$input, Arg<LIR_Buffer, "", [MemRead]>:$filter,
    Arg<Variadic<LIR_Buffer>, "", [MemRead]>:$epilogue_inputs, Arg<LIR_Buffer, "", [MemWrite]>:$output,
    Arg<Optional<LIR_Buffer>, "", [MemWrite]>:$workspace, LIR_Maps:$epilogue_maps, DenseI64ArrayAttr:$filter_shape,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, LIR_Sizes:$pads, I64Attr:$group, OptionalAttr<AnyAttr>:$algorithm);
  let assemblyFormat = [{
    `ins` `(` $input `,` $filter `:` type($input) `,` type($filter) `)`
    (`with` `(` $epilogue_inputs^ `:` type($epilogue_inputs) `)`)?
    `outs` `(` $output `:` type($output) `)` (`workspace` `(` $workspace^ `:` type($workspace) `)`)?
    `epilogue_maps` $epilogue_maps attr-dict-with-keyword $epilogue
  }];
  let extraClassDeclaration = [{
    ::mlir::Type getAccumulatorType() { return getEpilogue().getArgument(0).getType(); }
  }];
}

def LIR_DeformColumnsOp : LIR_KernelOp<"deform_columns"> {
  let summary = "What the taps of a deformable convolution read, channels last";
  let description = [{
    input [N, H, W, C], offsets [N, offset_groups * taps * 2, places...], mask [N, offset_groups * taps, places...],
    output [N, places..., taps * C]; otherwise as graph.deform_columns.

    C1: two kernel sizes, strides, dilations and begins of pads. C2: channels are a multiple of both groups. C3: buffers
    as above, of one type of floats.
    ```mlir
    lir.deform_columns ins(%x, %o : memref<1x8x8x4xf32>, memref<1x8x7x7xf32>) outs(%y : memref<1x7x7x16xf32>)
      {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>,
       group = 1 : i64, offset_groups = 1 : i64}
    ```
  }];
  let arguments = (ins Arg<LIR_FloatBuffer, "", [MemRead]>:$input, Arg<LIR_FloatBuffer, "", [MemRead]>:$offsets,
    Arg<Optional<LIR_FloatBuffer>, "", [MemRead]>:$mask, Arg<LIR_FloatBuffer, "", [MemWrite]>:$output,
    DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
    I64Attr:$group, I64Attr:$offset_groups);
  let assemblyFormat = [{
    `ins` `(` $input `,` $offsets `:` type($input) `,` type($offsets) `)` (`mask` `(` $mask^ `:` type($mask) `)`)?
    `outs` `(` $output `:` type($output) `)` attr-dict
  }];
}
