// RUN: lambent-opt %s --graph-recognize-attention --split-input-file | FileCheck %s

// A divided product and a mask; the transpose of keys joins the one that split heads.
// CHECK-LABEL: func.func @masked(
// CHECK-SAME: %[[Q:.*]]: tensor<1x2x4x16xf32>, %[[K:.*]]: tensor<1x4x2x16xf32>, %[[V:.*]]: tensor<1x2x4x16xf32>, %[[M:.*]]: tensor<1x1x1x4xf32>
func.func @masked(%q: tensor<1x2x4x16xf32>, %k: tensor<1x4x2x16xf32>, %v: tensor<1x2x4x16xf32>, %mask: tensor<1x1x1x4xf32>) -> tensor<1x2x4x16xf32> {
  // CHECK: %[[KT:.*]] = graph.transpose(%[[K]]) {perm = array<i64: 0, 2, 1, 3>}
  // CHECK: %[[R:.*]] = graph.attention(%[[Q]], %[[KT]], %[[V]], %[[M]]) {scale = 2.500000e-01 : f32}
  // CHECK-NEXT: return %[[R]]
  %kt = graph.transpose(%k) {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x4x2x16xf32>) -> tensor<1x2x16x4xf32>
  %s = graph.matmul(%q, %kt) : (tensor<1x2x4x16xf32>, tensor<1x2x16x4xf32>) -> tensor<1x2x4x4xf32>
  %sd = graph.elementwise(%s) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  ^bb0(%a: f32):
    %d = arith.constant 4.0 : f32
    %0 = arith.divf %a, %d : f32
    graph.yield %0 : f32
  }
  %sm = graph.elementwise(%sd, %mask) : (tensor<1x2x4x4xf32>, tensor<1x1x1x4xf32>) -> tensor<1x2x4x4xf32> {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.addf %a, %b : f32
    graph.yield %0 : f32
  }
  %p = graph.softmax(%sm) {axis = 3 : i64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %r = graph.matmul(%p, %v) : (tensor<1x2x4x4xf32>, tensor<1x2x4x16xf32>) -> tensor<1x2x4x16xf32>
  return %r : tensor<1x2x4x16xf32>
}

// -----

// Both sides are scaled before; without heads.
// CHECK-LABEL: func.func @scaled_before(
// CHECK-SAME: %[[Q:.*]]: tensor<2x4x8xf32>, %[[K:.*]]: tensor<2x5x8xf32>
func.func @scaled_before(%q: tensor<2x4x8xf32>, %k: tensor<2x5x8xf32>, %v: tensor<2x5x6xf32>) -> tensor<2x4x6xf32> {
  // CHECK: graph.reshape(%[[Q]], {{.*}} -> tensor<2x1x4x8xf32>
  // CHECK: graph.reshape(%[[K]], {{.*}} -> tensor<2x1x5x8xf32>
  // CHECK: %[[A:.*]] = graph.attention({{.*}}) {scale = 2.500000e-01 : f32} : {{.*}} -> tensor<2x1x4x6xf32>
  // CHECK: graph.reshape(%[[A]], {{.*}} -> tensor<2x4x6xf32>
  %half = graph.constant dense<0.5> : tensor<1xf32>
  %qs = graph.elementwise(%q, %half) : (tensor<2x4x8xf32>, tensor<1xf32>) -> tensor<2x4x8xf32> {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.mulf %a, %b : f32
    graph.yield %0 : f32
  }
  %ks = graph.elementwise(%half, %k) : (tensor<1xf32>, tensor<2x5x8xf32>) -> tensor<2x5x8xf32> {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.mulf %a, %b : f32
    graph.yield %0 : f32
  }
  %s = graph.matmul(%qs, %ks) {transpose_rhs = true} : (tensor<2x4x8xf32>, tensor<2x5x8xf32>) -> tensor<2x4x5xf32>
  %p = graph.softmax(%s) {axis = 2 : i64} : (tensor<2x4x5xf32>) -> tensor<2x4x5xf32>
  %r = graph.matmul(%p, %v) : (tensor<2x4x5xf32>, tensor<2x5x6xf32>) -> tensor<2x4x6xf32>
  return %r : tensor<2x4x6xf32>
}

// -----

// The probabilities are a result of their own.
// CHECK-LABEL: func.func @negative_probabilities_used(
// CHECK-NOT: graph.attention
func.func @negative_probabilities_used(%q: tensor<1x2x4x8xf32>, %k: tensor<1x2x8x4xf32>, %v: tensor<1x2x4x8xf32>) -> (tensor<1x2x4x8xf32>, tensor<1x2x4x4xf32>) {
  %s = graph.matmul(%q, %k) : (tensor<1x2x4x8xf32>, tensor<1x2x8x4xf32>) -> tensor<1x2x4x4xf32>
  %p = graph.softmax(%s) {axis = 3 : i64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %r = graph.matmul(%p, %v) : (tensor<1x2x4x4xf32>, tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32>
  return %r, %p : tensor<1x2x4x8xf32>, tensor<1x2x4x4xf32>
}

// -----

// Softmax runs over the queries.
// CHECK-LABEL: func.func @negative_axis(
// CHECK-NOT: graph.attention
func.func @negative_axis(%q: tensor<1x2x4x8xf32>, %k: tensor<1x2x8x4xf32>, %v: tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %s = graph.matmul(%q, %k) : (tensor<1x2x4x8xf32>, tensor<1x2x8x4xf32>) -> tensor<1x2x4x4xf32>
  %p = graph.softmax(%s) {axis = 2 : i64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %r = graph.matmul(%p, %v) : (tensor<1x2x4x4xf32>, tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32>
  return %r : tensor<1x2x4x8xf32>
}

// -----

// The products may overflow between these scales, which attention would merge.
// CHECK-LABEL: func.func @negative_unlike_scales(
// CHECK-NOT: graph.attention
// CHECK: return
func.func @negative_unlike_scales(%q: tensor<1x2x4x8xf32>, %k: tensor<1x2x8x4xf32>, %v: tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %qs = graph.elementwise(%q) : (tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  ^bb0(%a: f32):
    %huge = arith.constant 1.0e20 : f32
    %0 = arith.mulf %a, %huge : f32
    graph.yield %0 : f32
  }
  %s = graph.matmul(%qs, %k) : (tensor<1x2x4x8xf32>, tensor<1x2x8x4xf32>) -> tensor<1x2x4x4xf32>
  %ss = graph.elementwise(%s) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  ^bb0(%a: f32):
    %tiny = arith.constant 1.0e-20 : f32
    %0 = arith.mulf %a, %tiny : f32
    graph.yield %0 : f32
  }
  %p = graph.softmax(%ss) {axis = 3 : i64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %r = graph.matmul(%p, %v) : (tensor<1x2x4x4xf32>, tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32>
  return %r : tensor<1x2x4x8xf32>
}

// -----

// Open dims: what counts is that sizes are known to be equal.
// CHECK-LABEL: func.func @open(
func.func @open(%q: tensor<?x2x?x16xf32, #graph.sizes<[s0, 2, s1, 16]>>, %k: tensor<?x2x16x?xf32, #graph.sizes<[s0, 2, 16, s1]>>, %v: tensor<?x2x?x16xf32, #graph.sizes<[s0, 2, s1, 16]>>, %u: tensor<?x2x?x16xf32, #graph.sizes<[s2, 2, s1, 16]>>) -> (tensor<?x2x?x16xf32, #graph.sizes<[s0, 2, s1, 16]>>, tensor<?x2x?x16xf32, #graph.sizes<[s0, 2, s1, 16]>>) {
  // CHECK: graph.attention({{.*}} -> tensor<?x2x?x16xf32, #graph.sizes<[s0, 2, s1, 16]>>
  // CHECK-NOT: graph.attention
  // CHECK: graph.softmax
  %s = graph.matmul(%q, %k) : (tensor<?x2x?x16xf32, #graph.sizes<[s0, 2, s1, 16]>>, tensor<?x2x16x?xf32, #graph.sizes<[s0, 2, 16, s1]>>) -> tensor<?x2x?x?xf32, #graph.sizes<[s0, 2, s1, s1]>>
  %p = graph.softmax(%s) {axis = 3 : i64} : (tensor<?x2x?x?xf32, #graph.sizes<[s0, 2, s1, s1]>>) -> tensor<?x2x?x?xf32, #graph.sizes<[s0, 2, s1, s1]>>
  %r = graph.matmul(%p, %v) : (tensor<?x2x?x?xf32, #graph.sizes<[s0, 2, s1, s1]>>, tensor<?x2x?x16xf32, #graph.sizes<[s0, 2, s1, 16]>>) -> tensor<?x2x?x16xf32, #graph.sizes<[s0, 2, s1, 16]>>
  %s2 = graph.matmul(%q, %k) : (tensor<?x2x?x16xf32, #graph.sizes<[s0, 2, s1, 16]>>, tensor<?x2x16x?xf32, #graph.sizes<[s0, 2, 16, s1]>>) -> tensor<?x2x?x?xf32, #graph.sizes<[s0, 2, s1, s1]>>
  %p2 = graph.softmax(%s2) {axis = 3 : i64} : (tensor<?x2x?x?xf32, #graph.sizes<[s0, 2, s1, s1]>>) -> tensor<?x2x?x?xf32, #graph.sizes<[s0, 2, s1, s1]>>
  %r2 = graph.matmul(%p2, %u) : (tensor<?x2x?x?xf32, #graph.sizes<[s0, 2, s1, s1]>>, tensor<?x2x?x16xf32, #graph.sizes<[s2, 2, s1, 16]>>) -> tensor<?x2x?x16xf32, #graph.sizes<[s0, 2, s1, 16]>>
  return %r, %r2 : tensor<?x2x?x16xf32, #graph.sizes<[s0, 2, s1, 16]>>, tensor<?x2x?x16xf32, #graph.sizes<[s0, 2, s1, 16]>>
}

// -----

// The kernel takes no heads of no elements.
// CHECK-LABEL: func.func @negative_nothing_to_combine(
// CHECK-NOT: graph.attention
func.func @negative_nothing_to_combine(%k: tensor<?x2x0x4xf32, #graph.sizes<[s0, 2, 0, 4]>>, %p: tensor<?x2x3x0xf32, #graph.sizes<[s0, 2, 3, 0]>>, %v: tensor<?x2x4x8xf32, #graph.sizes<[s0, 2, 4, 8]>>) -> tensor<?x2x3x8xf32, #graph.sizes<[s0, 2, 3, 8]>> attributes {graph.symbols = ["n"]} {
  %s = graph.matmul(%p, %k) : (tensor<?x2x3x0xf32, #graph.sizes<[s0, 2, 3, 0]>>, tensor<?x2x0x4xf32, #graph.sizes<[s0, 2, 0, 4]>>) -> tensor<?x2x3x4xf32, #graph.sizes<[s0, 2, 3, 4]>>
  %e = graph.softmax(%s) {axis = 3 : i64} : (tensor<?x2x3x4xf32, #graph.sizes<[s0, 2, 3, 4]>>) -> tensor<?x2x3x4xf32, #graph.sizes<[s0, 2, 3, 4]>>
  %r = graph.matmul(%e, %v) : (tensor<?x2x3x4xf32, #graph.sizes<[s0, 2, 3, 4]>>, tensor<?x2x4x8xf32, #graph.sizes<[s0, 2, 4, 8]>>) -> tensor<?x2x3x8xf32, #graph.sizes<[s0, 2, 3, 8]>>
  return %r : tensor<?x2x3x8xf32, #graph.sizes<[s0, 2, 3, 8]>>
}
