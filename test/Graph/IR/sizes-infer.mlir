// RUN: lambent-opt %s --split-input-file --graph-infer-shapes --canonicalize | FileCheck %s

// Sizes of open dims are expressions of the model's symbols.

// CHECK-LABEL: @heads
func.func @heads(%x: tensor<?x?x768xf32, #graph.sizes<[s0, s1, 768]>>) -> tensor<?x?x?x?xf32> {
  // CHECK-NOT: graph.shape
  // CHECK: graph.sizes <[s0, s1, 12, 64]> : tensor<4xi64>
  %dims = graph.shape(%x) {start = 0 : i64, end = 2 : i64} : (tensor<?x?x768xf32, #graph.sizes<[s0, s1, 768]>>) -> tensor<2xi64>
  %rest = graph.constant dense<[12, 64]> : tensor<2xi64>
  %shape = graph.concat(%dims, %rest) {axis = 0 : i64} : (tensor<2xi64>, tensor<2xi64>) -> tensor<4xi64>
  // CHECK: graph.reshape{{.*}} -> tensor<?x?x12x64xf32, #graph.sizes<[s0, s1, 12, 64]>>
  %split = graph.reshape(%x, %shape) : (tensor<?x?x768xf32, #graph.sizes<[s0, s1, 768]>>, tensor<4xi64>) -> tensor<?x?x?x?xf32>
  // CHECK: graph.transpose{{.*}} -> tensor<?x12x?x64xf32, #graph.sizes<[s0, 12, s1, 64]>>
  %r = graph.transpose(%split) {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  return %r : tensor<?x?x?x?xf32>
}

// -----

// CHECK-LABEL: @deduced
func.func @deduced(%x: tensor<?x?x12x64xf32, #graph.sizes<[s0, s1, 12, 64]>>) -> (tensor<?x?xf32>, tensor<?x?x?xf32>) {
  %a = graph.constant dense<[-1, 768]> : tensor<2xi64>
  // CHECK: -> tensor<?x768xf32, #graph.sizes<[s0 * s1, 768]>>
  %r = graph.reshape(%x, %a) : (tensor<?x?x12x64xf32, #graph.sizes<[s0, s1, 12, 64]>>, tensor<2xi64>) -> tensor<?x?xf32>
  %b = graph.constant dense<[0, -1, 384]> : tensor<3xi64>
  // CHECK: -> tensor<?x?x384xf32, #graph.sizes<[s0, s1 * 2, 384]>>
  %s = graph.reshape(%x, %b) : (tensor<?x?x12x64xf32, #graph.sizes<[s0, s1, 12, 64]>>, tensor<3xi64>) -> tensor<?x?x?xf32>
  return %r, %s : tensor<?x?xf32>, tensor<?x?x?xf32>
}

// -----

// CHECK-LABEL: @windows
func.func @windows(%x: tensor<?x3x?x?xf32, #graph.sizes<[s0, 3, s1, s2]>>, %w: tensor<8x3x3x3xf32>) -> tensor<?x?x?x?xf32> {
  // CHECK: -> tensor<?x8x?x?xf32, #graph.sizes<[s0, 8, (s1 + 1) floordiv 2, s2 floordiv 2]>>
  %r = graph.conv(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 0, 1, 1>} : (tensor<?x3x?x?xf32, #graph.sizes<[s0, 3, s1, s2]>>, tensor<8x3x3x3xf32>) -> tensor<?x?x?x?xf32>
  return %r : tensor<?x?x?x?xf32>
}

// -----

// A decoder's past and what is new: one size after the concatenation, whatever the order of the sum.
// CHECK-LABEL: @past
func.func @past(%p: tensor<1x?x64xf32, #graph.sizes<[1, s1, 64]>>, %x: tensor<1x?x64xf32, #graph.sizes<[1, s0, 64]>>) -> (tensor<?x?x?xf32>, tensor<?x?x?xf32>) {
  // CHECK: -> tensor<1x?x64xf32, #graph.sizes<[1, s0 + s1, 64]>>
  %a = graph.concat(%p, %x) {axis = 1 : i64} : (tensor<1x?x64xf32, #graph.sizes<[1, s1, 64]>>, tensor<1x?x64xf32, #graph.sizes<[1, s0, 64]>>) -> tensor<?x?x?xf32>
  // CHECK: -> tensor<1x?x64xf32, #graph.sizes<[1, s0 + s1, 64]>>
  %b = graph.concat(%x, %p) {axis = 1 : i64} : (tensor<1x?x64xf32, #graph.sizes<[1, s0, 64]>>, tensor<1x?x64xf32, #graph.sizes<[1, s1, 64]>>) -> tensor<?x?x?xf32>
  return %a, %b : tensor<?x?x?xf32>, tensor<?x?x?xf32>
}

// -----

// What exporters write for "to the end" is the end, and a size's negative counts from it.
// CHECK-LABEL: @slices
func.func @slices(%x: tensor<?x?xf32, #graph.sizes<[s0, s1]>>) -> (tensor<?x?xf32>, tensor<?x?xf32>) {
  %one = graph.constant dense<1> : tensor<1xi64>
  %far = graph.constant dense<1000000000> : tensor<1xi64>
  // CHECK: graph.slice{{.*}} -> tensor<?x?xf32, #graph.sizes<[s0 - 1, s1]>>
  %a = graph.slice(%x, %one, %far, %one) {axes = array<i64: 0>} : (tensor<?x?xf32, #graph.sizes<[s0, s1]>>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x?xf32>
  %last = graph.sizes <[-s1]> : tensor<1xi64>
  // CHECK: graph.slice{{.*}} -> tensor<?x?xf32, #graph.sizes<[s1, s1]>>
  %b = graph.slice(%x, %last, %far, %one) {axes = array<i64: 0>} : (tensor<?x?xf32, #graph.sizes<[s0, s1]>>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x?xf32>
  return %a, %b : tensor<?x?xf32>, tensor<?x?xf32>
}
