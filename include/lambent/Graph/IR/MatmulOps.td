//===- MatmulOps.td - Matrix products -------------------------------------===//

include "lambent/Graph/IR/GraphBase.td"

def Graph_MatmulOp : Graph_InferOp<"matmul"> {
  let summary = "Matrix product with numpy's batch broadcasting";
  let description = [{
    lhs [batch..., M, K], rhs [batch..., K, N]; the last two dims of either are swapped by its transpose flag. Vectors
    (rank 1) are not taken: the importer inserts the unit dim.

    C1: ranks are at least 2; C2: K agrees; C3: batch dims broadcast. C4: operands have one element type, which is the
    result's; or lhs ui8 and rhs i8, and the result i32; with `wide`, f16 or bf16, and the result, whose sums are not
    rounded to these, f32.
    ```mlir
    %r = graph.matmul(%a, %b) {transpose_rhs = true} : (tensor<4x8xf32>, tensor<16x8xf32>) -> tensor<4x16xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$lhs, Graph_Tensor:$rhs, DefaultValuedAttr<BoolAttr, "false">:$transpose_lhs,
    DefaultValuedAttr<BoolAttr, "false">:$transpose_rhs, DefaultValuedAttr<BoolAttr, "false">:$wide);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` $lhs `,` $rhs `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Graph_QuantizedMatmulOp : Graph_InferOp<"quantized_matmul"> {
  let summary = "Matrix product with weights that are kept as integers of few bits";
  let description = [{
    lhs [batch..., M, K] of f32 times the transpose of weights [N, K], where weight (n, k) is
    (codes[n, k] - zeros[n, k / block_size]) * scales[n, k / block_size], each computed in f32. A code is its lowest
    `bits` bits in two's complement, whatever lies above them; without zeros they are 0.

    C1: lhs has rank 2 or more and elements of f32; C2: codes are [N, K] of i8, and K is lhs's; C3: bits is 2, 4 or 8;
    C4: block_size is K or a multiple of 16; C5: scales (f32) and zeros (i8) are [N, blocks].
    ```mlir
    %r = graph.quantized_matmul(%a, %q, %s) {bits = 4 : i64, block_size = 32 : i64}
      : (tensor<4x64xf32>, tensor<16x64xi8>, tensor<16x2xf32>) -> tensor<4x16xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$lhs, Graph_Tensor:$codes, Graph_Tensor:$scales, Optional<Graph_Tensor>:$zeros,
    I64Attr:$bits, I64Attr:$block_size);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` operands `)` attr-dict `:` functional-type(operands, results)";
}
