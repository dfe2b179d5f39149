// RUN: lambent-opt %s --graph-recognize-layer-norm --split-input-file | FileCheck %s

// CHECK-LABEL: func.func @centered_square(
// CHECK-SAME: %[[X:.*]]: tensor<2x5x8xf32>, %[[S:.*]]: tensor<8xf32>, %[[B:.*]]: tensor<8xf32>
func.func @centered_square(%x: tensor<2x5x8xf32>, %s: tensor<8xf32>, %b: tensor<8xf32>) -> tensor<2x5x8xf32> {
  // CHECK: %[[R:.*]] = graph.layer_norm(%[[X]] scale %[[S]] bias %[[B]]) {axis = 2 : i64, epsilon = 1.250000e-01 : f32}
  // CHECK-NEXT: return %[[R]]
  %two = graph.constant dense<2.0> : tensor<f32>
  %eps = graph.constant dense<0.125> : tensor<f32>
  %m = graph.reduce(%x) {kind = "mean", axes = array<i64: 2>} : (tensor<2x5x8xf32>) -> tensor<2x5x1xf32>
  %c = graph.elementwise(%x, %m) : (tensor<2x5x8xf32>, tensor<2x5x1xf32>) -> tensor<2x5x8xf32> {
  ^bb0(%p: f32, %q: f32):
    %0 = arith.subf %p, %q : f32
    graph.yield %0 : f32
  }
  %sq = graph.elementwise(%c, %two) : (tensor<2x5x8xf32>, tensor<f32>) -> tensor<2x5x8xf32> {
  ^bb0(%p: f32, %q: f32):
    %0 = math.powf %p, %q : f32
    graph.yield %0 : f32
  }
  %v = graph.reduce(%sq) {kind = "mean", axes = array<i64: 2>} : (tensor<2x5x8xf32>) -> tensor<2x5x1xf32>
  %ve = graph.elementwise(%v, %eps) : (tensor<2x5x1xf32>, tensor<f32>) -> tensor<2x5x1xf32> {
  ^bb0(%p: f32, %q: f32):
    %0 = arith.addf %p, %q : f32
    graph.yield %0 : f32
  }
  %d = graph.elementwise(%ve) : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> {
  ^bb0(%p: f32):
    %0 = math.sqrt %p : f32
    graph.yield %0 : f32
  }
  %n = graph.elementwise(%c, %d) : (tensor<2x5x8xf32>, tensor<2x5x1xf32>) -> tensor<2x5x8xf32> {
  ^bb0(%p: f32, %q: f32):
    %0 = arith.divf %p, %q : f32
    graph.yield %0 : f32
  }
  %ns = graph.elementwise(%n, %s) : (tensor<2x5x8xf32>, tensor<8xf32>) -> tensor<2x5x8xf32> {
  ^bb0(%p: f32, %q: f32):
    %0 = arith.mulf %p, %q : f32
    graph.yield %0 : f32
  }
  %r = graph.elementwise(%b, %ns) : (tensor<8xf32>, tensor<2x5x8xf32>) -> tensor<2x5x8xf32> {
  ^bb0(%p: f32, %q: f32):
    %0 = arith.addf %p, %q : f32
    graph.yield %0 : f32
  }
  return %r : tensor<2x5x8xf32>
}

// -----

// Sums without their dims, mean(x^2) - mean^2 clamped, and the scale taken into the reciprocal.
// CHECK-LABEL: func.func @difference_of_squares(
// CHECK-SAME: %[[X:.*]]: tensor<3x4xf32>, %[[S:.*]]: tensor<1x4xf32>
func.func @difference_of_squares(%x: tensor<3x4xf32>, %s: tensor<1x4xf32>) -> tensor<3x4xf32> {
  // CHECK: %[[S1:.*]] = graph.reshape(%[[S]], {{.*}} -> tensor<4xf32>
  // CHECK: %[[R:.*]] = graph.layer_norm(%[[X]] scale %[[S1]]) {axis = 1 : i64
  // CHECK-NEXT: return %[[R]]
  %column = graph.constant dense<[3, 1]> : tensor<2xi64>
  %sum = graph.reduce(%x) {kind = "sum", axes = array<i64: 1>, keep_dims = false} : (tensor<3x4xf32>) -> tensor<3xf32>
  %m = graph.elementwise(%sum) : (tensor<3xf32>) -> tensor<3xf32> {
  ^bb0(%p: f32):
    %f = arith.constant 0.25 : f32
    %0 = arith.mulf %p, %f : f32
    graph.yield %0 : f32
  }
  %sq = graph.elementwise(%x) : (tensor<3x4xf32>) -> tensor<3x4xf32> {
  ^bb0(%p: f32):
    %0 = arith.mulf %p, %p : f32
    graph.yield %0 : f32
  }
  %sum2 = graph.reduce(%sq) {kind = "sum", axes = array<i64: 1>, keep_dims = false} : (tensor<3x4xf32>) -> tensor<3xf32>
  %v = graph.elementwise(%sum2, %m) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32> {
  ^bb0(%p: f32, %q: f32):
    %f = arith.constant 0.25 : f32
    %z = arith.constant 0.0 : f32
    %0 = arith.mulf %p, %f : f32
    %1 = arith.mulf %q, %q : f32
    %2 = arith.subf %0, %1 : f32
    %3 = arith.maximumf %z, %2 : f32
    graph.yield %3 : f32
  }
  %mc = graph.reshape(%m, %column) : (tensor<3xf32>, tensor<2xi64>) -> tensor<3x1xf32>
  %vc = graph.reshape(%v, %column) : (tensor<3xf32>, tensor<2xi64>) -> tensor<3x1xf32>
  %i = graph.elementwise(%vc) : (tensor<3x1xf32>) -> tensor<3x1xf32> {
  ^bb0(%p: f32):
    %e = arith.constant 1.0e-6 : f32
    %one = arith.constant 1.0 : f32
    %0 = arith.addf %p, %e : f32
    %1 = math.sqrt %0 : f32
    %2 = arith.divf %one, %1 : f32
    graph.yield %2 : f32
  }
  %is = graph.elementwise(%i, %s) : (tensor<3x1xf32>, tensor<1x4xf32>) -> tensor<3x4xf32> {
  ^bb0(%p: f32, %q: f32):
    %0 = arith.mulf %p, %q : f32
    graph.yield %0 : f32
  }
  %r = graph.elementwise(%x, %mc, %is) : (tensor<3x4xf32>, tensor<3x1xf32>, tensor<3x4xf32>) -> tensor<3x4xf32> {
  ^bb0(%p: f32, %q: f32, %t: f32):
    %0 = arith.subf %p, %q : f32
    %1 = arith.mulf %0, %t : f32
    graph.yield %1 : f32
  }
  return %r : tensor<3x4xf32>
}

// -----

// The mean is not taken over the last dims.
// CHECK-LABEL: func.func @negative_leading_axis(
// CHECK-NOT: graph.layer_norm
func.func @negative_leading_axis(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %m = graph.reduce(%x) {kind = "mean", axes = array<i64: 0>} : (tensor<4x4xf32>) -> tensor<1x4xf32>
  %sq = graph.elementwise(%x, %m) : (tensor<4x4xf32>, tensor<1x4xf32>) -> tensor<4x4xf32> {
  ^bb0(%p: f32, %q: f32):
    %0 = arith.subf %p, %q : f32
    %1 = arith.mulf %0, %0 : f32
    graph.yield %1 : f32
  }
  %v = graph.reduce(%sq) {kind = "mean", axes = array<i64: 0>} : (tensor<4x4xf32>) -> tensor<1x4xf32>
  %r = graph.elementwise(%x, %m, %v) : (tensor<4x4xf32>, tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<4x4xf32> {
  ^bb0(%p: f32, %q: f32, %t: f32):
    %e = arith.constant 1.0e-6 : f32
    %0 = arith.subf %p, %q : f32
    %1 = arith.addf %t, %e : f32
    %2 = math.rsqrt %1 : f32
    %3 = arith.mulf %0, %2 : f32
    graph.yield %3 : f32
  }
  return %r : tensor<4x4xf32>
}

// -----

// The mean of each row lies along the columns: the numbers fit, the meaning does not.
// CHECK-LABEL: func.func @negative_misaligned(
// CHECK-NOT: graph.layer_norm
func.func @negative_misaligned(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %m = graph.reduce(%x) {kind = "mean", axes = array<i64: 1>} : (tensor<4x4xf32>) -> tensor<4x1xf32>
  %sq = graph.elementwise(%x, %m) : (tensor<4x4xf32>, tensor<4x1xf32>) -> tensor<4x4xf32> {
  ^bb0(%p: f32, %q: f32):
    %0 = arith.subf %p, %q : f32
    %1 = arith.mulf %0, %0 : f32
    graph.yield %1 : f32
  }
  %v = graph.reduce(%sq) {kind = "mean", axes = array<i64: 1>, keep_dims = false} : (tensor<4x4xf32>) -> tensor<4xf32>
  %r = graph.elementwise(%x, %m, %v) : (tensor<4x4xf32>, tensor<4x1xf32>, tensor<4xf32>) -> tensor<4x4xf32> {
  ^bb0(%p: f32, %q: f32, %t: f32):
    %e = arith.constant 1.0e-6 : f32
    %0 = arith.subf %p, %q : f32
    %1 = arith.addf %t, %e : f32
    %2 = math.rsqrt %1 : f32
    %3 = arith.mulf %0, %2 : f32
    graph.yield %3 : f32
  }
  return %r : tensor<4x4xf32>
}
