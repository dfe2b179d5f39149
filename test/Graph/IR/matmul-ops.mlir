// RUN: lambent-opt %s | lambent-opt | FileCheck %s
// RUN: lambent-opt --mlir-print-op-generic %s | lambent-opt | FileCheck %s


// CHECK-LABEL: @matmul
func.func @matmul(%a: tensor<2x1x4x8xf32>, %b: tensor<5x16x8xf32>) -> tensor<2x5x4x16xf32> {
  // CHECK: graph.matmul(%{{.*}}, %{{.*}}) {transpose_rhs = true} : (tensor<2x1x4x8xf32>, tensor<5x16x8xf32>) -> tensor<2x5x4x16xf32>
  %r = graph.matmul(%a, %b) {transpose_rhs = true} : (tensor<2x1x4x8xf32>, tensor<5x16x8xf32>) -> tensor<2x5x4x16xf32>
  return %r : tensor<2x5x4x16xf32>
}

// CHECK-LABEL: @quantized_matmul
func.func @quantized_matmul(%a: tensor<2x?x40xf32>, %q: tensor<6x40xi8>, %s: tensor<6x3xf32>, %z: tensor<6x3xi8>) {
  // CHECK: graph.quantized_matmul(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) {bits = 4 : i64, block_size = 16 : i64} : (tensor<2x?x40xf32>, tensor<6x40xi8>, tensor<6x3xf32>, tensor<6x3xi8>) -> tensor<2x?x6xf32>
  %r = graph.quantized_matmul(%a, %q, %s, %z) {bits = 4 : i64, block_size = 16 : i64} : (tensor<2x?x40xf32>, tensor<6x40xi8>, tensor<6x3xf32>, tensor<6x3xi8>) -> tensor<2x?x6xf32>
  return
}

// CHECK-LABEL: @block_matmul
func.func @block_matmul(%a: tensor<2x?x64xf32>, %q: tensor<6x64xui8>, %e: tensor<6x2xui8>) {
  // CHECK: graph.block_matmul(%{{.*}}, %{{.*}}, %{{.*}}) {format = "mxint8", scale = "down", table = array<i8>} : (tensor<2x?x64xf32>, tensor<6x64xui8>, tensor<6x2xui8>) -> tensor<2x?x6xf32>
  %r = graph.block_matmul(%a, %q, %e) {format = "mxint8", scale = "down", table = array<i8>} : (tensor<2x?x64xf32>, tensor<6x64xui8>, tensor<6x2xui8>) -> tensor<2x?x6xf32>
  return
}
