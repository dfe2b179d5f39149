// RUN: lambent-opt --split-input-file --verify-diagnostics %s

func.func @pool_kind(%x: memref<1x8x8x4xf32>, %y: memref<1x4x4x4xf32>) {
  // expected-error @+1 {{expected kind max, sum or average, but got "min"}}
  lir.pool ins(%x : memref<1x8x8x4xf32>) outs(%y : memref<1x4x4x4xf32>) epilogue_maps [] attributes {kind = "min",
    kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @pool_c1_ranks(%x: memref<1x8x8x4xf32>, %y: memref<4x4x4xf32>) {
  // expected-error @+1 {{expected [N, spatial..., C] buffers of one rank, but got 'memref<1x8x8x4xf32>' and 'memref<4x4x4xf32>'}}
  lir.pool ins(%x : memref<1x8x8x4xf32>) outs(%y : memref<4x4x4xf32>) epilogue_maps [] attributes {kind = "max",
    kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @pool_c1_lists(%x: memref<1x8x8x4xf32>, %y: memref<1x4x4x4xf32>) {
  // expected-error @+1 {{expected 2 kernel sizes, strides and dilations and 4 pads, but got 1, 2, 2 and 4}}
  lir.pool ins(%x : memref<1x8x8x4xf32>) outs(%y : memref<1x4x4x4xf32>) epilogue_maps [] attributes {kind = "max",
    kernel = array<i64: 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @pool_c1_zero_kernel(%x: memref<1x8x8x4xf32>, %y: memref<1x4x4x4xf32>) {
  // expected-error @+1 {{expected positive kernel sizes, strides and dilations, but got [0, 2]}}
  lir.pool ins(%x : memref<1x8x8x4xf32>) outs(%y : memref<1x4x4x4xf32>) epilogue_maps [] attributes {kind = "max",
    kernel = array<i64: 0, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @pool_channels(%x: memref<1x8x8x4xf32>, %y: memref<1x4x4x5xf32>) {
  // expected-error @+1 {{expected equal batch and channel sizes, but got 'memref<1x8x8x4xf32>' and 'memref<1x4x4x5xf32>'}}
  lir.pool ins(%x : memref<1x8x8x4xf32>) outs(%y : memref<1x4x4x5xf32>) epilogue_maps [] attributes {kind = "max",
    kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}
