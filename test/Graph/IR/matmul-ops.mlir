// RUN: lambent-opt %s | lambent-opt | FileCheck %s
// RUN: lambent-opt --mlir-print-op-generic %s | lambent-opt | FileCheck %s


// CHECK-LABEL: @matmul
func.func @matmul(%a: tensor<2x1x4x8xf32>, %b: tensor<5x16x8xf32>) -> tensor<2x5x4x16xf32> {
  // CHECK: graph.matmul(%{{.*}}, %{{.*}}) {transpose_rhs = true} : (tensor<2x1x4x8xf32>, tensor<5x16x8xf32>) -> tensor<2x5x4x16xf32>
  %r = graph.matmul(%a, %b) {transpose_rhs = true} : (tensor<2x1x4x8xf32>, tensor<5x16x8xf32>) -> tensor<2x5x4x16xf32>
  return %r : tensor<2x5x4x16xf32>
}
