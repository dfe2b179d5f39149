//===- SelectionOps.td - Kernels whose values say how much is selected ----===//

include "lambent/Lowering/IR/LIRBase.td"

def LIR_CountNonZeroOp : LIR_KernelOp<"count_nonzero"> {
  let summary = "How many elements of each block of `block` neighbours, in row-major order, are not 0";
  let description = [{
    C1: the output is i64, an element a block.
    ```mlir
    lir.count_nonzero ins(%x : memref<100x100xf32>) outs(%n : memref<3xi64>) {block = 4096 : i64}
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$input, Arg<LIR_Buffer, "", [MemWrite]>:$output, I64Attr:$block);
  let assemblyFormat = "`ins` `(` $input `:` type($input) `)` `outs` `(` $output `:` type($output) `)` attr-dict";
}

def LIR_NonZeroOp : LIR_KernelOp<"nonzero"> {
  let summary = "output[d, i] is the i-th non-zero element's place along dim d, in row-major order";
  let description = [{
    `starts` says how many non-zero elements there are before each block of `block`; the output holds as many as there
    are in all.

    C1: the output is i64 [dims of the input, any]. C2: starts are i64, one a block.
    ```mlir
    lir.nonzero ins(%x, %starts : memref<100x100xf32>, memref<3xi64>) outs(%y : memref<2x70xi64>) {block = 4096 : i64}
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$input, Arg<LIR_Buffer, "", [MemRead]>:$starts,
    Arg<LIR_Buffer, "", [MemWrite]>:$output, I64Attr:$block);
  let assemblyFormat = [{
    `ins` `(` $input `,` $starts `:` type($input) `,` type($starts) `)` `outs` `(` $output `:` type($output) `)` attr-dict
  }];
}

def LIR_SortRowsOp : LIR_KernelOp<"sort_rows"> {
  let summary = "The order in which the rows of a matrix ascend";
  let description = [{
    Equal rows stay in order. NaN is larger than all numbers and equal to itself.

    C1: the input has two dims, the output is i64 with one element a row.
    ```mlir
    lir.sort_rows ins(%x : memref<100x3xf32>) outs(%y : memref<100xi64>)
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$input, Arg<LIR_Buffer, "", [MemWrite]>:$output,
    DefaultValuedAttr<BoolAttr, "false">:$unsigned_elements);
  let assemblyFormat = "`ins` `(` $input `:` type($input) `)` `outs` `(` $output `:` type($output) `)` attr-dict";
}

def LIR_NonMaxSuppressionOp : LIR_KernelOp<"non_max_suppression"> {
  let summary = "Of each class the boxes with the best scores that overlap no better one, best first";
  let description = [{
    boxes [B, N, 4], scores [B, C, N]: see graph.non_max_suppression. What lies behind the selected boxes of a class is
    not written.

    C1: selected is i64 [B, C, any], counts i64 [B, C]. C2: limit is one i64, thresholds are one f32 each.
    ```mlir
    lir.non_max_suppression ins(%b, %p, %limit, %iou : memref<1x100x4xf32>, memref<1x8x100xf32>, memref<1xi64>, memref<1xf32>) outs(%s, %n : memref<1x8x100xi64>, memref<1x8xi64>) {center_point_box = false}
    ```
  }];
  let arguments = (ins Arg<LIR_FloatBuffer, "", [MemRead]>:$boxes, Arg<LIR_FloatBuffer, "", [MemRead]>:$scores,
    Arg<LIR_Buffer, "", [MemRead]>:$limit, Arg<LIR_FloatBuffer, "", [MemRead]>:$iou_threshold,
    Arg<Optional<LIR_FloatBuffer>, "", [MemRead]>:$score_threshold, Arg<LIR_Buffer, "", [MemWrite]>:$selected,
    Arg<LIR_Buffer, "", [MemWrite]>:$counts, BoolAttr:$center_point_box);
  let assemblyFormat = [{
    `ins` `(` $boxes `,` $scores `,` $limit `,` $iou_threshold `:` type($boxes) `,` type($scores) `,` type($limit) `,`
    type($iou_threshold) `)` (`score_threshold` `(` $score_threshold^ `:` type($score_threshold) `)`)?
    `outs` `(` $selected `,` $counts `:` type($selected) `,` type($counts) `)` attr-dict
  }];
}
