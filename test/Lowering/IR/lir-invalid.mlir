// RUN: lambent-opt --split-input-file --verify-diagnostics %s

func.func @view_c1(%b: memref<4x8xf32>) {
  // expected-error @+1 {{expected equal sizes, but got 128 and 64 bytes}}
  %v = lir.view %b : memref<4x8xf32> -> memref<16xf32>
  return
}

// -----

func.func @view_c2_bounds(%b: memref<4x8xf32>) {
  // expected-error @+1 {{expected a part of 'memref<4x8xf32>', but got 'memref<4x2xf32, strided<[8, 1], offset: 7>>'}}
  %v = lir.view %b : memref<4x8xf32> -> memref<4x2xf32, strided<[8, 1], offset: 7>>
  return
}

// -----

func.func @view_c2_element_type(%b: memref<4x8xf32>) {
  // expected-error @+1 {{expected a part of 'memref<4x8xf32>', but got 'memref<4x2xi32, strided<[8, 1]>>'}}
  %v = lir.view %b : memref<4x8xf32> -> memref<4x2xi32, strided<[8, 1]>>
  return
}

// -----

func.func @view_c3(%b: memref<4x2xf32, strided<[8, 1]>>) {
  // expected-error @+1 {{expected a dense source, but got 'memref<4x2xf32, strided<[8, 1]>>'}}
  %v = lir.view %b : memref<4x2xf32, strided<[8, 1]>> -> memref<8xf32>
  return
}

// -----

func.func @elementwise_c1(%x: memref<4x8xf32>) {
  // expected-error @+1 {{expected 2 maps, but got 1}}
  lir.elementwise ins(%x : memref<4x8xf32>) outs(%x : memref<4x8xf32>) domain [4, 8] maps [affine_map<(i, j) -> (i, j)>] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// -----

func.func @elementwise_c2(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  // expected-error @+1 {{expected the indices of operand 0 to be in bounds of 'memref<4x8xf32>', but got 1 to 8 in a dim of 8}}
  lir.elementwise ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) domain [4, 8]
    maps [affine_map<(i, j) -> (i, j + 1)>, affine_map<(i, j) -> (i, j)>] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// -----

func.func @elementwise_term(%x: memref<32xf32>, %y: memref<4x8xf32>) {
  // expected-error @+1 {{expected every result of the map of operand 0 to be a dim * stride + offset}}
  lir.elementwise ins(%x : memref<32xf32>) outs(%y : memref<4x8xf32>) domain [4, 8]
    maps [affine_map<(i, j) -> (i * 8 + j)>, affine_map<(i, j) -> (i, j)>] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// -----

func.func @elementwise_c3(%x: memref<4xf32>, %y: memref<4xf32>) {
  // expected-error @+1 {{expected block argument 0 to have type 'f32', but got 'i32'}}
  lir.elementwise ins(%x : memref<4xf32>) outs(%y : memref<4xf32>) domain [4]
    maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>] {
  ^bb0(%s: i32):
    %0 = arith.sitofp %s : i32 to f32
    lir.yield %0 : f32
  }
  return
}

// -----

func.func @elementwise_c4(%x: memref<4x8xf32>, %y: memref<8xf32>) {
  // expected-error @+1 {{expected the map of output 0 to use dim 0 of the domain}}
  lir.elementwise ins(%x : memref<4x8xf32>) outs(%y : memref<8xf32>) domain [4, 8]
    maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// -----

func.func @conv_c2(%x: memref<1x8x8x3xf32>, %w: memref<4x3x3x3xf32>, %y: memref<1x8x8x4xf32>) {
  // expected-error @+1 {{expected an output size of 6 in spatial dim 0, but got 8}}
  lir.conv ins(%x, %w : memref<1x8x8x3xf32>, memref<4x3x3x3xf32>) outs(%y : memref<1x8x8x4xf32>)
    epilogue_maps [] attributes {filter_shape = array<i64: 4, 3, 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
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

func.func @reduce_c1(%x: memref<4x8xf32>, %y: memref<4xf32>) {
  // expected-error @+1 {{expected kind sum, prod, max or min, but got "mean"}}
  lir.reduce ins(%x : memref<4x8xf32>) outs(%y : memref<4xf32>) epilogue_maps []
    attributes {kind = "mean", dims = array<i64: 1>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @reduce_c3(%x: memref<4x8xf32>, %y: memref<4x1xf32>) {
  // expected-error @+1 {{expected an output of 'memref<4xf32>', but got 'memref<4x1xf32>'}}
  lir.reduce ins(%x : memref<4x8xf32>) outs(%y : memref<4x1xf32>) epilogue_maps []
    attributes {kind = "sum", dims = array<i64: 1>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @gather(%x: memref<4x8xf32>, %i: memref<2xi64>, %y: memref<3x8xf32>) {
  // expected-error @+1 {{expected an output of 'memref<2x8xf32>', but got 'memref<3x8xf32>'}}
  lir.gather ins(%x, %i : memref<4x8xf32>, memref<2xi64>) outs(%y : memref<3x8xf32>) {axis = 0 : i64}
  return
}

// -----

func.func @normalize(%x: memref<4x8xf32>, %s: memref<4xf32>) {
  // expected-error @+1 {{expected scale and bias of 'memref<8xf32>', but got 'memref<4xf32>'}}
  lir.normalize ins(%x : memref<4x8xf32>) scale(%s : memref<4xf32>) outs(%x : memref<4x8xf32>) {axis = 1 : i64, epsilon = 1.0e-5 : f32}
  return
}
