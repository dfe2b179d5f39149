// RUN: lambent-opt %s | lambent-opt | FileCheck %s
// RUN: lambent-opt --mlir-print-op-generic %s | lambent-opt | FileCheck %s


// CHECK-LABEL: @reduce
func.func @reduce(%x: tensor<1x8x7x7xf32>) -> tensor<1x8xf32> {
  // CHECK: graph.reduce(%{{.*}}) {axes = array<i64: 2, 3>, keep_dims = false, kind = "mean"} :
  %r = graph.reduce(%x) {kind = "mean", axes = array<i64: 2, 3>, keep_dims = false} : (tensor<1x8x7x7xf32>) -> tensor<1x8xf32>
  return %r : tensor<1x8xf32>
}

// CHECK-LABEL: @arg_reduce
func.func @arg_reduce(%x: tensor<4x8xf32>) -> tensor<4x1xi64> {
  // CHECK: graph.arg_reduce(%{{.*}}) {axis = 1 : i64, kind = "max", select_last = true} :
  %r = graph.arg_reduce(%x) {kind = "max", axis = 1 : i64, select_last = true} : (tensor<4x8xf32>) -> tensor<4x1xi64>
  return %r : tensor<4x1xi64>
}

// CHECK-LABEL: @running_product
func.func @running_product(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK: graph.cumsum(%{{.*}}) {axis = 1 : i64, kind = "prod"} :
  %r = graph.cumsum(%x) {axis = 1 : i64, kind = "prod"} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// CHECK-LABEL: @cumsum
func.func @cumsum(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK: graph.cumsum(%{{.*}}) {axis = 1 : i64, reverse = true} :
  %r = graph.cumsum(%x) {axis = 1 : i64, reverse = true} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// CHECK-LABEL: @topk
func.func @topk(%x: tensor<4x8xf32>, %k: tensor<1xi64>) -> (tensor<4x?xf32>, tensor<4x?xi64>) {
  // CHECK: graph.topk(%{{.*}}, %{{.*}}) {axis = 1 : i64, largest = false} : (tensor<4x8xf32>, tensor<1xi64>) -> (tensor<4x?xf32>, tensor<4x?xi64>)
  %v, %i = graph.topk(%x, %k) {axis = 1 : i64, largest = false} : (tensor<4x8xf32>, tensor<1xi64>) -> (tensor<4x?xf32>, tensor<4x?xi64>)
  return %v, %i : tensor<4x?xf32>, tensor<4x?xi64>
}
