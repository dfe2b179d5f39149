// RUN: lambent-opt --canonicalize %s | FileCheck %s


// CHECK-LABEL: @of_shape
func.func @of_shape(%x: tensor<2x3x4xf32>) -> (tensor<1xi64>, tensor<i64>) {
  %s = graph.shape(%x) {start = 0 : i64, end = 3 : i64} : (tensor<2x3x4xf32>) -> tensor<3xi64>
  // CHECK-DAG: dense<24> : tensor<1xi64>
  %0 = graph.reduce(%s) {kind = "prod", axes = array<i64: 0>} : (tensor<3xi64>) -> tensor<1xi64>
  // CHECK-DAG: dense<4> : tensor<i64>
  %1 = graph.reduce(%s) {kind = "max", axes = array<i64: 0>, keep_dims = false} : (tensor<3xi64>) -> tensor<i64>
  return %0, %1 : tensor<1xi64>, tensor<i64>
}

// CHECK-LABEL: @negative_overflow
func.func @negative_overflow() -> tensor<1xi64> {
  // CHECK: graph.reduce
  %c = graph.constant dense<[9223372036854775807, 2]> : tensor<2xi64>
  %0 = graph.reduce(%c) {kind = "prod", axes = array<i64: 0>} : (tensor<2xi64>) -> tensor<1xi64>
  return %0 : tensor<1xi64>
}

// CHECK-LABEL: @of_nothing
func.func @of_nothing(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  // CHECK-NEXT: return %arg0
  %0 = graph.reduce(%x) {kind = "sum", axes = array<i64>} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// CHECK-LABEL: @absorbs_transpose
func.func @absorbs_transpose(%x: tensor<1x7x7x8xf32>) -> tensor<1x8xf32> {
  // CHECK-NEXT: graph.reduce(%arg0) {axes = array<i64: 1, 2>, keep_dims = false, kind = "mean"}
  %0 = graph.transpose(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x7x7x8xf32>) -> tensor<1x8x7x7xf32>
  %1 = graph.reduce(%0) {kind = "mean", axes = array<i64: 2, 3>, keep_dims = false} : (tensor<1x8x7x7xf32>) -> tensor<1x8xf32>
  return %1 : tensor<1x8xf32>
}
