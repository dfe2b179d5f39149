// RUN: lambent-opt --pass-pipeline='builtin.module(lambent-graph{cpu=x86-64-v3},lambent-lower{cpu=x86-64-v3})' %s | FileCheck %s

// The bias joins the convolution, the activation the copy to the layout of the output; all buffers are planned.
// CHECK: module attributes {lir.arena_bytes
// CHECK-LABEL: func.func @main
// CHECK: lir.weight
// CHECK: lir.conv
// CHECK: arith.addf
// CHECK: arith.maximumf
func.func @main(%x: tensor<1x8x8x3xf32> {graph.name = "x"}, %w: tensor<4x3x3x3xf32> {graph.name = "w"}) -> (tensor<1x4x8x8xf32> {graph.name = "y"}) {
  %t = graph.transpose(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x8x8x3xf32>) -> tensor<1x3x8x8xf32>
  %f = graph.constant dense<0.5> : tensor<4x3x3x3xf32>
  %b = graph.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %c = graph.conv(%t, %f, %b) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, group = 1 : i64} : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<1x4x8x8xf32>
  %r = graph.elementwise(%c) : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> {
  ^bb0(%s: f32):
    %zero = arith.constant 0.0 : f32
    %m = arith.maximumf %s, %zero : f32
    graph.yield %m : f32
  }
  return %r : tensor<1x4x8x8xf32>
}
