// RUN: lambent-opt --graph-to-lir --split-input-file --verify-diagnostics %s
// One run reports all of a function's.

func.func @main(%x: tensor<2x8xf32>, %i: tensor<1xi64>, %image: tensor<1x8x8x4xi32>) -> (tensor<2x4xf32>, tensor<1x4x4x4xi32>) {
  %one = graph.constant dense<1> : tensor<1xi64>
  // expected-error @+1 {{starts or steps that are computed from the model's inputs are not supported}}
  %r = graph.slice(%x, %i, %i, %one) {axes = array<i64: 1>} : (tensor<2x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x4xf32>
  // expected-error @+1 {{pooling by average of elements of type 'i32' is not supported}}
  %p = graph.pool(%image) {kind = "average", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, channels_last = true} : (tensor<1x8x8x4xi32>) -> tensor<1x4x4x4xi32>
  return %r, %p : tensor<2x4xf32>, tensor<1x4x4x4xi32>
}

// -----

func.func @pad(%x: tensor<2x8xf32>, %i: tensor<2xi64>) -> tensor<2x9xf32> {
  // expected-error @+1 {{pads that are computed from the model's inputs are not supported}}
  %r = graph.pad(%x, %i) {axes = array<i64: 1>} : (tensor<2x8xf32>, tensor<2xi64>) -> tensor<2x9xf32>
  return %r : tensor<2x9xf32>
}

// -----

func.func @pad_of_many_periods(%x: tensor<4xf32>) -> tensor<8589934596xf32> {
  %pads = graph.constant dense<[0, 8589934592]> : tensor<2xi64>
  // expected-error @+1 {{padding that takes more than 10000 copies of its input is not supported}}
  %r = graph.pad(%x, %pads) {mode = "wrap", axes = array<i64: 0>} : (tensor<4xf32>, tensor<2xi64>) -> tensor<8589934596xf32>
  return %r : tensor<8589934596xf32>
}

// -----

func.func @integer_conv_transpose(%x: tensor<1x4x8x8xi32>, %w: tensor<4x4x2x2xi32>) -> tensor<1x4x16x16xi32> {
  // expected-error @+1 {{a transposed convolution of elements of type 'i32' is not supported}}
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    output_padding = array<i64: 0, 0>} : (tensor<1x4x8x8xi32>, tensor<4x4x2x2xi32>) -> tensor<1x4x16x16xi32>
  return %r : tensor<1x4x16x16xi32>
}

// -----

// expected-error @+1 {{expected a function of one block, but got several}}
func.func @several_blocks(%x: tensor<2xf32>) -> tensor<2xf32> {
  return %x : tensor<2xf32>
^bb1:
  return %x : tensor<2xf32>
}

// -----

func.func @resize(%x: tensor<1x4x8x8xf32>, %scales: tensor<4xf32>, %sizes: tensor<4xi64>)
    -> (tensor<1x4x16x16xf32>, tensor<1x4x16x16xf32>) {
  // expected-error @+1 {{sizes that are computed from the model's inputs are not supported}}
  %b = graph.resize(%x sizes %sizes : tensor<4xi64>) {mode = "nearest"} : tensor<1x4x8x8xf32> -> tensor<1x4x16x16xf32>
  // expected-error @+1 {{cropping without a region is not supported}}
  %c = graph.resize(%x scales %scales : tensor<4xf32>) {mode = "linear",
    coordinate_transformation_mode = "tf_crop_and_resize"} : tensor<1x4x8x8xf32> -> tensor<1x4x16x16xf32>
  return %b, %c : tensor<1x4x16x16xf32>, tensor<1x4x16x16xf32>
}

// -----

func.func @resize_tables(%x: tensor<1x1x1x8xf32>) -> (tensor<1x1x1x33554432xf32>, tensor<1x1x1x4xf32>) {
  %long = graph.constant dense<[1, 1, 1, 33554432]> : tensor<4xi64>
  %half = graph.constant dense<[1.0, 1.0, 1.0, 0.5]> : tensor<4xf32>
  %nan = graph.constant dense<0x7FC00000> : tensor<8xf32>
  // expected-error @+1 {{resizing from 8 to 33554432 positions along dim 3 is not supported}}
  %a = graph.resize(%x sizes %long : tensor<4xi64>) {mode = "nearest"} : tensor<1x1x1x8xf32> -> tensor<1x1x1x33554432xf32>
  // expected-error @+1 {{a region with infinity or NaN is not supported}}
  %c = graph.resize(%x roi %nan : tensor<8xf32> scales %half : tensor<4xf32>) {mode = "linear",
    coordinate_transformation_mode = "tf_crop_and_resize"} : tensor<1x1x1x8xf32> -> tensor<1x1x1x4xf32>
  return %a, %c : tensor<1x1x1x33554432xf32>, tensor<1x1x1x4xf32>
}
