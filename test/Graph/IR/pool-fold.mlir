// RUN: lambent-opt --canonicalize %s | FileCheck %s


// CHECK-LABEL: @same_lower
func.func @same_lower(%x: tensor<1x3x8x9xf32>) -> tensor<1x3x4x9xf32> {
  // CHECK: graph.pool(%arg0) {dilations = array<i64: 1, 1>, kernel = array<i64: 3, 2>, kind = "max", pads = array<i64: 1, 1, 0, 0>, strides = array<i64: 2, 1>}
  %r = graph.pool(%x) {kind = "max", kernel = array<i64: 3, 2>, strides = array<i64: 2, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, auto_pad = "SAME_LOWER"} : (tensor<1x3x8x9xf32>) -> tensor<1x3x4x9xf32>
  return %r : tensor<1x3x4x9xf32>
}
