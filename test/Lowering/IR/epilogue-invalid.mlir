// RUN: lambent-opt --split-input-file --verify-diagnostics %s

func.func @maps(%x: memref<1x8x8x3xf32>, %w: memref<4x3x3x3xf32>, %y: memref<1x6x6x4xf32>, %b: memref<4xf32>) {
  // expected-error @+1 {{expected one epilogue map per epilogue input, but got 0 maps for 1 inputs}}
  lir.conv ins(%x, %w : memref<1x8x8x3xf32>, memref<4x3x3x3xf32>) with(%b : memref<4xf32>) outs(%y : memref<1x6x6x4xf32>)
    epilogue_maps [] attributes {filter_shape = array<i64: 4, 3, 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%acc: f32, %bias: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @arguments(%x: memref<1x8x8x3xf32>, %w: memref<4x3x3x3xf32>, %y: memref<1x6x6x4xf32>, %b: memref<4xf32>) {
  // expected-error @+1 {{expected 2 epilogue arguments, but got 1}}
  lir.conv ins(%x, %w : memref<1x8x8x3xf32>, memref<4x3x3x3xf32>) with(%b : memref<4xf32>) outs(%y : memref<1x6x6x4xf32>)
    epilogue_maps [affine_map<(n, h, w, c) -> (c)>] attributes {filter_shape = array<i64: 4, 3, 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @first_argument(%x: memref<1x8x8x3xf32>, %w: memref<4x3x3x3xf32>, %y: memref<1x6x6x4xf32>) {
  // expected-error @+1 {{expected the first epilogue argument to have type 'f32', but got 'f16'}}
  lir.conv ins(%x, %w : memref<1x8x8x3xf32>, memref<4x3x3x3xf32>) outs(%y : memref<1x6x6x4xf32>)
    epilogue_maps [] attributes {filter_shape = array<i64: 4, 3, 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%acc: f16):
    %0 = arith.extf %acc : f16 to f32
    lir.yield %0 : f32
  }
  return
}

// -----

func.func @input_argument(%x: memref<1x8x8x3xf32>, %w: memref<4x3x3x3xf32>, %y: memref<1x6x6x4xf32>, %b: memref<4xf32>) {
  // expected-error @+1 {{expected epilogue argument 1 to have type 'f32', but got 'f16'}}
  lir.conv ins(%x, %w : memref<1x8x8x3xf32>, memref<4x3x3x3xf32>) with(%b : memref<4xf32>) outs(%y : memref<1x6x6x4xf32>)
    epilogue_maps [affine_map<(n, h, w, c) -> (c)>] attributes {filter_shape = array<i64: 4, 3, 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%acc: f32, %bias: f16):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @input_bounds(%x: memref<1x8x8x3xf32>, %w: memref<4x3x3x3xf32>, %y: memref<1x6x6x4xf32>, %b: memref<3xf32>) {
  // expected-error @+1 {{expected the indices of epilogue input 0 to be in bounds of 'memref<3xf32>', but got 0 to 3 in a dim of 3}}
  lir.conv ins(%x, %w : memref<1x8x8x3xf32>, memref<4x3x3x3xf32>) with(%b : memref<3xf32>) outs(%y : memref<1x6x6x4xf32>)
    epilogue_maps [affine_map<(n, h, w, c) -> (c)>] attributes {filter_shape = array<i64: 4, 3, 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%acc: f32, %bias: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @yield(%x: memref<1x8x8x3xf32>, %w: memref<4x3x3x3xf32>, %y: memref<1x6x6x4xf32>) {
  // expected-error @+1 {{expected the epilogue to yield one 'f32'}}
  lir.conv ins(%x, %w : memref<1x8x8x3xf32>, memref<4x3x3x3xf32>) outs(%y : memref<1x6x6x4xf32>)
    epilogue_maps [] attributes {filter_shape = array<i64: 4, 3, 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    %0 = arith.truncf %acc : f32 to f16
    lir.yield %0 : f16
  }
  return
}
