// RUN: lambent-opt --canonicalize %s | FileCheck %s


// CHECK-LABEL: @to_same_size
func.func @to_same_size(%x: tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> {
  // CHECK-NEXT: return %arg0
  %s = graph.constant dense<1.0> : tensor<4xf32>
  %0 = graph.resize(%x scales %s : tensor<4xf32>) {mode = "cubic"} : tensor<1x4x8x8xf32> -> tensor<1x4x8x8xf32>
  return %0 : tensor<1x4x8x8xf32>
}

// CHECK-LABEL: @negative_scale_keeps_size_only
func.func @negative_scale_keeps_size_only(%x: tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> {
  // CHECK: graph.resize
  %s = graph.constant dense<[1.0, 1.0, 1.0, 1.1]> : tensor<4xf32>
  %0 = graph.resize(%x scales %s : tensor<4xf32>) {mode = "linear"} : tensor<1x4x8x8xf32> -> tensor<1x4x8x8xf32>
  return %0 : tensor<1x4x8x8xf32>
}
