// RUN: lambent-opt %s --split-input-file --graph-recognize-quantized-weights --canonicalize | FileCheck %s

// One scale for each column, of [K, N].
// CHECK-LABEL: func @columns
func.func @columns(%x: tensor<4x20xf32>) -> tensor<4x6xf32> {
  // CHECK-DAG: %[[W:.*]] = graph.constant {{.*}} : tensor<20x6xi8>
  // CHECK-DAG: %[[S:.*]] = graph.constant dense_resource<w> : tensor<6x1xf32>
  // CHECK-DAG: %[[Q:.*]] = graph.transpose(%[[W]]) {perm = array<i64: 1, 0>} : (tensor<20x6xi8>) -> tensor<6x20xi8>
  // CHECK: graph.quantized_matmul(%arg0, %[[Q]], %[[S]]) {bits = 8 : i64, block_size = 20 : i64} : (tensor<4x20xf32>, tensor<6x20xi8>, tensor<6x1xf32>) -> tensor<4x6xf32>
  %w = graph.constant dense_resource<w> : tensor<20x6xi8>
  %s = graph.constant dense_resource<w> : tensor<6xf32>
  %0 = graph.elementwise(%w) : (tensor<20x6xi8>) -> tensor<20x6xf32> {
  ^bb0(%e: i8):
    %1 = arith.sitofp %e : i8 to f32
    graph.yield %1 : f32
  }
  %2 = graph.elementwise(%s, %0) : (tensor<6xf32>, tensor<20x6xf32>) -> tensor<20x6xf32> {
  ^bb0(%f: f32, %e: f32):
    %3 = arith.mulf %f, %e : f32
    graph.yield %3 : f32
  }
  %r = graph.matmul(%x, %2) : (tensor<4x20xf32>, tensor<20x6xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// -----

// Blocks of 16, their scales and zero points repeated by a gather; codes of ui4 become numbers around 0.
// CHECK-LABEL: func @blocks
func.func @blocks(%x: tensor<4x20xf32>) -> tensor<4x6xf32> {
  // CHECK-DAG: %[[Z:.*]] = graph.elementwise({{.*}}) : (tensor<6x2xui4>) -> tensor<6x2xi8>
  // CHECK: %[[Q:.*]] = graph.elementwise({{.*}}) : (tensor<6x20xui4>) -> tensor<6x20xi8>
  // CHECK: arith.xori
  // CHECK: graph.quantized_matmul(%arg0, %[[Q]], %{{.*}}, %[[Z]]) {bits = 4 : i64, block_size = 16 : i64} : (tensor<4x20xf32>, tensor<6x20xi8>, tensor<6x2xf32>, tensor<6x2xi8>) -> tensor<4x6xf32>
  %w = graph.constant dense_resource<w> : tensor<6x20xui4>
  %s = graph.constant dense_resource<w> : tensor<6x2xf32>
  %z = graph.constant dense_resource<w> : tensor<6x2xui4>
  %i = graph.constant dense<[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1]> : tensor<20xi64>
  %t = graph.gather(%s, %i) {axis = 1 : i64} : (tensor<6x2xf32>, tensor<20xi64>) -> tensor<6x20xf32>
  %y = graph.gather(%z, %i) {axis = 1 : i64} : (tensor<6x2xui4>, tensor<20xi64>) -> tensor<6x20xui4>
  %0 = graph.elementwise(%w, %t, %y) : (tensor<6x20xui4>, tensor<6x20xf32>, tensor<6x20xui4>) -> tensor<6x20xf32> {
  ^bb0(%e: i8, %f: f32, %c: i8):
    %1 = arith.extui %e : i8 to i32
    %2 = arith.extui %c : i8 to i32
    %3 = arith.subi %1, %2 : i32
    %4 = arith.sitofp %3 : i32 to f32
    %5 = arith.mulf %4, %f : f32
    graph.yield %5 : f32
  }
  %r = graph.matmul(%x, %0) {transpose_rhs = true} : (tensor<4x20xf32>, tensor<6x20xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// -----

// A zero point in the middle of unsigned codes is none of signed ones; as floats, too.
// CHECK-LABEL: func @middle
func.func @middle(%x: tensor<?x16xf32>) -> tensor<?x6xf32> {
  // CHECK: graph.quantized_matmul(%arg0, %{{[^,]*}}, %{{[^,]*}}) {bits = 2 : i64, block_size = 16 : i64}
  %w = graph.constant dense_resource<w> : tensor<6x16xui2>
  %s = graph.constant dense<0.5> : tensor<6x1xf32>
  %0 = graph.elementwise(%w, %s) : (tensor<6x16xui2>, tensor<6x1xf32>) -> tensor<6x16xf32> {
  ^bb0(%e: i8, %f: f32):
    %c = arith.constant 2.0 : f32
    %1 = arith.uitofp %e : i8 to f32
    %3 = arith.subf %1, %c : f32
    %5 = arith.mulf %3, %f : f32
    graph.yield %5 : f32
  }
  %r = graph.matmul(%x, %0) {transpose_rhs = true} : (tensor<?x16xf32>, tensor<6x16xf32>) -> tensor<?x6xf32>
  return %r : tensor<?x6xf32>
}

// -----

// The table that rows are gathered of stays narrow, and so do the parameters of its blocks.
// CHECK-LABEL: func @tied
func.func @tied(%i: tensor<1x2xi64>, %x: tensor<4x32xf32>) -> (tensor<1x2x32xf32>, tensor<4x6xf32>) {
  // CHECK-DAG: %[[W:.*]] = graph.constant {{.*}} : tensor<6x32xi4>
  // CHECK-DAG: %[[S:.*]] = graph.constant {{.*}} : tensor<6x2xf32>
  // CHECK-DAG: %[[R:.*]] = graph.gather(%[[W]], %arg0) {axis = 0 : i64} : (tensor<6x32xi4>, tensor<1x2xi64>) -> tensor<1x2x32xi4>
  // CHECK-DAG: %[[T:.*]] = graph.gather(%[[S]], %arg0) {axis = 0 : i64} : (tensor<6x2xf32>, tensor<1x2xi64>) -> tensor<1x2x2xf32>
  // CHECK-DAG: %[[U:.*]] = graph.gather(%[[T]], %{{.*}}) {axis = 2 : i64} : (tensor<1x2x2xf32>, tensor<32xi64>) -> tensor<1x2x32xf32>
  // CHECK-DAG: graph.elementwise(%[[R]], %[[U]]) : (tensor<1x2x32xi4>, tensor<1x2x32xf32>) -> tensor<1x2x32xf32>
  // CHECK-DAG: graph.quantized_matmul(%arg1, %{{.*}}, %[[S]]) {bits = 4 : i64, block_size = 16 : i64}
  %w = graph.constant dense_resource<w> : tensor<6x32xi4>
  %s = graph.constant dense_resource<w> : tensor<6x2xf32>
  %k = graph.constant dense<[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]> : tensor<32xi64>
  %t = graph.gather(%s, %k) {axis = 1 : i64} : (tensor<6x2xf32>, tensor<32xi64>) -> tensor<6x32xf32>
  %0 = graph.elementwise(%w, %t) : (tensor<6x32xi4>, tensor<6x32xf32>) -> tensor<6x32xf32> {
  ^bb0(%e: i8, %f: f32):
    %c = arith.constant 4 : i8
    %1 = arith.shli %e, %c : i8
    %2 = arith.shrsi %1, %c : i8
    %3 = arith.extsi %2 : i8 to i32
    %4 = arith.sitofp %3 : i32 to f32
    %5 = arith.mulf %4, %f : f32
    graph.yield %5 : f32
  }
  %g = graph.gather(%0, %i) {axis = 0 : i64} : (tensor<6x32xf32>, tensor<1x2xi64>) -> tensor<1x2x32xf32>
  %r = graph.matmul(%x, %0) {transpose_rhs = true} : (tensor<4x32xf32>, tensor<6x32xf32>) -> tensor<4x6xf32>
  return %g, %r : tensor<1x2x32xf32>, tensor<4x6xf32>
}

// -----

// Small parameters of blocks may have been repeated already.
// CHECK-LABEL: func @repeated
func.func @repeated(%x: tensor<4x32xf32>) -> tensor<4x2xf32> {
  // CHECK-DAG: %[[Q:.*]] = graph.transpose({{.*}} -> tensor<2x32xi8>
  // CHECK-DAG: %[[S:.*]] = graph.constant dense<{{\[}}[1.000000e+00, 2.000000e+00], [1.000000e+00, 2.000000e+00]]> : tensor<2x2xf32>
  // CHECK: graph.quantized_matmul(%arg0, %[[Q]], %[[S]]) {bits = 8 : i64, block_size = 16 : i64}
  %w = graph.constant dense_resource<w> : tensor<32x2xi8>
  %s = graph.constant dense<[[1.], [1.], [1.], [1.], [1.], [1.], [1.], [1.], [1.], [1.], [1.], [1.], [1.], [1.], [1.], [1.],
    [2.], [2.], [2.], [2.], [2.], [2.], [2.], [2.], [2.], [2.], [2.], [2.], [2.], [2.], [2.], [2.]]> : tensor<32x1xf32>
  %0 = graph.elementwise(%w, %s) : (tensor<32x2xi8>, tensor<32x1xf32>) -> tensor<32x2xf32> {
  ^bb0(%e: i8, %f: f32):
    %1 = arith.sitofp %e : i8 to f32
    %2 = arith.mulf %1, %f : f32
    graph.yield %2 : f32
  }
  %r = graph.matmul(%x, %0) : (tensor<4x32xf32>, tensor<32x2xf32>) -> tensor<4x2xf32>
  return %r : tensor<4x2xf32>
}

// -----

// Scales that follow k in another way than by blocks, or are not constant, stay where they are.
// CHECK-LABEL: func @negative_scales
func.func @negative_scales(%x: tensor<4x16xf32>, %a: tensor<6xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  // CHECK-NOT: quantized_matmul
  %w = graph.constant dense<[[0, 3, 6, 9, 12, 15], [5, 8, 11, 14, 17, 20], [10, 13, 16, 19, 22, 25], [15, 18, 21, 24, 27, 30], [20, 23, 26, 29, 32, 35], [25, 28, 31, 34, 37, 40], [30, 33, 36, 39, 42, 45], [35, 38, 41, 44, 47, 50], [40, 43, 46, 49, 52, 55], [45, 48, 51, 54, 57, 60], [50, 53, 56, 59, 62, 65], [55, 58, 61, 64, 67, 70], [60, 63, 66, 69, 72, 75], [65, 68, 71, 74, 77, 80], [70, 73, 76, 79, 82, 85], [75, 78, 81, 84, 87, 90]]> : tensor<16x6xi8>
  %s = graph.constant dense<[[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.0], [1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.0]]> : tensor<16x1xf32>
  %0 = graph.elementwise(%w, %s) : (tensor<16x6xi8>, tensor<16x1xf32>) -> tensor<16x6xf32> {
  ^bb0(%e: i8, %f: f32):
    %1 = arith.sitofp %e : i8 to f32
    %2 = arith.mulf %1, %f : f32
    graph.yield %2 : f32
  }
  %3 = graph.elementwise(%w, %a) : (tensor<16x6xi8>, tensor<6xf32>) -> tensor<16x6xf32> {
  ^bb0(%e: i8, %f: f32):
    %1 = arith.sitofp %e : i8 to f32
    %2 = arith.mulf %1, %f : f32
    graph.yield %2 : f32
  }
  %r = graph.matmul(%x, %0) : (tensor<4x16xf32>, tensor<16x6xf32>) -> tensor<4x6xf32>
  %q = graph.matmul(%x, %3) : (tensor<4x16xf32>, tensor<16x6xf32>) -> tensor<4x6xf32>
  return %r, %q : tensor<4x6xf32>, tensor<4x6xf32>
}

// -----

// A zero point that is no i8 is left alone: nothing of it may be lost.
// CHECK-LABEL: func @far_zero
// CHECK-NOT: quantized_matmul
// CHECK: graph.matmul
func.func @far_zero(%x: tensor<4x16xf32>) -> tensor<4x6xf32> {
  %w = graph.constant dense_resource<w> : tensor<6x16xi8>
  %s = graph.constant dense<0.5> : tensor<6x1xf32>
  %0 = graph.elementwise(%w, %s) : (tensor<6x16xi8>, tensor<6x1xf32>) -> tensor<6x16xf32> {
  ^bb0(%e: i8, %f: f32):
    %c = arith.constant 200.0 : f32
    %1 = arith.sitofp %e : i8 to f32
    %3 = arith.subf %1, %c : f32
    %5 = arith.mulf %3, %f : f32
    graph.yield %5 : f32
  }
  %r = graph.matmul(%x, %0) {transpose_rhs = true} : (tensor<4x16xf32>, tensor<6x16xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// -----

// What multiplies a hidden state stays bytes, of one scale a row; unsigned ones around 128 become signed.
// CHECK-LABEL: func @recurrent
func.func @recurrent(%g: tensor<5x2x4xf32>) -> tensor<5x1x2x4xf32> {
  // CHECK-DAG: %[[W:.*]] = graph.constant dense_resource<w> : tensor<1x4x4xui8>
  // CHECK-DAG: %[[S:.*]] = graph.constant dense_resource<w> : tensor<4xf32>
  // CHECK-DAG: %[[Q:.*]] = graph.elementwise(%[[W]]) : (tensor<1x4x4xui8>) -> tensor<1x4x4xi8>
  // CHECK-DAG: %[[R:.*]] = graph.{{reshape|expand}}(%[[S]], {{.*}} -> tensor<1x4xf32>
  // CHECK: graph.recurrent(%arg0, %[[Q]] scales %[[R]])
  %w = graph.constant dense_resource<w> : tensor<1x4x4xui8>
  %s = graph.constant dense_resource<w> : tensor<4x1xf32>
  %0 = graph.elementwise(%w, %s) : (tensor<1x4x4xui8>, tensor<4x1xf32>) -> tensor<1x4x4xf32> {
  ^bb0(%e: i8, %f: f32):
    %c = arith.constant 128 : i32
    %1 = arith.extui %e : i8 to i32
    %2 = arith.subi %1, %c : i32
    %3 = arith.sitofp %2 : i32 to f32
    %4 = arith.mulf %3, %f : f32
    graph.yield %4 : f32
  }
  %y, %h = graph.recurrent(%g, %0) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return %y : tensor<5x1x2x4xf32>
}

// -----

// A scale for each k is none of a row; neither is there a place for other zero points.
// CHECK-LABEL: func @recurrent_kept
func.func @recurrent_kept(%g: tensor<5x2x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<5x1x2x4xf32>) {
  // CHECK-COUNT-2: graph.recurrent(%arg0, %{{[0-9]+}}) {
  %w = graph.constant dense_resource<w> : tensor<1x4x4xi8>
  %s = graph.constant dense_resource<w> : tensor<4xf32>
  %0 = graph.elementwise(%w, %s) : (tensor<1x4x4xi8>, tensor<4xf32>) -> tensor<1x4x4xf32> {
  ^bb0(%e: i8, %f: f32):
    %1 = arith.sitofp %e : i8 to f32
    %2 = arith.mulf %1, %f : f32
    graph.yield %2 : f32
  }
  %y, %h = graph.recurrent(%g, %0) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  %3 = graph.elementwise(%w) : (tensor<1x4x4xi8>) -> tensor<1x4x4xf32> {
  ^bb0(%e: i8):
    %c = arith.constant 3 : i32
    %f = arith.constant 0.5 : f32
    %1 = arith.extsi %e : i8 to i32
    %2 = arith.subi %1, %c : i32
    %4 = arith.sitofp %2 : i32 to f32
    %5 = arith.mulf %4, %f : f32
    graph.yield %5 : f32
  }
  %z, %i = graph.recurrent(%g, %3) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return %y, %z : tensor<5x1x2x4xf32>, tensor<5x1x2x4xf32>
}
