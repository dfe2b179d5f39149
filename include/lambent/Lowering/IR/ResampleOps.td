//===- ResampleOps.td - Interpolation along one dim -----------------------===//

include "lambent/Lowering/IR/LIRBase.td"

def LIR_ResampleOp : LIR_KernelOp<"resample"> {
  let summary = "output[o, i, j] = sum over t of weights[i, t] * input[o, indices[i, t], j]";
  let description = [{
    The dim `axis` is resampled by tables: indices [size, taps] (i64, in range), weights [size, taps] (f32). Nearest
    interpolation is lir.gather; several dims are resampled one after the other.
    ```mlir
    lir.resample ins(%x, %i, %w : memref<4x8x3xf32>, memref<16x2xi64>, memref<16x2xf32>) outs(%y : memref<4x16x3xf32>) {axis = 1 : i64}
    ```
  }];
  let arguments = (ins Arg<LIR_FloatBuffer, "", [MemRead]>:$input, Arg<LIR_Buffer, "", [MemRead]>:$indices,
    Arg<LIR_FloatBuffer, "", [MemRead]>:$weights, Arg<LIR_FloatBuffer, "", [MemWrite]>:$output, I64Attr:$axis);
  let assemblyFormat = [{
    `ins` `(` $input `,` $indices `,` $weights `:` type($input) `,` type($indices) `,` type($weights) `)`
    `outs` `(` $output `:` type($output) `)` attr-dict
  }];
}
