// RUN: lambent-opt %s --graph-decompose-conv-transpose --split-input-file | FileCheck %s

// Stride two, two taps: one tap per phase, four phases as channels, then interleaved.
// CHECK-LABEL: func.func @phases(
// CHECK-SAME: %[[X:.*]]: tensor<1x8x7x7xf32>
func.func @phases(%x: tensor<1x8x7x7xf32>, %w: tensor<8x4x2x2xf32>, %b: tensor<4xf32>) -> tensor<1x4x14x14xf32> {
  // CHECK: %[[C:.*]] = graph.conv(%[[X]], %{{.*}}, %{{.*}}) {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x8x7x7xf32>, tensor<16x8x1x1xf32>, tensor<16xf32>) -> tensor<1x16x7x7xf32>
  // CHECK: %[[S:.*]] = graph.reshape(%[[C]], {{.*}} -> tensor<1x1x2x2x4x7x7xf32>
  // CHECK: %[[T:.*]] = graph.transpose(%[[S]]) {perm = array<i64: 0, 1, 4, 5, 2, 6, 3>}
  // CHECK: %[[R:.*]] = graph.reshape(%[[T]], {{.*}} -> tensor<1x4x14x14xf32>
  // CHECK: return %[[R]]
  %r = graph.conv_transpose(%x, %w, %b) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, output_padding = array<i64: 0, 0>} : (tensor<1x8x7x7xf32>, tensor<8x4x2x2xf32>, tensor<4xf32>) -> tensor<1x4x14x14xf32>
  return %r : tensor<1x4x14x14xf32>
}

// -----

// Pads of the result are cut off after interleaving.
// CHECK-LABEL: func.func @cropped(
func.func @cropped(%x: tensor<1x8x7xf32>, %w: tensor<8x4x4xf32>) -> tensor<1x4x14xf32> {
  // CHECK: graph.conv({{.*}}) {dilations = array<i64: 1>, pads = array<i64: 1, 1>, strides = array<i64: 1>} : (tensor<1x8x7xf32>, tensor<8x8x2xf32>) -> tensor<1x8x8xf32>
  // CHECK: %[[R:.*]] = graph.slice({{.*}}) {axes = array<i64: 2>} : (tensor<1x4x16xf32>, {{.*}} -> tensor<1x4x14xf32>
  // CHECK: return %[[R]]
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2>, dilations = array<i64: 1>, pads = array<i64: 1, 1>, output_padding = array<i64: 0>} : (tensor<1x8x7xf32>, tensor<8x4x4xf32>) -> tensor<1x4x14xf32>
  return %r : tensor<1x4x14xf32>
}

// -----

// Stride one: the mirrored filter, with its dilation.
// CHECK-LABEL: func.func @mirrored(
func.func @mirrored(%x: tensor<1x2x5xf32>, %w: tensor<2x3x3xf32>) -> tensor<1x3x9xf32> {
  // CHECK: graph.slice({{.*}}) {axes = array<i64: 3>}
  // CHECK: %[[R:.*]] = graph.conv({{.*}}) {dilations = array<i64: 2>, pads = array<i64: 4, 4>, strides = array<i64: 1>}
  // CHECK-NEXT: return %[[R]]
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 1>, dilations = array<i64: 2>, pads = array<i64: 0, 0>, output_padding = array<i64: 0>} : (tensor<1x2x5xf32>, tensor<2x3x3xf32>) -> tensor<1x3x9xf32>
  return %r : tensor<1x3x9xf32>
}

// -----

// CHECK-LABEL: func.func @negative_open(
// CHECK: graph.conv_transpose
func.func @negative_open(%x: tensor<1x2x?xf32>, %w: tensor<2x3x3xf32>) -> tensor<1x3x?xf32> {
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, output_padding = array<i64: 0>} : (tensor<1x2x?xf32>, tensor<2x3x3xf32>) -> tensor<1x3x?xf32>
  return %r : tensor<1x3x?xf32>
}

// -----

// The filters of 2^30 phases would be zeros, but for four.
// CHECK-LABEL: func.func @negative_absurd_stride(
// CHECK: graph.conv_transpose
func.func @negative_absurd_stride(%x: tensor<1x1x3xf32>, %w: tensor<1x1x2xf32>) -> tensor<1x1x2147483650xf32> {
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 1073741824>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, output_padding = array<i64: 0>} : (tensor<1x1x3xf32>, tensor<1x1x2xf32>) -> tensor<1x1x2147483650xf32>
  return %r : tensor<1x1x2147483650xf32>
}

// The phases of an open image lie side by side all the same.
// CHECK-LABEL: @open_image
func.func @open_image(%x: tensor<?x3x?x8xf32, #graph.sizes<[s0, 3, s1, 8]>>, %w: tensor<3x4x3x3xf32>) -> tensor<?x4x?x16xf32, #graph.sizes<[s0, 4, s1 * 2, 16]>> {
  // CHECK: graph.conv(%arg0, {{.*}} -> tensor<?x16x?x9xf32, #graph.sizes<[s0, 16, s1 + 1, 9]>>
  // CHECK: graph.transpose
  // CHECK: graph.slice
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, output_padding = array<i64: 1, 1>}
    : (tensor<?x3x?x8xf32, #graph.sizes<[s0, 3, s1, 8]>>, tensor<3x4x3x3xf32>) -> tensor<?x4x?x16xf32, #graph.sizes<[s0, 4, s1 * 2, 16]>>
  return %r : tensor<?x4x?x16xf32, #graph.sizes<[s0, 4, s1 * 2, 16]>>
}
