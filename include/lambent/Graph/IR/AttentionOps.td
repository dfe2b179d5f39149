//===- AttentionOps.td - Scaled dot-product attention ---------------------===//

include "lambent/Graph/IR/GraphBase.td"

def Graph_AttentionOp : Graph_InferOp<"attention"> {
  let summary = "softmax(scale * query . key^T + mask) . value";
  let description = [{
    query [B, H, S, D], key [B, H, T, D], value [B, H, T, E], mask broadcastable to [B, H, S, T]; result [B, H, S, E].
    C1: shapes agree as above.
    ```mlir
    %r = graph.attention(%q, %k, %v) {scale = 0.125 : f32} : (tensor<1x2x4x64xf32>, tensor<1x2x4x64xf32>, tensor<1x2x4x64xf32>) -> tensor<1x2x4x64xf32>
    ```
  }];
  let arguments = (ins Graph_FloatTensor:$query, Graph_FloatTensor:$key, Graph_FloatTensor:$value,
    Optional<Graph_FloatTensor>:$mask, F32Attr:$scale);
  let results = (outs Graph_FloatTensor:$result);
  let assemblyFormat = "`(` operands `)` attr-dict `:` functional-type(operands, results)";
}
