// RUN: lambent-opt %s --graph-fold-batch-norm --split-input-file | FileCheck %s
// RUN: lambent-opt %s --graph-fold-batch-norm=strict --split-input-file | FileCheck %s --check-prefix=STRICT

// Strictly, constants stay where they are.
// STRICT-LABEL: func.func @into_conv(
// STRICT: %[[C:.*]] = graph.conv(%{{.*}}, %{{.*}}) {
// STRICT: graph.elementwise(%[[C]], %{{.*}}, %{{.*}})
// STRICT-LABEL: func.func @into_matmul(
// STRICT: graph.matmul
// STRICT: graph.elementwise
// STRICT: graph.elementwise
// STRICT-LABEL: func.func @into_next_conv(
// STRICT: graph.elementwise
// STRICT: graph.conv
// STRICT-LABEL: func.func @negative_two_uses(

// CHECK-LABEL: func.func @into_conv(
// CHECK-SAME: %[[X:.*]]: tensor<1x3x8x8xf32>
func.func @into_conv(%x: tensor<1x3x8x8xf32>) -> tensor<1x2x8x8xf32> {
  // CHECK-DAG: %[[FILTER:.*]] = graph.constant dense<{{\[\[\[\[}}5.000000e-01]], {{\[\[}}1.000000e+00]], {{\[\[}}1.500000e+00]]], {{\[\[\[}}1.600000e+01]], {{\[\[}}2.000000e+01]], {{\[\[}}2.400000e+01]]]]>
  // CHECK-DAG: %[[BIAS:.*]] = graph.constant dense<[2.750000e+00, 8.000000e+00]>
  // CHECK: %[[R:.*]] = graph.conv(%[[X]], %[[FILTER]], %[[BIAS]])
  // CHECK-NOT: graph.batch_norm
  // CHECK: return %[[R]]
  %w = graph.constant dense<[[[[1.0]], [[2.0]], [[3.0]]], [[[4.0]], [[5.0]], [[6.0]]]]> : tensor<2x3x1x1xf32>
  %s = graph.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %b = graph.constant dense<[3.0, 4.0]> : tensor<2xf32>
  %m = graph.constant dense<[0.5, -1.0]> : tensor<2xf32>
  %v = graph.constant dense<[4.0, 0.25]> : tensor<2xf32>
  %0 = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x8x8xf32>, tensor<2x3x1x1xf32>) -> tensor<1x2x8x8xf32>
  %r = graph.batch_norm(%0, %s, %b, %m, %v) {epsilon = 0.0 : f32} : (tensor<1x2x8x8xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x8x8xf32>
  return %r : tensor<1x2x8x8xf32>
}

// -----

// The filter of a transposed convolution holds output channels per group in dim 1.
// CHECK-LABEL: func.func @into_grouped_conv_transpose(
func.func @into_grouped_conv_transpose(%x: tensor<1x2x4x4xf32>) -> tensor<1x4x8x8xf32> {
  // CHECK-DAG: %[[FILTER:.*]] = graph.constant dense<{{.*}}[4.000000e+00, 8.000000e+00]{{.*}}[8.000000e+00, 1.600000e+01]{{.*}}[4.800000e+01, 9.600000e+01]{{.*}}> : tensor<2x2x2x2xf32>
  // CHECK: %[[R:.*]] = graph.conv_transpose(%{{.*}}, %[[FILTER]], %{{.*}})
  // CHECK-NEXT: return %[[R]]
  %w = graph.constant dense<[[[[1.0, 2.0], [1.0, 1.0]], [[1.0, 2.0], [1.0, 1.0]]], [[[1.0, 1.0], [1.0, 1.0]], [[3.0, 6.0], [1.0, 1.0]]]]> : tensor<2x2x2x2xf32>
  %p = graph.constant dense<[4.0, 16.0, 9.0, 16.0]> : tensor<4xf32>
  %s = graph.constant dense<[4.0, 8.0, 3.0, 16.0]> : tensor<4xf32>
  %o = graph.constant dense<1.0> : tensor<4xf32>
  %0 = graph.conv_transpose(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, output_padding = array<i64: 0, 0>, group = 2 : i64} : (tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32>) -> tensor<1x4x8x8xf32>
  %r = graph.batch_norm(%0, %s, %p, %p, %o) {epsilon = 0.0 : f32} : (tensor<1x4x8x8xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x8x8xf32>
  return %r : tensor<1x4x8x8xf32>
}

// -----

// The scale goes into a product's weights, the shift stays. Two in a row become one before.
// CHECK-LABEL: func.func @into_matmul(
// CHECK-SAME: %[[X:.*]]: tensor<4x3xf32>
func.func @into_matmul(%x: tensor<4x3xf32>) -> tensor<4x2xf32> {
  // CHECK: %[[R:.*]] = graph.matmul(%[[X]], %{{.*}}) : (tensor<4x3xf32>, tensor<3x2xf32>)
  // CHECK: graph.elementwise(%[[R]], %{{.*}}) : (tensor<4x2xf32>, tensor<2xf32>)
  // CHECK-NEXT: ^bb0
  // CHECK-NEXT: arith.addf
  // CHECK-NEXT: graph.yield
  // CHECK-NEXT: }
  // CHECK-NEXT: return
  %w = graph.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %b = graph.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %s = graph.constant dense<[3.0, 4.0]> : tensor<2xf32>
  %0 = graph.matmul(%x, %w) : (tensor<4x3xf32>, tensor<3x2xf32>) -> tensor<4x2xf32>
  %1 = graph.elementwise(%0, %b) : (tensor<4x2xf32>, tensor<2xf32>) -> tensor<4x2xf32> {
  ^bb0(%a: f32, %c: f32):
    %2 = arith.addf %a, %c : f32
    graph.yield %2 : f32
  }
  %r = graph.elementwise(%s, %1) : (tensor<2xf32>, tensor<4x2xf32>) -> tensor<4x2xf32> {
  ^bb0(%a: f32, %c: f32):
    %2 = arith.mulf %a, %c : f32
    graph.yield %2 : f32
  }
  return %r : tensor<4x2xf32>
}

// -----

// Nothing made the input: the convolution that follows takes scale and shift, as it reads no padding.
// CHECK-LABEL: func.func @into_next_conv(
// CHECK-SAME: %[[X:.*]]: tensor<1x2x4x4xf32>
func.func @into_next_conv(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  // CHECK: graph.reduce({{.*}}) {axes = array<i64: 1>, keep_dims = false, kind = "sum"}
  // CHECK: %[[R:.*]] = graph.conv(%[[X]], %{{.*}}, %{{.*}})
  // CHECK: return %[[R]]
  %w = graph.constant dense<[[[[1.0]]], [[[2.0]]]]> : tensor<2x1x1x1xf32>
  %s = graph.constant dense<[[[1.0]], [[2.0]]]> : tensor<2x1x1xf32>
  %0 = graph.elementwise(%x, %s) : (tensor<1x2x4x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4x4xf32> {
  ^bb0(%a: f32, %c: f32):
    %half = arith.constant 0.5 : f32
    %2 = arith.subf %c, %a : f32
    %3 = arith.divf %2, %c : f32
    %4 = arith.subf %3, %half : f32
    graph.yield %4 : f32
  }
  %r = graph.conv(%0, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, group = 2 : i64} : (tensor<1x2x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x4x4xf32>
  return %r : tensor<1x2x4x4xf32>
}

// -----

// A shift before a padded convolution would have to be on the padding too.
// CHECK-LABEL: func.func @negative_padded(
// CHECK: %[[N:.*]] = graph.elementwise({{.*}}) : (tensor<1x2x4x4xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>)
// CHECK: graph.conv(%[[N]], %{{[a-z0-9_]*}}) {
func.func @negative_padded(%x: tensor<1x2x4x4xf32>) -> tensor<1x1x4x4xf32> {
  %w = graph.constant dense<1.0> : tensor<1x2x3x3xf32>
  %p = graph.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = graph.batch_norm(%x, %p, %p, %p, %p) : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  %r = graph.conv(%0, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x2x4x4xf32>, tensor<1x2x3x3xf32>) -> tensor<1x1x4x4xf32>
  return %r : tensor<1x1x4x4xf32>
}

// -----

// The convolution's own result is needed as well.
// CHECK-LABEL: func.func @negative_two_uses(
// CHECK: %[[C:.*]] = graph.conv
// CHECK: %[[N:.*]] = graph.elementwise(%[[C]], %{{.*}}, %{{.*}})
// CHECK: return %[[C]], %[[N]]
func.func @negative_two_uses(%x: tensor<1x2x4x4xf32>) -> (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) {
  %w = graph.constant dense<1.0> : tensor<2x2x1x1xf32>
  %p = graph.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %r = graph.batch_norm(%0, %p, %p, %p, %p) : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  return %0, %r : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
}

// -----

// A scale per column is none per channel.
// CHECK-LABEL: func.func @negative_per_column(
// CHECK: graph.conv
// CHECK: graph.elementwise({{.*}}) : (tensor<1x2x4x4xf32>, tensor<4xf32>)
func.func @negative_per_column(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %w = graph.constant dense<1.0> : tensor<2x2x1x1xf32>
  %s = graph.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %0 = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %r = graph.elementwise(%0, %s) : (tensor<1x2x4x4xf32>, tensor<4xf32>) -> tensor<1x2x4x4xf32> {
  ^bb0(%a: f32, %c: f32):
    %2 = arith.mulf %a, %c : f32
    graph.yield %2 : f32
  }
  return %r : tensor<1x2x4x4xf32>
}

// -----

// The bias rounds the convolution's result to integers, which its sum with the shift would not.
// CHECK-LABEL: func.func @negative_cancels_bias(
// CHECK: %[[C:.*]] = graph.conv(%{{.*}}, %{{.*}}, %{{.*}}) {
// CHECK: %[[R:.*]] = graph.elementwise(%[[C]], %{{.*}})
// CHECK: return %[[R]]
func.func @negative_cancels_bias(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %w = graph.constant dense<1.0> : tensor<2x2x1x1xf32>
  %b = graph.constant dense<[12582912.0, 1.0]> : tensor<2xf32>
  %s = graph.constant dense<[[[12582912.0]], [[2.0]]]> : tensor<2x1x1xf32>
  %0 = graph.conv(%x, %w, %b) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  %r = graph.elementwise(%0, %s) : (tensor<1x2x4x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4x4xf32> {
  ^bb0(%a: f32, %c: f32):
    %2 = arith.subf %a, %c : f32
    graph.yield %2 : f32
  }
  return %r : tensor<1x2x4x4xf32>
}

// -----

// In one channel the shift happens to cancel the bias, which no other channel's sum is far from.
// CHECK-LABEL: func.func @cancels_in_one_channel(
// CHECK: %[[R:.*]] = graph.conv(%{{.*}}, %{{.*}}, %{{.*}}) {
// CHECK: return %[[R]]
func.func @cancels_in_one_channel(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %w = graph.constant dense<1.0> : tensor<2x2x1x1xf32>
  %b = graph.constant dense<[2.0, 1.0]> : tensor<2xf32>
  %s = graph.constant dense<[[[2.0]], [[2.0]]]> : tensor<2x1x1xf32>
  %0 = graph.conv(%x, %w, %b) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  %r = graph.elementwise(%0, %s) : (tensor<1x2x4x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4x4xf32> {
  ^bb0(%a: f32, %c: f32):
    %2 = arith.subf %a, %c : f32
    graph.yield %2 : f32
  }
  return %r : tensor<1x2x4x4xf32>
}

// -----

// (x * a) * b may overflow in between.
// CHECK-LABEL: func.func @negative_unlike_factors(
// CHECK: arith.mulf
// CHECK: arith.mulf
func.func @negative_unlike_factors(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %s = graph.constant dense<[[[1.0e20]], [[2.0]]]> : tensor<2x1x1xf32>
  %t = graph.constant dense<[[[1.0e-20]], [[2.0]]]> : tensor<2x1x1xf32>
  %0 = graph.elementwise(%x, %s) : (tensor<1x2x4x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4x4xf32> {
  ^bb0(%a: f32, %c: f32):
    %2 = arith.mulf %a, %c : f32
    graph.yield %2 : f32
  }
  %r = graph.elementwise(%0, %t) : (tensor<1x2x4x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4x4xf32> {
  ^bb0(%a: f32, %c: f32):
    %2 = arith.mulf %a, %c : f32
    graph.yield %2 : f32
  }
  return %r : tensor<1x2x4x4xf32>
}

// -----

// A shift that large in front of a product could be a rounding.
// CHECK-LABEL: func.func @negative_large_shift_into_next_conv(
// CHECK: graph.elementwise
// CHECK: graph.conv
func.func @negative_large_shift_into_next_conv(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %w = graph.constant dense<1.0> : tensor<2x2x1x1xf32>
  %0 = graph.elementwise(%x) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  ^bb0(%a: f32):
    %magic = arith.constant 8388608.0 : f32
    %2 = arith.addf %a, %magic : f32
    graph.yield %2 : f32
  }
  %r = graph.conv(%0, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  return %r : tensor<1x2x4x4xf32>
}

// -----

// Its parameters say that an image of open channels has one.
// CHECK-LABEL: func.func @one_channel_of_an_open_number(
// CHECK: %[[IMAGE:.*]] = graph.reshape(%{{.*}}) {allow_zero = true} : {{.*}} -> tensor<?x1x?xf32, #graph.sizes<[s0, 1, s2]>>
// CHECK: graph.elementwise(%[[IMAGE]],
func.func @one_channel_of_an_open_number(%x: tensor<?x?x?xf32, #graph.sizes<[s0, s1, s2]>>) -> tensor<?x1x?xf32, #graph.sizes<[s0, 1, s2]>> attributes {graph.symbols = ["a", "b", "c"]} {
  %s = graph.constant dense<2.0> : tensor<1xf32>
  %r = graph.batch_norm(%x, %s, %s, %s, %s) {epsilon = 0.0 : f32} : (tensor<?x?x?xf32, #graph.sizes<[s0, s1, s2]>>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x1x?xf32, #graph.sizes<[s0, 1, s2]>>
  return %r : tensor<?x1x?xf32, #graph.sizes<[s0, 1, s2]>>
}

// -----

// Of unknown sizes it stays, for the lowering to refuse.
// CHECK-LABEL: func.func @negative_unknown_sizes(
// CHECK: graph.batch_norm
func.func @negative_unknown_sizes(%x: tensor<?x?x?xf32>) -> tensor<?x1x?xf32> {
  %s = graph.constant dense<2.0> : tensor<1xf32>
  %r = graph.batch_norm(%x, %s, %s, %s, %s) {epsilon = 0.0 : f32} : (tensor<?x?x?xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x1x?xf32>
  return %r : tensor<?x1x?xf32>
}

// -----

// A bias of an open number is one for each channel that the scale knows.
// CHECK-LABEL: func.func @bias_of_an_open_number(
// CHECK-SAME: %[[X:.*]]: tensor<?x3x?xf32{{.*}}, %[[B:.*]]: tensor<?xf32
// CHECK: graph.reshape(%[[B]], %{{.*}}) {allow_zero = true} : {{.*}} -> tensor<3xf32>
// CHECK: return %{{.*}} : tensor<?x3x?xf32
func.func @bias_of_an_open_number(%x: tensor<?x3x?xf32, #graph.sizes<[s0, 3, s1]>>, %b: tensor<?xf32, #graph.sizes<[s2]>>) -> tensor<?x3x?xf32, #graph.sizes<[s0, 3, s1]>> attributes {graph.symbols = ["a", "b", "c"]} {
  %s = graph.constant dense<2.0> : tensor<3xf32>
  %r = graph.batch_norm(%x, %s, %b, %s, %s) {epsilon = 0.0 : f32} : (tensor<?x3x?xf32, #graph.sizes<[s0, 3, s1]>>, tensor<3xf32>, tensor<?xf32, #graph.sizes<[s2]>>, tensor<3xf32>, tensor<3xf32>) -> tensor<?x3x?xf32, #graph.sizes<[s0, 3, s1]>>
  return %r : tensor<?x3x?xf32, #graph.sizes<[s0, 3, s1]>>
}
