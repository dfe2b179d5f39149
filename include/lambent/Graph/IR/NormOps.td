//===- NormOps.td - Softmax and normalisations ----------------------------===//

include "lambent/Graph/IR/GraphBase.td"

def Graph_SoftmaxOp : Graph_InferOp<"softmax", [DeclareOpInterfaceMethods<LayoutOpInterface, ["buildPermuted"]>]> {
  let summary = "Softmax or its logarithm along one dim";
  let description = [{
    C1: axis is in range (0 <= axis < rank).
    ```mlir
    %r = graph.softmax(%x) {axis = 1 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Graph_FloatTensor:$input, I64Attr:$axis, DefaultValuedAttr<BoolAttr, "false">:$log);
  let results = (outs Graph_FloatTensor:$result);
  let assemblyFormat = "`(` $input `)` attr-dict `:` functional-type(operands, results)";
}

def Graph_LayerNormOp : Graph_InferOp<"layer_norm", [AttrSizedOperandSegments]> {
  let summary = "(x - mean) / sqrt(variance + epsilon), or without mean (rms), over the dims from `axis` on; then scale and bias";
  let description = [{
    scale and bias broadcast to input's trailing dims.
    C1: axis is in range; C2: scale and bias broadcast to the input without enlarging it.
    ```mlir
    %r = graph.layer_norm(%x scale %s bias %b) {axis = 1 : i64, epsilon = 1.0e-5 : f32} : (tensor<4x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Graph_FloatTensor:$input, Optional<Graph_FloatTensor>:$scale, Optional<Graph_FloatTensor>:$bias,
    I64Attr:$axis, DefaultValuedAttr<F32Attr, "1.0e-5f">:$epsilon, DefaultValuedAttr<BoolAttr, "false">:$rms);
  let results = (outs Graph_FloatTensor:$result);
  let assemblyFormat = "`(` $input (`scale` $scale^)? (`bias` $bias^)? `)` attr-dict `:` functional-type(operands, results)";
}

def Graph_BatchNormOp : Graph_InferOp<"batch_norm"> {
  let summary = "scale * (x - mean) / sqrt(variance + epsilon) + bias, each a vector over dim 1";
  let description = [{
    Always removed by graph-fold-batch-norm: into a convolution's weights, or into element-wise ops.
    C1: the vectors have the size of dim 1.
    ```mlir
    %r = graph.batch_norm(%x, %s, %b, %m, %v) {epsilon = 1.0e-5 : f32} : (tensor<1x4x8x8xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x8x8xf32>
    ```
  }];
  let arguments = (ins Graph_FloatTensor:$input, Graph_FloatTensor:$scale, Graph_FloatTensor:$bias,
    Graph_FloatTensor:$mean, Graph_FloatTensor:$variance, DefaultValuedAttr<F32Attr, "1.0e-5f">:$epsilon);
  let results = (outs Graph_FloatTensor:$result);
  let assemblyFormat = "`(` operands `)` attr-dict `:` functional-type(operands, results)";
}

def Graph_LRNOp : Graph_InferOp<"lrn", [DeclareOpInterfaceMethods<SpatialOpInterface>]> {
  let summary = "Local response normalization across channels";
  let description = [{
    x / (bias + alpha / size * sum of squares of `size` neighbouring channels) ^ beta.
    C1: size is positive.
    ```mlir
    %r = graph.lrn(%x) {size = 5 : i64} : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
    ```
  }];
  let arguments = (ins Graph_FloatTensor:$input, I64Attr:$size, DefaultValuedAttr<F32Attr, "1.0e-4f">:$alpha,
    DefaultValuedAttr<F32Attr, "0.75f">:$beta, DefaultValuedAttr<F32Attr, "1.0f">:$bias,
    DefaultValuedAttr<BoolAttr, "false">:$channels_last);
  let results = (outs Graph_FloatTensor:$result);
  let assemblyFormat = "`(` $input `)` attr-dict `:` functional-type(operands, results)";
}
