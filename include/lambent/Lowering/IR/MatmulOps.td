//===- MatmulOps.td - Matrix products -------------------------------------===//

include "lambent/Lowering/IR/LIRBase.td"
include "lambent/Lowering/IR/SizeAttrs.td"

def LIR_MatmulOp : LIR_EpilogueOp<"matmul", [ProductOpInterface]> {
  let summary = "output[b, m, n] = epilogue(sum over k of lhs[b, m, k] * rhs[b, k, n])";
  let description = [{
    The domain is [batch..., M, N, K]. Each map takes (batch..., m, n, k) to the buffer's index, each result a dim or 0, so
    that transposed operands and split heads need no copy. A packed rhs has the backend's own shape; its map is then empty ().
    Accumulates in f32 for f16 and bf16, in the element type otherwise; 8-bit integers also in i32: those of lhs are then
    unsigned, those of rhs signed. The epilogue's first argument says which.

    C1: maps has three entries: lhs, rhs, output (which does not use k). C2: sizes agree with the domain.
    C3: the epilogue's first argument has the accumulator's type.
    ```mlir
    lir.matmul ins(%a, %b : memref<4x8xf32>, memref<8x16xf32>) outs(%c : memref<4x16xf32>) domain [4, 16, 8]
      maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
      epilogue_maps [] {
    ^bb0(%acc: f32):
      lir.yield %acc : f32
    }
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$lhs, Arg<LIR_Buffer, "", [MemRead]>:$rhs,
    Arg<Variadic<LIR_Buffer>, "", [MemRead]>:$epilogue_inputs, Arg<LIR_Buffer, "", [MemWrite]>:$output,
    LIR_Sizes:$domain, LIR_Maps:$maps, LIR_Maps:$epilogue_maps, OptionalAttr<AnyAttr>:$algorithm);
  let assemblyFormat = [{
    `ins` `(` $lhs `,` $rhs `:` type($lhs) `,` type($rhs) `)`
    (`with` `(` $epilogue_inputs^ `:` type($epilogue_inputs) `)`)?
    `outs` `(` $output `:` type($output) `)` `domain` custom<Sizes>($domain) `maps` $maps `epilogue_maps` $epilogue_maps attr-dict-with-keyword
    $epilogue
  }];
  let extraClassDeclaration = [{
    ::mlir::Type getAccumulatorType() { return getEpilogue().getArgument(0).getType(); }
  }];
}

def LIR_QuantizedMatmulOp : LIR_EpilogueOp<"quantized_matmul", [AttrSizedOperandSegments, ProductOpInterface]> {
  let summary = "output[m, n] = epilogue(sum over k of lhs[m, k] * (rhs[n, k] - zeros[n, k / block]) * scales[n, k / block])";
  let description = [{
    lhs, scales and sums are f32. The rhs holds codes, i8 of which the lowest `bits` bits count, in two's complement;
    without zeros (i8) these are 0. Domain and maps are those of lir.matmul, without batch. Where the rhs is packed (its map
    is empty), scales and zeros are, too, and all three have the backend's own shapes.

    C1: the domain is [M, N, K], and N and K are numbers; C2: maps has three entries, each result a dim or 0, and the
    output's last one is n; C3: bits is 2, 4 or 8, and block_size is K or a multiple of 16; C4: element types are as above.
    ```mlir
    lir.quantized_matmul ins(%a, %q, %s : memref<4x64xf32>, memref<16x64xi8>, memref<16x2xf32>)
      outs(%c : memref<4x16xf32>) domain [4, 16, 64]
      maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      epilogue_maps [] attributes {bits = 4 : i64, block_size = 32 : i64} {
    ^bb0(%acc: f32):
      lir.yield %acc : f32
    }
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$lhs, Arg<LIR_Buffer, "", [MemRead]>:$rhs,
    Arg<LIR_FloatBuffer, "", [MemRead]>:$scales, Arg<Optional<LIR_Buffer>, "", [MemRead]>:$zeros,
    Arg<Variadic<LIR_Buffer>, "", [MemRead]>:$epilogue_inputs, Arg<LIR_Buffer, "", [MemWrite]>:$output,
    LIR_Sizes:$domain, LIR_Maps:$maps, LIR_Maps:$epilogue_maps, I64Attr:$bits, I64Attr:$block_size,
    OptionalAttr<AnyAttr>:$algorithm);
  let assemblyFormat = [{
    `ins` `(` $lhs `,` $rhs `,` $scales `:` type($lhs) `,` type($rhs) `,` type($scales) `)`
    (`centered` `(` $zeros^ `:` type($zeros) `)`)? (`with` `(` $epilogue_inputs^ `:` type($epilogue_inputs) `)`)?
    `outs` `(` $output `:` type($output) `)` `domain` custom<Sizes>($domain) `maps` $maps `epilogue_maps` $epilogue_maps attr-dict-with-keyword
    $epilogue
  }];
  let extraClassDeclaration = [{
    ::mlir::Type getAccumulatorType() { return getEpilogue().getArgument(0).getType(); }
    bool mayWriteBy(::mlir::AffineMap map);
  }];
}

def LIR_BlockMatmulOp : LIR_EpilogueOp<"block_matmul", [ProductOpInterface]> {
  let summary = "output[m, n] = epilogue(sum over blocks of (sum over k of lhs[m, k] * rhs[n, k]))";
  let description = [{
    As graph.block_matmul: lhs is f32, and rounded as it is read; rhs holds codes, i8 that count as unsigned, as exponents are. Domain
    and maps are those of lir.matmul, without batch. Where the rhs is packed (its map is empty), exponents are, too, and
    both have the backend's own shapes.

    C1: the domain is [M, N, K], N and K are numbers, and K is a multiple of the format's block; C2: maps has three entries,
    each result a dim or 0, and the output's last one is n; C3: the format has integers of 8 bits, and scale is down or up;
    C4: element types are as above; C5: the table has 16 entries or none.
    ```mlir
    lir.block_matmul ins(%a, %q, %e : memref<4x64xf32>, memref<16x64xi8>, memref<16x2xi8>)
      outs(%c : memref<4x16xf32>) domain [4, 16, 64]
      maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      epilogue_maps [] attributes {format = "mxint8", scale = "down", table = array<i8>} {
    ^bb0(%acc: f32):
      lir.yield %acc : f32
    }
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$lhs, Arg<LIR_Buffer, "", [MemRead]>:$rhs,
    Arg<LIR_Buffer, "", [MemRead]>:$exponents, Arg<Variadic<LIR_Buffer>, "", [MemRead]>:$epilogue_inputs,
    Arg<LIR_Buffer, "", [MemWrite]>:$output, LIR_Sizes:$domain, LIR_Maps:$maps, LIR_Maps:$epilogue_maps,
    StrAttr:$format, StrAttr:$scale, DenseI8ArrayAttr:$table, OptionalAttr<AnyAttr>:$algorithm);
  let assemblyFormat = [{
    `ins` `(` $lhs `,` $rhs `,` $exponents `:` type($lhs) `,` type($rhs) `,` type($exponents) `)`
    (`with` `(` $epilogue_inputs^ `:` type($epilogue_inputs) `)`)?
    `outs` `(` $output `:` type($output) `)` `domain` custom<Sizes>($domain) `maps` $maps `epilogue_maps` $epilogue_maps attr-dict-with-keyword
    $epilogue
  }];
  let extraClassDeclaration = [{
    ::mlir::Type getAccumulatorType() { return getEpilogue().getArgument(0).getType(); }
    bool mayWriteBy(::mlir::AffineMap map);
  }];
}
