// RUN: lambent-opt %s | lambent-opt | FileCheck %s
// RUN: lambent-opt --mlir-print-op-generic %s | lambent-opt | FileCheck %s


// CHECK-LABEL: @pool
func.func @pool(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf32> {
  // CHECK: graph.pool(%{{.*}}) {dilations = array<i64: 1, 1>, kernel = array<i64: 2, 2>, kind = "max",
  %r = graph.pool(%x) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf32>
  return %r : tensor<1x3x4x4xf32>
}

// CHECK-LABEL: @pool_regions
func.func @pool_regions(%x: tensor<1x3x8x8xf32>, %corners: tensor<5x4xf32>, %batches: tensor<5xi64>) -> tensor<5x3x2x3xf32> {
  // CHECK: graph.pool_regions(%{{.*}}, %{{.*}}, %{{.*}}) {half_pixel = true, kind = "max", samples = 2 : i64, scale = 5.000000e-01 : f64, size = array<i64: 2, 3>} :
  %r = graph.pool_regions(%x, %corners, %batches) {kind = "max", size = array<i64: 2, 3>, samples = 2 : i64, scale = 0.5 : f64, half_pixel = true}
    : (tensor<1x3x8x8xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<5x3x2x3xf32>
  return %r : tensor<5x3x2x3xf32>
}
