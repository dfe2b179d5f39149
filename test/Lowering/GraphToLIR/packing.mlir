// RUN: lambent-opt --graph-to-lir %s | FileCheck %s
// Inputs and outputs hold several elements of 4 and 2 bits in a byte; buffers and weights have a byte for each.

// CHECK-DAG: #[[EVEN:.*]] = affine_map<(d0) -> (d0 * 2)>
// CHECK-DAG: #[[ODD:.*]] = affine_map<(d0) -> (d0 * 2 + 1)>

// CHECK-LABEL: func @transposed(
// CHECK-SAME: %[[X:.*]]: memref<3xi8> {lir.type = tensor<1x5xui4>}, %[[Y:.*]]: memref<3xi8> {lir.type = tensor<5x1xui4>})
func.func @transposed(%x: tensor<1x5xui4>) -> tensor<5x1xui4> {
  // CHECK: %[[LIST:.*]] = lir.view %{{.*}} : memref<1x5xi8> -> memref<5xi8>
  // CHECK: lir.elementwise ins(%[[X]] : memref<3xi8>) outs(%[[LIST]] : memref<5xi8>) domain [3] maps [#{{.*}}, #[[EVEN]]]
  // CHECK: lir.elementwise ins(%[[X]] : memref<3xi8>) outs(%[[LIST]] : memref<5xi8>) domain [2] maps [#{{.*}}, #[[ODD]]]
  // CHECK: arith.shrui
  %r = graph.transpose(%x) {perm = array<i64: 1, 0>} : (tensor<1x5xui4>) -> tensor<5x1xui4>
  // CHECK: lir.elementwise ins(%[[R:.*]], %[[R]] : memref<5xi8>, memref<5xi8>) outs(%[[Y]] : memref<3xi8>) domain [2] maps [#[[EVEN]], #[[ODD]], #{{.*}}]
  // CHECK: lir.elementwise ins(%[[R]] : memref<5xi8>) outs(%[[Y]] : memref<3xi8>) domain [1]
  return %r : tensor<5x1xui4>
}

// CHECK-LABEL: func @weight(
func.func @weight() -> tensor<3xf32> {
  // CHECK: lir.weight dense<[1, 15, 2]> : tensor<3xi8> : memref<3xi8>
  %w = graph.constant dense<[1, -1, 2]> : tensor<3xi4>
  %r = graph.elementwise(%w) : (tensor<3xi4>) -> tensor<3xf32> {
  ^bb0(%c: i8):
    %0 = arith.uitofp %c : i8 to f32
    graph.yield %0 : f32
  }
  return %r : tensor<3xf32>
}

// CHECK-LABEL: func @none(
// CHECK-SAME: memref<0xi8> {lir.type = tensor<0x3xi2>}
func.func @none(%x: tensor<0x3xi2>) -> tensor<0x3xi2> {
  return %x : tensor<0x3xi2>
}
