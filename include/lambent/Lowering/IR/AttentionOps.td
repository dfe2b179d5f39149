//===- AttentionOps.td - Attention ----------------------------------------===//

include "lambent/Lowering/IR/LIRBase.td"
include "lambent/Lowering/IR/SizeAttrs.td"

def LIR_AttentionOp : LIR_KernelOp<"attention", [AttrSizedOperandSegments]> {
  let summary = "softmax(scale * query . key^T + mask) . value, without the matrix of scores in memory";
  let description = [{
    The domain is [B, H, S, T, D, E]; maps take (b, h, s, t, d, e) to the index of query (b, h, s, d), key (b, h, t, d),
    value (b, h, t, e), output (b, h, s, e) and, when there is one, mask (b, h, s, t), each result a dim or 0.
    `partials` is room for what a backend that cuts the keys into parts knows of each part; nothing else reads it.
    ```mlir
    lir.attention ins(%q, %k, %v : memref<1x2x4x8xf32>, memref<1x2x4x8xf32>, memref<1x2x4x8xf32>) outs(%o : memref<1x2x4x8xf32>)
      domain [1, 2, 4, 4, 8, 8] maps [affine_map<(b, h, s, t, d, e) -> (b, h, s, d)>, affine_map<(b, h, s, t, d, e) -> (b, h, t, d)>,
        affine_map<(b, h, s, t, d, e) -> (b, h, t, e)>, affine_map<(b, h, s, t, d, e) -> (b, h, s, e)>] {scale = 0.125 : f32}
    ```
  }];
  let arguments = (ins Arg<LIR_FloatBuffer, "", [MemRead]>:$query, Arg<LIR_FloatBuffer, "", [MemRead]>:$key,
    Arg<LIR_FloatBuffer, "", [MemRead]>:$value, Arg<Optional<LIR_FloatBuffer>, "", [MemRead]>:$mask,
    Arg<LIR_FloatBuffer, "", [MemWrite]>:$output, Arg<Optional<LIR_FloatBuffer>, "", [MemWrite]>:$partials,
    LIR_Sizes:$domain, LIR_Maps:$maps, F32Attr:$scale, OptionalAttr<AnyAttr>:$algorithm);
  let assemblyFormat = [{
    `ins` `(` $query `,` $key `,` $value `:` type($query) `,` type($key) `,` type($value) `)`
    (`mask` `(` $mask^ `:` type($mask) `)`)? `outs` `(` $output `:` type($output) `)`
    (`partials` `(` $partials^ `:` type($partials) `)`)? `domain` custom<Sizes>($domain) `maps` $maps attr-dict
  }];
}
