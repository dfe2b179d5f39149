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

func.func @open_filter(%x: tensor<1x8x8x3xf32>, %w: tensor<4x?x3x3xf32, #graph.sizes<[4, s0, 3, 3]>>) -> tensor<1x6x6x4xf32> {
  // expected-error @+1 {{the operation graph.conv is not supported with open dims: bind them}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, group = 1 : i64,
    channels_last = true} : (tensor<1x8x8x3xf32>, tensor<4x?x3x3xf32, #graph.sizes<[4, s0, 3, 3]>>) -> tensor<1x6x6x4xf32>
  return %r : tensor<1x6x6x4xf32>
}

// -----

// Binding dims helps: nothing here depends on data.
func.func @open_taps(%x: tensor<1x3x8xf32>, %w: tensor<4x3x?xf32, #graph.sizes<[4, 3, s0]>>) -> tensor<1x4x?xf32> attributes {graph.symbols = ["taps"]} {
  // expected-error @+1 {{the operation graph.conv is not supported with open dims: bind them}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>} : (tensor<1x3x8xf32>, tensor<4x3x?xf32, #graph.sizes<[4, 3, s0]>>) -> tensor<1x4x?xf32>
  return %r : tensor<1x4x?xf32>
}
