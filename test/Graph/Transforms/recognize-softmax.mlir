// RUN: lambent-opt %s --graph-recognize-softmax --split-input-file | FileCheck %s

// The maximum goes too: softmax subtracts it itself.
// CHECK-LABEL: func.func @with_maximum(
// CHECK-SAME: %[[X:.*]]: tensor<2x5xf32>
func.func @with_maximum(%x: tensor<2x5xf32>) -> tensor<2x5xf32> {
  // CHECK: %[[R:.*]] = graph.softmax(%[[X]]) {axis = 1 : i64}
  // CHECK-NEXT: return %[[R]]
  %column = graph.constant dense<[2, 1]> : tensor<2xi64>
  %all = graph.constant dense<[2, 5]> : tensor<2xi64>
  %m = graph.reduce(%x) {kind = "max", axes = array<i64: 1>, keep_dims = false} : (tensor<2x5xf32>) -> tensor<2xf32>
  %mc = graph.reshape(%m, %column) : (tensor<2xf32>, tensor<2xi64>) -> tensor<2x1xf32>
  %e = graph.elementwise(%x, %mc) : (tensor<2x5xf32>, tensor<2x1xf32>) -> tensor<2x5xf32> {
  ^bb0(%p: f32, %q: f32):
    %0 = arith.subf %p, %q : f32
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  }
  %s = graph.reduce(%e) {kind = "sum", axes = array<i64: 1>, keep_dims = false} : (tensor<2x5xf32>) -> tensor<2xf32>
  %sc = graph.reshape(%s, %column) : (tensor<2xf32>, tensor<2xi64>) -> tensor<2x1xf32>
  %se = graph.expand(%sc, %all) : (tensor<2x1xf32>, tensor<2xi64>) -> tensor<2x5xf32>
  %r = graph.elementwise(%e, %se) : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32> {
  ^bb0(%p: f32, %q: f32):
    %0 = arith.divf %p, %q : f32
    graph.yield %0 : f32
  }
  return %r : tensor<2x5xf32>
}

// -----

// CHECK-LABEL: func.func @logarithm(
// CHECK: graph.softmax(%{{.*}}) {axis = 0 : i64, log = true}
// CHECK-NEXT: return
func.func @logarithm(%x: tensor<2x5xf32>) -> tensor<2x5xf32> {
  %s = graph.softmax(%x) {axis = 0 : i64} : (tensor<2x5xf32>) -> tensor<2x5xf32>
  %r = graph.elementwise(%s) : (tensor<2x5xf32>) -> tensor<2x5xf32> {
  ^bb0(%p: f32):
    %0 = math.log %p : f32
    graph.yield %0 : f32
  }
  return %r : tensor<2x5xf32>
}

// -----

// Sums of rows divide columns.
// CHECK-LABEL: func.func @negative_other_dim(
// CHECK-NOT: graph.softmax
func.func @negative_other_dim(%x: tensor<5x5xf32>) -> tensor<5x5xf32> {
  %e = graph.elementwise(%x) : (tensor<5x5xf32>) -> tensor<5x5xf32> {
  ^bb0(%p: f32):
    %1 = math.exp %p : f32
    graph.yield %1 : f32
  }
  %s = graph.reduce(%e) {kind = "sum", axes = array<i64: 1>, keep_dims = false} : (tensor<5x5xf32>) -> tensor<5xf32>
  %r = graph.elementwise(%e, %s) : (tensor<5x5xf32>, tensor<5xf32>) -> tensor<5x5xf32> {
  ^bb0(%p: f32, %q: f32):
    %0 = arith.divf %p, %q : f32
    graph.yield %0 : f32
  }
  return %r : tensor<5x5xf32>
}

// -----

// What is subtracted differs within a row.
// CHECK-LABEL: func.func @negative_bias(
// CHECK: %[[Y:.*]] = graph.elementwise
// CHECK: graph.softmax(%[[Y]])
func.func @negative_bias(%x: tensor<2x5xf32>, %b: tensor<5xf32>) -> tensor<2x5xf32> {
  %y = graph.elementwise(%x, %b) : (tensor<2x5xf32>, tensor<5xf32>) -> tensor<2x5xf32> {
  ^bb0(%p: f32, %q: f32):
    %0 = arith.subf %p, %q : f32
    graph.yield %0 : f32
  }
  %r = graph.softmax(%y) {axis = 1 : i64} : (tensor<2x5xf32>) -> tensor<2x5xf32>
  return %r : tensor<2x5xf32>
}

// -----

// A constant that is subtracted rounds what it is subtracted from.
// CHECK-LABEL: func.func @negative_constant(
// CHECK: %[[Y:.*]] = graph.elementwise
// CHECK: graph.softmax(%[[Y]])
func.func @negative_constant(%x: tensor<2x5xf32>) -> tensor<2x5xf32> {
  %c = graph.constant dense<8388608.0> : tensor<2x1xf32>
  %y = graph.elementwise(%x, %c) : (tensor<2x5xf32>, tensor<2x1xf32>) -> tensor<2x5xf32> {
  ^bb0(%p: f32, %q: f32):
    %0 = arith.subf %p, %q : f32
    graph.yield %0 : f32
  }
  %r = graph.softmax(%y) {axis = 1 : i64} : (tensor<2x5xf32>) -> tensor<2x5xf32>
  return %r : tensor<2x5xf32>
}
