// RUN: lambent-opt %s --split-input-file --verify-diagnostics


func.func @pool_kind(%x: tensor<1x3x9x8xf32>) {
  // expected-error @+1 {{expected kind to be one of max, average, lp, but got median}}
  %r = graph.pool(%x) {kind = "median", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x9x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pool_c1_kernel(%x: tensor<1x3x9x8xf32>) {
  // expected-error @+1 {{expected a kernel of 2 dims, but got 1}}
  %r = graph.pool(%x) {kind = "max", kernel = array<i64: 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x9x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pool_c1_kernel_zero(%x: tensor<1x3x9x8xf32>) {
  // expected-error @+1 {{expected a kernel of 1 to 2^40 taps, but got 0}}
  %r = graph.pool(%x) {kind = "max", kernel = array<i64: 2, 0>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x9x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pool_c1_window_fits(%x: tensor<1x3x9x1xf32>) {
  // expected-error @+1 {{expected a window that fits in spatial dim 1 of 1 with padding, but got one of 2}}
  %r = graph.pool(%x) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x9x1xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pool_c2_auto_pad(%x: tensor<1x3x9x8xf32>) {
  // expected-error @+1 {{expected auto_pad to be one of}}
  %r = graph.pool(%x) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, auto_pad = "x"} : (tensor<1x3x9x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}
