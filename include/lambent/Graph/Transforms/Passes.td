//===- Passes.td - Passes on the graph dialect ----------------------------===//
//
// lib/Compiler/Pipelines.cpp holds their order, lib/Graph/Transforms/README.md what ties it down.

#ifndef LAMBENT_GRAPH_TRANSFORMS_PASSES_TD
#define LAMBENT_GRAPH_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def GraphInferShapes : Pass<"graph-infer-shapes", "::mlir::func::FuncOp"> {
  let summary = "Refine result types from operand types until nothing changes";
  let description = [{
    Infers every op's types again, alternating with folding, so that shape arithmetic over dims that are bound by
    now vanishes. The function's result types follow.

    ```mlir
    %s = graph.shape(%x) {start = 0 : i64, end = 1 : i64} : (tensor<2x3xf32>) -> tensor<1xi64>
    %r = graph.expand(%y, %s) : (tensor<1xf32>, tensor<1xi64>) -> tensor<?xf32>
    // becomes
    %s = graph.constant dense<2> : tensor<1xi64>
    %r = graph.expand(%y, %s) : (tensor<1xf32>, tensor<1xi64>) -> tensor<2xf32>
    ```
    Precondition: open dims that are known were bound in the types of the function's arguments.
  }];
  let statistics = [Statistic<"numRefined", "refined", "results whose type became more static">];
}

def GraphFoldConstants : Pass<"graph-fold-constants", "::mlir::ModuleOp"> {
  let summary = "Compute all that depends on constants only";
  let description = [{
    Groups the ops whose operands are all constant into one function without arguments, has the evaluator run it,
    and puts constants in the place of the results that other ops use. Results far larger than what they are made of
    stay as they are, and so does what has an operand or result of more than 256 MB (or than all constants of the
    model, where those are more), or would take the whole part beyond 2^35 multiply-adds: that runs at run time.

    ```mlir
    %f = graph.elementwise(%weights, %scale) ...
    %r = graph.conv(%x, %f) ...
    // becomes
    %f = graph.constant dense_resource<folded> : tensor<64x3x7x7xf32>
    %r = graph.conv(%x, %f) ...
    ```
    Precondition: static shapes; ops with open dims stay. Needs an evaluator (createGraphFoldConstants(Evaluator &)).
  }];
  let statistics = [Statistic<"numFolded", "folded", "results that became constants">];
}

def GraphFoldBatchNorm : Pass<"graph-fold-batch-norm", "::mlir::func::FuncOp"> {
  let summary = "Fold batch_norm and per-channel scales and shifts into weights";
  let description = [{
    x * scale + shift per channel goes into the weights and bias of the convolution or product that made x, if x has
    no other use, else into those of the convolution that takes the result, where its padding allows. A batch_norm
    that neither takes becomes one element-wise multiply-add. New weights are ops on constants. Constants merge as
    lib/Graph/Transforms/Reassociation.h says.

    ```mlir
    %0 = graph.conv(%x, %w) ...
    %r = graph.batch_norm(%0, %s, %b, %m, %v) ...
    // becomes
    %w1 = graph.elementwise(%w, %scale) ...
    %r = graph.conv(%x, %w1, %shift) ...
    ```
    Run graph-fold-constants later. No batch_norm remains.
  }];
  let options = [Option<"strict", "strict", "bool", "false",
                        "Merge no constants: only turn batch_norm into multiply-adds">];
}

def GraphNarrowProducts : Pass<"graph-narrow-products", "::mlir::func::FuncOp"> {
  let summary = "Compute products and convolutions of quantized operands on 8-bit integers";
  let description = [{
    (a8 - za) times (b8 - zb), as i32 or as f32 with scales, becomes the product of a8 and b8 with sums of i32, and terms
    for the zero points. Convolutions that pad do so with the zero point; a filter with one adds a convolution by ones
    (floats with channels by themselves stay). Sums of i32 keep their bits; of f32, the
    integer sums are exact where the float ones were rounded. Where a constant scale quantizes what becomes of float sums,
    clamped or not, it divides their scales and biases instead, but strictly. What is dequantized and quantized again in
    the same way is left as it is, and reshapes, transposes and pools by max take bytes instead of what is made of them; so
    are constant matrices of several directions put together.

    ```mlir
    %0 = graph.elementwise(%x8) ...         // (x8 - 128) * 0.02
    %1 = graph.elementwise(%w8) ...         // w8 * 0.01
    %r = graph.matmul(%0, %1) : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
    // becomes
    %0 = graph.matmul(%x8, %w8) : (tensor<4x8xui8>, tensor<8x16xi8>) -> tensor<4x16xi32>
    %r = graph.elementwise(%0, %columns) ...  // (p - 128 * column) * 0.0002
    ```
    Run before scales are folded into weights, and constants.
  }];
  let options = [Option<"strict", "strict", "bool", "false", "Merge no scales">];
}

def GraphBlockProducts : Pass<"graph-block-products", "::mlir::func::FuncOp"> {
  let summary = "Round the operands of products to a microscaling format";
  let description = [{
    Both operands of every product of floats, in blocks along what is summed over: K of a matrix product, the input
    channels of a convolution, of each group by itself. Attention falls into its two products. Results, and all between
    products, stay as they are.

    ```mlir
    %r = graph.matmul(%x, %w) : (tensor<4x64xf32>, tensor<64x16xf32>) -> tensor<4x16xf32>
    // becomes
    %0 = graph.round_blocks(%x) {format = "mxfp8", axis = 1 : i64} ...
    %1 = graph.round_blocks(%w) {format = "mxfp8", axis = 0 : i64} ...
    %r = graph.matmul(%0, %1) ...
    ```
    Run after graph-fold-batch-norm and graph-decompose-conv-transpose, which make other weights, and before
    graph-fold-constants. Products of integers stay, and so do those of one k, which sum nothing, and of constants alone.
  }];
  let options = [Option<"format", "format", "std::string", "\"mxfp8\"", "A name in lambent/ElementTypes/BlockFormat.h">,
                 Option<"scale", "scale", "std::string", "\"down\"", "How shared powers of two are rounded: down or up">];
  let statistics = [Statistic<"numProducts", "products", "products of rounded operands">];
}

def GraphRoundProducts : Pass<"graph-round-products", "::mlir::func::FuncOp"> {
  let summary = "Round the operands of products of f32 to bf16";
  let description = [{
    Both operands of every product and convolution of f32, to the nearest bf16, of two the even one. Sums, and all between
    products, stay f32. With `narrow`, products read bf16; else the rounded numbers as f32, for targets whose products of
    these are faster: the numbers are the same. An odd number of a filter's channels gets one of zeros beside it, since
    instructions take pairs. Where nothing but convolutions and element-wise sums, as of residual networks, reads a tensor,
    these sums read it rounded, too, so that it is stored once.

    ```mlir
    %r = graph.matmul(%x, %w) : (tensor<4x64xf32>, tensor<64x16xf32>) -> tensor<4x16xf32>
    // becomes
    %0 = graph.elementwise(%x) ... -> tensor<4x64xbf16>
    %1 = graph.elementwise(%w) ... -> tensor<64x16xbf16>
    %r = graph.matmul(%0, %1) {wide = true} : (tensor<4x64xbf16>, tensor<64x16xbf16>) -> tensor<4x16xf32>
    ```
    Run last before graph-fold-constants: weights are rounded as they are multiplied. Products of other types stay, and so
    do those of one k, which sum nothing, of constants alone, and depthwise convolutions, whose instructions are of f32.

    With `marked`, only products both of whose operands are f32 made of bf16, as ONNX's Cast to BFLOAT16 and back makes them,
    or constants that bf16 holds: their numbers stay the same.
  }];
  let options = [Option<"narrow", "narrow", "bool", "true", "Leave products operands of bf16">,
                 Option<"marked", "marked", "bool", "false", "Take only products whose operands are rounded already">];
  let statistics = [Statistic<"numProducts", "products", "products of rounded operands">];
}

def GraphMultiplyBlocks : Pass<"graph-multiply-blocks", "::mlir::func::FuncOp"> {
  let summary = "Multiply rounded rows by constant weights block by block, as integers";
  let description = [{
    Of formats whose elements are integers of 8 bits times a power of two, where each block of the weights is that, too, and
    K is a multiple of the block. Weights of at most 16 numbers become places in a table. Results differ in the rounding of
    sums only.

    ```mlir
    %0 = graph.round_blocks(%x) {format = "mxint8", axis = 1 : i64} : (tensor<4x64xf32>) -> tensor<4x64xf32>
    %w = graph.constant dense_resource<folded> : tensor<64x16xf32>   // rounded, too
    %r = graph.matmul(%0, %w) : (tensor<4x64xf32>, tensor<64x16xf32>) -> tensor<4x16xf32>
    // becomes
    %q = graph.constant dense_resource<codes> : tensor<16x64xui8>
    %e = graph.constant dense_resource<exponents> : tensor<16x2xui8>
    %r = graph.block_matmul(%x, %q, %e) {format = "mxint8", scale = "down", table = array<i8>}
      : (tensor<4x64xf32>, tensor<16x64xui8>, tensor<16x2xui8>) -> tensor<4x16xf32>
    ```
    Run after graph-block-products and graph-fold-constants.
  }];
  let statistics = [Statistic<"numProducts", "products", "products of blocks of integers">];
}

def GraphTabulateBytes : Pass<"graph-tabulate-bytes", "::mlir::ModuleOp"> {
  let summary = "Look up what is computed of a byte and quantized to a byte again";
  let description = [{
    Where 8 bits follow element by element from one tensor of 8 bits and numbers, by way of elementary functions or of more
    than one rounding, the evaluator computes the 256 results, and a region takes its own from the table.

    ```mlir
    %0 = graph.elementwise(%x8) ...         // (x8 - 128) * 0.02
    %1 = graph.elementwise(%0) ...          // 1 / (1 + exp(-x))
    %r = graph.elementwise(%1) ...          // quantized to ui8
    // becomes
    %r = graph.elementwise(%x8) : (tensor<4xui8>) -> tensor<4xui8> {
    ^bb0(%e: i8):
      %t = arith.constant dense<"0x..."> : tensor<256xi8>
      %i = arith.index_castui %e : i8 to index
      %0 = tensor.extract %t[%i] : tensor<256xi8>
      graph.yield %0 : i8
    }
    ```
    Needs an evaluator (createGraphTabulateBytes(Evaluator &)).
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
}

def GraphRecognizeQuantizedWeights : Pass<"graph-recognize-quantized-weights", "::mlir::func::FuncOp"> {
  let summary = "Keep constant weights of products in the few bits that they are made of";
  let description = [{
    (q - zero) * scale, q of 2, 4 or 8 bits, all constant, with parameters for a column or for blocks of k, stays as it
    is: the product's kernel dequantizes it. Rows that are gathered of such a table are dequantized by themselves. A recurrent
    layer keeps bytes around 0 with one scale a row, constant or not.

    ```mlir
    %s = graph.gather(%scales, %block_of_k) {axis = 1 : i64} : (tensor<16x2xf32>, tensor<64xi64>) -> tensor<16x64xf32>
    %w = graph.elementwise(%w4, %s) ...     // (w4 - 8) * s
    %r = graph.matmul(%x, %w) {transpose_rhs = true} : (tensor<4x64xf32>, tensor<16x64xf32>) -> tensor<4x16xf32>
    // becomes
    %0 = graph.elementwise(%w4) ...         // w4 xor 8, as i8
    %r = graph.quantized_matmul(%x, %0, %scales) {bits = 4 : i64, block_size = 32 : i64}
      : (tensor<4x64xf32>, tensor<16x64xi8>, tensor<16x2xf32>) -> tensor<4x16xf32>

    %w = graph.elementwise(%w8, %s) ...     // w8 * s
    %y, %h = graph.recurrent(%g, %w) ...
    // becomes
    %y, %h = graph.recurrent(%g, %w8 scales %s) ...
    ```
    Run after graph-narrow-products, which takes products of which both operands are quantized, and before constants
    are folded.
  }];
  let statistics = [Statistic<"numProducts", "products", "products with quantized weights afterwards">];
}

def GraphRecognizeLatticeWeights : Pass<"graph-recognize-lattice-weights", "::mlir::func::FuncOp"> {
  let summary = "Find the integers that float weights were trained to be multiples of a scale by";
  let description = [{
    Constants of f32, each number of which is code * scale as f32 computes it, with codes of 2, 4 or 8 bits and one scale for
    all, for a column or for blocks of k, become codes that are dequantized: of products, of tables whose rows are gathered,
    and, where activations are quantized, of filters. All numbers keep their bits, but for a zero's sign in products.

    ```mlir
    %w = graph.constant dense_resource<weights> : tensor<64x256xf32>   // each -0.02, 0 or 0.02
    %r = graph.matmul(%x, %w) {transpose_rhs = true} : (tensor<1x256xf32>, tensor<64x256xf32>) -> tensor<1x64xf32>
    // becomes
    %q = graph.constant dense_resource<codes> : tensor<64x256xi2>
    %s = graph.constant dense<0.02> : tensor<1x1xf32>
    %w = graph.elementwise(%q, %s) : (tensor<64x256xi2>, tensor<1x1xf32>) -> tensor<64x256xf32> ...  // code * scale
    %r = graph.matmul(%x, %w) {transpose_rhs = true} ...
    ```
    Run before graph-narrow-products and graph-recognize-quantized-weights, which take it from there, and after the
    recognizers that look at float constants.
  }];
  let options = [Option<"leastElements", "least-elements", "int64_t", "4096",
                        "Smaller constants stay where floats meet them: they wait for nothing">];
  let statistics = [Statistic<"numWeights", "weights", "constants that were found to be integers">];
}

def GraphRecognizeLayerNorm : Pass<"graph-recognize-layer-norm", "::mlir::func::FuncOp"> {
  let summary = "Recognize layer_norm in its exported pieces";
  let description = [{
    (x - mean) / sqrt(variance + epsilon), with variance as mean((x - mean)^2) or mean(x^2) - mean^2, and the scale and
    bias that follow.

    ```mlir
    %m = graph.reduce(%x) {kind = "mean", axes = array<i64: 2>} ...
    %c = graph.elementwise(%x, %m) ...      // x - m
    %q = graph.elementwise(%c) ...          // c * c
    %v = graph.reduce(%q) {kind = "mean", axes = array<i64: 2>} ...
    %r = graph.elementwise(%c, %v) ...      // c / sqrt(v + 1e-5)
    // becomes
    %r = graph.layer_norm(%x) {axis = 2 : i64, epsilon = 1.0e-5 : f32} ...
    ```
    Run before graph-fold-batch-norm, which would rearrange scale and bias.
  }];
  let statistics = [Statistic<"numNorms", "layer-norms", "layer norms afterwards">];
}

def GraphRecognizeSoftmax : Pass<"graph-recognize-softmax", "::mlir::func::FuncOp"> {
  let summary = "Recognize softmax in its exported pieces";
  let description = [{
    exp(x) / sum(exp(x)), and x - max(x) before it, which softmax does itself.

    ```mlir
    %e = graph.elementwise(%x) ...          // exp
    %s = graph.reduce(%e) {kind = "sum", axes = array<i64: 1>} ...
    %r = graph.elementwise(%e, %s) ...      // e / s
    // becomes
    %r = graph.softmax(%x) {axis = 1 : i64} ...
    ```
    Run before graph-recognize-attention.
  }];
  let statistics = [Statistic<"numSoftmaxes", "softmaxes", "softmaxes afterwards">];
}

def GraphRecognizeAttention : Pass<"graph-recognize-attention", "::mlir::func::FuncOp"> {
  let summary = "Recognize attention between two matrix products";
  let description = [{
    softmax(query . key^T * scale + mask) . value, where the scale may also stand before the product, on either side.

    ```mlir
    %s = graph.matmul(%q, %k) {transpose_rhs = true} ...
    %a = graph.elementwise(%s, %mask) ...   // s * 0.125 + mask
    %p = graph.softmax(%a) {axis = 3 : i64} ...
    %r = graph.matmul(%p, %v) ...
    // becomes
    %r = graph.attention(%q, %k, %v, %mask) {scale = 0.125 : f32} ...
    ```
    Run after graph-recognize-softmax.
  }];
  let statistics = [Statistic<"numAttentions", "attentions", "attentions afterwards">];
}

def GraphDecomposeConvTranspose : Pass<"graph-decompose-conv-transpose", "::mlir::func::FuncOp"> {
  let summary = "Turn transposed convolutions into convolutions";
  let description = [{
    Output pixels that have the same remainder by the stride use the same taps: each such phase is a convolution of
    stride one over ceil(taps / stride) taps. One convolution computes all phases as channels, which are then
    interleaved. With stride one it is a convolution by the mirrored filter.

    ```mlir
    %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2, 2>, ...} : (tensor<1x8x7x7xf32>, tensor<8x4x2x2xf32>) -> tensor<1x4x14x14xf32>
    // becomes
    %0 = graph.conv(%x, %w1) {strides = array<i64: 1, 1>, ...} : (tensor<1x8x7x7xf32>, tensor<16x8x1x1xf32>) -> tensor<1x16x7x7xf32>
    %1 = graph.reshape(%0, ...) : tensor<1x2x2x4x7x7xf32>
    %2 = graph.transpose(%1) ... : tensor<1x4x7x2x7x2xf32>
    %r = graph.reshape(%2, ...) : tensor<1x4x14x14xf32>
    ```
    Precondition: static shapes. Run after graph-fold-batch-norm and before graph-fold-constants and
    graph-assign-layout.
  }];
  let statistics = [Statistic<"numDecomposed", "decomposed", "transposed convolutions decomposed">];
}

def GraphAssignLayout : Pass<"graph-assign-layout", "::mlir::func::FuncOp"> {
  let summary = "Store images in the layout that the backend prefers";
  let description = [{
    Convolutions and pools are rebuilt for channels last, and every other op that can work on permuted data takes the
    layout for which the fewest elements are transposed in all: a minimum cut between the ops that need channels
    last and those that need the data as written. The transposes that remain lie at the model's edge or around ops
    that tie the order of elements.

    ```mlir
    %0 = graph.conv(%x, %w) ... : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32>
    %r = graph.conv(%0, %v) ...
    // becomes
    %t = graph.transpose(%x) {perm = array<i64: 0, 2, 3, 1>} ...
    %0 = graph.conv(%t, %w) {channels_last = true, ...} : (tensor<1x8x8x3xf32>, tensor<4x3x1x1xf32>) -> tensor<1x8x8x4xf32>
    %1 = graph.conv(%0, %v) {channels_last = true, ...}
    %r = graph.transpose(%1) {perm = array<i64: 0, 3, 1, 2>} ...
    ```
    Run after graph-fold-batch-norm and graph-decompose-conv-transpose; transposed constants are folded by a later
    graph-fold-constants.
  }];
  let options = [Option<"imageLayout", "layout", "std::string", "\"channels_last\"",
                        "The backend's layout for images: channels_last or channels_first (does nothing)">];
  let statistics = [Statistic<"numTransposes", "transposes", "transposes that remain">];
}

def GraphSimplify : Pass<"graph-simplify", "::mlir::func::FuncOp"> {
  let summary = "Apply algebra that saves work";
  let description = [{
    Chains of constant factors, division by constants, powers with small exponents, concat of concat, slice
    of slice and of concat, padding that a convolution or pool can do.

    ```mlir
    %p = graph.pad(%x, %pads, %zero) ...
    %r = graph.conv(%p, %w) {pads = array<i64: 0, 0, 0, 0>, ...}
    // becomes
    %r = graph.conv(%x, %w) {pads = array<i64: 1, 1, 1, 1>, ...}
    ```
    Runs anywhere after graph-infer-shapes.
  }];
  let options = [Option<"strict", "strict", "bool", "false",
                        "Rewrite only what is exact for every input">];
}

def GraphCheckValues : Pass<"graph-check-values", "::mlir::func::FuncOp"> {
  let summary = "Refuse constants that index out of a dim or divide by zero";
  let description = [{
    Looks at every op that has a rule for integers that it is given (ValueRuleOpInterface) where these are constants. With
    `final`, a graph.check on values that are still not known is dropped, since every op is defined for all values, or,
    with `atRunTime`, stays, and every other op with a rule gets one. One that says `always` stays in any case.

    ```mlir
    %r = graph.gather(%x, %i) {axis = 0 : i64} : (tensor<4x8xf32>, tensor<2xi64>) -> tensor<2x8xf32>
    // becomes, with final and atRunTime
    graph.check(%i) {low = -4 : i64, high = 3 : i64, excluded = false, expected = "an index from -4 to 3"} : tensor<2xi64>
    %r = graph.gather(%x, %i) ...
    ```
    Runs after graph-infer-shapes, and, with `final`, after graph-fold-constants and before graph-assign-layout.
  }];
  let options = [Option<"final", "final", "bool", "false", "Decide what becomes of values that are not known">,
                 Option<"atRunTime", "at-run-time", "bool", "false", "Check those when the model runs">];
  let statistics = [Statistic<"numChecks", "checks", "checks that remain for the run">];
}

#endif
