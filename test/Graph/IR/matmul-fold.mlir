// RUN: lambent-opt --canonicalize %s | FileCheck %s


// CHECK-LABEL: @absorbs_transposes
func.func @absorbs_transposes(%a: tensor<2x8x4xf32>, %b: tensor<16x8xf32>) -> tensor<2x4x16xf32> {
  // CHECK-NEXT: graph.matmul(%arg0, %arg1) {transpose_lhs = true, transpose_rhs = true}
  // CHECK-NEXT: return
  %0 = graph.transpose(%a) {perm = array<i64: 0, 2, 1>} : (tensor<2x8x4xf32>) -> tensor<2x4x8xf32>
  %1 = graph.transpose(%b) {perm = array<i64: 1, 0>} : (tensor<16x8xf32>) -> tensor<8x16xf32>
  %r = graph.matmul(%0, %1) : (tensor<2x4x8xf32>, tensor<8x16xf32>) -> tensor<2x4x16xf32>
  return %r : tensor<2x4x16xf32>
}

// CHECK-LABEL: @absorbs_the_swap_in_a_transpose
func.func @absorbs_the_swap_in_a_transpose(%q: tensor<2x12x4x32xf32>, %k: tensor<2x6x12x32xf32>) -> tensor<2x12x4x6xf32> {
  // CHECK-NEXT: %[[K:.*]] = graph.transpose(%arg1) {perm = array<i64: 0, 2, 1, 3>}
  // CHECK-NEXT: graph.matmul(%arg0, %[[K]]) {transpose_rhs = true}
  %0 = graph.transpose(%k) {perm = array<i64: 0, 2, 3, 1>} : (tensor<2x6x12x32xf32>) -> tensor<2x12x32x6xf32>
  %r = graph.matmul(%q, %0) : (tensor<2x12x4x32xf32>, tensor<2x12x32x6xf32>) -> tensor<2x12x4x6xf32>
  return %r : tensor<2x12x4x6xf32>
}

// CHECK-LABEL: @negative_transpose_of_batch
func.func @negative_transpose_of_batch(%a: tensor<4x2x8xf32>, %b: tensor<8x16xf32>) -> tensor<2x4x16xf32> {
  // CHECK-NEXT: graph.transpose
  %0 = graph.transpose(%a) {perm = array<i64: 1, 0, 2>} : (tensor<4x2x8xf32>) -> tensor<2x4x8xf32>
  %r = graph.matmul(%0, %b) : (tensor<2x4x8xf32>, tensor<8x16xf32>) -> tensor<2x4x16xf32>
  return %r : tensor<2x4x16xf32>
}
