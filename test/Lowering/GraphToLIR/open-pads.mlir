// RUN: lambent-opt --graph-to-lir --split-input-file %s | FileCheck %s
// An open dim has a piece for what is in front, the inside, and a piece for what is behind.

// CHECK-DAG: [[BEHIND:#map[0-9]*]] = affine_map<(d0)[s0] -> (d0 + s0 + 1)>
// CHECK-DAG: [[INSIDE:#map[0-9]*]] = affine_map<(d0) -> (d0 + 1)>
// CHECK-DAG: [[LAST:#map[0-9]*]] = affine_map<(d0)[s0] -> (s0 - 1)>
// CHECK-LABEL: @edge
// CHECK-SAME: {expected = "a dim that holds elements", is_zero = false, loc = {{.*}}, size = #lir.sizes<[s0 - 1]>}
func.func @edge(%x: tensor<?xf32, #graph.sizes<[s0]>>) -> tensor<?xf32, #graph.sizes<[s0 + 3]>> attributes {graph.symbols = ["n"]} {
  %p = graph.constant dense<[1, 2]> : tensor<2xi64>
  // CHECK: lir.elementwise {{.*}} domain [1]
  // CHECK: lir.elementwise {{.*}} domain [s0] maps [{{#map[0-9]*}}, [[INSIDE]]]
  // CHECK: lir.elementwise {{.*}} domain [2] maps [[[LAST]], [[BEHIND]]]
  %r = graph.pad(%x, %p) {mode = "edge", axes = array<i64: 0>} : (tensor<?xf32, #graph.sizes<[s0]>>, tensor<2xi64>) -> tensor<?xf32, #graph.sizes<[s0 + 3]>>
  return %r : tensor<?xf32, #graph.sizes<[s0 + 3]>>
}

// -----

// CHECK-DAG: [[MIRROR:#map[0-9]*]] = affine_map<(d0) -> (-d0 + 2)>
// CHECK-DAG: [[MIRROREND:#map[0-9]*]] = affine_map<(d0)[s0] -> (-d0 + s0 - 2)>
// CHECK-LABEL: @reflect
// CHECK-SAME: {expected = "a dim that is not smaller than what is repeated of it", is_zero = false, loc = {{.*}}, size = #lir.sizes<[s0 - 3]>}
func.func @reflect(%x: tensor<?xf32, #graph.sizes<[s0]>>) -> tensor<?xf32, #graph.sizes<[s0 + 3]>> attributes {graph.symbols = ["n"]} {
  %p = graph.constant dense<[2, 1]> : tensor<2xi64>
  // CHECK: lir.elementwise {{.*}} domain [2] maps [[[MIRROR]],
  // CHECK: lir.elementwise {{.*}} domain [s0]
  // CHECK: lir.elementwise {{.*}} domain [1] maps
  %r = graph.pad(%x, %p) {mode = "reflect", axes = array<i64: 0>} : (tensor<?xf32, #graph.sizes<[s0]>>, tensor<2xi64>) -> tensor<?xf32, #graph.sizes<[s0 + 3]>>
  return %r : tensor<?xf32, #graph.sizes<[s0 + 3]>>
}

// -----

// CHECK-LABEL: @constant_cuts
// CHECK-SAME: {expected = "pads that cut off at most a whole dim", is_zero = false, loc = {{.*}}, size = #lir.sizes<[s0 - 1]>}
func.func @constant_cuts(%x: tensor<?xf32, #graph.sizes<[s0]>>) -> tensor<?xf32, #graph.sizes<[s0 + 1]>> attributes {graph.symbols = ["n"]} {
  %p = graph.constant dense<[-1, 2]> : tensor<2xi64>
  // CHECK: lir.elementwise {{.*}} domain [s0 - 1]
  // CHECK: lir.elementwise outs{{.*}} domain [2]
  %r = graph.pad(%x, %p) {mode = "constant", axes = array<i64: 0>} : (tensor<?xf32, #graph.sizes<[s0]>>, tensor<2xi64>) -> tensor<?xf32, #graph.sizes<[s0 + 1]>>
  return %r : tensor<?xf32, #graph.sizes<[s0 + 1]>>
}
