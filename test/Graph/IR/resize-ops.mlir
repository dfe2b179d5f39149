// RUN: lambent-opt %s | lambent-opt | FileCheck %s
// RUN: lambent-opt --mlir-print-op-generic %s | lambent-opt | FileCheck %s


// CHECK-LABEL: @resize
func.func @resize(%x: tensor<1x4x8x8xf32>, %roi: tensor<4xf32>, %sizes: tensor<2xi64>) -> tensor<1x4x?x?xf32> {
  // CHECK: graph.resize(%{{.*}} scales %{{.*}} : tensor<4xf32>) {coordinate_transformation_mode = "asymmetric", mode = "nearest", nearest_mode = "floor"} : tensor<1x4x8x8xf32> -> tensor<1x4x16x16xf32>
  %s = graph.constant dense<[1.0, 1.0, 2.0, 2.0]> : tensor<4xf32>
  %0 = graph.resize(%x scales %s : tensor<4xf32>) {mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"}
    : tensor<1x4x8x8xf32> -> tensor<1x4x16x16xf32>
  // CHECK: graph.resize(%{{.*}} roi %{{.*}} : tensor<4xf32> sizes %{{.*}} : tensor<2xi64>)
  %r = graph.resize(%0 roi %roi : tensor<4xf32> sizes %sizes : tensor<2xi64>) {mode = "linear", axes = array<i64: 2, 3>,
    coordinate_transformation_mode = "tf_crop_and_resize"} : tensor<1x4x16x16xf32> -> tensor<1x4x?x?xf32>
  return %r : tensor<1x4x?x?xf32>
}
