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

def Graph_BlockMatmulOp : Graph_InferOp<"block_matmul"> {
  let summary = "Matrix product of numbers in blocks of k, each block's integers times a power of two";
  let description = [{
    lhs [batch..., M, K] of f32, rounded as graph.round_blocks(lhs) {format, scale} rounds it along K, times the transpose of
    weights [N, K]. Weight (n, k) is number(codes[n, k]) * 2^(exponents[n, k / size] - 127), where size is the format's block,
    and number(c) is table[c], or c - 128 where the table is empty. Result (m, n) begins with 0, to which the exact products
    of the blocks are added one after the other, each sum rounded to f32.

    C1: the format is one whose elements are integers of 8 bits times a power of two, and scale is down or up;
    C2: lhs has rank 2 or more and elements of f32; C3: codes are [N, K] of ui8, K is lhs's, and a multiple of size;
    C4: exponents are [N, K / size] of ui8; C5: the table has 16 entries or none.
    ```mlir
    %r = graph.block_matmul(%a, %q, %e) {format = "mxint8", scale = "down", table = array<i8>}
      : (tensor<4x64xf32>, tensor<16x64xui8>, tensor<16x2xui8>) -> tensor<4x16xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$lhs, Graph_Tensor:$codes, Graph_Tensor:$exponents, StrAttr:$format,
    StrAttr:$scale, DenseI8ArrayAttr:$table);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` operands `)` attr-dict `:` functional-type(operands, results)";
}
