// RUN: lambent-opt --mlir-print-op-generic %s | lambent-opt | FileCheck %s

// CHECK-LABEL: @nonzero
func.func @nonzero(%x: tensor<100x100xf32>, %n: tensor<1xi64>) -> (tensor<3xi64>, tensor<2x?xi64>) {
  // CHECK: graph.count_nonzero(%{{.*}}) {block = 4096 : i64} : (tensor<100x100xf32>) -> tensor<3xi64>
  %c = graph.count_nonzero(%x) {block = 4096 : i64} : (tensor<100x100xf32>) -> tensor<3xi64>
  // CHECK: graph.nonzero(%{{.*}}, %{{.*}}, %{{.*}}) {block = 4096 : i64} : (tensor<100x100xf32>, tensor<3xi64>, tensor<1xi64>) -> tensor<2x?xi64>
  %r = graph.nonzero(%x, %c, %n) {block = 4096 : i64} : (tensor<100x100xf32>, tensor<3xi64>, tensor<1xi64>) -> tensor<2x?xi64>
  return %c, %r : tensor<3xi64>, tensor<2x?xi64>
}

// CHECK-LABEL: @sort_rows
func.func @sort_rows(%x: tensor<100x3xf32>) -> tensor<100xi64> {
  // CHECK: graph.sort_rows(%{{.*}}) : (tensor<100x3xf32>) -> tensor<100xi64>
  %r = graph.sort_rows(%x) : (tensor<100x3xf32>) -> tensor<100xi64>
  return %r : tensor<100xi64>
}

// CHECK-LABEL: @boxes
func.func @boxes(%b: tensor<1x100x4xf32>, %s: tensor<1x8x100xf32>, %n: tensor<1xi64>, %t: tensor<1xf32>) -> (tensor<1x8x100xi64>, tensor<1x8xi64>) {
  // CHECK: graph.non_max_suppression({{.*}}) {center_point_box = true} : (tensor<1x100x4xf32>, tensor<1x8x100xf32>, tensor<1xi64>, tensor<1xf32>, tensor<1xf32>)
  %y, %c = graph.non_max_suppression(%b, %s, %n, %t, %t) {center_point_box = true} : (tensor<1x100x4xf32>, tensor<1x8x100xf32>, tensor<1xi64>, tensor<1xf32>, tensor<1xf32>) -> (tensor<1x8x100xi64>, tensor<1x8xi64>)
  return %y, %c : tensor<1x8x100xi64>, tensor<1x8xi64>
}
