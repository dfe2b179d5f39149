// RUN: lambent-opt %s --graph-narrow-products --canonicalize | FileCheck %s
// RUN: lambent-opt %s --graph-narrow-products=strict --canonicalize | FileCheck %s --check-prefix=STRICT

// The scale that quantizes divides the scale, the bias and the bounds.
// CHECK-LABEL: func @clamped
// CHECK:       graph.elementwise({{.*}}) : ({{.*}}) -> tensor<4x16xi8> {
// CHECK-NEXT:  ^bb0(%[[SUM:.*]]: i32, %[[SCALE:.*]]: f32):
// CHECK-DAG:     %[[HIGH:.*]] = arith.constant 1.200000e+01 : f32
// CHECK:         %[[N:.*]] = arith.sitofp %[[SUM]] : i32 to f32
// CHECK:         %[[V:.*]] = arith.mulf %[[N]], %[[SCALE]] : f32
// CHECK:         %[[L:.*]] = arith.maximumf %[[V]]
// CHECK:         %[[C:.*]] = arith.minimumf %[[L]], %[[HIGH]] : f32
// CHECK-NEXT:    math.roundeven %[[C]] : f32

// STRICT-LABEL: func @clamped
// STRICT:         arith.divf
// STRICT-NEXT:    math.roundeven
func.func @clamped(%x: tensor<4x8xui8>, %w: tensor<8x16xi8>) -> tensor<4x16xi8> {
  %s = graph.constant dense<0.5> : tensor<f32>
  %t = graph.constant dense<[1.0, 0.25, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]> : tensor<16xf32>
  %0 = graph.elementwise(%x, %s) : (tensor<4x8xui8>, tensor<f32>) -> tensor<4x8xf32> {
  ^bb0(%e: i8, %f: f32):
    %1 = arith.extui %e : i8 to i32
    %2 = arith.sitofp %1 : i32 to f32
    %3 = arith.mulf %2, %f : f32
    graph.yield %3 : f32
  }
  %4 = graph.elementwise(%w, %t) : (tensor<8x16xi8>, tensor<16xf32>) -> tensor<8x16xf32> {
  ^bb0(%e: i8, %f: f32):
    %1 = arith.extsi %e : i8 to i32
    %2 = arith.sitofp %1 : i32 to f32
    %3 = arith.mulf %2, %f : f32
    graph.yield %3 : f32
  }
  %5 = graph.matmul(%0, %4) : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  %6 = graph.elementwise(%5) : (tensor<4x16xf32>) -> tensor<4x16xf32> {
  ^bb0(%e: f32):
    %low = arith.constant 0.0 : f32
    %high = arith.constant 6.0 : f32
    %1 = arith.maximumf %e, %low : f32
    %2 = arith.minimumf %1, %high : f32
    graph.yield %2 : f32
  }
  %7 = graph.elementwise(%6) : (tensor<4x16xf32>) -> tensor<4x16xi8> {
  ^bb0(%e: f32):
    %by = arith.constant 0.5 : f32
    %1 = arith.divf %e, %by : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.fptosi %2 : f32 to i8
    graph.yield %3 : i8
  }
  return %7 : tensor<4x16xi8>
}
