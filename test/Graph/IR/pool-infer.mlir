// RUN: lambent-opt %s --split-input-file --verify-diagnostics

// A result that cannot be right makes the verifier say what it infers.

func.func @pool(%x: tensor<?x3x9x?xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<?x3x4x?xf32>', but got}}
  %r = graph.pool(%x) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<?x3x9x?xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pool_ceil(%x: tensor<1x3x9x8xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<1x3x5x4xf32>', but got}}
  %r = graph.pool(%x) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, ceil_mode = true} : (tensor<1x3x9x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pool_ceil_drops_window_in_padding(%x: tensor<1x3x6x6xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<1x3x2x3xf32>', but got}}
  %r = graph.pool(%x) {kind = "max", kernel = array<i64: 3, 3>, strides = array<i64: 3, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 2, 2>, ceil_mode = true} : (tensor<1x3x6x6xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pool_same(%x: tensor<1x3x9x8xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<1x3x5x4xf32>', but got}}
  %r = graph.pool(%x) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, auto_pad = "SAME_UPPER"} : (tensor<1x3x9x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pool_channels_last(%x: tensor<1x9x8x3xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<1x4x4x3xf32>', but got}}
  %r = graph.pool(%x) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, channels_last = true} : (tensor<1x9x8x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

// The only window begins inside, and goes on behind the end.
func.func @pool_ceil_of_a_larger_window(%x: tensor<1x2x2xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<1x2x1xf32>', but got}}
  %r = graph.pool(%x) {kind = "max", kernel = array<i64: 3>, strides = array<i64: 2>, dilations = array<i64: 1>,
    pads = array<i64: 0, 0>, ceil_mode = true} : (tensor<1x2x2xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

// With ceil_mode the last window may begin at the last element, and not behind it.
func.func @ceil_mode_of_open_dims(%x: tensor<1x3x?x?xf32, #graph.sizes<[1, 3, s0, s1]>>) {
  // expected-error @+1 {{1x3x?x?xf32, #graph.sizes<[1, 3, s0 floordiv 2 + 1, (s1 + 2) floordiv 3]>}}
  %r = graph.pool(%x) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 3>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 0, 1, 0>,
    ceil_mode = true} : (tensor<1x3x?x?xf32, #graph.sizes<[1, 3, s0, s1]>>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pool_regions(%x: tensor<1x3x8x8xf32>, %corners: tensor<?x4xf32, #graph.sizes<[s0, 4]>>, %batches: tensor<?xi64, #graph.sizes<[s1]>>) {
  // expected-error @+1 {{tensor<?x3x2x3xf32, #graph.sizes<[s0, 3, 2, 3]>>}}
  %r = graph.pool_regions(%x, %corners, %batches) {kind = "max", size = array<i64: 2, 3>, scale = 1.0 : f64}
    : (tensor<1x3x8x8xf32>, tensor<?x4xf32, #graph.sizes<[s0, 4]>>, tensor<?xi64, #graph.sizes<[s1]>>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}
