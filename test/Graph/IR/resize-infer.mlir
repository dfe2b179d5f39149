// RUN: lambent-opt %s --split-input-file --verify-diagnostics

// A result that cannot be right makes the verifier say what it infers.

func.func @resize_scales(%x: tensor<?x3x8x5xf32>) {
  %s = graph.constant dense<[1.0, 1.0, 2.0, 0.5]> : tensor<4xf32>
  // expected-error @+1 {{expected a result of 'tensor<?x3x16x2xf32>', but got}}
  %r = graph.resize(%x scales %s : tensor<4xf32>) {mode = "nearest"} : tensor<?x3x8x5xf32> -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @resize_scale_of_open_dim(%x: tensor<?x3x8x5xf32>) {
  %s = graph.constant dense<[2.0, 1.0, 1.0, 1.0]> : tensor<4xf32>
  // expected-error @+1 {{expected a result of 'tensor<?x3x8x5xf32>', but got}}
  %r = graph.resize(%x scales %s : tensor<4xf32>) {mode = "nearest"} : tensor<?x3x8x5xf32> -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

// 10 * 0.7f is a little less than 7, but rounded to f32 it is 7.
func.func @resize_rounds_the_product(%x: tensor<10x?xf32, #graph.sizes<[10, s0]>>) {
  %s = graph.constant dense<[0.7, 0.7]> : tensor<2xf32>
  // expected-error @+1 {{expected a result of 'tensor<7x?xf32, #graph.sizes<[7, (s0 * 7) floordiv 10]>>', but got}}
  %r = graph.resize(%x scales %s : tensor<2xf32>) {mode = "nearest"} : tensor<10x?xf32, #graph.sizes<[10, s0]>> -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @resize_sizes_of_axes(%x: tensor<?x3x8x5xf32>) {
  %s = graph.constant dense<[7, 9]> : tensor<2xi64>
  // expected-error @+1 {{expected a result of 'tensor<?x3x9x7xf32>', but got}}
  %r = graph.resize(%x sizes %s : tensor<2xi64>) {mode = "nearest", axes = array<i64: 3, 2>} : tensor<?x3x8x5xf32> -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @resize_not_larger(%x: tensor<?x3x8x5xf32>) {
  %s = graph.constant dense<[16, 15]> : tensor<2xi64>
  // expected-error @+1 {{expected a result of 'tensor<?x3x16x10xf32>', but got}}
  %r = graph.resize(%x sizes %s : tensor<2xi64>) {mode = "nearest", axes = array<i64: 2, 3>, keep_aspect_ratio_policy = "not_larger"} : tensor<?x3x8x5xf32> -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @resize_not_smaller(%x: tensor<?x3x8x5xf32>) {
  %s = graph.constant dense<[16, 15]> : tensor<2xi64>
  // expected-error @+1 {{expected a result of 'tensor<?x3x24x15xf32>', but got}}
  %r = graph.resize(%x sizes %s : tensor<2xi64>) {mode = "nearest", axes = array<i64: 2, 3>, keep_aspect_ratio_policy = "not_smaller"} : tensor<?x3x8x5xf32> -> tensor<9x9x9x9x9x9x9xf32>
  return
}
