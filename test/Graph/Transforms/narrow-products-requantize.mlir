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

// CHECK-LABEL:  func @round_trip
// CHECK-NEXT:     return %arg0
// STRICT-LABEL: func @round_trip
// STRICT-NEXT:    return %arg0
func.func @round_trip(%x: tensor<4xui8>) -> tensor<4xui8> {
  %0 = graph.elementwise(%x) : (tensor<4xui8>) -> tensor<4xf32> {
  ^bb0(%e: i8):
    %zero = arith.constant 3 : i32
    %scale = arith.constant 0.1 : f32
    %1 = arith.extui %e : i8 to i32
    %2 = arith.subi %1, %zero : i32
    %3 = arith.sitofp %2 : i32 to f32
    %4 = arith.mulf %3, %scale : f32
    graph.yield %4 : f32
  }
  %5 = graph.elementwise(%0) : (tensor<4xf32>) -> tensor<4xui8> {
  ^bb0(%e: f32):
    %zero = arith.constant 3.0 : f32
    %scale = arith.constant 0.1 : f32
    %low = arith.constant 0.0 : f32
    %high = arith.constant 255.0 : f32
    %1 = arith.divf %e, %scale : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.addf %2, %zero : f32
    %4 = arith.cmpf ogt, %3, %low : f32
    %6 = arith.select %4, %3, %low : f32
    %7 = arith.cmpf olt, %6, %high : f32
    %8 = arith.select %7, %6, %high : f32
    %9 = arith.fptoui %8 : f32 to i8
    graph.yield %9 : i8
  }
  return %5 : tensor<4xui8>
}

// A narrower range is another function.
// CHECK-LABEL:  func @clamped_round_trip
// CHECK:          graph.elementwise
func.func @clamped_round_trip(%x: tensor<4xi8>) -> tensor<4xi8> {
  %0 = graph.elementwise(%x) : (tensor<4xi8>) -> tensor<4xf32> {
  ^bb0(%e: i8):
    %scale = arith.constant 0.1 : f32
    %1 = arith.extsi %e : i8 to i32
    %3 = arith.sitofp %1 : i32 to f32
    %4 = arith.mulf %3, %scale : f32
    graph.yield %4 : f32
  }
  %5 = graph.elementwise(%0) : (tensor<4xf32>) -> tensor<4xi8> {
  ^bb0(%e: f32):
    %scale = arith.constant 0.1 : f32
    %low = arith.constant -127.0 : f32
    %high = arith.constant 127.0 : f32
    %1 = arith.divf %e, %scale : f32
    %2 = math.roundeven %1 : f32
    %4 = arith.cmpf ogt, %2, %low : f32
    %6 = arith.select %4, %2, %low : f32
    %7 = arith.cmpf olt, %6, %high : f32
    %8 = arith.select %7, %6, %high : f32
    %9 = arith.fptosi %8 : f32 to i8
    graph.yield %9 : i8
  }
  return %5 : tensor<4xi8>
}

// CHECK-LABEL:  func @moved
// CHECK:          %[[T:.*]] = graph.transpose(%arg0) {{.*}} -> tensor<8x4xui8>
// CHECK:          graph.elementwise(%[[T]]) : (tensor<8x4xui8>) -> tensor<8x4xf32>
func.func @moved(%x: tensor<4x8xui8>) -> tensor<8x4xf32> {
  %0 = graph.elementwise(%x) : (tensor<4x8xui8>) -> tensor<4x8xf32> {
  ^bb0(%e: i8):
    %scale = arith.constant 0.1 : f32
    %1 = arith.extui %e : i8 to i32
    %3 = arith.sitofp %1 : i32 to f32
    %4 = arith.mulf %3, %scale : f32
    graph.yield %4 : f32
  }
  %5 = graph.transpose(%0) {perm = array<i64: 1, 0>} : (tensor<4x8xf32>) -> tensor<8x4xf32>
  return %5 : tensor<8x4xf32>
}

// CHECK-LABEL:  func @pooled
// CHECK:          %[[P:.*]] = graph.pool(%arg0) {{.*}} -> tensor<1x3x4x4xui8>
// CHECK:          graph.elementwise(%[[P]]) : (tensor<1x3x4x4xui8>) -> tensor<1x3x4x4xf32>
// A scale below zero turns the order around, and a mean is no element.
// CHECK:          graph.pool({{.*}}) {{.*}} -> tensor<1x3x4x4xf32>
// CHECK:          graph.pool({{.*}}) {{.*}} -> tensor<1x3x4x4xf32>
func.func @pooled(%x: tensor<1x3x8x8xui8>) -> (tensor<1x3x4x4xf32>, tensor<1x3x4x4xf32>, tensor<1x3x4x4xf32>) {
  %0 = graph.elementwise(%x) : (tensor<1x3x8x8xui8>) -> tensor<1x3x8x8xf32> {
  ^bb0(%e: i8):
    %scale = arith.constant 0.1 : f32
    %1 = arith.extui %e : i8 to i32
    %3 = arith.sitofp %1 : i32 to f32
    %4 = arith.mulf %3, %scale : f32
    graph.yield %4 : f32
  }
  %5 = graph.pool(%0) {kind = "max", kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 0, 0>} : (tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf32>
  %6 = graph.elementwise(%x) : (tensor<1x3x8x8xui8>) -> tensor<1x3x8x8xf32> {
  ^bb0(%e: i8):
    %scale = arith.constant -0.1 : f32
    %1 = arith.extui %e : i8 to i32
    %3 = arith.sitofp %1 : i32 to f32
    %4 = arith.mulf %3, %scale : f32
    graph.yield %4 : f32
  }
  %7 = graph.pool(%6) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf32>
  %8 = graph.pool(%0) {kind = "average", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf32>
  return %5, %7, %8 : tensor<1x3x4x4xf32>, tensor<1x3x4x4xf32>, tensor<1x3x4x4xf32>
}

// Integers that no product of bytes made are divided as they are written.
// CHECK-LABEL:  func @other_sums
// CHECK:          arith.divf
// CHECK-NEXT:     math.roundeven
func.func @other_sums(%x: tensor<4xi32>) -> tensor<4xi8> {
  %0 = graph.elementwise(%x) : (tensor<4xi32>) -> tensor<4xf32> {
  ^bb0(%e: i32):
    %scale = arith.constant 0.1 : f32
    %3 = arith.sitofp %e : i32 to f32
    %4 = arith.mulf %3, %scale : f32
    graph.yield %4 : f32
  }
  %5 = graph.elementwise(%0) : (tensor<4xf32>) -> tensor<4xi8> {
  ^bb0(%e: f32):
    %scale = arith.constant 0.3 : f32
    %1 = arith.divf %e, %scale : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.fptosi %2 : f32 to i8
    graph.yield %3 : i8
  }
  return %5 : tensor<4xi8>
}
