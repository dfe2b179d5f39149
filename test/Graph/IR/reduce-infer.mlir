// RUN: lambent-opt %s --split-input-file --verify-diagnostics

// A result that cannot be right makes the verifier say what it infers.

func.func @reduce_keep_dims(%x: tensor<?x4x8xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<1x4x1xf32>', but got}}
  %r = graph.reduce(%x) {kind = "sum", axes = array<i64: 0, 2>} : (tensor<?x4x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @reduce_drop_dims(%x: tensor<?x4x8xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<?x8xf32>', but got}}
  %r = graph.reduce(%x) {kind = "sum", axes = array<i64: 1>, keep_dims = false} : (tensor<?x4x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @arg_reduce(%x: tensor<?x4x8xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<4x8xi64>', but got}}
  %r = graph.arg_reduce(%x) {kind = "min", axis = 0 : i64, keep_dims = false} : (tensor<?x4x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @cumsum(%x: tensor<?x4x8xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<?x4x8xf32>', but got}}
  %r = graph.cumsum(%x) {axis = 0 : i64} : (tensor<?x4x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @topk_values(%x: tensor<?x4x8xf32>) {
  %k = graph.constant dense<3> : tensor<1xi64>
  // expected-error @+1 {{expected result #0 of 'tensor<?x3x8xf32>', but got 'tensor<?x2x8xf32>'}}
  %v, %i = graph.topk(%x, %k) {axis = 1 : i64} : (tensor<?x4x8xf32>, tensor<1xi64>) -> (tensor<?x2x8xf32>, tensor<?x3x8xi64>)
  return
}

// -----

func.func @topk_positions(%x: tensor<?x4x8xf32>, %k: tensor<1xi64>) {
  // expected-error @+1 {{expected result #1 of 'tensor<?x?x8xi64>', but got 'tensor<9xi64>'}}
  %v, %i = graph.topk(%x, %k) {axis = 1 : i64} : (tensor<?x4x8xf32>, tensor<1xi64>) -> (tensor<?x2x8xf32>, tensor<9xi64>)
  return
}
