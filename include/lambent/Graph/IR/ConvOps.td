//===- ConvOps.td - Convolutions ------------------------------------------===//

include "lambent/Graph/IR/GraphBase.td"

class Graph_ConvLike<string mnemonic> : Graph_InferOp<mnemonic, [DeclareOpInterfaceMethods<SpatialOpInterface>]> {
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = [{
    `(` $input `,` $filter (`,` $bias^)? `)` attr-dict `:` functional-type(operands, results)
  }];
}

def Graph_ConvOp : Graph_ConvLike<"conv"> {
  let summary = "Convolution over one to three spatial dims";
  let description = [{
    input [N, IC, spatial...] (or [N, spatial..., IC] with `channels_last`), filter [OC, IC/group, taps...] always,
    bias [OC]. `pads` holds all begins, then all ends.

    C1: strides, dilations have one entry per spatial dim, pads two; all in range.
    C2: IC = group * filter dim 1, OC a multiple of group.
    C3: auto_pad is NOTSET, SAME_UPPER, SAME_LOWER or VALID; with other than NOTSET pads are zero.
    C4: input and filter have one element type, which is the result's and the bias's; or input ui8 and filter i8, and
    these i32; with `wide`, input and filter f16 or bf16, and these, as sums are not rounded, f32.
    ```mlir
    %r = graph.conv(%x, %w, %b) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
      pads = array<i64: 1, 1, 1, 1>, group = 1 : i64} : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<1x4x4x4xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, Graph_Tensor:$filter, Optional<Graph_Tensor>:$bias,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
    DefaultValuedAttr<I64Attr, "1">:$group, DefaultValuedStrAttr<StrAttr, "NOTSET">:$auto_pad,
    DefaultValuedAttr<BoolAttr, "false">:$channels_last, DefaultValuedAttr<BoolAttr, "false">:$wide);
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Graph_ConvTransposeOp : Graph_ConvLike<"conv_transpose"> {
  let summary = "Transposed convolution";
  let description = [{
    filter [IC, OC/group, taps...] as in ONNX; otherwise as graph.conv. `output_shape` empty or one size per spatial dim.
    C1..C3 as in graph.conv.
    ```mlir
    %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      output_padding = array<i64: 0, 0>} : (tensor<1x3x8x8xf32>, tensor<3x4x2x2xf32>) -> tensor<1x4x16x16xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, Graph_Tensor:$filter, Optional<Graph_Tensor>:$bias,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
    DenseI64ArrayAttr:$output_padding, OptionalAttr<DenseI64ArrayAttr>:$output_shape,
    DefaultValuedAttr<I64Attr, "1">:$group, DefaultValuedStrAttr<StrAttr, "NOTSET">:$auto_pad,
    DefaultValuedAttr<BoolAttr, "false">:$channels_last);
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Graph_DeformColumnsOp : Graph_InferOp<"deform_columns", [DeclareOpInterfaceMethods<SpatialOpInterface>]> {
  let summary = "What the taps of a deformable convolution read";
  let description = [{
    input [N, C, H, W], offsets [N, OG * taps * 2, places...] of y and x that taps are moved by, mask [N, OG * taps,
    places...] that they are multiplied by; result [N, taps * C, places...], whose channels are [group, taps, C / group].
    Values lie between four pixels each, with zeros around the image. Offsets and mask keep ONNX's layout.

    C1: as in graph.conv, of two spatial dims. C2: C is a multiple of group and of offset_groups.
    C3: offsets and mask have the sizes above, and all are floats of one type.
    ```mlir
    %r = graph.deform_columns(%x, %offsets) {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
      pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x8x8xf32>, tensor<1x8x7x7xf32>) -> tensor<1x16x7x7xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, Graph_Tensor:$offsets, Optional<Graph_Tensor>:$mask, DenseI64ArrayAttr:$kernel,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
    DefaultValuedAttr<I64Attr, "1">:$group, DefaultValuedAttr<I64Attr, "1">:$offset_groups,
    DefaultValuedAttr<BoolAttr, "false">:$channels_last);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = [{
    `(` $input `,` $offsets (`,` $mask^)? `)` attr-dict `:` functional-type(operands, results)
  }];
  let hasFolder = 1;
}
