//===- PoolOps.td - Pooling -----------------------------------------------===//

include "lambent/Lowering/IR/SizeAttrs.td"

def LIR_PoolOp : LIR_EpilogueOp<"pool", [], ["getBatchedOperands"]> {
  let summary = "Reduces windows, channels last";
  let description = [{
    input [N, spatial..., C], output [N, spatial..., C]; kind max (padding never wins), sum or average. average divides by the
    window's elements inside the input, or with `count_include_pad` by those inside the padded input. Any number of spatial dims.

    C1: attribute sizes match the spatial rank.
    ```mlir
    lir.pool ins(%x : memref<1x8x8x4xf32>) outs(%y : memref<1x4x4x4xf32>) epilogue_maps [] attributes {kind = "max", kernel = array<i64: 2, 2>,
      strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>} {
    ^bb0(%acc: f32):
      lir.yield %acc : f32
    }
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$input,
    Arg<Variadic<LIR_Buffer>, "", [MemRead]>:$epilogue_inputs, Arg<LIR_Buffer, "", [MemWrite]>:$output,
    LIR_Maps:$epilogue_maps, StrAttr:$kind, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
    DenseI64ArrayAttr:$dilations, LIR_Sizes:$pads, DefaultValuedAttr<BoolAttr, "false">:$count_include_pad);
  let assemblyFormat = [{
    `ins` `(` $input `:` type($input) `)` (`with` `(` $epilogue_inputs^ `:` type($epilogue_inputs) `)`)?
    `outs` `(` $output `:` type($output) `)` `epilogue_maps` $epilogue_maps attr-dict-with-keyword $epilogue
  }];
}

def LIR_PoolRegionsOp : LIR_KernelOp<"pool_regions"> {
  let summary = "Pools regions of images, channels last, to one size";
  let description = [{
    input [N, H, W, C], corners [R, 4], batches [R] (i64, clamped into N), output [R, H', W', C]; otherwise as
    graph.pool_regions.

    C1: kind average, max or max_pixels. C2: buffers as above, of a bound size H', W' and C. C3: input, corners and output
    of one type of floats.
    ```mlir
    lir.pool_regions ins(%x, %r, %b : memref<1x8x8x4xf32>, memref<5x4xf32>, memref<5xi64>) outs(%y : memref<5x2x3x4xf32>)
      {kind = "max", samples = 2 : i64, scale = 0.5 : f64, half_pixel = true}
    ```
  }];
  let arguments = (ins Arg<LIR_FloatBuffer, "", [MemRead]>:$input, Arg<LIR_FloatBuffer, "", [MemRead]>:$corners,
    Arg<LIR_Buffer, "", [MemRead]>:$batches, Arg<LIR_FloatBuffer, "", [MemWrite]>:$output, StrAttr:$kind, I64Attr:$samples,
    F64Attr:$scale, BoolAttr:$half_pixel);
  let assemblyFormat = [{
    `ins` `(` $input `,` $corners `,` $batches `:` type($input) `,` type($corners) `,` type($batches) `)`
    `outs` `(` $output `:` type($output) `)` attr-dict
  }];
}
