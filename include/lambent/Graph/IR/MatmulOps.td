//===- MatmulOps.td - Matrix products -------------------------------------===//

include "lambent/Graph/IR/GraphBase.td"

def Graph_MatmulOp : Graph_InferOp<"matmul"> {
  let summary = "Matrix product with numpy's batch broadcasting";
  let description = [{
    lhs [batch..., M, K], rhs [batch..., K, N]; the last two dims of either are swapped by its transpose flag. Vectors
    (rank 1) are not taken: the importer inserts the unit dim.

    C1: ranks are at least 2; C2: K agrees; C3: batch dims broadcast. C4: operands have one element type, which is the
    result's; or lhs ui8 and rhs i8, and the result i32.
    ```mlir
    %r = graph.matmul(%a, %b) {transpose_rhs = true} : (tensor<4x8xf32>, tensor<16x8xf32>) -> tensor<4x16xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$lhs, Graph_Tensor:$rhs, DefaultValuedAttr<BoolAttr, "false">:$transpose_lhs,
    DefaultValuedAttr<BoolAttr, "false">:$transpose_rhs);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` $lhs `,` $rhs `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}
