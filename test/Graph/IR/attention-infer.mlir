// RUN: lambent-opt %s --split-input-file --verify-diagnostics

// A result that cannot be right makes the verifier say what it infers.

func.func @attention_open_dims(%q: tensor<?x2x?x64xf32>, %k: tensor<3x?x6x64xf32>, %v: tensor<?x?x?x32xf32>, %m: tensor<4x6xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<3x2x?x32xf32>', but got}}
  %r = graph.attention(%q, %k, %v, %m) {scale = 1.0 : f32} : (tensor<?x2x?x64xf32>, tensor<3x?x6x64xf32>, tensor<?x?x?x32xf32>, tensor<4x6xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}
