// RUN: lambent-opt %s --split-input-file --verify-diagnostics


func.func @matmul_c1_vector(%a: tensor<8xf32>, %b: tensor<8x4xf32>) {
  // expected-error @+1 {{expected operands of rank 2 or more, but got}}
  %r = graph.matmul(%a, %b)  : (tensor<8xf32>, tensor<8x4xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @matmul_c2_k(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>) {
  // expected-error @+1 {{expected K to agree, but got 8 and 4}}
  %r = graph.matmul(%a, %b)  : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @matmul_c3_batch(%a: tensor<2x4x8xf32>, %b: tensor<3x8x4xf32>) {
  // expected-error @+1 {{expected batch dims that broadcast, but got}}
  %r = graph.matmul(%a, %b)  : (tensor<2x4x8xf32>, tensor<3x8x4xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @matmul_types(%a: tensor<4x8xf32>, %b: tensor<8x4xf16>) {
  // expected-error @+1 {{expected operands of one element type, or of ui8 and i8, but got}}
  %r = graph.matmul(%a, %b)  : (tensor<4x8xf32>, tensor<8x4xf16>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @matmul_absurd_result(%a: tensor<1048576x1xf32>, %b: tensor<1x1048577xf32>) {
  // expected-error @+1 {{expected a result of at most 2^40 elements, but got 1048576x1048577}}
  %r = graph.matmul(%a, %b)  : (tensor<1048576x1xf32>, tensor<1x1048577xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}
