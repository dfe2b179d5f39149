// RUN: lambent-opt %s --split-input-file --verify-diagnostics

func.func @recurrent_c1_cell(%g: tensor<5x2x4xf32>, %r: tensor<1x4x4xf32>) {
  // expected-error @+1 {{expected cell to be one of rnn, gru, lstm, but got mgu}}
  %y, %h = graph.recurrent(%g, %r) {cell = "mgu", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @recurrent_c1_direction(%g: tensor<5x2x4xf32>, %r: tensor<1x4x4xf32>) {
  // expected-error @+1 {{expected direction to be one of forward, reverse, bidirectional, but got back}}
  %y, %h = graph.recurrent(%g, %r) {cell = "rnn", direction = "back", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @recurrent_c1_count(%g: tensor<5x2x4xf32>, %r: tensor<1x4x4xf32>) {
  // expected-error @+1 {{expected 1 activations, alphas and betas, but got 2, 2 and 2}}
  %y, %h = graph.recurrent(%g, %r) {cell = "rnn", direction = "forward", activations = ["Sigmoid", "Tanh"], alphas = array<f32: 0.0, 0.0>, betas = array<f32: 0.0, 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @recurrent_c1_activation(%g: tensor<5x2x4xf32>, %r: tensor<1x4x4xf32>) {
  // expected-error @+1 {{expected activation to be one of Relu, Tanh, Sigmoid, Affine, LeakyRelu, ThresholdedRelu, ScaledTanh, HardSigmoid, Elu, Softsign, Softplus, but got Gelu}}
  %y, %h = graph.recurrent(%g, %r) {cell = "rnn", direction = "forward", activations = ["Gelu"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @recurrent_c2_peepholes(%g: tensor<5x2x4xf32>, %r: tensor<1x4x4xf32>, %p: tensor<1x12xf32>) {
  // expected-error @+1 {{expected cell states and peepholes of an lstm only, but got those of a rnn}}
  %y, %h = graph.recurrent(%g, %r peepholes %p) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xf32>, tensor<1x12xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @recurrent_c2_candidate(%g: tensor<5x2x4xf32>, %r: tensor<1x4x4xf32>, %b: tensor<1x4xf32>) {
  // expected-error @+1 {{expected no bias of a candidate that is not reset after its product, but got one}}
  %y, %h = graph.recurrent(%g, %r candidate_bias %b) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xf32>, tensor<1x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @recurrent_c3_weights(%g: tensor<5x2x4xf32>, %r: tensor<1x4x?xf32>) {
  // expected-error @+1 {{expected weights [dirs, gates * hidden, hidden] of known sizes, but got}}
  %y, %h = graph.recurrent(%g, %r) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x?xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @recurrent_c3_gates(%g: tensor<10x4xf32>, %r: tensor<1x4x4xf32>) {
  // expected-error @+1 {{expected gates [seq, batch, dirs * gates * hidden], but got}}
  %y, %h = graph.recurrent(%g, %r) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<10x4xf32>, tensor<1x4x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @recurrent_c3_rows(%g: tensor<5x2x4xf32>, %r: tensor<1x8x4xf32>) {
  // expected-error @+1 {{expected weights of 1x4x4, but got 1x8x4}}
  %y, %h = graph.recurrent(%g, %r) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x8x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @recurrent_c3_columns(%g: tensor<5x2x8xf32>, %r: tensor<1x4x4xf32>) {
  // expected-error @+1 {{expected gates of 5x2x4, but got 5x2x8}}
  %y, %h = graph.recurrent(%g, %r) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x8xf32>, tensor<1x4x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @recurrent_c3_hidden(%g: tensor<5x2x4xf32>, %r: tensor<1x4x4xf32>, %h0: tensor<1x3x4xf32>) {
  // expected-error @+1 {{expected hidden states of 1x2x4, but got 1x3x4}}
  %y, %h = graph.recurrent(%g, %r hidden %h0) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xf32>, tensor<1x3x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @recurrent_c3_lengths(%g: tensor<5x2x4xf32>, %r: tensor<1x4x4xf32>, %n: tensor<2xi64>) {
  // expected-error @+1 {{expected lengths of i32, but got}}
  %y, %h = graph.recurrent(%g, %r lengths %n) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xf32>, tensor<2xi64>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @recurrent_c3_element(%g: tensor<5x2x4xf32>, %r: tensor<1x4x4xf32>, %h0: tensor<1x2x4xf64>) {
  // expected-error @+1 {{expected operands of 'f32', but got 'tensor<1x2x4xf64>'}}
  %y, %h = graph.recurrent(%g, %r hidden %h0) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xf32>, tensor<1x2x4xf64>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @recurrent_results(%g: tensor<5x2x4xf32>, %r: tensor<1x4x4xf32>) {
  // expected-error @+1 {{expected 2 results, but got 3}}
  %y, %h, %c = graph.recurrent(%g, %r) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @recurrent_c3_scales(%g: tensor<5x2x4xf32>, %r: tensor<1x4x4xi8>, %s: tensor<1x3xf32>) {
  // expected-error @+1 {{expected scales of 1x4, but got 1x3}}
  %y, %h = graph.recurrent(%g, %r scales %s) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xi8>, tensor<1x3xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @recurrent_c4_weights(%g: tensor<5x2x4xf32>, %r: tensor<1x4x4xf32>, %s: tensor<1x4xf32>) {
  // expected-error @+1 {{expected weights of i8 beside their scales, but got 'tensor<1x4x4xf32>'}}
  %y, %h = graph.recurrent(%g, %r scales %s) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xf32>, tensor<1x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @recurrent_c4_no_scales(%g: tensor<5x2x4xf32>, %r: tensor<1x4x4xi8>) {
  // expected-error @+1 {{expected operands of 'f32', but got 'tensor<1x4x4xi8>'}}
  %y, %h = graph.recurrent(%g, %r) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xi8>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}
