// RUN: lambent-opt %s | lambent-opt | FileCheck %s

// CHECK-LABEL: @check
func.func @check(%i: tensor<2x?xi64>, %d: tensor<ui8>) {
  // CHECK: graph.check(%{{.*}}) {excluded = false, expected = "an index from -4 to 3", high = 3 : i64, low = -4 : i64} : tensor<2x?xi64>
  graph.check(%i) {low = -4 : i64, high = 3 : i64, excluded = false, expected = "an index from -4 to 3"} : tensor<2x?xi64>
  // CHECK: graph.check(%{{.*}}) {excluded = true, expected = "a divisor other than 0", high = 0 : i64, low = 0 : i64} : tensor<ui8>
  graph.check(%d) {low = 0 : i64, high = 0 : i64, excluded = true, expected = "a divisor other than 0"} : tensor<ui8>
  return
}

// CHECK-LABEL: @check_of_tuples
func.func @check_of_tuples(%i: tensor<2x3xi64>) {
  // CHECK: graph.check(%{{.*}}) {excluded = false, expected = "an index from -4 to 3", first = 1 : i64, high = 3 : i64, low = -4 : i64, step = 3 : i64} : tensor<2x3xi64>
  graph.check(%i) {low = -4 : i64, high = 3 : i64, excluded = false, expected = "an index from -4 to 3", first = 1 : i64, step = 3 : i64} : tensor<2x3xi64>
  return
}

// CHECK-LABEL: @decide
// CHECK-SAME: graph.symbols = ["n", ""]
func.func @decide(%x: tensor<?xf32, #graph.sizes<[s0]>>, %n: tensor<1xi64>) -> tensor<2xi64> attributes {graph.symbols = ["n", ""]} {
  // CHECK: graph.decide(%{{.*}}) {first = 1 : i64} : tensor<1xi64>
  graph.decide(%n) {first = 1 : i64} : tensor<1xi64>
  // CHECK: graph.sizes <[s1, s0 * 2]> : tensor<2xi64>
  %s = graph.sizes <[s1, s0 * 2]> : tensor<2xi64>
  return %s : tensor<2xi64>
}
