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

func.func @matmul_c4_wide(%a: tensor<4x8xf32>, %b: tensor<8x4xf32>) {
  // expected-error @+1 {{expected operands of f16 or of bf16 for wide sums, but got}}
  %r = graph.matmul(%a, %b) {wide = true} : (tensor<4x8xf32>, tensor<8x4xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @matmul_absurd_result(%a: tensor<1048576x1xf32>, %b: tensor<1x1048577xf32>) {
  // expected-error @+1 {{expected a result of at most 2^40 elements, but got 1048576x1048577}}
  %r = graph.matmul(%a, %b)  : (tensor<1048576x1xf32>, tensor<1x1048577xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @quantized_matmul_c1_type(%a: tensor<4x40xf16>, %q: tensor<6x40xi8>, %s: tensor<6x3xf32>, %z: tensor<6x3xi8>) {
  // expected-error @+1 {{expected lhs of rank 2 or more and f32, but got}}
  %r = graph.quantized_matmul(%a, %q, %s, %z) {bits = 4 : i64, block_size = 16 : i64} : (tensor<4x40xf16>, tensor<6x40xi8>, tensor<6x3xf32>, tensor<6x3xi8>) -> tensor<4x6xf32>
  return
}

// -----

func.func @quantized_matmul_c2_codes(%a: tensor<4x40xf32>, %q: tensor<6x40xui8>, %s: tensor<6x3xf32>, %z: tensor<6x3xi8>) {
  // expected-error @+1 {{expected codes [N, K] of i8, but got}}
  %r = graph.quantized_matmul(%a, %q, %s, %z) {bits = 4 : i64, block_size = 16 : i64} : (tensor<4x40xf32>, tensor<6x40xui8>, tensor<6x3xf32>, tensor<6x3xi8>) -> tensor<4x6xf32>
  return
}

// -----

func.func @quantized_matmul_c2_k(%a: tensor<4x41xf32>, %q: tensor<6x40xi8>, %s: tensor<6x3xf32>, %z: tensor<6x3xi8>) {
  // expected-error @+1 {{expected K to agree, but got 41 and 40}}
  %r = graph.quantized_matmul(%a, %q, %s, %z) {bits = 4 : i64, block_size = 16 : i64} : (tensor<4x41xf32>, tensor<6x40xi8>, tensor<6x3xf32>, tensor<6x3xi8>) -> tensor<4x6xf32>
  return
}

// -----

func.func @quantized_matmul_c3_bits(%a: tensor<4x40xf32>, %q: tensor<6x40xi8>, %s: tensor<6x3xf32>, %z: tensor<6x3xi8>) {
  // expected-error @+1 {{expected codes of 2, 4 or 8 bits, but got 3}}
  %r = graph.quantized_matmul(%a, %q, %s, %z) {bits = 3 : i64, block_size = 16 : i64} : (tensor<4x40xf32>, tensor<6x40xi8>, tensor<6x3xf32>, tensor<6x3xi8>) -> tensor<4x6xf32>
  return
}

// -----

func.func @quantized_matmul_c4_block(%a: tensor<4x40xf32>, %q: tensor<6x40xi8>, %s: tensor<6x5xf32>, %z: tensor<6x5xi8>) {
  // expected-error @+1 {{expected a block_size of K or a multiple of 16, but got 8}}
  %r = graph.quantized_matmul(%a, %q, %s, %z) {bits = 4 : i64, block_size = 8 : i64} : (tensor<4x40xf32>, tensor<6x40xi8>, tensor<6x5xf32>, tensor<6x5xi8>) -> tensor<4x6xf32>
  return
}

// -----

func.func @quantized_matmul_c5_scales(%a: tensor<4x40xf32>, %q: tensor<6x40xi8>, %s: tensor<6x2xf32>, %z: tensor<6x3xi8>) {
  // expected-error @+1 {{expected scales [6, 3] of f32, but got}}
  %r = graph.quantized_matmul(%a, %q, %s, %z) {bits = 4 : i64, block_size = 16 : i64} : (tensor<4x40xf32>, tensor<6x40xi8>, tensor<6x2xf32>, tensor<6x3xi8>) -> tensor<4x6xf32>
  return
}

// -----

func.func @quantized_matmul_c5_zeros(%a: tensor<4x40xf32>, %q: tensor<6x40xi8>, %s: tensor<6x3xf32>, %z: tensor<6x3xui8>) {
  // expected-error @+1 {{expected zeros [6, 3] of i8, but got}}
  %r = graph.quantized_matmul(%a, %q, %s, %z) {bits = 4 : i64, block_size = 16 : i64} : (tensor<4x40xf32>, tensor<6x40xi8>, tensor<6x3xf32>, tensor<6x3xui8>) -> tensor<4x6xf32>
  return
}

// -----

func.func @block_matmul_c1_format(%a: tensor<4x64xf32>, %q: tensor<6x64xui8>, %e: tensor<6x2xui8>) {
  // expected-error @+1 {{expected a format of blocks of integers of 8 bits, but got mxfp8}}
  %r = graph.block_matmul(%a, %q, %e) {format = "mxfp8", scale = "down", table = array<i8>} : (tensor<4x64xf32>, tensor<6x64xui8>, tensor<6x2xui8>) -> tensor<4x6xf32>
  return
}

// -----

func.func @block_matmul_c1_scale(%a: tensor<4x64xf32>, %q: tensor<6x64xui8>, %e: tensor<6x2xui8>) {
  // expected-error @+1 {{expected a scale that is rounded down or up, but got nearest}}
  %r = graph.block_matmul(%a, %q, %e) {format = "mxint8", scale = "nearest", table = array<i8>} : (tensor<4x64xf32>, tensor<6x64xui8>, tensor<6x2xui8>) -> tensor<4x6xf32>
  return
}

// -----

func.func @block_matmul_c2(%a: tensor<4x64xf16>, %q: tensor<6x64xui8>, %e: tensor<6x2xui8>) {
  // expected-error @+1 {{expected lhs of rank 2 or more and f32, but got}}
  %r = graph.block_matmul(%a, %q, %e) {format = "mxint8", scale = "down", table = array<i8>} : (tensor<4x64xf16>, tensor<6x64xui8>, tensor<6x2xui8>) -> tensor<4x6xf32>
  return
}

// -----

func.func @block_matmul_c3_type(%a: tensor<4x64xf32>, %q: tensor<6x64xi8>, %e: tensor<6x2xui8>) {
  // expected-error @+1 {{expected codes [N, K] of ui8, but got}}
  %r = graph.block_matmul(%a, %q, %e) {format = "mxint8", scale = "down", table = array<i8>} : (tensor<4x64xf32>, tensor<6x64xi8>, tensor<6x2xui8>) -> tensor<4x6xf32>
  return
}

// -----

func.func @block_matmul_c3_depth(%a: tensor<4x32xf32>, %q: tensor<6x64xui8>, %e: tensor<6x2xui8>) {
  // expected-error @+1 {{expected K to agree, but got 32 and 64}}
  %r = graph.block_matmul(%a, %q, %e) {format = "mxint8", scale = "down", table = array<i8>} : (tensor<4x32xf32>, tensor<6x64xui8>, tensor<6x2xui8>) -> tensor<4x6xf32>
  return
}

// -----

func.func @block_matmul_c3_blocks(%a: tensor<4x40xf32>, %q: tensor<6x40xui8>, %e: tensor<6x2xui8>) {
  // expected-error @+1 {{expected K to be a multiple of 32, but got 40}}
  %r = graph.block_matmul(%a, %q, %e) {format = "mxint8", scale = "down", table = array<i8>} : (tensor<4x40xf32>, tensor<6x40xui8>, tensor<6x2xui8>) -> tensor<4x6xf32>
  return
}

// -----

func.func @block_matmul_c4(%a: tensor<4x64xf32>, %q: tensor<6x64xui8>, %e: tensor<6x4xui8>) {
  // expected-error @+1 {{expected exponents [6, 2] of ui8, but got}}
  %r = graph.block_matmul(%a, %q, %e) {format = "mxint8", scale = "down", table = array<i8>} : (tensor<4x64xf32>, tensor<6x64xui8>, tensor<6x4xui8>) -> tensor<4x6xf32>
  return
}

// -----

func.func @block_matmul_c5(%a: tensor<4x64xf32>, %q: tensor<6x64xui8>, %e: tensor<6x2xui8>) {
  // expected-error @+1 {{expected a table of 16 entries or none, but got 2}}
  %r = graph.block_matmul(%a, %q, %e) {format = "mxint8", scale = "down", table = array<i8: 1, 2>} : (tensor<4x64xf32>, tensor<6x64xui8>, tensor<6x2xui8>) -> tensor<4x6xf32>
  return
}
