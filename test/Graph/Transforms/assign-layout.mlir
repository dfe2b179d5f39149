// RUN: lambent-opt %s --graph-assign-layout --split-input-file | FileCheck %s
// RUN: lambent-opt %s --graph-assign-layout=layout=channels_first --split-input-file | FileCheck %s --check-prefix=FIRST
// RUN: not lambent-opt %s --graph-assign-layout=layout=blocked --split-input-file 2>&1 | FileCheck %s --check-prefix=WRONG
// FIRST-NOT: channels_last
// WRONG: error: expected the layout channels_last or channels_first, but got blocked

// A residual block: transposes remain at the edges only.
// CHECK-LABEL: func.func @residual(
// CHECK-SAME: %[[X:.*]]: tensor<1x3x8x8xf32>
func.func @residual(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x1x1xf32>, %v: tensor<4x4x1x1xf32>) -> tensor<1x4x8x8xf32> {
  // CHECK: %[[T:.*]] = graph.transpose(%[[X]]) {perm = array<i64: 0, 2, 3, 1>}
  // CHECK: %[[A:.*]] = graph.conv(%[[T]], {{.*}}channels_last = true
  // CHECK: %[[B:.*]] = graph.conv(%[[A]], {{.*}}channels_last = true
  // CHECK: %[[S:.*]] = graph.elementwise(%[[A]], %[[B]]) : (tensor<1x8x8x4xf32>, tensor<1x8x8x4xf32>)
  // CHECK: %[[P:.*]] = graph.pool(%[[S]]) {channels_last = true
  // CHECK: %[[R:.*]] = graph.transpose(%[[P]]) {perm = array<i64: 0, 3, 1, 2>}
  // CHECK: return %[[R]]
  %a = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32>
  %b = graph.conv(%a, %v) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x8x8xf32>
  %s = graph.elementwise(%a, %b) : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> {
  ^bb0(%p: f32, %q: f32):
    %0 = arith.addf %p, %q : f32
    graph.yield %0 : f32
  }
  %r = graph.pool(%s) {kind = "max", kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  return %r : tensor<1x4x8x8xf32>
}

// -----

// Squeeze and excite, and dropped spatial dims: only reshapes.
// CHECK-LABEL: func.func @squeeze_excite(
// CHECK-SAME: %[[X:.*]]: tensor<1x8x8x4xf32>
func.func @squeeze_excite(%x: tensor<1x8x8x4xf32>, %w: tensor<4x4x1x1xf32>) -> tensor<1x4xf32> {
  // CHECK-NOT: graph.transpose
  // CHECK: %[[M:.*]] = graph.reduce(%[[X]]) {axes = array<i64: 1, 2>, kind = "mean"}
  // CHECK-NEXT: %[[C:.*]] = graph.conv(%[[M]]
  // CHECK-NEXT: %[[S:.*]] = graph.elementwise(%[[C]])
  // CHECK: %[[E:.*]] = graph.elementwise(%[[X]], %[[S]]) : (tensor<1x8x8x4xf32>, tensor<1x1x1x4xf32>)
  // CHECK: %[[R:.*]] = graph.reduce(%[[E]]) {axes = array<i64: 1, 2>, kind = "max"}
  // CHECK-NOT: graph.transpose
  // CHECK: return
  %first = graph.transpose(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x8x8x4xf32>) -> tensor<1x4x8x8xf32>
  %m = graph.reduce(%first) {kind = "mean", axes = array<i64: 2, 3>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x1x1xf32>
  %c = graph.conv(%m, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x1x1xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x1x1xf32>
  %s = graph.elementwise(%c) : (tensor<1x4x1x1xf32>) -> tensor<1x4x1x1xf32> {
  ^bb0(%p: f32):
    %0 = math.tanh %p : f32
    graph.yield %0 : f32
  }
  %e = graph.elementwise(%first, %s) : (tensor<1x4x8x8xf32>, tensor<1x4x1x1xf32>) -> tensor<1x4x8x8xf32> {
  ^bb0(%p: f32, %q: f32):
    %0 = arith.mulf %p, %q : f32
    graph.yield %0 : f32
  }
  %r = graph.reduce(%e) {kind = "max", axes = array<i64: 2, 3>, keep_dims = false} : (tensor<1x4x8x8xf32>) -> tensor<1x4xf32>
  return %r : tensor<1x4xf32>
}

// -----

// Channel shuffle swaps within the last dim; concat, pad, slice and a constant per channel go along.
// CHECK-LABEL: func.func @shuffle(
func.func @shuffle(%x: tensor<1x6x4x4xf32>, %w: tensor<6x6x1x1xf32>, %v: tensor<2x12x1x1xf32>) -> tensor<1x2x4x4xf32> {
  // CHECK: graph.transpose(%{{.*}}) {perm = array<i64: 0, 2, 3, 1>}
  // CHECK: %[[C:.*]] = graph.conv
  // CHECK: %[[S:.*]] = graph.reshape(%[[C]], {{.*}} -> tensor<4x4x2x3xf32>
  // CHECK: %[[T:.*]] = graph.transpose(%[[S]]) {perm = array<i64: 0, 1, 3, 2>}
  // CHECK: %[[G:.*]] = graph.reshape(%[[T]], {{.*}} -> tensor<1x4x4x6xf32>
  // CHECK: %[[E:.*]] = graph.elementwise(%[[G]], {{.*}}tensor<1x1x1x6xf32>
  // CHECK: %[[P:.*]] = graph.pad(%[[E]], {{.*}}axes = array<i64: 1>
  // CHECK: %[[L:.*]] = graph.slice(%[[P]], {{.*}}axes = array<i64: 1>
  // CHECK: %[[J:.*]] = graph.concat(%[[C]], %[[L]]) {axis = 3 : i64}
  // CHECK: %[[R:.*]] = graph.conv(%[[J]]
  // CHECK: graph.transpose(%[[R]]) {perm = array<i64: 0, 3, 1, 2>}
  // CHECK-NEXT: return
  %split = graph.constant dense<[1, 2, 3, 4, 4]> : tensor<5xi64>
  %merge = graph.constant dense<[1, 6, 4, 4]> : tensor<4xi64>
  %k = graph.constant dense<[[[1.0]], [[2.0]], [[3.0]], [[4.0]], [[5.0]], [[6.0]]]> : tensor<6x1x1xf32>
  %one = graph.constant dense<1> : tensor<1xi64>
  %pads = graph.constant dense<[1, 0]> : tensor<2xi64>
  %end = graph.constant dense<5> : tensor<1xi64>
  %c = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x6x4x4xf32>, tensor<6x6x1x1xf32>) -> tensor<1x6x4x4xf32>
  %s = graph.reshape(%c, %split) : (tensor<1x6x4x4xf32>, tensor<5xi64>) -> tensor<1x2x3x4x4xf32>
  %t = graph.transpose(%s) {perm = array<i64: 0, 2, 1, 3, 4>} : (tensor<1x2x3x4x4xf32>) -> tensor<1x3x2x4x4xf32>
  %g = graph.reshape(%t, %merge) : (tensor<1x3x2x4x4xf32>, tensor<4xi64>) -> tensor<1x6x4x4xf32>
  %e = graph.elementwise(%g, %k) : (tensor<1x6x4x4xf32>, tensor<6x1x1xf32>) -> tensor<1x6x4x4xf32> {
  ^bb0(%p: f32, %q: f32):
    %0 = arith.addf %p, %q : f32
    graph.yield %0 : f32
  }
  %p = graph.pad(%e, %pads) {mode = "constant", axes = array<i64: 2>} : (tensor<1x6x4x4xf32>, tensor<2xi64>) -> tensor<1x6x5x4xf32>
  %l = graph.slice(%p, %one, %end, %one) {axes = array<i64: 2>} : (tensor<1x6x5x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1x6x4x4xf32>
  %j = graph.concat(%c, %l) {axis = 1 : i64} : (tensor<1x6x4x4xf32>, tensor<1x6x4x4xf32>) -> tensor<1x12x4x4xf32>
  %r = graph.conv(%j, %v) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x12x4x4xf32>, tensor<2x12x1x1xf32>) -> tensor<1x2x4x4xf32>
  return %r : tensor<1x2x4x4xf32>
}

// -----

// Flattened images become rows of a product without moving.
// CHECK-LABEL: func.func @flattened(
func.func @flattened(%x: tensor<1x4x4x4xf32>, %w: tensor<6x4x1x1xf32>, %m: tensor<6x2xf32>) -> tensor<1x16x2xf32> {
  // CHECK: graph.transpose(%{{.*}}) {perm = array<i64: 0, 2, 3, 1>}
  // CHECK: %[[C:.*]] = graph.conv
  // CHECK-NOT: graph.transpose
  // CHECK: %[[F:.*]] = graph.reshape(%[[C]], {{.*}} -> tensor<1x16x6xf32>
  // CHECK: graph.matmul(%[[F]]
  %flat = graph.constant dense<[1, 6, 16]> : tensor<3xi64>
  %c = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x4x4xf32>, tensor<6x4x1x1xf32>) -> tensor<1x6x4x4xf32>
  %f = graph.reshape(%c, %flat) : (tensor<1x6x4x4xf32>, tensor<3xi64>) -> tensor<1x6x16xf32>
  %t = graph.transpose(%f) {perm = array<i64: 0, 2, 1>} : (tensor<1x6x16xf32>) -> tensor<1x16x6xf32>
  %r = graph.matmul(%t, %m) : (tensor<1x16x6xf32>, tensor<6x2xf32>) -> tensor<1x16x2xf32>
  return %r : tensor<1x16x2xf32>
}

// -----

// Weights of a product of flattened images are permuted instead of the images.
// CHECK-LABEL: func.func @flattened_into_weights(
// CHECK-SAME: %[[X:.*]]: tensor<1x2x2x3xf32>
func.func @flattened_into_weights(%x: tensor<1x2x2x3xf32>) -> tensor<1x1xf32> {
  // CHECK: %[[W:.*]] = graph.constant dense<{{\[\[}}0.000000e+00], [4.000000e+00], [8.000000e+00], [1.000000e+00], [5.000000e+00], [9.000000e+00],
  // CHECK: %[[R:.*]] = graph.reshape(%[[X]],
  // CHECK: graph.matmul(%[[R]], %[[W]])
  %flat = graph.constant dense<[1, 12]> : tensor<2xi64>
  %w = graph.constant dense<[[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.0], [9.0], [10.0], [11.0]]> : tensor<12x1xf32>
  %t = graph.transpose(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x2x2x3xf32>) -> tensor<1x3x2x2xf32>
  %f = graph.reshape(%t, %flat) : (tensor<1x3x2x2xf32>, tensor<2xi64>) -> tensor<1x12xf32>
  %r = graph.matmul(%f, %w) : (tensor<1x12xf32>, tensor<12x1xf32>) -> tensor<1x1xf32>
  return %r : tensor<1x1xf32>
}

// -----

// Without an op that prefers it, nothing changes layout.
// CHECK-LABEL: func.func @negative_no_image(
// CHECK: %[[T:.*]] = graph.transpose(%{{.*}}) {perm = array<i64: 0, 2, 1, 3>}
// CHECK-NEXT: graph.softmax(%[[T]]) {axis = 1 : i64}
func.func @negative_no_image(%x: tensor<1x4x5x6xf32>) -> tensor<1x5x4x6xf32> {
  %t = graph.transpose(%x) {perm = array<i64: 0, 2, 1, 3>} : (tensor<1x4x5x6xf32>) -> tensor<1x5x4x6xf32>
  %r = graph.softmax(%t) {axis = 1 : i64} : (tensor<1x5x4x6xf32>) -> tensor<1x5x4x6xf32>
  return %r : tensor<1x5x4x6xf32>
}
