// RUN: lambent-opt --split-input-file --verify-diagnostics %s

func.func @no_output(%x: memref<4xf32>) {
  // expected-error @+1 {{expected an output, but got none}}
  "lir.elementwise"(%x) <{domain = #lir.sizes<[4]>, maps = [affine_map<(i) -> (i)>],
      operandSegmentSizes = array<i32: 1, 0>}> ({
  ^bb0(%s: f32):
    lir.yield
  }) : (memref<4xf32>) -> ()
  return
}

// -----

func.func @c3_arguments(%x: memref<4xf32>, %y: memref<4xf32>) {
  // expected-error @+1 {{expected 1 block arguments, but got 2}}
  lir.elementwise ins(%x : memref<4xf32>) outs(%y : memref<4xf32>) domain [4] maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>] {
  ^bb0(%s: f32, %t: f32):
    lir.yield %s : f32
  }
  return
}

// -----

func.func @c3_yield_count(%x: memref<4xf32>, %y: memref<4xf32>) {
  // expected-error @+1 {{expected the region to yield 1 values}}
  lir.elementwise ins(%x : memref<4xf32>) outs(%y : memref<4xf32>) domain [4] maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>] {
  ^bb0(%s: f32):
    lir.yield %s, %s : f32, f32
  }
  return
}

// -----

func.func @c3_yield_type(%x: memref<4xf32>, %y: memref<4xf32>) {
  // expected-error @+1 {{expected yielded value 0 to have type 'f32', but got 'f16'}}
  lir.elementwise ins(%x : memref<4xf32>) outs(%y : memref<4xf32>) domain [4] maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>] {
  ^bb0(%s: f32):
    %0 = arith.truncf %s : f32 to f16
    lir.yield %0 : f16
  }
  return
}

// -----

func.func @index_outside() {
  // expected-error @+1 {{expected to be in the region of lir.elementwise}}
  %0 = lir.index 0
  return
}

// -----

func.func @index_dim(%y: memref<4xi64>) {
  lir.elementwise outs(%y : memref<4xi64>) domain [4] maps [affine_map<(i) -> (i)>] {
    // expected-error @+1 {{expected a dim below 1, but got 1}}
    %0 = lir.index 1
    lir.yield %0 : i64
  }
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

func.func @domain_of_nothing(%x: memref<4xf32>, %y: memref<4xf32>) {
  // expected-error @+1 {{expected a domain that holds elements, but got [0]}}
  lir.elementwise ins(%x : memref<4xf32>) outs(%y : memref<4xf32>) domain [0]
    maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>] {
  ^bb0(%a: f32):
    lir.yield %a : f32
  }
  return
}
