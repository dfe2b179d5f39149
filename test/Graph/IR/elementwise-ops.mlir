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

// A narrow element is its code.
// CHECK-LABEL: @narrow
func.func @narrow(%x: tensor<4xf8E5M2>, %y: tensor<4xui4>) -> tensor<4xi2> {
  // CHECK: graph.elementwise(%{{.*}}, %{{.*}}) : (tensor<4xf8E5M2>, tensor<4xui4>) -> tensor<4xi2> {
  // CHECK-NEXT: ^bb0(%{{.*}}: i8, %{{.*}}: i8):
  %r = graph.elementwise(%x, %y) : (tensor<4xf8E5M2>, tensor<4xui4>) -> tensor<4xi2> {
  ^bb0(%s: i8, %t: i8):
    %0 = arith.andi %s, %t : i8
    graph.yield %0 : i8
  }
  return %r : tensor<4xi2>
}
