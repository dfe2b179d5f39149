//===- SelectionOps.td - Ops whose values say how much is selected --------===//

include "lambent/Graph/IR/GraphBase.td"

def Graph_CountNonZeroOp : Graph_InferOp<"count_nonzero", [DeclareOpInterfaceMethods<ElementsOpInterface>]> {
  let summary = "How many elements of each block of `block` neighbours, in row-major order, are not 0";
  let description = [{
    NaN is not 0, and -0 is. The last block may be shorter.
    C1: block is positive.
    ```mlir
    %r = graph.count_nonzero(%x) {block = 4096 : i64} : (tensor<100x100xf32>) -> tensor<3xi64>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, I64Attr:$block);
  let results = (outs Graph_IndexTensor:$result);
  let assemblyFormat = "`(` $input `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Graph_NonZeroOp : Graph_InferOp<"nonzero", [DeclareOpInterfaceMethods<ElementsOpInterface>]> {
  let summary = "The places of the elements that are not 0, in row-major order: result[d, i] is the i-th one's along dim d";
  let description = [{
    `starts` says how many there are before each block of `block` elements, `count` (one number) how many there are in
    all: both follow from graph.count_nonzero.
    C1: block is positive; C2: there is a start for each block; C3: count is one number, at most as many as elements;
    C4: the input has dims.
    ```mlir
    %r = graph.nonzero(%x, %starts, %count) {block = 4096 : i64} : (tensor<100x100xf32>, tensor<3xi64>, tensor<1xi64>) -> tensor<2x70xi64>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, Graph_IndexTensor:$starts, Graph_IndexTensor:$count, I64Attr:$block);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` operands `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Graph_SortRowsOp : Graph_InferOp<"sort_rows"> {
  let summary = "The order (i64) in which the rows of a matrix ascend";
  let description = [{
    Rows are compared element by element, the first one that differs decides. Equal rows stay in order. NaN is larger
    than all numbers and equal to itself.
    C1: the input has two dims.
    ```mlir
    %r = graph.sort_rows(%x) : (tensor<100x3xf32>) -> tensor<100xi64>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input);
  let results = (outs Graph_IndexTensor:$result);
  let assemblyFormat = "`(` $input `)` attr-dict `:` functional-type(operands, results)";
}

def Graph_NonMaxSuppressionOp : Graph_InferResultsOp<"non_max_suppression"> {
  let summary = "Of each class the boxes with the best scores that overlap no better one, best first";
  let description = [{
    boxes [B, N, 4], scores [B, C, N]. `limit` boxes are selected at most of each class, whose scores are above
    `score_threshold` where that is given. A box overlaps another where the area that they share is more than
    `iou_threshold` of the area that both cover. Of equal scores the box of lower position comes first. A box is two
    opposite corners [y, x, y, x], or, with `center_point_box`, [x, y, width, height] around its center.

    selected [B, C, most] holds positions of boxes, of which counts [B, C] says how many mean something; `most` is N, or
    the limit where that is known to be less.
    C1: boxes and scores have these shapes; C2: all but limit are f32; C3: limit and thresholds are one number each.
    ```mlir
    %s, %n = graph.non_max_suppression(%b, %p, %limit, %iou) {center_point_box = false} : (tensor<1x100x4xf32>, tensor<1x8x100xf32>, tensor<1xi64>, tensor<1xf32>) -> (tensor<1x8x100xi64>, tensor<1x8xi64>)
    ```
  }];
  let arguments = (ins Graph_FloatTensor:$boxes, Graph_FloatTensor:$scores, Graph_IndexTensor:$limit,
    Graph_FloatTensor:$iou_threshold, Optional<Graph_FloatTensor>:$score_threshold, BoolAttr:$center_point_box);
  let results = (outs Graph_Tensor:$selected, Graph_Tensor:$counts);
  let assemblyFormat = "`(` operands `)` attr-dict `:` functional-type(operands, results)";
}
