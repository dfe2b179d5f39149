// RUN: lambent-opt --graph-to-lir %s | FileCheck %s
// A padded tensor is put together from boxes: the inside, and one box per border.

// CHECK-DAG: #[[RIGHT:.*]] = affine_map<(d0, d1) -> (d0, d1 + 1)>
// CHECK-DAG: #[[LAST:.*]] = affine_map<(d0, d1) -> (d0, 2)>
// CHECK-DAG: #[[MIRROR:.*]] = affine_map<(d0, d1) -> (d0, -d1 + 2)>

// CHECK-LABEL: func @constant
func.func @constant(%x: tensor<2x3xf32>) -> tensor<2x5xf32> {
  %p = graph.constant dense<[1, 1]> : tensor<2xi64>
  %v = graph.constant dense<7.0> : tensor<f32>
  // CHECK: lir.elementwise ins(%{{.*}} : memref<f32>) {{.*}} domain [2, 1]
  // CHECK: lir.elementwise ins(%{{.*}} : memref<2x3xf32>) {{.*}} domain [2, 3] maps [#{{.*}}, #[[RIGHT]]]
  // CHECK: lir.elementwise ins(%{{.*}} : memref<f32>) {{.*}} domain [2, 1]
  %r = graph.pad(%x, %p, %v) {mode = "constant", axes = array<i64: 1>} : (tensor<2x3xf32>, tensor<2xi64>, tensor<f32>) -> tensor<2x5xf32>
  return %r : tensor<2x5xf32>
}

// CHECK-LABEL: func @zero
func.func @zero(%x: tensor<2x3xf32>) -> tensor<2x4xf32> {
  %p = graph.constant dense<[0, 1]> : tensor<2xi64>
  // CHECK: lir.elementwise ins(%{{.*}} : memref<2x3xf32>) {{.*}} domain [2, 3]
  // CHECK: lir.elementwise outs(%{{.*}} : memref<2x4xf32>) domain [2, 1]
  // CHECK: arith.constant 0.0
  %r = graph.pad(%x, %p) {mode = "constant", axes = array<i64: 1>} : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<2x4xf32>
  return %r : tensor<2x4xf32>
}

// CHECK-LABEL: func @edge
func.func @edge(%x: tensor<2x3xf32>) -> tensor<2x5xf32> {
  %p = graph.constant dense<[0, 2]> : tensor<2xi64>
  // CHECK: lir.elementwise {{.*}} domain [2, 3]
  // CHECK: lir.elementwise {{.*}} domain [2, 2] maps [#[[LAST]], #{{.*}}]
  %r = graph.pad(%x, %p) {mode = "edge", axes = array<i64: 1>} : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<2x5xf32>
  return %r : tensor<2x5xf32>
}

// CHECK-LABEL: func @reflect
func.func @reflect(%x: tensor<2x3xf32>) -> tensor<2x5xf32> {
  %p = graph.constant dense<[2, 0]> : tensor<2xi64>
  // CHECK: lir.elementwise {{.*}} domain [2, 3] maps [#[[MIRROR]], #{{.*}}]
  // CHECK: lir.elementwise {{.*}} domain [2, 2]
  %r = graph.pad(%x, %p) {mode = "reflect", axes = array<i64: 1>} : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<2x5xf32>
  return %r : tensor<2x5xf32>
}

// CHECK-LABEL: func @negative_pads_cut
func.func @negative_pads_cut(%x: tensor<2x3xf32>) -> tensor<2x2xf32> {
  %p = graph.constant dense<[-1, 0]> : tensor<2xi64>
  // CHECK: lir.elementwise {{.*}} domain [2, 2] maps [#[[RIGHT]], #{{.*}}]
  // CHECK-NOT: lir.elementwise
  %r = graph.pad(%x, %p) {mode = "constant", axes = array<i64: 1>} : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}
