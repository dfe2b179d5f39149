// RUN: lambent-opt --canonicalize %s | FileCheck %s


// CHECK-LABEL: @shape_of_static
func.func @shape_of_static(%x: tensor<2x3x?xf32>) -> tensor<2xi64> {
  // CHECK: graph.constant dense<[2, 3]> : tensor<2xi64>
  %r = graph.shape(%x) {start = 0 : i64, end = 2 : i64} : (tensor<2x3x?xf32>) -> tensor<2xi64>
  return %r : tensor<2xi64>
}

// CHECK-LABEL: @known_element_of_open_shape
func.func @known_element_of_open_shape(%x: tensor<2x3x?xf32>) -> tensor<i64> {
  // CHECK-NEXT: graph.constant dense<3> : tensor<i64>
  // CHECK-NEXT: return
  %s = graph.shape(%x) {start = 0 : i64, end = 3 : i64} : (tensor<2x3x?xf32>) -> tensor<3xi64>
  %i = graph.constant dense<1> : tensor<i64>
  %r = graph.gather(%s, %i) {axis = 0 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  return %r : tensor<i64>
}

// CHECK-LABEL: @negative_open_element
func.func @negative_open_element(%x: tensor<2x3x?xf32>) -> tensor<i64> {
  // CHECK: graph.slice
  %s = graph.shape(%x) {start = 0 : i64, end = 3 : i64} : (tensor<2x3x?xf32>) -> tensor<3xi64>
  %i = graph.constant dense<2> : tensor<i64>
  %r = graph.gather(%s, %i) {axis = 0 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  return %r : tensor<i64>
}

// CHECK-LABEL: @reshape_to_same_type
func.func @reshape_to_same_type(%x: tensor<?x6xf32>, %s: tensor<2xi64>) -> tensor<?x6xf32> {
  // CHECK-NEXT: return %arg0
  %r = graph.reshape(%x, %s) : (tensor<?x6xf32>, tensor<2xi64>) -> tensor<?x6xf32>
  return %r : tensor<?x6xf32>
}

// CHECK-LABEL: @negative_reshape_of_two_open_dims
func.func @negative_reshape_of_two_open_dims(%x: tensor<?x?xf32>, %s: tensor<2xi64>) -> tensor<?x?xf32> {
  // CHECK-NEXT: graph.reshape
  %r = graph.reshape(%x, %s) : (tensor<?x?xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// CHECK-LABEL: @reshape_of_reshape
func.func @reshape_of_reshape(%x: tensor<2x6xf32>, %s: tensor<3xi64>, %t: tensor<2xi64>) -> tensor<4x3xf32> {
  // CHECK: %[[S:.*]] = graph.constant dense<[4, 3]>
  // CHECK-NEXT: graph.reshape(%arg0, %[[S]])
  // CHECK-NEXT: return
  %0 = graph.reshape(%x, %s) : (tensor<2x6xf32>, tensor<3xi64>) -> tensor<2x3x2xf32>
  %1 = graph.reshape(%0, %t) : (tensor<2x3x2xf32>, tensor<2xi64>) -> tensor<4x3xf32>
  return %1 : tensor<4x3xf32>
}

// CHECK-LABEL: @negative_reshape_of_reshape_copies
func.func @negative_reshape_of_reshape_copies(%x: tensor<?x?xf32>, %s: tensor<2xi64>) -> tensor<?x?xf32> {
  // CHECK: graph.reshape(%arg0
  // CHECK: graph.reshape(
  %c = graph.constant dense<[0, -1]> : tensor<2xi64>
  %0 = graph.reshape(%x, %s) : (tensor<?x?xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  %1 = graph.reshape(%0, %c) : (tensor<?x?xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
}

// CHECK-LABEL: @shape_arithmetic_of_one_open_dim_vanishes
func.func @shape_arithmetic_of_one_open_dim_vanishes(%x: tensor<?x128x384xf32>) -> tensor<?x128x12x32xf32> {
  // CHECK-NEXT: %[[S:.*]] = graph.constant dense<[-1, 128, 12, 32]>
  // CHECK-NEXT: graph.reshape(%arg0, %[[S]])
  // CHECK-NEXT: return
  %0 = graph.shape(%x) {start = 0 : i64, end = 1 : i64} : (tensor<?x128x384xf32>) -> tensor<1xi64>
  %1 = graph.constant dense<[128, 12, 32]> : tensor<3xi64>
  %2 = graph.concat(%0, %1) {axis = 0 : i64} : (tensor<1xi64>, tensor<3xi64>) -> tensor<4xi64>
  %r = graph.reshape(%x, %2) : (tensor<?x128x384xf32>, tensor<4xi64>) -> tensor<?x128x12x32xf32>
  return %r : tensor<?x128x12x32xf32>
}

// CHECK-LABEL: @squeeze_unsqueeze_flatten
func.func @squeeze_unsqueeze_flatten(%x: tensor<2x1x6xf32>) -> tensor<2x6xf32> {
  // CHECK: %[[S:.*]] = graph.constant dense<[2, 6]>
  // CHECK-NEXT: graph.reshape(%arg0, %[[S]])
  // CHECK-NEXT: return
  %0 = graph.squeeze(%x) {axes = array<i64: 1>} : (tensor<2x1x6xf32>) -> tensor<2x6xf32>
  %1 = graph.unsqueeze(%0) {axes = array<i64: 0, 3>} : (tensor<2x6xf32>) -> tensor<1x2x6x1xf32>
  %2 = graph.flatten(%1) {axis = 2 : i64} : (tensor<1x2x6x1xf32>) -> tensor<2x6xf32>
  return %2 : tensor<2x6xf32>
}

// CHECK-LABEL: @transposes_cancel
func.func @transposes_cancel(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  // CHECK-NEXT: return %arg0
  %0 = graph.transpose(%x) {perm = array<i64: 1, 2, 0>} : (tensor<?x3x4xf32>) -> tensor<3x4x?xf32>
  %1 = graph.transpose(%0) {perm = array<i64: 2, 0, 1>} : (tensor<3x4x?xf32>) -> tensor<?x3x4xf32>
  return %1 : tensor<?x3x4xf32>
}

// CHECK-LABEL: @transposes_merge
func.func @transposes_merge(%x: tensor<2x3x4xf32>) -> tensor<4x2x3xf32> {
  // CHECK-NEXT: graph.transpose(%arg0) {perm = array<i64: 2, 0, 1>}
  // CHECK-NEXT: return
  %0 = graph.transpose(%x) {perm = array<i64: 1, 2, 0>} : (tensor<2x3x4xf32>) -> tensor<3x4x2xf32>
  %1 = graph.transpose(%0) {perm = array<i64: 1, 2, 0>} : (tensor<3x4x2xf32>) -> tensor<4x2x3xf32>
  return %1 : tensor<4x2x3xf32>
}

// CHECK-LABEL: @transpose_of_unit_dims
func.func @transpose_of_unit_dims(%x: tensor<1x3x1x4xf32>) -> tensor<3x1x4x1xf32> {
  // CHECK: graph.reshape
  %0 = graph.transpose(%x) {perm = array<i64: 1, 0, 3, 2>} : (tensor<1x3x1x4xf32>) -> tensor<3x1x4x1xf32>
  return %0 : tensor<3x1x4x1xf32>
}

// CHECK-LABEL: @transpose_of_constant
func.func @transpose_of_constant() -> tensor<3x2xf32> {
  // CHECK{LITERAL}: graph.constant dense<[[1.000000e+00, 4.000000e+00], [2.000000e+00, 5.000000e+00], [3.000000e+00, 6.000000e+00]]>
  %c = graph.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %0 = graph.transpose(%c) {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// CHECK-LABEL: @expand_of_constant
func.func @expand_of_constant() -> (tensor<2x3xi64>, tensor<100000x3xf32>) {
  %s = graph.constant dense<[2, 3]> : tensor<2xi64>
  %c = graph.constant dense<[[1], [2]]> : tensor<2x1xi64>
  // CHECK-DAG{LITERAL}: dense<[[1, 1, 1], [2, 2, 2]]> : tensor<2x3xi64>
  %0 = graph.expand(%c, %s) : (tensor<2x1xi64>, tensor<2xi64>) -> tensor<2x3xi64>
  %t = graph.constant dense<[100000, 3]> : tensor<2xi64>
  %d = graph.constant dense<1.0> : tensor<f32>
  // CHECK-DAG: dense<1.000000e+00> : tensor<100000x3xf32>
  %1 = graph.expand(%d, %t) : (tensor<f32>, tensor<2xi64>) -> tensor<100000x3xf32>
  return %0, %1 : tensor<2x3xi64>, tensor<100000x3xf32>
}

// CHECK-LABEL: @expand_to_same_type
func.func @expand_to_same_type(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK-NEXT: return %arg0
  %s = graph.constant dense<1> : tensor<2xi64>
  %0 = graph.expand(%x, %s) : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
