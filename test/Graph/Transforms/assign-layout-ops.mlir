// RUN: lambent-opt %s --graph-assign-layout --split-input-file | FileCheck %s

// Each op that a layout passes through is rebuilt on permuted dims: transposes stay at the convolutions' outer edges.

// CHECK-LABEL: func.func @concat(
func.func @concat(%x: tensor<1x4x6x8xf32>, %w: tensor<4x4x1x1xf32>, %v: tensor<4x8x1x1xf32>) -> tensor<1x4x6x8xf32> {
  // CHECK: graph.transpose
  // CHECK-NEXT: %[[C:.*]] = graph.conv
  // CHECK-NOT: graph.transpose
  // CHECK: %[[O:.*]] = graph.concat(%[[C]], %[[C]]) {axis = 3 : i64} : {{.*}} -> tensor<1x6x8x8xf32>
  // CHECK-NEXT: %[[D:.*]] = graph.conv(%[[O]], {{.*}}channels_last = true
  // CHECK-NEXT: graph.transpose(%[[D]])
  %c = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x6x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x6x8xf32>
  %o = graph.concat(%c, %c) {axis = 1 : i64} : (tensor<1x4x6x8xf32>, tensor<1x4x6x8xf32>) -> tensor<1x8x6x8xf32>
  %d = graph.conv(%o, %v) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x8x6x8xf32>, tensor<4x8x1x1xf32>) -> tensor<1x4x6x8xf32>
  return %d : tensor<1x4x6x8xf32>
}

// -----

// CHECK-LABEL: func.func @tile(
func.func @tile(%x: tensor<1x4x6x8xf32>, %w: tensor<4x4x1x1xf32>, %v: tensor<4x8x1x1xf32>) -> tensor<1x4x6x8xf32> {
  // CHECK: graph.transpose
  // CHECK-NEXT: %[[C:.*]] = graph.conv
  // CHECK-NOT: graph.transpose
  // CHECK: %[[O:.*]] = graph.tile(%[[C]], %{{.*}}) : {{.*}} -> tensor<1x6x8x8xf32>
  // CHECK-NEXT: %[[D:.*]] = graph.conv(%[[O]], {{.*}}channels_last = true
  // CHECK-NEXT: graph.transpose(%[[D]])
  %c = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x6x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x6x8xf32>
  %n = graph.constant dense<[1, 2, 1, 1]> : tensor<4xi64>
  %o = graph.tile(%c, %n) : (tensor<1x4x6x8xf32>, tensor<4xi64>) -> tensor<1x8x6x8xf32>
  %d = graph.conv(%o, %v) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x8x6x8xf32>, tensor<4x8x1x1xf32>) -> tensor<1x4x6x8xf32>
  return %d : tensor<1x4x6x8xf32>
}

// -----

// CHECK-LABEL: func.func @softmax(
func.func @softmax(%x: tensor<1x4x6x8xf32>, %w: tensor<4x4x1x1xf32>, %v: tensor<4x4x1x1xf32>) -> tensor<1x4x6x8xf32> {
  // CHECK: graph.transpose
  // CHECK-NEXT: %[[C:.*]] = graph.conv
  // CHECK-NOT: graph.transpose
  // CHECK: %[[O:.*]] = graph.softmax(%[[C]]) {axis = 3 : i64} : {{.*}} -> tensor<1x6x8x4xf32>
  // CHECK-NEXT: %[[D:.*]] = graph.conv(%[[O]], {{.*}}channels_last = true
  // CHECK-NEXT: graph.transpose(%[[D]])
  %c = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x6x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x6x8xf32>
  %o = graph.softmax(%c) {axis = 1 : i64} : (tensor<1x4x6x8xf32>) -> tensor<1x4x6x8xf32>
  %d = graph.conv(%o, %v) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x6x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x6x8xf32>
  return %d : tensor<1x4x6x8xf32>
}

// -----

// CHECK-LABEL: func.func @round_blocks(
func.func @round_blocks(%x: tensor<1x4x6x8xf32>, %w: tensor<4x4x1x1xf32>, %v: tensor<4x4x1x1xf32>) -> tensor<1x4x6x8xf32> {
  // CHECK: graph.transpose
  // CHECK-NEXT: %[[C:.*]] = graph.conv
  // CHECK-NOT: graph.transpose
  // CHECK: %[[O:.*]] = graph.round_blocks(%[[C]]) {axis = 3 : i64, format = "mxfp8", groups = 2 : i64} : {{.*}} -> tensor<1x6x8x4xf32>
  // CHECK-NEXT: %[[D:.*]] = graph.conv(%[[O]], {{.*}}channels_last = true
  // CHECK-NEXT: graph.transpose(%[[D]])
  %c = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x6x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x6x8xf32>
  %o = graph.round_blocks(%c) {format = "mxfp8", axis = 1 : i64, groups = 2 : i64} : (tensor<1x4x6x8xf32>) -> tensor<1x4x6x8xf32>
  %d = graph.conv(%o, %v) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x6x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x6x8xf32>
  return %d : tensor<1x4x6x8xf32>
}

// -----

// CHECK-LABEL: func.func @cumsum(
func.func @cumsum(%x: tensor<1x4x6x8xf32>, %w: tensor<4x4x1x1xf32>, %v: tensor<4x4x1x1xf32>) -> tensor<1x4x6x8xf32> {
  // CHECK: graph.transpose
  // CHECK-NEXT: %[[C:.*]] = graph.conv
  // CHECK-NOT: graph.transpose
  // CHECK: %[[O:.*]] = graph.cumsum(%[[C]]) {axis = 1 : i64} : {{.*}} -> tensor<1x6x8x4xf32>
  // CHECK-NEXT: %[[D:.*]] = graph.conv(%[[O]], {{.*}}channels_last = true
  // CHECK-NEXT: graph.transpose(%[[D]])
  %c = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x6x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x6x8xf32>
  %o = graph.cumsum(%c) {axis = 2 : i64} : (tensor<1x4x6x8xf32>) -> tensor<1x4x6x8xf32>
  %d = graph.conv(%o, %v) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x6x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x6x8xf32>
  return %d : tensor<1x4x6x8xf32>
}

// -----

// CHECK-LABEL: func.func @lrn(
func.func @lrn(%x: tensor<1x4x6x8xf32>, %w: tensor<4x4x1x1xf32>, %v: tensor<4x4x1x1xf32>) -> tensor<1x4x6x8xf32> {
  // CHECK: graph.transpose
  // CHECK-NEXT: %[[C:.*]] = graph.conv
  // CHECK-NOT: graph.transpose
  // CHECK: %[[O:.*]] = graph.lrn(%[[C]]) {channels_last = true, size = 3 : i64} : {{.*}} -> tensor<1x6x8x4xf32>
  // CHECK-NEXT: %[[D:.*]] = graph.conv(%[[O]], {{.*}}channels_last = true
  // CHECK-NEXT: graph.transpose(%[[D]])
  %c = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x6x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x6x8xf32>
  %o = graph.lrn(%c) {size = 3 : i64} : (tensor<1x4x6x8xf32>) -> tensor<1x4x6x8xf32>
  %d = graph.conv(%o, %v) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x6x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x6x8xf32>
  return %d : tensor<1x4x6x8xf32>
}

// -----

// CHECK-LABEL: func.func @reduce(
func.func @reduce(%x: tensor<1x4x6x8xf32>, %w: tensor<4x4x1x1xf32>, %v: tensor<4x4x1x1xf32>) -> tensor<1x4x1x8xf32> {
  // CHECK: graph.transpose
  // CHECK-NEXT: %[[C:.*]] = graph.conv
  // CHECK-NOT: graph.transpose
  // CHECK: %[[O:.*]] = graph.reduce(%[[C]]) {axes = array<i64: 1>, kind = "max"} : {{.*}} -> tensor<1x1x8x4xf32>
  // CHECK-NEXT: %[[D:.*]] = graph.conv(%[[O]], {{.*}}channels_last = true
  // CHECK-NEXT: graph.transpose(%[[D]])
  %c = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x6x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x6x8xf32>
  %o = graph.reduce(%c) {kind = "max", axes = array<i64: 2>, keep_dims = true} : (tensor<1x4x6x8xf32>) -> tensor<1x4x1x8xf32>
  %d = graph.conv(%o, %v) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x1x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x1x8xf32>
  return %d : tensor<1x4x1x8xf32>
}

// -----

// Of results that cost the same either way, the transpose comes last.
// CHECK-LABEL: func.func @elementwise_before_the_edge(
func.func @elementwise_before_the_edge(%x: tensor<1x4x6x8xf32>, %w: tensor<4x4x1x1xf32>) -> tensor<1x4x6x8xf32> {
  // CHECK: %[[C:.*]] = graph.conv
  // CHECK-NEXT: %[[E:.*]] = graph.elementwise(%[[C]])
  // CHECK: graph.transpose(%[[E]])
  %c = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x6x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x6x8xf32>
  %e = graph.elementwise(%c) : (tensor<1x4x6x8xf32>) -> tensor<1x4x6x8xf32> {
  ^bb0(%p: f32):
    %0 = arith.negf %p : f32
    graph.yield %0 : f32
  }
  return %e : tensor<1x4x6x8xf32>
}
