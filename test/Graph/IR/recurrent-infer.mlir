// RUN: lambent-opt %s --split-input-file --verify-diagnostics

// What is open in one operand may be known from another.

func.func @recurrent_sequence(%g: tensor<?x?x4xf32>, %r: tensor<1x4x4xf32>, %n: tensor<2xi32>) {
  // expected-error @+1 {{expected result #0 of 'tensor<?x1x2x4xf32>', but got}}
  %y, %h = graph.recurrent(%g, %r lengths %n) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<?x?x4xf32>, tensor<1x4x4xf32>, tensor<2xi32>) -> (tensor<5x1x3x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @recurrent_last(%g: tensor<5x?x8xf32>, %r: tensor<2x4x4xf32>) {
  // expected-error @+1 {{expected result #1 of 'tensor<2x?x4xf32>', but got}}
  %y, %h = graph.recurrent(%g, %r) {cell = "rnn", direction = "bidirectional", activations = ["Tanh", "Relu"], alphas = array<f32: 0.0, 0.0>, betas = array<f32: 0.0, 0.0>}
    : (tensor<5x?x8xf32>, tensor<2x4x4xf32>) -> (tensor<5x2x3x4xf32>, tensor<1x2x4xf32>)
  return
}
