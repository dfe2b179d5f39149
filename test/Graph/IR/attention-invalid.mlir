// RUN: lambent-opt %s --split-input-file --verify-diagnostics


func.func @attention_c1_rank(%q: tensor<2x4x64xf32>, %k: tensor<1x2x4x64xf32>, %v: tensor<1x2x4x64xf32>) {
  // expected-error @+1 {{expected query, key and value of rank 4 and one element type, but got}}
  %r = graph.attention(%q, %k, %v) {scale = 1.0 : f32} : (tensor<2x4x64xf32>, tensor<1x2x4x64xf32>, tensor<1x2x4x64xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @attention_c1_heads(%q: tensor<1x2x4x64xf32>, %k: tensor<1x3x4x64xf32>, %v: tensor<1x2x4x64xf32>) {
  // expected-error @+1 {{expected the batch and heads of}}
  %r = graph.attention(%q, %k, %v) {scale = 1.0 : f32} : (tensor<1x2x4x64xf32>, tensor<1x3x4x64xf32>, tensor<1x2x4x64xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @attention_c1_depth(%q: tensor<1x2x4x64xf32>, %k: tensor<1x2x4x32xf32>, %v: tensor<1x2x4x64xf32>) {
  // expected-error @+1 {{expected query and key to agree on dim 3, but got}}
  %r = graph.attention(%q, %k, %v) {scale = 1.0 : f32} : (tensor<1x2x4x64xf32>, tensor<1x2x4x32xf32>, tensor<1x2x4x64xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @attention_c1_length(%q: tensor<1x2x4x64xf32>, %k: tensor<1x2x4x64xf32>, %v: tensor<1x2x5x64xf32>) {
  // expected-error @+1 {{expected key and value to agree on dim 2, but got}}
  %r = graph.attention(%q, %k, %v) {scale = 1.0 : f32} : (tensor<1x2x4x64xf32>, tensor<1x2x4x64xf32>, tensor<1x2x5x64xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @attention_c1_mask(%q: tensor<1x2x4x64xf32>, %k: tensor<1x2x6x64xf32>, %v: tensor<1x2x6x64xf32>, %m: tensor<3x6xf32>) {
  // expected-error @+1 {{expected a mask that broadcasts to}}
  %r = graph.attention(%q, %k, %v, %m) {scale = 1.0 : f32} : (tensor<1x2x4x64xf32>, tensor<1x2x6x64xf32>, tensor<1x2x6x64xf32>, tensor<3x6xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @attention_c1_mask_rank(%q: tensor<1x2x4x64xf32>, %k: tensor<1x2x6x64xf32>, %v: tensor<1x2x6x64xf32>, %m: tensor<1x1x1x4x6xf32>) {
  // expected-error @+1 {{expected a mask that broadcasts to}}
  %r = graph.attention(%q, %k, %v, %m) {scale = 1.0 : f32} : (tensor<1x2x4x64xf32>, tensor<1x2x6x64xf32>, tensor<1x2x6x64xf32>, tensor<1x1x1x4x6xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}
