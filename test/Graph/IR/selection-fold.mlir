// RUN: lambent-opt --canonicalize %s | FileCheck %s

// CHECK-LABEL: @places_of_constants
func.func @places_of_constants() -> (tensor<2xi64>, tensor<2x3xi64>) {
  %x = graph.constant dense<[[0.0, -0.0, 1.0], [0x7FC00000, 0.0, -2.0]]> : tensor<2x3xf32>
  %n = graph.constant dense<3> : tensor<1xi64>
  // CHECK-DAG: graph.constant dense<[1, 2]> : tensor<2xi64>
  // CHECK-DAG: graph.constant dense<{{\[}}[0, 1, 1], [2, 0, 2]]> : tensor<2x3xi64>
  %c = graph.count_nonzero(%x) {block = 3 : i64} : (tensor<2x3xf32>) -> tensor<2xi64>
  %r = graph.nonzero(%x, %c, %n) {block = 3 : i64} : (tensor<2x3xf32>, tensor<2xi64>, tensor<1xi64>) -> tensor<2x3xi64>
  return %c, %r : tensor<2xi64>, tensor<2x3xi64>
}

// CHECK-LABEL: @negative_other_count
func.func @negative_other_count(%s: tensor<1xi64>) -> tensor<1x2xi64> {
  %x = graph.constant dense<[1, 0, 0]> : tensor<3xi64>
  %n = graph.constant dense<2> : tensor<1xi64>
  // CHECK: graph.nonzero
  %r = graph.nonzero(%x, %s, %n) {block = 3 : i64} : (tensor<3xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1x2xi64>
  return %r : tensor<1x2xi64>
}
