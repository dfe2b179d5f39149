// RUN: lambent-opt --graph-to-lir %s | FileCheck %s

// CHECK-LABEL: func @check(
// CHECK-SAME: %[[I:.*]]: memref<2xi64>
func.func @check(%i: tensor<2xi64>, %e: tensor<0xi64>) {
  // CHECK: %[[F:.*]] = lir.fault : memref<2xi64>
  // CHECK: lir.check ins(%[[I]] : memref<2xi64>) outs(%[[F]] : memref<2xi64>) {excluded = false, expected = "an index from -4 to 3", high = 3 : i64, low = -4 : i64}
  graph.check(%i) {low = -4 : i64, high = 3 : i64, excluded = false, expected = "an index from -4 to 3"} : tensor<2xi64>
  // There is nothing to check.
  // CHECK-NOT: lir.check
  graph.check(%e) {low = -4 : i64, high = 3 : i64, excluded = false, expected = "an index from -4 to 3"} : tensor<0xi64>
  return
}

// CHECK-LABEL: func @check_of_tuples(
func.func @check_of_tuples(%i: tensor<2x3xi64>) {
  // CHECK: lir.check {{.*}} {excluded = false, expected = "an index from -4 to 3", first = 1 : i64, high = 3 : i64, low = -4 : i64, step = 3 : i64}
  graph.check(%i) {low = -4 : i64, high = 3 : i64, excluded = false, expected = "an index from -4 to 3", first = 1 : i64, step = 3 : i64} : tensor<2x3xi64>
  return
}

// A list decides symbols; what is computed behind it has sizes of them.
// CHECK-LABEL: func.func @decide
func.func @decide(%n: tensor<1xi64>) -> tensor<?xi64, #graph.sizes<[s0]>> attributes {graph.symbols = [""]} {
  // CHECK: lir.decide ins(%{{.*}} : memref<1xi64>) {first = 0 : i64}
  graph.decide(%n) {first = 0 : i64} : tensor<1xi64>
  %s = graph.sizes <[s0]> : tensor<1xi64>
  // CHECK: lir.elementwise {{.*}} outs(%{{.*}} : memref<?xi64, #lir.layout<[s0]>>)
  %r = graph.expand(%n, %s) : (tensor<1xi64>, tensor<1xi64>) -> tensor<?xi64, #graph.sizes<[s0]>>
  return %r : tensor<?xi64, #graph.sizes<[s0]>>
}

// What is asked of sizes is asked before anything runs.
// CHECK-LABEL: func.func @check_of_sizes
// CHECK-SAME: lir.size_checks = [{expected = "parts", is_zero = true, {{.*}}size = #lir.sizes<[s0 - 4]>}, {expected = "a count from 1", is_zero = false, {{.*}}size = #lir.sizes<[s0 - 1]>}, {expected = "a count from 1", is_zero = false, {{.*}}size = #lir.sizes<[-s0 + 9]>}, {expected = "a count from 2", is_zero = false, {{.*}}size = #lir.sizes<[s0 - 2]>}]
func.func @check_of_sizes(%x: tensor<?xf32, #graph.sizes<[s0]>>) attributes {graph.symbols = [""]} {
  // CHECK-NOT: lir.check
  %s = graph.shape(%x) {start = 0 : i64, end = 1 : i64} : (tensor<?xf32, #graph.sizes<[s0]>>) -> tensor<1xi64>
  graph.check(%s) {low = 4 : i64, high = 4 : i64, excluded = false, expected = "parts"} : tensor<1xi64>
  graph.check(%s) {low = 1 : i64, high = 9 : i64, excluded = false, expected = "a count from 1"} : tensor<1xi64>
  graph.check(%s) {low = 2 : i64, high = 9223372036854775807 : i64, excluded = false, expected = "a count from 2"} : tensor<1xi64>
  return
}
