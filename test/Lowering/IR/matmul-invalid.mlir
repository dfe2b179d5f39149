// RUN: lambent-opt --split-input-file --verify-diagnostics %s

func.func @matmul_domain(%a: memref<4x8xf32>, %b: memref<8x16xf32>, %c: memref<4x16xf32>) {
  // expected-error @+1 {{expected a domain [batch..., M, N, K], but got [4, 16]}}
  lir.matmul ins(%a, %b : memref<4x8xf32>, memref<8x16xf32>) outs(%c : memref<4x16xf32>) domain [4, 16]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
    epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @matmul_c1_maps(%a: memref<4x8xf32>, %b: memref<8x16xf32>, %c: memref<4x16xf32>) {
  // expected-error @+1 {{expected 3 maps, but got 2}}
  lir.matmul ins(%a, %b : memref<4x8xf32>, memref<8x16xf32>) outs(%c : memref<4x16xf32>) domain [4, 16, 8]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>]
    epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @matmul_c2_term(%a: memref<8x8xf32>, %b: memref<8x16xf32>, %c: memref<4x16xf32>) {
  // expected-error @+1 {{expected every result of the map of lhs to be a dim or 0, but got affine_map<(d0, d1, d2) -> (d0 * 2, d2)>}}
  lir.matmul ins(%a, %b : memref<8x8xf32>, memref<8x16xf32>) outs(%c : memref<4x16xf32>) domain [4, 16, 8]
    maps [affine_map<(m, n, k) -> (m * 2, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
    epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @matmul_c2_bounds(%a: memref<3x8xf32>, %b: memref<8x16xf32>, %c: memref<4x16xf32>) {
  // expected-error @+1 {{expected the indices of lhs to be in bounds of 'memref<3x8xf32>', but got 0 to 3 in a dim of 3}}
  lir.matmul ins(%a, %b : memref<3x8xf32>, memref<8x16xf32>) outs(%c : memref<4x16xf32>) domain [4, 16, 8]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
    epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @attention_domain(%q: memref<1x2x4x8xf32>, %o: memref<1x2x4x8xf32>) {
  // expected-error @+1 {{expected a domain [B, H, S, T, D, E], but got [1, 2, 4, 4, 8]}}
  lir.attention ins(%q, %q, %q : memref<1x2x4x8xf32>, memref<1x2x4x8xf32>, memref<1x2x4x8xf32>)
    outs(%o : memref<1x2x4x8xf32>) domain [1, 2, 4, 4, 8]
    maps [affine_map<(b, h, s, t, d, e) -> (b, h, s, d)>, affine_map<(b, h, s, t, d, e) -> (b, h, t, d)>,
      affine_map<(b, h, s, t, d, e) -> (b, h, t, e)>, affine_map<(b, h, s, t, d, e) -> (b, h, s, e)>] {scale = 0.125 : f32}
  return
}

// -----

func.func @attention_maps(%q: memref<1x2x4x8xf32>, %o: memref<1x2x4x8xf32>) {
  // expected-error @+1 {{expected 4 maps, but got 3}}
  lir.attention ins(%q, %q, %q : memref<1x2x4x8xf32>, memref<1x2x4x8xf32>, memref<1x2x4x8xf32>)
    outs(%o : memref<1x2x4x8xf32>) domain [1, 2, 4, 4, 8, 8]
    maps [affine_map<(b, h, s, t, d, e) -> (b, h, s, d)>, affine_map<(b, h, s, t, d, e) -> (b, h, t, d)>,
      affine_map<(b, h, s, t, d, e) -> (b, h, t, e)>] {scale = 0.125 : f32}
  return
}

// -----

func.func @attention_term(%q: memref<1x2x4x8xf32>, %o: memref<1x2x4x8xf32>) {
  // expected-error @+1 {{expected every result of the map of query to be a dim or 0, but got affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2, 7)>}}
  lir.attention ins(%q, %q, %q : memref<1x2x4x8xf32>, memref<1x2x4x8xf32>, memref<1x2x4x8xf32>)
    outs(%o : memref<1x2x4x8xf32>) domain [1, 2, 4, 4, 8, 8]
    maps [affine_map<(b, h, s, t, d, e) -> (b, h, s, 7)>, affine_map<(b, h, s, t, d, e) -> (b, h, t, d)>,
      affine_map<(b, h, s, t, d, e) -> (b, h, t, e)>, affine_map<(b, h, s, t, d, e) -> (b, h, s, e)>] {scale = 0.125 : f32}
  return
}

// -----

func.func @matmul_c1(%a: memref<4x8xf32>, %b: memref<8x16xf32>, %c: memref<4x8xf32>) {
  // expected-error @+1 {{expected the map of output to use all dims but k}}
  lir.matmul ins(%a, %b : memref<4x8xf32>, memref<8x16xf32>) outs(%c : memref<4x8xf32>) domain [4, 16, 8]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, k)>]
    epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @matmul_c3(%a: memref<4x8xf16>, %b: memref<8x16xf16>, %c: memref<4x16xf16>) {
  // expected-error @+1 {{expected the first epilogue argument to have type 'f32', but got 'f16'}}
  lir.matmul ins(%a, %b : memref<4x8xf16>, memref<8x16xf16>) outs(%c : memref<4x16xf16>) domain [4, 16, 8]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
    epilogue_maps [] {
  ^bb0(%acc: f16):
    lir.yield %acc : f16
  }
  return
}

// -----

func.func @quantized_matmul_c1(%a: memref<4x40xf32>, %q: memref<6x40xi8>, %s: memref<6x3xf32>, %z: memref<6x3xi8>, %c: memref<4x6xf32>, %d: memref<6x4xf32>) {
  // expected-error @+1 {{expected a domain [M, N, K] of known N and K, but got [1, 4, 6, 40]}}
  lir.quantized_matmul ins(%a, %q, %s : memref<4x40xf32>, memref<6x40xi8>, memref<6x3xf32>) centered(%z : memref<6x3xi8>) outs(%c : memref<4x6xf32>) domain [1, 4, 6, 40]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] attributes {bits = 4 : i64, block_size = 16 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @quantized_matmul_c2_count(%a: memref<4x40xf32>, %q: memref<6x40xi8>, %s: memref<6x3xf32>, %z: memref<6x3xi8>, %c: memref<4x6xf32>, %d: memref<6x4xf32>) {
  // expected-error @+1 {{expected 3 maps, but got 2}}
  lir.quantized_matmul ins(%a, %q, %s : memref<4x40xf32>, memref<6x40xi8>, memref<6x3xf32>) centered(%z : memref<6x3xi8>) outs(%c : memref<4x6xf32>) domain [4, 6, 40]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>] epilogue_maps [] attributes {bits = 4 : i64, block_size = 16 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @quantized_matmul_c2_order(%a: memref<4x40xf32>, %q: memref<6x40xi8>, %s: memref<6x3xf32>, %z: memref<6x3xi8>, %c: memref<4x6xf32>, %d: memref<6x4xf32>) {
  // expected-error @+1 {{expected the output's last dim to be n, but got affine_map<(d0, d1, d2) -> (d1, d0)>}}
  lir.quantized_matmul ins(%a, %q, %s : memref<4x40xf32>, memref<6x40xi8>, memref<6x3xf32>) centered(%z : memref<6x3xi8>) outs(%d : memref<6x4xf32>) domain [4, 6, 40]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (n, m)>] epilogue_maps [] attributes {bits = 4 : i64, block_size = 16 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @quantized_matmul_c3_bits(%a: memref<4x40xf32>, %q: memref<6x40xi8>, %s: memref<6x3xf32>, %z: memref<6x3xi8>, %c: memref<4x6xf32>, %d: memref<6x4xf32>) {
  // expected-error @+1 {{expected codes of 2, 4 or 8 bits, but got 5}}
  lir.quantized_matmul ins(%a, %q, %s : memref<4x40xf32>, memref<6x40xi8>, memref<6x3xf32>) centered(%z : memref<6x3xi8>) outs(%c : memref<4x6xf32>) domain [4, 6, 40]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] attributes {bits = 5 : i64, block_size = 16 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @quantized_matmul_c3_block(%a: memref<4x40xf32>, %q: memref<6x40xi8>, %s: memref<6x3xf32>, %z: memref<6x3xi8>, %c: memref<4x6xf32>, %d: memref<6x4xf32>) {
  // expected-error @+1 {{expected a block_size of K or a multiple of 16, but got 24}}
  lir.quantized_matmul ins(%a, %q, %s : memref<4x40xf32>, memref<6x40xi8>, memref<6x3xf32>) centered(%z : memref<6x3xi8>) outs(%c : memref<4x6xf32>) domain [4, 6, 40]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] attributes {bits = 4 : i64, block_size = 24 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @quantized_matmul_c4(%a: memref<4x40xf32>, %q: memref<6x40xi8>, %s: memref<6x3xf32>, %z: memref<6x3xi32>, %c: memref<4x6xf32>, %d: memref<6x4xf32>) {
  // expected-error @+1 {{expected lhs and scales of f32, codes and zeros of i8}}
  lir.quantized_matmul ins(%a, %q, %s : memref<4x40xf32>, memref<6x40xi8>, memref<6x3xf32>) centered(%z : memref<6x3xi32>) outs(%c : memref<4x6xf32>) domain [4, 6, 40]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] attributes {bits = 4 : i64, block_size = 16 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @block_matmul_c1(%a: memref<4x40xf32>, %q: memref<6x40xi8>, %e: memref<6x2xi8>, %c: memref<4x6xf32>) {
  // expected-error @+1 {{expected a domain [M, N, K] of known N and K, K a multiple of 32, but got [4, 6, 40]}}
  lir.block_matmul ins(%a, %q, %e : memref<4x40xf32>, memref<6x40xi8>, memref<6x2xi8>) outs(%c : memref<4x6xf32>) domain [4, 6, 40]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] attributes {format = "mxint8", scale = "down", table = array<i8>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @block_matmul_c2(%a: memref<4x64xf32>, %q: memref<6x64xi8>, %e: memref<6x2xi8>, %c: memref<6x4xf32>) {
  // expected-error @+1 {{expected the output's last dim to be n, but got affine_map<(d0, d1, d2) -> (d1, d0)>}}
  lir.block_matmul ins(%a, %q, %e : memref<4x64xf32>, memref<6x64xi8>, memref<6x2xi8>) outs(%c : memref<6x4xf32>) domain [4, 6, 64]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (n, m)>] epilogue_maps [] attributes {format = "mxint8", scale = "down", table = array<i8>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @block_matmul_c3_format(%a: memref<4x64xf32>, %q: memref<6x64xi8>, %e: memref<6x2xi8>, %c: memref<4x6xf32>) {
  // expected-error @+1 {{expected a format of blocks of integers of 8 bits, but got mx9}}
  lir.block_matmul ins(%a, %q, %e : memref<4x64xf32>, memref<6x64xi8>, memref<6x2xi8>) outs(%c : memref<4x6xf32>) domain [4, 6, 64]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] attributes {format = "mx9", scale = "down", table = array<i8>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @block_matmul_c3_scale(%a: memref<4x64xf32>, %q: memref<6x64xi8>, %e: memref<6x2xi8>, %c: memref<4x6xf32>) {
  // expected-error @+1 {{expected a scale that is rounded down or up, but got nearest}}
  lir.block_matmul ins(%a, %q, %e : memref<4x64xf32>, memref<6x64xi8>, memref<6x2xi8>) outs(%c : memref<4x6xf32>) domain [4, 6, 64]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] attributes {format = "mxint8", scale = "nearest", table = array<i8>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @block_matmul_c4(%a: memref<4x64xf32>, %q: memref<6x64xi32>, %e: memref<6x2xi8>, %c: memref<4x6xf32>) {
  // expected-error @+1 {{expected lhs of f32, codes and exponents of i8}}
  lir.block_matmul ins(%a, %q, %e : memref<4x64xf32>, memref<6x64xi32>, memref<6x2xi8>) outs(%c : memref<4x6xf32>) domain [4, 6, 64]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] attributes {format = "mxint8", scale = "down", table = array<i8>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @block_matmul_c5(%a: memref<4x64xf32>, %q: memref<6x64xi8>, %e: memref<6x2xi8>, %c: memref<4x6xf32>) {
  // expected-error @+1 {{expected a table of 16 entries or none, but got 2}}
  lir.block_matmul ins(%a, %q, %e : memref<4x64xf32>, memref<6x64xi8>, memref<6x2xi8>) outs(%c : memref<4x6xf32>) domain [4, 6, 64]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] attributes {format = "mxint8", scale = "down", table = array<i8: 1, 2>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}
