// RUN: lambent-opt --canonicalize --split-input-file %s | FileCheck %s

// Without steps the last states are the initial ones.
// CHECK-LABEL: @no_steps
// CHECK-SAME: %[[G:[a-z0-9]*]]: tensor<0x2x16xf32>, %[[R:[a-z0-9]*]]: tensor<1x16x4xf32>, %[[H:[a-z0-9]*]]: tensor<1x2x4xf32>
func.func @no_steps(%g: tensor<0x2x16xf32>, %r: tensor<1x16x4xf32>, %h: tensor<1x2x4xf32>) -> (tensor<0x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>) {
  // CHECK-DAG: %[[Y:.*]] = graph.constant dense<> : tensor<0x1x2x4xf32>
  // CHECK-DAG: %[[C:.*]] = graph.constant dense<0.000000e+00> : tensor<1x2x4xf32>
  // CHECK: return %[[Y]], %[[H]], %[[C]]
  %y, %l, %c = graph.recurrent(%g, %r hidden %h) {cell = "lstm", direction = "forward",
    activations = ["Sigmoid", "Tanh", "Tanh"], alphas = array<f32: 0.0, 0.0, 0.0>, betas = array<f32: 0.0, 0.0, 0.0>}
    : (tensor<0x2x16xf32>, tensor<1x16x4xf32>, tensor<1x2x4xf32>) -> (tensor<0x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  return %y, %l, %c : tensor<0x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>
}

// -----

// CHECK-LABEL: @negative_open
func.func @negative_open(%g: tensor<0x?x4xf32>, %r: tensor<1x4x4xf32>) -> tensor<1x?x4xf32> {
  // CHECK: graph.recurrent
  %y, %h = graph.recurrent(%g, %r) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<0x?x4xf32>, tensor<1x4x4xf32>) -> (tensor<0x1x?x4xf32>, tensor<1x?x4xf32>)
  return %h : tensor<1x?x4xf32>
}
