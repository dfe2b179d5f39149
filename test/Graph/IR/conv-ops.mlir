// RUN: lambent-opt %s | lambent-opt | FileCheck %s
// RUN: lambent-opt --mlir-print-op-generic %s | lambent-opt | FileCheck %s


// CHECK-LABEL: @conv
func.func @conv(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x3x3xf32>, %b: tensor<4xf32>) -> tensor<1x4x4x4xf32> {
  // CHECK: graph.conv(%{{.*}}, %{{.*}}, %{{.*}}) {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} :
  %r = graph.conv(%x, %w, %b) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, group = 1 : i64}
    : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<1x4x4x4xf32>
  return %r : tensor<1x4x4x4xf32>
}

// CHECK-LABEL: @conv_channels_last_depthwise
func.func @conv_channels_last_depthwise(%x: tensor<?x8x8x6xf32>, %w: tensor<6x1x3x3xf32>) -> tensor<?x8x8x6xf32> {
  // CHECK: graph.conv(%{{.*}}, %{{.*}}) {auto_pad = "SAME_UPPER", channels_last = true, {{.*}}group = 6 : i64
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, group = 6 : i64,
    auto_pad = "SAME_UPPER", channels_last = true} : (tensor<?x8x8x6xf32>, tensor<6x1x3x3xf32>) -> tensor<?x8x8x6xf32>
  return %r : tensor<?x8x8x6xf32>
}

// CHECK-LABEL: @conv_transpose
func.func @conv_transpose(%x: tensor<1x3x8x8xf32>, %w: tensor<3x4x2x2xf32>) -> tensor<1x4x16x16xf32> {
  // CHECK: graph.conv_transpose(%{{.*}}, %{{.*}}) {dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>,
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    output_padding = array<i64: 0, 0>} : (tensor<1x3x8x8xf32>, tensor<3x4x2x2xf32>) -> tensor<1x4x16x16xf32>
  return %r : tensor<1x4x16x16xf32>
}

// CHECK-LABEL: @deform_columns
func.func @deform_columns(%x: tensor<1x4x8x8xf32>, %o: tensor<1x16x7x7xf32>, %m: tensor<1x8x7x7xf32>) -> tensor<1x16x7x7xf32> {
  // CHECK: graph.deform_columns(%{{.*}}, %{{.*}}, %{{.*}}) {dilations = array<i64: 1, 1>, kernel = array<i64: 2, 2>, offset_groups = 2 : i64,
  %r = graph.deform_columns(%x, %o, %m) {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, offset_groups = 2 : i64} : (tensor<1x4x8x8xf32>, tensor<1x16x7x7xf32>, tensor<1x8x7x7xf32>) -> tensor<1x16x7x7xf32>
  return %r : tensor<1x16x7x7xf32>
}
