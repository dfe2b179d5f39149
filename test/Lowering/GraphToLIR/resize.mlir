// RUN: lambent-opt --graph-to-lir %s | FileCheck %s
// The reference tables are those of ONNX's operator documentation.

// CHECK: #[[REPEATS:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d3)>

// CHECK-LABEL: func @nearest
func.func @nearest(%x: tensor<1x2x1xf32>) -> tensor<1x3x1xf32> {
  %s = graph.constant dense<[1.0, 1.5, 1.0]> : tensor<3xf32>
  // CHECK: %[[I:.*]] = lir.weight dense<[0, 0, 1]>
  // CHECK: lir.gather ins(%{{.*}}, %[[I]] : {{.*}}) {{.*}} {axis = 1 : i64}
  %r = graph.resize(%x scales %s : tensor<3xf32>) {mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"} : tensor<1x2x1xf32> -> tensor<1x3x1xf32>
  return %r : tensor<1x3x1xf32>
}

// CHECK-LABEL: func @nearest_repeats_elements
func.func @nearest_repeats_elements(%x: tensor<5x2x7xf32>) -> tensor<5x4x21xf32> {
  %s = graph.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  // CHECK-NOT: lir.gather
  // CHECK: %[[Y:.*]] = lir.view {{.*}} -> memref<5x2x2x7x3xf32>
  // CHECK: lir.elementwise {{.*}} outs(%[[Y]] : {{.*}}) domain [5, 2, 2, 7, 3] maps [#[[REPEATS]],
  %r = graph.resize(%x scales %s : tensor<3xf32>) {mode = "nearest"} : tensor<5x2x7xf32> -> tensor<5x4x21xf32>
  return %r : tensor<5x4x21xf32>
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

// Given sizes, coordinates are exact: 14.5 is a tie, which f32 would miss.
// CHECK-LABEL: func @ties_go_up
func.func @ties_go_up(%x: tensor<20xf32>) -> tensor<6xf32> {
  %s = graph.constant dense<[6]> : tensor<1xi64>
  // CHECK: lir.weight dense<[1, 5, 8, 11, 15, 18]>
  %r = graph.resize(%x sizes %s : tensor<1xi64>) {mode = "nearest", nearest_mode = "round_prefer_ceil"} : tensor<20xf32> -> tensor<6xf32>
  return %r : tensor<6xf32>
}

// CHECK-LABEL: func @ties_go_down
func.func @ties_go_down(%x: tensor<20xf32>) -> tensor<6xf32> {
  %s = graph.constant dense<[6]> : tensor<1xi64>
  // CHECK: lir.weight dense<[1, 4, 8, 11, 14, 18]>
  %r = graph.resize(%x sizes %s : tensor<1xi64>) {mode = "nearest"} : tensor<20xf32> -> tensor<6xf32>
  return %r : tensor<6xf32>
}

// The middle one of 13 is 6 exactly, and its floor is not 5.
// CHECK-LABEL: func @whole_coordinates
func.func @whole_coordinates(%x: tensor<13xf32>) -> tensor<7xf32> {
  %s = graph.constant dense<[7]> : tensor<1xi64>
  // CHECK: lir.weight dense<[0, 2, 4, 6, 7, 9, 11]>
  %r = graph.resize(%x sizes %s : tensor<1xi64>) {mode = "nearest", nearest_mode = "floor"} : tensor<13xf32> -> tensor<7xf32>
  return %r : tensor<7xf32>
}

// A scale is an f32, and so are the coordinates: 3 / 0.3 is 10.
// CHECK-LABEL: func @given_scales
func.func @given_scales(%x: tensor<20xf32>) -> tensor<6xf32> {
  %s = graph.constant dense<[0.3]> : tensor<1xf32>
  // CHECK: lir.weight dense<[0, 3, 6, 10, 13, 16]>
  %r = graph.resize(%x scales %s : tensor<1xf32>) {mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"} : tensor<20xf32> -> tensor<6xf32>
  return %r : tensor<6xf32>
}

// One scale for all: 1/3 of the first dim, of 7 positions for the second then. The size is not cut before coordinates.
// CHECK-LABEL: func @one_scale_for_all
func.func @one_scale_for_all(%x: tensor<9x7xf32>) -> tensor<3x2xf32> {
  %s = graph.constant dense<[3, 7]> : tensor<2xi64>
  // CHECK-DAG: lir.weight dense<[1, 4, 7]>
  // CHECK-DAG: lir.weight dense<[1, 4]>
  %r = graph.resize(%x sizes %s : tensor<2xi64>) {mode = "nearest", keep_aspect_ratio_policy = "not_larger"} : tensor<9x7xf32> -> tensor<3x2xf32>
  return %r : tensor<3x2xf32>
}
