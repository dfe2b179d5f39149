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

// -----

func.func @pool_regions_kind(%x: tensor<1x3x8x8xf32>, %c: tensor<5x4xf32>, %b: tensor<5xi64>) {
  // expected-error @+1 {{expected kind to be one of}}
  %r = graph.pool_regions(%x, %c, %b) {kind = "sum", size = array<i64: 2, 3>, samples = 0 : i64, scale = 1.0 : f64} : (tensor<1x3x8x8xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pool_regions_c1_rank(%x: tensor<1x3x8xf32>, %c: tensor<5x4xf32>, %b: tensor<5xi64>) {
  // expected-error @+1 {{expected an input of two spatial dims, but got 'tensor<1x3x8xf32>'}}
  %r = graph.pool_regions(%x, %c, %b) {kind = "max", size = array<i64: 2, 3>, samples = 0 : i64, scale = 1.0 : f64} : (tensor<1x3x8xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pool_regions_c2_corners(%x: tensor<1x3x8x8xf32>, %c: tensor<5x5xf32>, %b: tensor<5xi64>) {
  // expected-error @+1 {{expected corners [R, 4] and batches [R], but got 'tensor<5x5xf32>' and 'tensor<5xi64>'}}
  %r = graph.pool_regions(%x, %c, %b) {kind = "max", size = array<i64: 2, 3>, samples = 0 : i64, scale = 1.0 : f64} : (tensor<1x3x8x8xf32>, tensor<5x5xf32>, tensor<5xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pool_regions_c2_batches(%x: tensor<1x3x8x8xf32>, %c: tensor<5x4xf32>, %b: tensor<4xi64>) {
  // expected-error @+1 {{expected corners [R, 4] and batches [R], but got 'tensor<5x4xf32>' and 'tensor<4xi64>'}}
  %r = graph.pool_regions(%x, %c, %b) {kind = "max", size = array<i64: 2, 3>, samples = 0 : i64, scale = 1.0 : f64} : (tensor<1x3x8x8xf32>, tensor<5x4xf32>, tensor<4xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pool_regions_c3_types(%x: tensor<1x3x8x8xf16>, %c: tensor<5x4xf16>, %b: tensor<5xi64>) {
  // expected-error @+1 {{expected f32 or f64, corners of the same type and batches of i64, but got 'tensor<1x3x8x8xf16>'}}
  %r = graph.pool_regions(%x, %c, %b) {kind = "max", size = array<i64: 2, 3>, samples = 0 : i64, scale = 1.0 : f64} : (tensor<1x3x8x8xf16>, tensor<5x4xf16>, tensor<5xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pool_regions_c4_sizes(%x: tensor<1x3x8x8xf32>, %c: tensor<5x4xf32>, %b: tensor<5xi64>) {
  // expected-error @+1 {{expected 2 entries of size, but got 1}}
  %r = graph.pool_regions(%x, %c, %b) {kind = "max", size = array<i64: 2>, samples = 0 : i64, scale = 1.0 : f64} : (tensor<1x3x8x8xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pool_regions_c4_samples(%x: tensor<1x3x8x8xf32>, %c: tensor<5x4xf32>, %b: tensor<5xi64>) {
  // expected-error @+1 {{expected samples between 0 and 2^40, but got -1}}
  %r = graph.pool_regions(%x, %c, %b) {kind = "max", size = array<i64: 2, 3>, samples = -1 : i64, scale = 1.0 : f64} : (tensor<1x3x8x8xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}
