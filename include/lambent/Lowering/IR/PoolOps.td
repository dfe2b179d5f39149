//===- PoolOps.td - Pooling -----------------------------------------------===//

include "lambent/Lowering/IR/LIRBase.td"

def LIR_PoolOp : LIR_EpilogueOp<"pool"> {
  let summary = "Reduces windows, channels last";
  let description = [{
    input [N, spatial..., C], output [N, spatial..., C]; kind max (padding never wins), sum or average. average divides by the
    window's elements inside the input, or with `count_include_pad` by those inside the padded input. Any number of spatial dims.

    C1: attribute sizes match the spatial rank.
    ```mlir
    lir.pool ins(%x : memref<1x8x8x4xf32>) outs(%y : memref<1x4x4x4xf32>) epilogue_maps [] attributes {kind = "max", kernel = array<i64: 2, 2>,
      strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} {
    ^bb0(%acc: f32):
      lir.yield %acc : f32
    }
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$input,
    Arg<Variadic<LIR_Buffer>, "", [MemRead]>:$epilogue_inputs, Arg<LIR_Buffer, "", [MemWrite]>:$output,
    LIR_Maps:$epilogue_maps, StrAttr:$kind, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
    DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads, DefaultValuedAttr<BoolAttr, "false">:$count_include_pad);
  let assemblyFormat = [{
    `ins` `(` $input `:` type($input) `)` (`with` `(` $epilogue_inputs^ `:` type($epilogue_inputs) `)`)?
    `outs` `(` $output `:` type($output) `)` `epilogue_maps` $epilogue_maps attr-dict-with-keyword $epilogue
  }];
}
