// RUN: lambent-opt %s | lambent-opt | FileCheck %s
// RUN: lambent-opt --mlir-print-op-generic %s | lambent-opt | FileCheck %s


// CHECK-LABEL: @softmax
func.func @softmax(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK: graph.softmax(%{{.*}}) {axis = 1 : i64, log = true} :
  %r = graph.softmax(%x) {axis = 1 : i64, log = true} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// CHECK-LABEL: @layer_norm
func.func @layer_norm(%x: tensor<4x8xf32>, %s: tensor<8xf32>, %b: tensor<8xf32>) -> tensor<4x8xf32> {
  // CHECK: graph.layer_norm(%{{.*}} scale %{{.*}} bias %{{.*}}) {axis = 1 : i64} :
  %0 = graph.layer_norm(%x scale %s bias %b) {axis = 1 : i64, epsilon = 1.0e-5 : f32} : (tensor<4x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  // CHECK: graph.layer_norm(%{{[0-9a-z]+}} bias %{{[0-9a-z]+}}) {axis = 0 : i64, rms = true} :
  %r = graph.layer_norm(%0 bias %b) {axis = 0 : i64, rms = true} : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// CHECK-LABEL: @batch_norm
func.func @batch_norm(%x: tensor<1x4x8x8xf32>, %s: tensor<4xf32>) -> tensor<1x4x8x8xf32> {
  // CHECK: graph.batch_norm(
  %r = graph.batch_norm(%x, %s, %s, %s, %s) {epsilon = 1.0e-3 : f32}
    : (tensor<1x4x8x8xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x8x8xf32>
  return %r : tensor<1x4x8x8xf32>
}

// CHECK-LABEL: @lrn
func.func @lrn(%x: tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32> {
  // CHECK: graph.lrn(%{{.*}}) {size = 5 : i64} :
  %r = graph.lrn(%x) {size = 5 : i64} : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  return %r : tensor<1x16x8x8xf32>
}
