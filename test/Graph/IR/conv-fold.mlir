// RUN: lambent-opt --canonicalize %s | FileCheck %s


// CHECK-LABEL: @same_upper
func.func @same_upper(%x: tensor<?x3x8x9xf32>, %w: tensor<4x3x3x4xf32>) -> tensor<?x4x4x9xf32> {
  // CHECK: graph.conv(%arg0, %arg1) {dilations = array<i64: 1, 1>, pads = array<i64: 0, 1, 1, 2>, strides = array<i64: 2, 1>}
  %r = graph.conv(%x, %w) {strides = array<i64: 2, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, auto_pad = "SAME_UPPER"}
    : (tensor<?x3x8x9xf32>, tensor<4x3x3x4xf32>) -> tensor<?x4x4x9xf32>
  return %r : tensor<?x4x4x9xf32>
}

// CHECK-LABEL: @same_lower_dilated
func.func @same_lower_dilated(%x: tensor<1x3x8xf32>, %w: tensor<4x3x2xf32>) -> tensor<1x4x8xf32> {
  // CHECK: graph.conv(%arg0, %arg1) {dilations = array<i64: 3>, pads = array<i64: 2, 1>, strides = array<i64: 1>}
  %r = graph.conv(%x, %w) {strides = array<i64: 1>, dilations = array<i64: 3>, pads = array<i64: 0, 0>, auto_pad = "SAME_LOWER"}
    : (tensor<1x3x8xf32>, tensor<4x3x2xf32>) -> tensor<1x4x8xf32>
  return %r : tensor<1x4x8xf32>
}

// CHECK-LABEL: @valid
func.func @valid(%x: tensor<1x3x?xf32>, %w: tensor<4x3x2xf32>) -> tensor<1x4x?xf32> {
  // CHECK: graph.conv(%arg0, %arg1) {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>}
  %r = graph.conv(%x, %w) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, auto_pad = "VALID"}
    : (tensor<1x3x?xf32>, tensor<4x3x2xf32>) -> tensor<1x4x?xf32>
  return %r : tensor<1x4x?xf32>
}

// CHECK-LABEL: @negative_same_of_open_dim
func.func @negative_same_of_open_dim(%x: tensor<1x3x?xf32>, %w: tensor<4x3x2xf32>) -> tensor<1x4x?xf32> {
  // CHECK: auto_pad = "SAME_UPPER"
  %r = graph.conv(%x, %w) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, auto_pad = "SAME_UPPER"}
    : (tensor<1x3x?xf32>, tensor<4x3x2xf32>) -> tensor<1x4x?xf32>
  return %r : tensor<1x4x?xf32>
}

// The first dim is one longer than the full result, the second one shorter.
// CHECK-LABEL: @transposed_output_shape
func.func @transposed_output_shape(%x: tensor<1x1x3x3xf32>, %w: tensor<1x2x3x3xf32>) -> tensor<1x2x10x6xf32> {
  // CHECK: graph.conv_transpose(%arg0, %arg1) {dilations = array<i64: 1, 1>, output_padding = array<i64: 1, 0>, pads = array<i64: 0, 1, 0, 0>, strides = array<i64: 3, 2>}
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 3, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    output_padding = array<i64: 0, 0>, output_shape = array<i64: 10, 6>} : (tensor<1x1x3x3xf32>, tensor<1x2x3x3xf32>) -> tensor<1x2x10x6xf32>
  return %r : tensor<1x2x10x6xf32>
}

// CHECK-LABEL: @transposed_same
func.func @transposed_same(%x: tensor<1x1x3x3xf32>, %w: tensor<1x2x3x3xf32>) -> tensor<1x2x6x6xf32> {
  // CHECK: graph.conv_transpose(%arg0, %arg1) {dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, pads = array<i64: 0, 0, 1, 1>, strides = array<i64: 2, 2>}
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    output_padding = array<i64: 0, 0>, auto_pad = "SAME_UPPER"} : (tensor<1x1x3x3xf32>, tensor<1x2x3x3xf32>) -> tensor<1x2x6x6xf32>
  return %r : tensor<1x2x6x6xf32>
}
