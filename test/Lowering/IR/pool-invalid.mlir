// RUN: lambent-opt --split-input-file --verify-diagnostics %s

func.func @pool_kind(%x: memref<1x8x8x4xf32>, %y: memref<1x4x4x4xf32>) {
  // expected-error @+1 {{expected kind max, sum or average, but got "min"}}
  lir.pool ins(%x : memref<1x8x8x4xf32>) outs(%y : memref<1x4x4x4xf32>) epilogue_maps [] attributes {kind = "min",
    kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @pool_c1_ranks(%x: memref<1x8x8x4xf32>, %y: memref<4x4x4xf32>) {
  // expected-error @+1 {{expected [N, spatial..., C] buffers of one rank, but got 'memref<1x8x8x4xf32>' and 'memref<4x4x4xf32>'}}
  lir.pool ins(%x : memref<1x8x8x4xf32>) outs(%y : memref<4x4x4xf32>) epilogue_maps [] attributes {kind = "max",
    kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @pool_c1_lists(%x: memref<1x8x8x4xf32>, %y: memref<1x4x4x4xf32>) {
  // expected-error @+1 {{expected 2 kernel sizes, strides and dilations and 4 pads, but got 1, 2, 2 and 4}}
  lir.pool ins(%x : memref<1x8x8x4xf32>) outs(%y : memref<1x4x4x4xf32>) epilogue_maps [] attributes {kind = "max",
    kernel = array<i64: 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @pool_c1_zero_kernel(%x: memref<1x8x8x4xf32>, %y: memref<1x4x4x4xf32>) {
  // expected-error @+1 {{expected positive kernel sizes, strides and dilations, but got [0, 2]}}
  lir.pool ins(%x : memref<1x8x8x4xf32>) outs(%y : memref<1x4x4x4xf32>) epilogue_maps [] attributes {kind = "max",
    kernel = array<i64: 0, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @pool_channels(%x: memref<1x8x8x4xf32>, %y: memref<1x4x4x5xf32>) {
  // expected-error @+1 {{expected equal batch and channel sizes, but got 'memref<1x8x8x4xf32>' and 'memref<1x4x4x5xf32>'}}
  lir.pool ins(%x : memref<1x8x8x4xf32>) outs(%y : memref<1x4x4x5xf32>) epilogue_maps [] attributes {kind = "max",
    kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @pool_regions_c1_kind(%x: memref<1x8x8x4xf32>, %c: memref<5x4xf32>, %b: memref<5xi64>, %y: memref<5x2x3x4xf32>) {
  // expected-error @+1 {{expected kind average, max or max_pixels, but got "sum"}}
  lir.pool_regions ins(%x, %c, %b : memref<1x8x8x4xf32>, memref<5x4xf32>, memref<5xi64>) outs(%y : memref<5x2x3x4xf32>)
    {kind = "sum", samples = 2 : i64, scale = 0.5 : f64, half_pixel = true}
  return
}

// -----

func.func @pool_regions_c2_channels(%x: memref<1x8x8x4xf32>, %c: memref<5x4xf32>, %b: memref<5xi64>, %y: memref<5x2x3x3xf32>) {
  // expected-error @+1 {{expected input [N, H, W, C], corners [R, 4], i64 batches [R] and output [R, H', W', C], but got 'memref<1x8x8x4xf32>', 'memref<5x4xf32>', 'memref<5xi64>' and 'memref<5x2x3x3xf32>'}}
  lir.pool_regions ins(%x, %c, %b : memref<1x8x8x4xf32>, memref<5x4xf32>, memref<5xi64>) outs(%y : memref<5x2x3x3xf32>)
    {kind = "max", samples = 2 : i64, scale = 0.5 : f64, half_pixel = true}
  return
}

// -----

func.func @pool_regions_c2_batches(%x: memref<1x8x8x4xf32>, %c: memref<5x4xf32>, %b: memref<5xi32>, %y: memref<5x2x3x4xf32>) {
  // expected-error @+1 {{expected input [N, H, W, C], corners [R, 4], i64 batches [R] and output [R, H', W', C], but got 'memref<1x8x8x4xf32>', 'memref<5x4xf32>', 'memref<5xi32>' and}}
  lir.pool_regions ins(%x, %c, %b : memref<1x8x8x4xf32>, memref<5x4xf32>, memref<5xi32>) outs(%y : memref<5x2x3x4xf32>)
    {kind = "max", samples = 2 : i64, scale = 0.5 : f64, half_pixel = true}
  return
}

// -----

func.func @pool_regions_c3_types(%x: memref<1x8x8x4xf32>, %c: memref<5x4xf64>, %b: memref<5xi64>, %y: memref<5x2x3x4xf32>) {
  // expected-error @+1 {{expected corners and output of 'f32', but got 'memref<5x4xf64>' and 'memref<5x2x3x4xf32>'}}
  lir.pool_regions ins(%x, %c, %b : memref<1x8x8x4xf32>, memref<5x4xf64>, memref<5xi64>) outs(%y : memref<5x2x3x4xf32>)
    {kind = "max", samples = 2 : i64, scale = 0.5 : f64, half_pixel = true}
  return
}
