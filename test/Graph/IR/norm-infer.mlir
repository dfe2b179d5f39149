// RUN: lambent-opt %s --split-input-file --verify-diagnostics

// A result that cannot be right makes the verifier say what it infers.

func.func @softmax(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<?x8xf32>', but got}}
  %r = graph.softmax(%x) {axis = 1 : i64} : (tensor<?x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @batch_norm_channels_from_scale(%x: tensor<1x?x8xf32>, %s: tensor<4xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<1x4x8xf32>', but got}}
  %r = graph.batch_norm(%x, %s, %s, %s, %s) {} : (tensor<1x?x8xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @lrn(%x: tensor<?x4x8xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<?x4x8xf32>', but got}}
  %r = graph.lrn(%x) {size = 3 : i64} : (tensor<?x4x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @layer_norm(%x: tensor<?x4x8xf32>, %s: tensor<4x8xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<?x4x8xf32>', but got}}
  %r = graph.layer_norm(%x scale %s) {axis = 1 : i64} : (tensor<?x4x8xf32>, tensor<4x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}
