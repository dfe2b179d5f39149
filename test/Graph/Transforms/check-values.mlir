// RUN: lambent-opt --graph-check-values %s | FileCheck %s --check-prefixes=CHECK,EARLY
// RUN: lambent-opt --graph-check-values=final %s | FileCheck %s --check-prefixes=CHECK,FINAL
// RUN: lambent-opt --graph-check-values='final at-run-time' %s | FileCheck %s --check-prefixes=CHECK,AT-RUN-TIME

// CHECK-LABEL: @computed_indices
func.func @computed_indices(%x: tensor<4x8xf32>, %i: tensor<2xi64>, %j: tensor<4x3xi32>) -> (tensor<2x8xf32>, tensor<4x3xf32>) {
  // EARLY-NOT: graph.check
  // FINAL-NOT: graph.check
  // AT-RUN-TIME: graph.check(%arg1) {excluded = false, expected = "an index from -4 to 3", high = 3 : i64, low = -4 : i64} : tensor<2xi64>
  // CHECK: graph.gather(
  %0 = graph.gather(%x, %i) {axis = 0 : i64} : (tensor<4x8xf32>, tensor<2xi64>) -> tensor<2x8xf32>
  // AT-RUN-TIME: graph.check(%arg2) {excluded = false, expected = "an index from -8 to 7", high = 7 : i64, low = -8 : i64} : tensor<4x3xi32>
  // CHECK: graph.gather_elements(
  %1 = graph.gather_elements(%x, %j) {axis = 1 : i64} : (tensor<4x8xf32>, tensor<4x3xi32>) -> tensor<4x3xf32>
  return %0, %1 : tensor<2x8xf32>, tensor<4x3xf32>
}

// CHECK-LABEL: @computed_divisors
func.func @computed_divisors(%d: tensor<4xi64>) {
  // EARLY: graph.check
  // FINAL-NOT: graph.check
  // AT-RUN-TIME: graph.check
  graph.check(%d) {low = 0 : i64, high = 0 : i64, excluded = true, expected = "a divisor other than 0"} : tensor<4xi64>
  return
}

// CHECK-LABEL: @of_every_run
func.func @of_every_run(%d: tensor<4xi64>) {
  // CHECK: graph.check(%arg0) {always,
  graph.check(%d) {low = 0 : i64, high = 3 : i64, excluded = false, expected = "an axis from 0 to 3", always} : tensor<4xi64>
  return
}

// CHECK-LABEL: @good_constants
func.func @good_constants(%x: tensor<4x8xf32>) -> tensor<2x8xf32> {
  // CHECK-NOT: graph.check
  %i = graph.constant dense<[3, -4]> : tensor<2xi64>
  %0 = graph.gather(%x, %i) {axis = 0 : i64} : (tensor<4x8xf32>, tensor<2xi64>) -> tensor<2x8xf32>
  %d = graph.constant dense<[1, -1]> : tensor<2xi8>
  graph.check(%d) {low = 0 : i64, high = 0 : i64, excluded = true, expected = "a divisor other than 0"} : tensor<2xi8>
  return %0 : tensor<2x8xf32>
}

// CHECK-LABEL: @open_dim
func.func @open_dim(%x: tensor<?x8xf32>) -> tensor<2x8xf32> {
  // CHECK-NOT: graph.check
  // CHECK: graph.gather(
  %i = graph.constant dense<[30, -4]> : tensor<2xi64>
  %0 = graph.gather(%x, %i) {axis = 0 : i64} : (tensor<?x8xf32>, tensor<2xi64>) -> tensor<2x8xf32>
  return %0 : tensor<2x8xf32>
}

// CHECK-LABEL: @tuples
func.func @tuples(%x: tensor<4x?x8xf32>, %i: tensor<2x3xi64>, %u: tensor<2xf32>) -> (tensor<2xf32>, tensor<4x?x8xf32>) {
  // AT-RUN-TIME: graph.check(%arg1) {excluded = false, expected = "an index from -4 to 3", high = 3 : i64, low = -4 : i64, step = 3 : i64} : tensor<2x3xi64>
  // AT-RUN-TIME: graph.check(%arg1) {excluded = false, expected = "an index from -8 to 7", first = 2 : i64, high = 7 : i64, low = -8 : i64, step = 3 : i64} : tensor<2x3xi64>
  // CHECK: graph.gather_nd(
  %0 = graph.gather_nd(%x, %i) {batch_dims = 0 : i64} : (tensor<4x?x8xf32>, tensor<2x3xi64>) -> tensor<2xf32>
  // AT-RUN-TIME-COUNT-2: graph.check(%arg1)
  // CHECK: graph.scatter_nd(
  %1 = graph.scatter_nd(%x, %i, %u) : (tensor<4x?x8xf32>, tensor<2x3xi64>, tensor<2xf32>) -> tensor<4x?x8xf32>
  return %0, %1 : tensor<2xf32>, tensor<4x?x8xf32>
}

// CHECK-LABEL: @scattered_elements
func.func @scattered_elements(%x: tensor<4x8xf32>, %i: tensor<2x8xi64>, %u: tensor<2x8xf32>) -> tensor<4x8xf32> {
  // AT-RUN-TIME: graph.check(%arg1) {excluded = false, expected = "an index from -4 to 3", high = 3 : i64, low = -4 : i64} : tensor<2x8xi64>
  // CHECK: graph.scatter_elements(
  %0 = graph.scatter_elements(%x, %i, %u) {axis = 0 : i64} : (tensor<4x8xf32>, tensor<2x8xi64>, tensor<2x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}
