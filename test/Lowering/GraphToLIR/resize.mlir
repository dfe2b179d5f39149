// RUN: lambent-opt --graph-to-lir %s | FileCheck %s
// The reference tables are those of ONNX's operator documentation.

// CHECK-LABEL: func @nearest
func.func @nearest(%x: tensor<1x2x1xf32>) -> tensor<1x4x1xf32> {
  %s = graph.constant dense<[1.0, 2.0, 1.0]> : tensor<3xf32>
  // CHECK: %[[I:.*]] = lir.weight dense<[0, 0, 1, 1]>
  // CHECK: lir.gather ins(%{{.*}}, %[[I]] : {{.*}}) {{.*}} {axis = 1 : i64}
  %r = graph.resize(%x scales %s : tensor<3xf32>) {mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"} : tensor<1x2x1xf32> -> tensor<1x4x1xf32>
  return %r : tensor<1x4x1xf32>
}

// CHECK-LABEL: func @linear_half_pixel
func.func @linear_half_pixel(%x: tensor<1x2xf32>) -> tensor<1x4xf32> {
  %s = graph.constant dense<[1, 4]> : tensor<2xi64>
  // CHECK: lir.weight dense<{{\[}}[0, 0], [0, 1], [0, 1], [1, 1]]>
  // CHECK: lir.weight dense<{{\[}}[2.500000e-01, 7.500000e-01], [7.500000e-01, 2.500000e-01], [2.500000e-01, 7.500000e-01], [7.500000e-01, 2.500000e-01]]>
  // CHECK: lir.resample {{.*}} {axis = 1 : i64}
  %r = graph.resize(%x sizes %s : tensor<2xi64>) {mode = "linear"} : tensor<1x2xf32> -> tensor<1x4xf32>
  return %r : tensor<1x4xf32>
}

// CHECK-LABEL: func @cubic_without_what_is_outside
func.func @cubic_without_what_is_outside(%x: tensor<4xf32>) -> tensor<8xf32> {
  %s = graph.constant dense<2.0> : tensor<1xf32>
  // CHECK: lir.weight dense<{{\[}}[0, 0, 0, 1],
  // CHECK: lir.weight dense<{{\[}}[0.000000e+00, 0.000000e+00, {{[0-9.e+-]+}}, {{[0-9.e+-]+}}]
  %r = graph.resize(%x scales %s : tensor<1xf32>) {mode = "cubic", exclude_outside = true} : tensor<4xf32> -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// CHECK-LABEL: func @shrinking_dims_go_first
func.func @shrinking_dims_go_first(%x: tensor<4x8xf32>) -> tensor<8x4xf32> {
  %s = graph.constant dense<[8, 4]> : tensor<2xi64>
  // CHECK: lir.resample {{.*}} outs(%{{.*}} : memref<4x4xf32>) {axis = 1 : i64}
  // CHECK: lir.resample {{.*}} outs(%{{.*}} : memref<8x4xf32>) {axis = 0 : i64}
  %r = graph.resize(%x sizes %s : tensor<2xi64>) {mode = "linear"} : tensor<4x8xf32> -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}

// CHECK-LABEL: func @crop_extrapolates
func.func @crop_extrapolates(%x: tensor<4xf32>) -> tensor<3xf32> {
  %roi = graph.constant dense<[0.0, 2.0]> : tensor<2xf32>
  %s = graph.constant dense<3> : tensor<1xi64>
  // CHECK: %[[M:.*]] = lir.weight dense<[false, false, true]>
  // CHECK: lir.resample
  // CHECK: lir.elementwise ins(%{{.*}}, %[[M]] : memref<3xf32>, memref<3xi1>)
  // CHECK: arith.constant 1.000000e+01
  // CHECK: arith.select
  %r = graph.resize(%x roi %roi : tensor<2xf32> sizes %s : tensor<1xi64>) {mode = "linear", coordinate_transformation_mode = "tf_crop_and_resize", extrapolation_value = 10.0 : f32} : tensor<4xf32> -> tensor<3xf32>
  return %r : tensor<3xf32>
}
