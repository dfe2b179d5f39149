// RUN: lambent-opt %s --lir-relax-sigmoids --split-input-file | FileCheck %s

// x times a sigmoid is one quotient, a sigmoid stays one; f64 stays as it is.
// CHECK-LABEL: func.func @sigmoids(
// CHECK: %[[EXP:.*]] = math.exp %{{.*}} fastmath<afn> : f32
// CHECK: %[[SUM:.*]] = arith.addf %[[EXP]], %{{.*}} : f32
// CHECK-NOT: arith.mulf
// CHECK: arith.divf %{{.*}}, %[[SUM]] : f32
// CHECK: lir.elementwise
// CHECK: math.exp %{{.*}} fastmath<afn> : f32
// CHECK: arith.divf
// CHECK: lir.elementwise
// CHECK: math.exp %{{.*}} : f64
// CHECK: arith.mulf
func.func @sigmoids(%x: memref<4xf32>, %y: memref<4xf32>, %z: memref<4xf32>, %w: memref<4xf64>, %v: memref<4xf64>) {
  lir.elementwise ins(%x : memref<4xf32>) outs(%y : memref<4xf32>) domain [4] maps [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>] {
  ^bb0(%a: f32):
    %one = arith.constant 1.0 : f32
    %n = arith.negf %a : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %s = arith.divf %one, %d : f32
    %m = arith.mulf %a, %s : f32
    lir.yield %m : f32
  }
  lir.elementwise ins(%x : memref<4xf32>) outs(%z : memref<4xf32>) domain [4] maps [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>] {
  ^bb0(%a: f32):
    %one = arith.constant 1.0 : f32
    %n = arith.negf %a : f32
    %e = math.exp %n : f32
    %d = arith.addf %one, %e : f32
    %s = arith.divf %one, %d : f32
    lir.yield %s : f32
  }
  lir.elementwise ins(%w : memref<4xf64>) outs(%v : memref<4xf64>) domain [4] maps [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>] {
  ^bb0(%a: f64):
    %one = arith.constant 1.0 : f64
    %n = arith.negf %a : f64
    %e = math.exp %n : f64
    %d = arith.addf %e, %one : f64
    %s = arith.divf %one, %d : f64
    %m = arith.mulf %a, %s : f64
    lir.yield %m : f64
  }
  return
}

// -----

// An exponential that something else reads is no sigmoid's alone.
// CHECK-LABEL: func.func @shared(
// CHECK-NOT: fastmath
func.func @shared(%x: memref<4xf32>, %y: memref<4xf32>) {
  lir.elementwise ins(%x : memref<4xf32>) outs(%y : memref<4xf32>) domain [4] maps [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>] {
  ^bb0(%a: f32):
    %one = arith.constant 1.0 : f32
    %e = math.exp %a : f32
    %d = arith.addf %e, %one : f32
    %s = arith.divf %e, %d : f32
    lir.yield %s : f32
  }
  return
}
