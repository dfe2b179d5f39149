//===- NormOps.td - Softmax and normalisations of rows --------------------===//

include "lambent/Lowering/IR/LIRBase.td"

def LIR_SoftmaxOp : LIR_KernelOp<"softmax", [], ["mayShareBuffer"]> {
  let summary = "Softmax, or its logarithm, along one dim";
  let description = [{
    ```mlir
    lir.softmax ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {axis = 1 : i64}
    ```
  }];
  let arguments = (ins Arg<LIR_FloatBuffer, "", [MemRead]>:$input, Arg<LIR_FloatBuffer, "", [MemWrite]>:$output, I64Attr:$axis,
    DefaultValuedAttr<BoolAttr, "false">:$log);
  let assemblyFormat = "`ins` `(` $input `:` type($input) `)` `outs` `(` $output `:` type($output) `)` attr-dict";
}

def LIR_NormalizeOp : LIR_KernelOp<"normalize", [AttrSizedOperandSegments], ["mayShareBuffer"]> {
  let summary = "Normalises the dims from `axis` on to mean 0 and variance 1 (or mean square 1), then scales and shifts";
  let description = [{
    scale and bias have the shape of the normalised dims. With `rms` the mean is not subtracted.
    ```mlir
    lir.normalize ins(%x : memref<4x8xf32>) scale(%s : memref<8xf32>) bias(%b : memref<8xf32>) outs(%y : memref<4x8xf32>)
      {axis = 1 : i64, epsilon = 1.0e-5 : f32}
    ```
  }];
  let arguments = (ins Arg<LIR_FloatBuffer, "", [MemRead]>:$input, Arg<Optional<LIR_FloatBuffer>, "", [MemRead]>:$scale,
    Arg<Optional<LIR_FloatBuffer>, "", [MemRead]>:$bias, Arg<LIR_FloatBuffer, "", [MemWrite]>:$output, I64Attr:$axis,
    F32Attr:$epsilon, DefaultValuedAttr<BoolAttr, "false">:$rms);
  let assemblyFormat = [{
    `ins` `(` $input `:` type($input) `)` (`scale` `(` $scale^ `:` type($scale) `)`)? (`bias` `(` $bias^ `:` type($bias) `)`)?
    `outs` `(` $output `:` type($output) `)` attr-dict
  }];
}

def LIR_LRNOp : LIR_KernelOp<"lrn"> {
  let summary = "Local response normalization across the last dim";
  let description = [{
    ```mlir
    lir.lrn ins(%x : memref<1x4x4x16xf32>) outs(%y : memref<1x4x4x16xf32>) {size = 5 : i64, alpha = 1.0e-4 : f32, beta = 0.75 : f32, bias = 1.0 : f32}
    ```
  }];
  let arguments = (ins Arg<LIR_FloatBuffer, "", [MemRead]>:$input, Arg<LIR_FloatBuffer, "", [MemWrite]>:$output, I64Attr:$size,
    F32Attr:$alpha, F32Attr:$beta, F32Attr:$bias);
  let assemblyFormat = "`ins` `(` $input `:` type($input) `)` `outs` `(` $output `:` type($output) `)` attr-dict";
}
