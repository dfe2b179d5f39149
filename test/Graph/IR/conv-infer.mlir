// RUN: lambent-opt %s --split-input-file --verify-diagnostics

// A result that cannot be right makes the verifier say what it infers.

func.func @conv_open_batch_and_height(%x: tensor<?x3x?x9xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<?x4x?x5xf32>', but got}}
  %r = graph.conv(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>} : (tensor<?x3x?x9xf32>, tensor<4x3x3x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_dilated(%x: tensor<1x3x9x9xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<1x4x5x3xf32>', but got}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 2, 3>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x9x9xf32>, tensor<4x3x3x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_open_filter(%x: tensor<1x3x9x9xf32>, %w: tensor<?x?x?x3xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<1x?x?x7xf32>', but got}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x9x9xf32>, tensor<?x?x?x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_same(%x: tensor<1x3x9x?xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<1x4x5x?xf32>', but got}}
  %r = graph.conv(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, auto_pad = "SAME_LOWER"} : (tensor<1x3x9x?xf32>, tensor<4x3x3x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_1d_grouped(%x: tensor<1x6x9xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<1x4x8xf32>', but got}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 1, 0>, group = 2 : i64} : (tensor<1x6x9xf32>, tensor<4x3x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_3d_channels_last(%x: tensor<1x9x8x7x3xf32>, %w: tensor<4x3x3x3x3xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<1x7x6x5x4xf32>', but got}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1, 1>, dilations = array<i64: 1, 1, 1>, pads = array<i64: 0, 0, 0, 0, 0, 0>, channels_last = true} : (tensor<1x9x8x7x3xf32>, tensor<4x3x3x3x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_transpose(%x: tensor<1x3x8x?xf32>, %w: tensor<3x4x4x4xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<1x4x17x?xf32>', but got}}
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, output_padding = array<i64: 1, 0>} : (tensor<1x3x8x?xf32>, tensor<3x4x4x4xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_transpose_output_shape(%x: tensor<1x4x?x3xf32>, %w: tensor<4x2x3x3xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<1x4x10x8xf32>', but got}}
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 3, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, output_padding = array<i64: 0, 0>, group = 2 : i64, output_shape = array<i64: 10, 8>} : (tensor<1x4x?x3xf32>, tensor<4x2x3x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_of_an_empty_image(%x: tensor<1x3x0x9xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<1x4x0x9xf32>', but got}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
    : (tensor<1x3x0x9xf32>, tensor<4x3x1x1xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}
