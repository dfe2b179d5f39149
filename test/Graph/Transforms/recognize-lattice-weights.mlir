// RUN: lambent-opt --graph-recognize-lattice-weights=least-elements=4 --split-input-file %s | FileCheck %s
// RUN: lambent-opt --graph-recognize-lattice-weights --split-input-file %s | FileCheck %s --check-prefix=SMALL
// RUN: lambent-opt --graph-recognize-lattice-weights=least-elements=4 --graph-recognize-quantized-weights --split-input-file %s | FileCheck %s --check-prefix=PRODUCT
// SMALL-NOT: graph.elementwise

// One step for all.
// CHECK-LABEL: func @ternary
// CHECK: %[[Q:.*]] = graph.constant dense_resource<codes{{.*}}> : tensor<2x16xi2>
// CHECK: %[[S:.*]] = graph.constant dense<3.000000e-01> : tensor<1x1xf32>
// CHECK: %[[W:.*]] = graph.elementwise(%[[Q]], %[[S]]) : (tensor<2x16xi2>, tensor<1x1xf32>) -> tensor<2x16xf32> {
// CHECK: ^bb0(%[[CODE:.*]]: i8, %[[STEP:.*]]: f32):
// CHECK: %[[C6:.*]] = arith.constant 6 : i8
// CHECK: %[[UP:.*]] = arith.shli %[[CODE]], %[[C6]] : i8
// CHECK: %[[DOWN:.*]] = arith.shrsi %[[UP]], %[[C6]] : i8
// CHECK: %[[I:.*]] = arith.extsi %[[DOWN]] : i8 to i32
// CHECK: %[[F:.*]] = arith.sitofp %[[I]] : i32 to f32
// CHECK: arith.mulf %[[F]], %[[STEP]] : f32
// CHECK: graph.matmul(%arg0, %[[W]])
// PRODUCT-LABEL: func @ternary
// PRODUCT: graph.quantized_matmul({{.*}}) {bits = 2 : i64, block_size = 16 : i64}
func.func @ternary(%x: tensor<4x16xf32>) -> tensor<4x2xf32> {
  %w = graph.constant dense<[
    [0.3, -0.3, 0.0, -0.0, 0.3, 0.3, 0.3, 0.3, 0.0, 0.0, 0.0, -0.3, 0.0, 0.3, 0.0, 0.0],
    [0.3, 0.3, 0.0, 0.3, 0.0, 0.3, -0.3, 0.3, 0.0, 0.3, 0.0, -0.3, 0.0, 0.0, 0.0, 0.3]]> : tensor<2x16xf32>
  %r = graph.matmul(%x, %w) {transpose_rhs = true} : (tensor<4x16xf32>, tensor<2x16xf32>) -> tensor<4x2xf32>
  return %r : tensor<4x2xf32>
}

// -----

// A step for each column: of 0.3 and of 0.7, which have none in common.
// CHECK-LABEL: func @columns
// CHECK: %[[Q:.*]] = graph.constant dense_resource<codes{{.*}}> : tensor<16x2xi4>
// CHECK: %[[S:.*]] = graph.constant dense<{{\[}}[1.300000e-01, 7.710000e-01]]> : tensor<1x2xf32>
// CHECK: graph.elementwise(%[[Q]], %[[S]])
// PRODUCT-LABEL: func @columns
// PRODUCT: graph.quantized_matmul({{.*}}) {bits = 4 : i64, block_size = 16 : i64}
func.func @columns(%x: tensor<4x16xf32>) -> tensor<4x2xf32> {
  %w = graph.constant dense<[[0.13, 0.771], [0.26, 0.0], [0.39, -0.771], [-0.13, 0.0], [0.13, 0.0], [0.13, 0.0], [0.13, 0.0],
    [0.13, 0.0], [0.13, 0.0], [0.13, 0.0], [0.13, 0.0], [0.13, 0.0], [0.13, 0.0], [0.13, 0.0], [0.13, 0.0], [0.13, 0.0]]> : tensor<16x2xf32>
  %r = graph.matmul(%x, %w) : (tensor<4x16xf32>, tensor<16x2xf32>) -> tensor<4x2xf32>
  return %r : tensor<4x2xf32>
}

// -----

// What is read as rows keeps its zeros' signs; a filter of floats has no kernel that takes codes; numbers of no lattice stay.
// CHECK-LABEL: func @negative
// CHECK-NOT: graph.elementwise
// CHECK: return
func.func @negative(%i: tensor<3xi64>, %x: tensor<1x2x8x8xf32>, %y: tensor<4x4xf32>) -> (tensor<3x4xf32>, tensor<1x2x8x8xf32>, tensor<4x4xf32>) {
  %t = graph.constant dense<[[0.5, -0.0, 0.5, 1.0], [0.5, 0.0, 0.5, 1.0], [0.5, 0.0, 0.5, 1.0], [0.5, 0.0, 0.5, 1.0]]> : tensor<4x4xf32>
  %f = graph.constant dense<[[[[0.5]], [[0.25]]], [[[0.0]], [[0.75]]]]> : tensor<2x2x1x1xf32>
  %w = graph.constant dense<[[0.13256, 0.79213, -0.31113, 0.52721], [0.93712, -0.12753, 0.61329, 0.23341],
    [0.41537, 0.27319, 0.77231, -0.91133], [0.55531, 0.31377, 0.87317, 0.13377]]> : tensor<4x4xf32>
  %0 = graph.gather(%t, %i) {axis = 0 : i64} : (tensor<4x4xf32>, tensor<3xi64>) -> tensor<3x4xf32>
  %1 = graph.conv(%x, %f) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64}
    : (tensor<1x2x8x8xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x8x8xf32>
  %2 = graph.matmul(%y, %w) : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0, %1, %2 : tensor<3x4xf32>, tensor<1x2x8x8xf32>, tensor<4x4xf32>
}
