//===- PoolOps.td - Pooling over windows ----------------------------------===//

include "lambent/Graph/IR/GraphBase.td"

def Graph_PoolOp : Graph_InferOp<"pool", [DeclareOpInterfaceMethods<SpatialOpInterface>]> {
  let summary = "Reduces a window of one to three spatial dims";
  let description = [{
    `kind` is max, average or lp (with `p`). Global pooling is graph.reduce.

    C1: kernel, strides, dilations have one entry per spatial dim, pads two; kernel and strides positive.
    C2: auto_pad as in graph.conv.
    ```mlir
    %r = graph.pool(%x) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
      pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, StrAttr:$kind, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
    DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads, DefaultValuedAttr<BoolAttr, "false">:$ceil_mode,
    DefaultValuedAttr<BoolAttr, "false">:$count_include_pad, DefaultValuedAttr<I64Attr, "2">:$p,
    DefaultValuedStrAttr<StrAttr, "NOTSET">:$auto_pad, DefaultValuedAttr<BoolAttr, "false">:$channels_last);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` $input `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Graph_PoolRegionsOp : Graph_InferOp<"pool_regions", [DeclareOpInterfaceMethods<SpatialOpInterface>]> {
  let summary = "Pools regions of images to one size";
  let description = [{
    input [N, C, H, W], corners [R, 4] of corners x, y, x, y, times `scale` in pixels, batches [R] which image a region is
    of; result [R, C, size...]. By `kind`:
    - average, max: of `samples` x `samples` points of each bin, between four pixels each (max: the largest of the four
      weighted pixels, as ONNX Runtime); 0 samples are as many as a bin has pixels. Points more than a pixel outside are 0.
      With `half_pixel` corners are moved by half a pixel, else a region is at least a pixel large.
    - max_pixels: of the pixels from one rounded corner to the other.
    A bin of nothing is 0.

    C1: two spatial dims. C2: corners [R, 4], batches [R]. C3: floats of one type, f32 or f64; batches i64.
    C4: two sizes, positive; samples 0 or more.
    ```mlir
    %r = graph.pool_regions(%x, %corners, %batches) {kind = "average", size = array<i64: 2, 3>, samples = 2 : i64, scale = 0.5 : f64}
      : (tensor<1x3x8x8xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<5x3x2x3xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, Graph_Tensor:$corners, Graph_Tensor:$batches, StrAttr:$kind,
    DenseI64ArrayAttr:$size, DefaultValuedAttr<I64Attr, "0">:$samples, F64Attr:$scale,
    DefaultValuedAttr<BoolAttr, "false">:$half_pixel, DefaultValuedAttr<BoolAttr, "false">:$channels_last);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "`(` $input `,` $corners `,` $batches `)` attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}
