// RUN: lambent-opt %s --graph-block-products --split-input-file | FileCheck %s
// RUN: lambent-opt %s --graph-block-products="format=mx6 scale=up" --split-input-file | FileCheck %s --check-prefix=UP
// RUN: not lambent-opt %s --graph-block-products="format=mx5" --split-input-file 2>&1 | FileCheck %s --check-prefix=FORMAT
// RUN: not lambent-opt %s --graph-block-products="scale=nearest" --split-input-file 2>&1 | FileCheck %s --check-prefix=SCALE

// FORMAT: error: expected a format of blocks, but got 'mx5'
// SCALE: error: expected a scale that is rounded down or up, but got 'nearest'

// CHECK-LABEL: func.func @matmul(
// CHECK-SAME: %[[X:.*]]: tensor<4x64xf32>, %[[W:.*]]: tensor<64x16xf32>
// UP-LABEL: func.func @matmul(
func.func @matmul(%x: tensor<4x64xf32>, %w: tensor<64x16xf32>) -> tensor<4x16xf32> {
  // CHECK-DAG: %[[A:.*]] = graph.round_blocks(%[[X]]) {axis = 1 : i64, format = "mxfp8"}
  // CHECK-DAG: %[[B:.*]] = graph.round_blocks(%[[W]]) {axis = 0 : i64, format = "mxfp8"}
  // CHECK: graph.matmul(%[[A]], %[[B]])
  // UP: graph.round_blocks({{.*}}) {axis = 1 : i64, format = "mx6", scale = "up"}
  %r = graph.matmul(%x, %w) : (tensor<4x64xf32>, tensor<64x16xf32>) -> tensor<4x16xf32>
  return %r : tensor<4x16xf32>
}

// -----

// CHECK-LABEL: func.func @matmul_transposed(
// CHECK-SAME: %[[X:.*]]: tensor<2x64x4xf32>, %[[W:.*]]: tensor<16x64xf32>
func.func @matmul_transposed(%x: tensor<2x64x4xf32>, %w: tensor<16x64xf32>) -> tensor<2x4x16xf32> {
  // CHECK-DAG: graph.round_blocks(%[[X]]) {axis = 1 : i64, format = "mxfp8"}
  // CHECK-DAG: graph.round_blocks(%[[W]]) {axis = 1 : i64, format = "mxfp8"}
  %r = graph.matmul(%x, %w) {transpose_lhs = true, transpose_rhs = true} : (tensor<2x64x4xf32>, tensor<16x64xf32>) -> tensor<2x4x16xf32>
  return %r : tensor<2x4x16xf32>
}

// -----

// Halves are rounded as numbers of f32.
// CHECK-LABEL: func.func @matmul_f16(
func.func @matmul_f16(%x: tensor<4x64xf16>, %w: tensor<64x16xf16>) -> tensor<4x16xf16> {
  // CHECK: %[[X:.*]] = graph.elementwise({{.*}}) : (tensor<4x64xf16>) -> tensor<4x64xf32>
  // CHECK: %[[R:.*]] = graph.round_blocks(%[[X]])
  // CHECK: %[[A:.*]] = graph.elementwise(%[[R]]) : (tensor<4x64xf32>) -> tensor<4x64xf16>
  // CHECK: graph.matmul(%[[A]], %{{.*}}) : (tensor<4x64xf16>, tensor<64x16xf16>) -> tensor<4x16xf16>
  %r = graph.matmul(%x, %w) : (tensor<4x64xf16>, tensor<64x16xf16>) -> tensor<4x16xf16>
  return %r : tensor<4x16xf16>
}

// -----

// CHECK-LABEL: func.func @conv(
// CHECK-SAME: %[[X:.*]]: tensor<1x64x8x8xf32>, %[[W:.*]]: tensor<4x32x3x3xf32>
func.func @conv(%x: tensor<1x64x8x8xf32>, %w: tensor<4x32x3x3xf32>) -> tensor<1x4x6x6xf32> {
  // CHECK-DAG: %[[A:.*]] = graph.round_blocks(%[[X]]) {axis = 1 : i64, format = "mxfp8", groups = 2 : i64}
  // CHECK-DAG: %[[B:.*]] = graph.round_blocks(%[[W]]) {axis = 1 : i64, format = "mxfp8"}
  // CHECK: graph.conv(%[[A]], %[[B]])
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, group = 2 : i64} : (tensor<1x64x8x8xf32>, tensor<4x32x3x3xf32>) -> tensor<1x4x6x6xf32>
  return %r : tensor<1x4x6x6xf32>
}

// -----

// CHECK-LABEL: func.func @conv_channels_last(
// CHECK-SAME: %[[X:.*]]: tensor<1x8x8x64xf32>
func.func @conv_channels_last(%x: tensor<1x8x8x64xf32>, %w: tensor<4x64x1x1xf32>) -> tensor<1x8x8x4xf32> {
  // CHECK: graph.round_blocks(%[[X]]) {axis = 3 : i64, format = "mxfp8"}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, channels_last = true} : (tensor<1x8x8x64xf32>, tensor<4x64x1x1xf32>) -> tensor<1x8x8x4xf32>
  return %r : tensor<1x8x8x4xf32>
}

// -----

// CHECK-LABEL: func.func @attention(
// CHECK-SAME: %[[Q:.*]]: tensor<1x2x4x64xf32>, %[[K:.*]]: tensor<1x2x8x64xf32>, %[[V:.*]]: tensor<1x2x8x32xf32>, %[[M:.*]]: tensor<4x8xf32>
func.func @attention(%q: tensor<1x2x4x64xf32>, %k: tensor<1x2x8x64xf32>, %v: tensor<1x2x8x32xf32>, %m: tensor<4x8xf32>) -> tensor<1x2x4x32xf32> {
  // CHECK-DAG: %[[A:.*]] = graph.round_blocks(%[[Q]]) {axis = 3 : i64, format = "mxfp8"}
  // CHECK-DAG: %[[B:.*]] = graph.round_blocks(%[[K]]) {axis = 3 : i64, format = "mxfp8"}
  // CHECK: %[[S:.*]] = graph.matmul(%[[A]], %[[B]]) {transpose_rhs = true}
  // CHECK: %[[T:.*]] = graph.elementwise(%[[S]], %{{.*}})
  // CHECK: arith.mulf
  // CHECK: %[[U:.*]] = graph.elementwise(%[[T]], %[[M]])
  // CHECK: %[[P:.*]] = graph.softmax(%[[U]]) {axis = 3 : i64}
  // CHECK-DAG: %[[C:.*]] = graph.round_blocks(%[[P]]) {axis = 3 : i64, format = "mxfp8"}
  // CHECK-DAG: %[[D:.*]] = graph.round_blocks(%[[V]]) {axis = 2 : i64, format = "mxfp8"}
  // CHECK: %[[R:.*]] = graph.matmul(%[[C]], %[[D]])
  // CHECK: return %[[R]]
  %r = graph.attention(%q, %k, %v, %m) {scale = 0.125 : f32} : (tensor<1x2x4x64xf32>, tensor<1x2x8x64xf32>, tensor<1x2x8x32xf32>, tensor<4x8xf32>) -> tensor<1x2x4x32xf32>
  return %r : tensor<1x2x4x32xf32>
}

// -----

// CHECK-LABEL: func.func @negative_one_k(
func.func @negative_one_k(%x: tensor<2x64x1xf32>, %w: tensor<1x16xf32>) -> tensor<2x64x16xf32> {
  // CHECK-NOT: graph.round_blocks
  // CHECK: return
  %r = graph.matmul(%x, %w) : (tensor<2x64x1xf32>, tensor<1x16xf32>) -> tensor<2x64x16xf32>
  return %r : tensor<2x64x16xf32>
}

// -----

// CHECK-LABEL: func.func @negative_constants(
func.func @negative_constants() -> tensor<1x1xf32> {
  // CHECK-NOT: graph.round_blocks
  // CHECK: return
  %x = graph.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %w = graph.constant dense<[[3.0], [4.0]]> : tensor<2x1xf32>
  %r = graph.matmul(%x, %w) : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %r : tensor<1x1xf32>
}

// -----

// CHECK-LABEL: func.func @negative_integers(
func.func @negative_integers(%x: tensor<4x64xui8>, %w: tensor<64x16xi8>) -> tensor<4x16xi32> {
  // CHECK-NOT: graph.round_blocks
  // CHECK: return
  %r = graph.matmul(%x, %w) : (tensor<4x64xui8>, tensor<64x16xi8>) -> tensor<4x16xi32>
  return %r : tensor<4x16xi32>
}
