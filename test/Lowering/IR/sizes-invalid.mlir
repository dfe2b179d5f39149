// RUN: lambent-opt --split-input-file --verify-diagnostics %s

// expected-error @+1 {{expected a layout with a size for each of 2 dims, but got #lir.layout<[s0]>}}
func.func @rank(%x: memref<?x4xf32, #lir.layout<[s0]>>) {
  return
}

// -----

// expected-error @+1 {{expected a layout with a size for each of 2 dims, but got #lir.layout<[s0, 5]>}}
func.func @number(%x: memref<?x4xf32, #lir.layout<[s0, 5]>>) {
  return
}

// -----

// expected-error @+1 {{expected a stride for each of 2 dims, and an offset, but got #lir.layout<[s0, 4], strides: [4], offset: 0>}}
func.func @strides(%x: memref<?x4xf32, #lir.layout<[s0, 4], strides: [4], offset: 0>>) {
  return
}

// -----

func.func @domain(%x: memref<4xf32>) {
  // expected-error @+1 {{expected sizes that are known}}
  lir.elementwise outs(%x : memref<4xf32>) domain [?] maps [affine_map<(i) -> (i)>] {
    %0 = arith.constant 0.0 : f32
    lir.yield %0 : f32
  }
  return
}

// -----

func.func @size(%x: memref<4xf32>) {
  lir.elementwise outs(%x : memref<4xf32>) domain [4] maps [affine_map<(i) -> (i)>] {
    // expected-error @+1 {{'lir.size' op expected one size, but got 2}}
    %n = lir.size [s0, s1]
    %0 = arith.sitofp %n : i64 to f32
    lir.yield %0 : f32
  }
  return
}

// -----

func.func @bounds(%x: memref<?xf32, #lir.layout<[s0]>>, %y: memref<?xf32, #lir.layout<[s0]>>) {
  // expected-error @+1 {{expected the indices of operand 1 to be in bounds of 'memref<?xf32, #lir.layout<[s0]>>', but got 1 to s0 in a dim of s0}}
  lir.elementwise ins(%x : memref<?xf32, #lir.layout<[s0]>>) outs(%y : memref<?xf32, #lir.layout<[s0]>>) domain [s0]
    maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i + 1)>] {
  ^bb0(%a: f32):
    lir.yield %a : f32
  }
  return
}
