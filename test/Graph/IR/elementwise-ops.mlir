// RUN: lambent-opt %s | lambent-opt | FileCheck %s
// RUN: lambent-opt --mlir-print-op-generic %s | lambent-opt | FileCheck %s


// CHECK-LABEL: @elementwise
func.func @elementwise(%x: tensor<4x8xf32>, %b: tensor<8xui8>) -> tensor<4x8xui8> {
  // CHECK: graph.elementwise(%{{.*}}, %{{.*}}) : (tensor<4x8xf32>, tensor<8xui8>) -> tensor<4x8xui8> {
  // CHECK-NEXT: ^bb0(%{{.*}}: f32, %{{.*}}: i8):
  // CHECK: graph.yield %{{.*}} : i8
  %r = graph.elementwise(%x, %b) : (tensor<4x8xf32>, tensor<8xui8>) -> tensor<4x8xui8> {
  ^bb0(%s: f32, %t: i8):
    %0 = arith.fptoui %s : f32 to i8
    %1 = arith.addi %0, %t : i8
    graph.yield %1 : i8
  }
  return %r : tensor<4x8xui8>
}
