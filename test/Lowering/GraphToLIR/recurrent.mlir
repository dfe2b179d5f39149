// RUN: lambent-opt --graph-to-lir --split-input-file %s | FileCheck %s

// What nobody reads has no buffer, but the cell state, in which the layer computes.
// CHECK-LABEL: func @lstm_last_hidden
func.func @lstm_last_hidden(%g: tensor<5x2x16xf32>, %r: tensor<1x16x4xf32>) -> tensor<1x2x4xf32> {
  // CHECK: %[[H:.*]] = lir.alloc : memref<2x1x2x4xf32>
  // CHECK: %[[C:.*]] = lir.alloc : memref<1x2x4xf32>
  // CHECK: lir.recurrent ins(%{{[a-z0-9]*}}, %{{[a-z0-9]*}} : memref<5x2x16xf32>, memref<1x16x4xf32>) last_hidden(%{{[a-z0-9]*}} : memref<1x2x4xf32>)
  // CHECK-SAME: hidden(%[[H]] : memref<2x1x2x4xf32>) state(%[[C]] : memref<1x2x4xf32>)
  // CHECK-SAME: cell = "lstm", clip = 3.000000e+00 : f32, direction = "reverse", input_forget = true
  // CHECK: arith.negf
  // CHECK: math.tanh
  // CHECK: math.tanh
  %y, %h, %c = graph.recurrent(%g, %r) {cell = "lstm", direction = "reverse", clip = 3.0 : f32, input_forget = true,
    activations = ["Sigmoid", "Tanh", "Tanh"], alphas = array<f32: 0.0, 0.0, 0.0>, betas = array<f32: 0.0, 0.0, 0.0>}
    : (tensor<5x2x16xf32>, tensor<1x16x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  return %h : tensor<1x2x4xf32>
}

// -----

// A cell state that is a result is the one in which the layer computes.
// CHECK-LABEL: func @lstm_cell
// CHECK-SAME: %[[C:[a-z0-9]*]]: memref<1x2x4xf32>
func.func @lstm_cell(%g: tensor<5x2x16xf32>, %r: tensor<1x16x4xf32>) -> tensor<1x2x4xf32> {
  // CHECK: lir.recurrent {{.*}} state(%[[C]] : memref<1x2x4xf32>)
  %y, %h, %c = graph.recurrent(%g, %r) {cell = "lstm", direction = "forward",
    activations = ["Sigmoid", "Tanh", "Tanh"], alphas = array<f32: 0.0, 0.0, 0.0>, betas = array<f32: 0.0, 0.0, 0.0>}
    : (tensor<5x2x16xf32>, tensor<1x16x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  return %c : tensor<1x2x4xf32>
}

// -----

// Directions with the same activations share their regions; a gru that resets its hidden state keeps it and the update gate.
// CHECK-LABEL: func @gru_shared
func.func @gru_shared(%g: tensor<5x2x24xf32>, %r: tensor<2x12x4xf32>) -> tensor<5x2x2x4xf32> {
  // CHECK: lir.recurrent {{.*}} state(%{{.*}} : memref<2x2x2x4xf32>)
  // CHECK-COUNT-2: lir.yield
  // CHECK-NOT: lir.yield
  %y, %h = graph.recurrent(%g, %r) {cell = "gru", direction = "bidirectional", activations = ["Sigmoid", "Tanh", "Sigmoid", "Tanh"],
    alphas = array<f32: 0.0, 0.0, 0.0, 0.0>, betas = array<f32: 0.0, 0.0, 0.0, 0.0>}
    : (tensor<5x2x24xf32>, tensor<2x12x4xf32>) -> (tensor<5x2x2x4xf32>, tensor<2x2x4xf32>)
  return %y : tensor<5x2x2x4xf32>
}

// -----

// CHECK-LABEL: func @rnn_own
func.func @rnn_own(%g: tensor<5x2x8xf32>, %r: tensor<2x4x4xf32>) -> tensor<5x2x2x4xf32> {
  // CHECK-COUNT-2: lir.yield
  %y, %h = graph.recurrent(%g, %r) {cell = "rnn", direction = "bidirectional", activations = ["Elu", "Elu"],
    alphas = array<f32: 1.0, 2.0>, betas = array<f32: 0.0, 0.0>}
    : (tensor<5x2x8xf32>, tensor<2x4x4xf32>) -> (tensor<5x2x2x4xf32>, tensor<2x2x4xf32>)
  return %y : tensor<5x2x2x4xf32>
}

// -----

// Weights of bytes come with their scales.
// CHECK-LABEL: func @bytes
func.func @bytes(%g: tensor<5x2x4xf32>, %r: tensor<1x4x4xi8>, %s: tensor<1x4xf32>) -> tensor<5x1x2x4xf32> {
  // CHECK: lir.recurrent ins(%{{[a-z0-9]*}}, %{{[a-z0-9]*}} : memref<5x2x4xf32>, memref<1x4x4xi8>) scales(%{{[a-z0-9]*}} : memref<1x4xf32>) sequence(
  %y, %h = graph.recurrent(%g, %r scales %s) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xi8>, tensor<1x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return %y : tensor<5x1x2x4xf32>
}
