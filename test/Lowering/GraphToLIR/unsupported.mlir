// RUN: lambent-opt --graph-to-lir --verify-diagnostics %s
// One run reports all of them.

func.func @main(%x: tensor<2x8xf32>, %i: tensor<1xi64>, %image: tensor<1x8x8x4xi32>) -> (tensor<2x4xf32>, tensor<1x4x4x4xi32>) {
  %one = graph.constant dense<1> : tensor<1xi64>
  // expected-error @+1 {{unsupported: slice with computed starts or steps}}
  %r = graph.slice(%x, %i, %i, %one) {axes = array<i64: 1>} : (tensor<2x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x4xf32>
  // expected-error @+1 {{unsupported: average pool of 'i32'}}
  %p = graph.pool(%image) {kind = "average", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, channels_last = true} : (tensor<1x8x8x4xi32>) -> tensor<1x4x4x4xi32>
  return %r, %p : tensor<2x4xf32>, tensor<1x4x4x4xi32>
}
