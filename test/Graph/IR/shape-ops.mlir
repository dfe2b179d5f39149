// RUN: lambent-opt %s | lambent-opt | FileCheck %s
// RUN: lambent-opt --mlir-print-op-generic %s | lambent-opt | FileCheck %s


// CHECK-LABEL: @shapes
func.func @shapes(%x: tensor<2x1x6xf32>, %s: tensor<2xi64>) -> tensor<2xi64> {
  // CHECK: graph.reshape(%{{.*}}, %{{.*}}) {allow_zero = true} : (tensor<2x1x6xf32>, tensor<2xi64>) -> tensor<3x4xf32>
  %0 = graph.reshape(%x, %s) {allow_zero = true} : (tensor<2x1x6xf32>, tensor<2xi64>) -> tensor<3x4xf32>
  // CHECK: graph.squeeze(%{{.*}}) {axes = array<i64: 1>} : (tensor<2x1x6xf32>) -> tensor<2x6xf32>
  %1 = graph.squeeze(%x) {axes = array<i64: 1>} : (tensor<2x1x6xf32>) -> tensor<2x6xf32>
  // CHECK: graph.unsqueeze(%{{.*}}) {axes = array<i64: 0, 3>} : (tensor<2x6xf32>) -> tensor<1x2x6x1xf32>
  %2 = graph.unsqueeze(%1) {axes = array<i64: 0, 3>} : (tensor<2x6xf32>) -> tensor<1x2x6x1xf32>
  // CHECK: graph.flatten(%{{.*}}) {axis = 2 : i64} : (tensor<1x2x6x1xf32>) -> tensor<2x6xf32>
  %3 = graph.flatten(%2) {axis = 2 : i64} : (tensor<1x2x6x1xf32>) -> tensor<2x6xf32>
  // CHECK: graph.transpose(%{{.*}}) {perm = array<i64: 1, 0>} : (tensor<2x6xf32>) -> tensor<6x2xf32>
  %4 = graph.transpose(%3) {perm = array<i64: 1, 0>} : (tensor<2x6xf32>) -> tensor<6x2xf32>
  // CHECK: graph.expand(%{{.*}}, %{{.*}}) : (tensor<6x2xf32>, tensor<2xi64>) -> tensor<6x2xf32>
  %5 = graph.expand(%4, %s) : (tensor<6x2xf32>, tensor<2xi64>) -> tensor<6x2xf32>
  // CHECK: graph.shape(%{{.*}}) {end = 2 : i64, start = 0 : i64} : (tensor<6x2xf32>) -> tensor<2xi64>
  %r = graph.shape(%5) {start = 0 : i64, end = 2 : i64} : (tensor<6x2xf32>) -> tensor<2xi64>
  return %r : tensor<2xi64>
}
