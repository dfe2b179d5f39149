// RUN: lambent-opt %s --split-input-file --verify-diagnostics

// A result that cannot be right makes the verifier say what it infers.

func.func @matmul_open_dims(%a: tensor<?x1x4x?xf32>, %b: tensor<5x8x16xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<?x5x4x16xf32>', but got}}
  %r = graph.matmul(%a, %b)  : (tensor<?x1x4x?xf32>, tensor<5x8x16xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @matmul_transposed(%a: tensor<8x4xf32>, %b: tensor<16x8xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<4x16xf32>', but got}}
  %r = graph.matmul(%a, %b) {transpose_lhs = true, transpose_rhs = true} : (tensor<8x4xf32>, tensor<16x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @matmul_integers(%a: tensor<8x4xi32>, %b: tensor<4x?xi32>) {
  // expected-error @+1 {{expected a result of 'tensor<8x?xi32>', but got}}
  %r = graph.matmul(%a, %b)  : (tensor<8x4xi32>, tensor<4x?xi32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}
