// RUN: lambent-opt %s --graph-infer-shapes | FileCheck %s

// Shape arithmetic over dims that are bound by now vanishes, and the function's type follows.
// CHECK-LABEL: func.func @shape_arithmetic(
// CHECK-SAME: -> tensor<2x3xf32>
func.func @shape_arithmetic(%x: tensor<2x3xf32>, %y: tensor<1xf32>) -> tensor<?x?xf32> {
  // CHECK: %[[SHAPE:.*]] = graph.constant dense<[2, 3]> : tensor<2xi64>
  // CHECK: graph.expand(%{{.*}}, %[[SHAPE]]) : (tensor<1xf32>, tensor<2xi64>) -> tensor<2x3xf32>
  %s = graph.shape(%x) {start = 0 : i64, end = 2 : i64} : (tensor<2x3xf32>) -> tensor<2xi64>
  %r = graph.expand(%y, %s) : (tensor<1xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// Types flow from op to op.
// CHECK-LABEL: func.func @chain(
// CHECK: graph.transpose{{.*}} -> tensor<3x2xf32>
// CHECK: graph.softmax{{.*}} -> tensor<3x2xf32>
func.func @chain(%x: tensor<2x3xf32>) -> tensor<?x?xf32> {
  %0 = graph.transpose(%x) {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<?x?xf32>
  %r = graph.softmax(%0) {axis = 1 : i64} : (tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// What was known before is kept where operands say less.
// CHECK-LABEL: func.func @negative_open(
// CHECK: graph.softmax{{.*}} -> tensor<?x2xf32>
func.func @negative_open(%x: tensor<?x?xf32>) -> tensor<?x2xf32> {
  %r = graph.softmax(%x) {axis = 1 : i64} : (tensor<?x?xf32>) -> tensor<?x2xf32>
  return %r : tensor<?x2xf32>
}

// Regions know no signedness; the result keeps its own.
// CHECK-LABEL: @unsigned_elements
func.func @unsigned_elements(%x: tensor<4xui8>) -> tensor<?xui8> {
  // CHECK: graph.elementwise(%{{.*}}) : (tensor<4xui8>) -> tensor<4xui8>
  %r = graph.elementwise(%x) : (tensor<4xui8>) -> tensor<?xui8> {
  ^bb0(%a: i8):
    %0 = arith.addi %a, %a : i8
    graph.yield %0 : i8
  }
  return %r : tensor<?xui8>
}

// A fold erases the op, also the last one and one of which an equal one came before: the walk must not go on from it.
// (The tests' allocator overwrites what is freed.)
// CHECK-LABEL: func.func @erased_by_folding(
func.func @erased_by_folding(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  // CHECK-NEXT: %[[C:.*]] = graph.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
  // CHECK-NEXT: return %[[C]], %[[C]], %{{.*}}
  %0 = graph.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %1 = graph.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %2 = graph.transpose(%x) {perm = array<i64: 0>} : (tensor<2xf32>) -> tensor<2xf32>
  return %0, %1, %2 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}
