// RUN: lambent-opt %s --split-input-file --verify-diagnostics


func.func @resize_c1_mode(%x: tensor<?x3x8x5xf32>) {
  %s = graph.constant dense<1.0> : tensor<4xf32>
  // expected-error @+1 {{expected mode to be one of nearest, linear, cubic, but got area}}
  %r = graph.resize(%x scales %s : tensor<4xf32>) {mode = "area"} : tensor<?x3x8x5xf32> -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @resize_c1_nearest_mode(%x: tensor<?x3x8x5xf32>) {
  %s = graph.constant dense<1.0> : tensor<4xf32>
  // expected-error @+1 {{expected nearest_mode to be one of}}
  %r = graph.resize(%x scales %s : tensor<4xf32>) {mode = "nearest", nearest_mode = "round"} : tensor<?x3x8x5xf32> -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @resize_neither(%x: tensor<?x3x8x5xf32>) {
  // expected-error @+1 {{expected scales or sizes, but got neither of them}}
  %r = graph.resize(%x) {mode = "nearest"} : tensor<?x3x8x5xf32> -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @resize_count(%x: tensor<?x3x8x5xf32>) {
  %s = graph.constant dense<1.0> : tensor<3xf32>
  // expected-error @+1 {{expected 4 scales or sizes, but got}}
  %r = graph.resize(%x scales %s : tensor<3xf32>) {mode = "nearest"} : tensor<?x3x8x5xf32> -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @resize_scale(%x: tensor<?x3x8x5xf32>) {
  %s = graph.constant dense<[1.0, 1.0, -1.0, 0x7FC00000]> : tensor<4xf32>
  // expected-error @+1 {{expected positive scales, but got -1}}
  %r = graph.resize(%x scales %s : tensor<4xf32>) {mode = "nearest"} : tensor<?x3x8x5xf32> -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @resize_scale_nan(%x: tensor<?x3x8x5xf32>) {
  %s = graph.constant dense<[1.0, 1.0, 1.0, 0x7FC00000]> : tensor<4xf32>
  // expected-error @+1 {{expected positive scales, but got}}
  %r = graph.resize(%x scales %s : tensor<4xf32>) {mode = "nearest"} : tensor<?x3x8x5xf32> -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @resize_absurd_scale(%x: tensor<?x3x8x5xf32>) {
  %s = graph.constant dense<[1.0, 1.0, 1.0e+30, 1.0]> : tensor<4xf32>
  // expected-error @+1 {{expected result dims between 0 and 2^40, but got}}
  %r = graph.resize(%x scales %s : tensor<4xf32>) {mode = "nearest"} : tensor<?x3x8x5xf32> -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @resize_size(%x: tensor<?x3x8x5xf32>) {
  %s = graph.constant dense<[1, 1, -1, 1]> : tensor<4xi64>
  // expected-error @+1 {{expected sizes between 0 and 2^40, but got -1}}
  %r = graph.resize(%x sizes %s : tensor<4xi64>) {mode = "nearest"} : tensor<?x3x8x5xf32> -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @resize_c2_of_nothing(%x: tensor<1x0xf32>) {
  %s = graph.constant dense<[1, 4]> : tensor<2xi64>
  // expected-error @+1 {{expected elements to resample along axis 1, but got 'tensor<1x0xf32>'}}
  %r = graph.resize(%x sizes %s : tensor<2xi64>) {mode = "nearest"} : tensor<1x0xf32> -> tensor<1x4xf32>
  return
}
