// RUN: lambent-opt --graph-to-lir --split-input-file %s | FileCheck %s

// A decoder's past and what is new: the second part begins where the first one ends, and all rows are one product.
// CHECK: [[AT:#map[0-9]*]] = affine_map<(d0, d1, d2)[s0, s1, s2] -> (d0, d1 + s2, d2)>
// CHECK-LABEL: @main
// CHECK-SAME: memref<?x?x8xf32, #lir.layout<[s0, s1, 8]>> {lir.name = "x", lir.type = tensor<?x?x8xf32>}
// CHECK-SAME: lir.symbols = ["batch", "new", "past"]
func.func @main(%x: tensor<?x?x8xf32, #graph.sizes<[s0, s1, 8]>> {graph.name = "x"}, %p: tensor<?x?x8xf32, #graph.sizes<[s0, s2, 8]>> {graph.name = "p"}, %w: tensor<8x16xf32> {graph.name = "w"}) -> (tensor<?x?x16xf32, #graph.sizes<[s0, s1 + s2, 16]>> {graph.name = "y"}) attributes {graph.symbols = ["batch", "new", "past"]} {
  // CHECK: lir.alloc : memref<?x?x8xf32, #lir.layout<[s0, s1 + s2, 8]>>
  // CHECK: lir.elementwise {{.*}} domain [s0, s2, 8]
  // CHECK: lir.elementwise {{.*}} domain [s0, s1, 8] maps [{{#map[0-9]*}}, [[AT]]]
  %c = graph.concat(%p, %x) {axis = 1 : i64} : (tensor<?x?x8xf32, #graph.sizes<[s0, s2, 8]>>, tensor<?x?x8xf32, #graph.sizes<[s0, s1, 8]>>) -> tensor<?x?x8xf32, #graph.sizes<[s0, s1 + s2, 8]>>
  // CHECK: lir.matmul {{.*}} domain [s0 * s2 + s0 * s1, 16, 8]
  %m = graph.matmul(%c, %w) : (tensor<?x?x8xf32, #graph.sizes<[s0, s1 + s2, 8]>>, tensor<8x16xf32>) -> tensor<?x?x16xf32, #graph.sizes<[s0, s1 + s2, 16]>>
  return %m : tensor<?x?x16xf32, #graph.sizes<[s0, s1 + s2, 16]>>
}

// -----

// What shapes cannot show is left to runs to check: here that two sizes are equal, and that a slice lies in its dim.
// CHECK-LABEL: @main
// CHECK-SAME: lir.size_checks = [{expected = "a slice within dim 0", is_zero = false, loc = {{.*}}, size = #lir.sizes<[s0 - 3]>},
// CHECK-SAME: {expected = "operands whose sizes agree", is_zero = true, loc = {{.*}}, size = #lir.sizes<[s1 - 3]>}]
func.func @main(%x: tensor<?x8xf32, #graph.sizes<[s0, 8]>>, %y: tensor<?x8xf32, #graph.sizes<[s1, 8]>>) -> tensor<3x16xf32> attributes {graph.symbols = ["n", "m"]} {
  %starts = graph.constant dense<0> : tensor<1xi64>
  %ends = graph.constant dense<3> : tensor<1xi64>
  %steps = graph.constant dense<1> : tensor<1xi64>
  %s = graph.slice(%x, %starts, %ends, %steps) {axes = array<i64: 0>} : (tensor<?x8xf32, #graph.sizes<[s0, 8]>>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<3x8xf32>
  %c = graph.concat(%s, %y) {axis = 1 : i64} : (tensor<3x8xf32>, tensor<?x8xf32, #graph.sizes<[s1, 8]>>) -> tensor<3x16xf32>
  return %c : tensor<3x16xf32>
}

// -----

// The same of a product's batch: beside three products an open number of them has to be three.
// CHECK-LABEL: @main
// CHECK-SAME: lir.size_checks = [{expected = "operands whose sizes agree", is_zero = true, loc = {{.*}}, size = #lir.sizes<[s0 - 3]>}]
func.func @main(%x: tensor<3x4x8xf32>, %y: tensor<?x8x5xf32, #graph.sizes<[s0, 8, 5]>>) -> tensor<3x4x5xf32> attributes {graph.symbols = ["n"]} {
  %m = graph.matmul(%x, %y) : (tensor<3x4x8xf32>, tensor<?x8x5xf32, #graph.sizes<[s0, 8, 5]>>) -> tensor<3x4x5xf32>
  return %m : tensor<3x4x5xf32>
}

// -----

// A size as data, and in the region of a kernel.
// CHECK-LABEL: @main
func.func @main(%x: tensor<?xf32, #graph.sizes<[s0]>>) -> (tensor<1xi64>, tensor<f32>) attributes {graph.symbols = ["n"]} {
  // CHECK: lir.size [s0 * 2]
  %n = graph.sizes <[s0 * 2]> : tensor<1xi64>
  // CHECK: lir.reduce
  // CHECK: lir.size [s0]
  // CHECK: arith.sitofp
  %m = graph.reduce(%x) {kind = "mean", axes = array<i64: 0>, keep_dims = false} : (tensor<?xf32, #graph.sizes<[s0]>>) -> tensor<f32>
  return %n, %m : tensor<1xi64>, tensor<f32>
}

// -----

// What has no elements is not computed, but its operands must agree all the same.
// CHECK-LABEL: @main
// CHECK-SAME: lir.size_checks = [{expected = "operands whose sizes agree", is_zero = true, loc = {{.*}}, size = #lir.sizes<[s1 - s0]>}]
func.func @main(%x: tensor<?x0x2xf32, #graph.sizes<[s0, 0, 2]>>, %y: tensor<?x2x5xf32, #graph.sizes<[s1, 2, 5]>>) -> tensor<?x0x5xf32, #graph.sizes<[s0, 0, 5]>> attributes {graph.symbols = ["n", "m"]} {
  // CHECK-NOT: lir.matmul
  %m = graph.matmul(%x, %y) : (tensor<?x0x2xf32, #graph.sizes<[s0, 0, 2]>>, tensor<?x2x5xf32, #graph.sizes<[s1, 2, 5]>>) -> tensor<?x0x5xf32, #graph.sizes<[s0, 0, 5]>>
  return %m : tensor<?x0x5xf32, #graph.sizes<[s0, 0, 5]>>
}

// -----

// Sums of nothing, of as many as the operands agree on.
// CHECK-LABEL: @main
// CHECK-SAME: lir.size_checks = [{expected = "operands whose sizes agree", is_zero = true, loc = {{.*}}, size = #lir.sizes<[s1 - s0]>}]
func.func @main(%x: tensor<?x2x0xf32, #graph.sizes<[s0, 2, 0]>>, %y: tensor<?x0x5xf32, #graph.sizes<[s1, 0, 5]>>) -> tensor<?x2x5xf32, #graph.sizes<[s0, 2, 5]>> attributes {graph.symbols = ["n", "m"]} {
  // CHECK-NOT: lir.matmul
  // CHECK: lir.elementwise {{.*}} domain [s0, 2, 5]
  %m = graph.matmul(%x, %y) : (tensor<?x2x0xf32, #graph.sizes<[s0, 2, 0]>>, tensor<?x0x5xf32, #graph.sizes<[s1, 0, 5]>>) -> tensor<?x2x5xf32, #graph.sizes<[s0, 2, 5]>>
  return %m : tensor<?x2x5xf32, #graph.sizes<[s0, 2, 5]>>
}

// -----

// No tuples of indices scatter nothing; a run whose updates are others fails.
// CHECK-LABEL: @main
// CHECK-SAME: lir.size_checks = [{expected = "an update for each tuple of indices", is_zero = true, loc = {{.*}}, size = #lir.sizes<[s1]>}]
func.func @main(%x: tensor<?x3xf32, #graph.sizes<[s0, 3]>>, %u: tensor<?x3xf32, #graph.sizes<[s1, 3]>>) -> tensor<?x3xf32, #graph.sizes<[s0, 3]>> attributes {graph.symbols = ["n", "m"]} {
  // CHECK-NOT: lir.scatter
  %i = graph.constant dense<> : tensor<0x1xi64>
  %r = graph.scatter_nd(%x, %i, %u) : (tensor<?x3xf32, #graph.sizes<[s0, 3]>>, tensor<0x1xi64>, tensor<?x3xf32, #graph.sizes<[s1, 3]>>) -> tensor<?x3xf32, #graph.sizes<[s0, 3]>>
  return %r : tensor<?x3xf32, #graph.sizes<[s0, 3]>>
}

// -----

// Of no rows no maximum is asked for, so rows need not hold elements.
// CHECK-LABEL: @main
// CHECK-NOT: lir.size_checks
func.func @main(%x: tensor<0x?xf32, #graph.sizes<[0, s0]>>, %y: tensor<?x0xi64, #graph.sizes<[s0, 0]>>) -> (tensor<0x1xi64>, tensor<?x0xi64, #graph.sizes<[s0, 0]>>) attributes {graph.symbols = ["n"]} {
  %m = graph.arg_reduce(%x) {kind = "max", axis = 1 : i64} : (tensor<0x?xf32, #graph.sizes<[0, s0]>>) -> tensor<0x1xi64>
  return %m, %y : tensor<0x1xi64>, tensor<?x0xi64, #graph.sizes<[s0, 0]>>
}

// -----

// Rows may be empty: whoever reads the places demands that they are not.
// CHECK-LABEL: @main
// CHECK-NOT: lir.size_checks
func.func @main(%x: tensor<?x?xf32, #graph.sizes<[s0, s1]>>) -> tensor<?x1xi64, #graph.sizes<[s0, 1]>> attributes {graph.symbols = ["m", "n"]} {
  // CHECK: lir.arg_reduce {{.*}} {axis = 1 : i64, kind = "max"}
  %m = graph.arg_reduce(%x) {kind = "max", axis = 1 : i64} : (tensor<?x?xf32, #graph.sizes<[s0, s1]>>) -> tensor<?x1xi64, #graph.sizes<[s0, 1]>>
  return %m : tensor<?x1xi64, #graph.sizes<[s0, 1]>>
}

// -----

// Of data that no update leads into nothing is asked along the axis.
// CHECK-LABEL: @main
// CHECK-SAME: lir.size_checks = [{expected = "data that holds the elements to update", is_zero = false, loc = {{.*}}, size = #lir.sizes<[-((s1 * 3 + 1099511627775) floordiv 1099511627776) + s0]>}]
func.func @main(%x: tensor<?x3xf32, #graph.sizes<[s0, 3]>>, %i: tensor<?x3xi64, #graph.sizes<[s1, 3]>>, %u: tensor<?x3xf32, #graph.sizes<[s1, 3]>>) -> tensor<?x3xf32, #graph.sizes<[s0, 3]>> attributes {graph.symbols = ["n", "m"]} {
  %r = graph.scatter_elements(%x, %i, %u) {axis = 0 : i64} : (tensor<?x3xf32, #graph.sizes<[s0, 3]>>, tensor<?x3xi64, #graph.sizes<[s1, 3]>>, tensor<?x3xf32, #graph.sizes<[s1, 3]>>) -> tensor<?x3xf32, #graph.sizes<[s0, 3]>>
  return %r : tensor<?x3xf32, #graph.sizes<[s0, 3]>>
}
