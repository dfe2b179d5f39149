// RUN: lambent-opt --graph-to-lir --split-input-file --verify-diagnostics %s

// expected-error @+1 {{expected input "x" to have static dims, but got open dim 0 ("batch") dim 2; bind it}}
func.func @main(%x: tensor<?x3x?xf32> {graph.name = "x", graph.dim_names = ["batch", "", ""]}) -> tensor<?x3x?xf32> {
  return %x : tensor<?x3x?xf32>
}

// -----

func.func @main(%a: tensor<i64>) -> tensor<?xi64> {
  %zero = graph.constant dense<0> : tensor<i64>
  %one = graph.constant dense<1> : tensor<i64>
  // expected-error @+1 {{a result whose size depends on data is not supported: result 0, dim 0}}
  %r = graph.range(%zero, %a, %one) : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  return %r : tensor<?xi64>
}

// -----

// Pads that a run's sizes decide.
func.func @same_pads_of_a_stride(%x: tensor<1x?x8x3xf32, #graph.sizes<[1, s0, 8, 3]>>) -> tensor<1x?x8x4xf32, #graph.sizes<[1, (s0 + 1) floordiv 2, 8, 4]>> {
  %w = graph.constant dense<0.5> : tensor<4x3x3x3xf32>
  // expected-error @+1 {{the operation graph.conv is not supported with open dims: bind them}}
  %r = graph.conv(%x, %w) {strides = array<i64: 2, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, group = 1 : i64,
    auto_pad = "SAME_UPPER", channels_last = true} : (tensor<1x?x8x3xf32, #graph.sizes<[1, s0, 8, 3]>>, tensor<4x3x3x3xf32>)
    -> tensor<1x?x8x4xf32, #graph.sizes<[1, (s0 + 1) floordiv 2, 8, 4]>>
  return %r : tensor<1x?x8x4xf32, #graph.sizes<[1, (s0 + 1) floordiv 2, 8, 4]>>
}

// -----

func.func @pooling_with_such_pads(%x: tensor<1x?x8x3xf32, #graph.sizes<[1, s0, 8, 3]>>) -> tensor<1x?x8x3xf32, #graph.sizes<[1, (s0 + 1) floordiv 2, 8, 3]>> {
  // expected-error @+1 {{the operation graph.pool is not supported with open dims: bind them}}
  %r = graph.pool(%x) {kind = "max", kernel = array<i64: 3, 3>, strides = array<i64: 2, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    auto_pad = "SAME_UPPER", channels_last = true} : (tensor<1x?x8x3xf32, #graph.sizes<[1, s0, 8, 3]>>)
    -> tensor<1x?x8x3xf32, #graph.sizes<[1, (s0 + 1) floordiv 2, 8, 3]>>
  return %r : tensor<1x?x8x3xf32, #graph.sizes<[1, (s0 + 1) floordiv 2, 8, 3]>>
}

// -----

// A given size that a run's cuts.
func.func @transpose_to_a_size(%x: tensor<1x?x8x3xf32, #graph.sizes<[1, s0, 8, 3]>>) -> tensor<1x9x15x4xf32> {
  %w = graph.constant dense<0.5> : tensor<3x4x3x3xf32>
  // expected-error @+1 {{the operation graph.conv_transpose is not supported with open dims: bind them}}
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    output_padding = array<i64: 0, 0>, output_shape = array<i64: 9, 15>, channels_last = true}
    : (tensor<1x?x8x3xf32, #graph.sizes<[1, s0, 8, 3]>>, tensor<3x4x3x3xf32>) -> tensor<1x9x15x4xf32>
  return %r : tensor<1x9x15x4xf32>
}

// -----

func.func @open_channels(%x: tensor<1x8x8x?xf32, #graph.sizes<[1, 8, 8, s0]>>) -> tensor<1x6x6x4xf32> {
  %w = graph.constant dense<0.5> : tensor<4x3x3x3xf32>
  // expected-error @+1 {{the operation graph.conv is not supported with open dims: bind them}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, group = 1 : i64,
    channels_last = true} : (tensor<1x8x8x?xf32, #graph.sizes<[1, 8, 8, s0]>>, tensor<4x3x3x3xf32>) -> tensor<1x6x6x4xf32>
  return %r : tensor<1x6x6x4xf32>
}
