// RUN: lambent-opt %s --lir-fold-byte-sums --split-input-file | FileCheck %s

#id = affine_map<(d0) -> (d0)>

// The sum of two dequantized bytes, one of which the region rounds.
// CHECK-LABEL: func.func @residual(
// CHECK: %[[ROUNDED:.*]] = arith.subi
// CHECK: %[[B:.*]] = arith.sitofp %{{.*}} : i32 to f32
// CHECK: %[[SECOND:.*]] = math.fma %[[B]], %{{.*}}, %{{.*}} : f32
// CHECK: %[[A:.*]] = arith.sitofp %[[ROUNDED]] : i32 to f32
// CHECK: %[[FIRST:.*]] = math.fma %[[A]], %{{.*}}, %[[SECOND]] : f32
// CHECK-NOT: arith.divf
// CHECK: math.roundeven %[[FIRST]] : f32
func.func @residual(%x: memref<4xf32>, %b: memref<4xi8>, %y: memref<4xi8>) {
  lir.elementwise ins(%x, %b : memref<4xf32>, memref<4xi8>) outs(%y : memref<4xi8>) domain [4] maps [#id, #id, #id] {
  ^bb0(%number: f32, %byte: i8):
    %scale_a = arith.constant 0.237424552 : f32
    %scale_b = arith.constant 0.0881831795 : f32
    %scale = arith.constant 0.150244474 : f32
    %zero = arith.constant 137 : i32
    %none = arith.constant 0.0 : f32
    %most = arith.constant 255.0 : f32
    %first = arith.fptoui %number : f32 to i8
    %wa = arith.extui %first : i8 to i32
    %da = arith.subi %wa, %zero : i32
    %fa = arith.sitofp %da : i32 to f32
    %ma = arith.mulf %fa, %scale_a : f32
    %wb = arith.extui %byte : i8 to i32
    %fb = arith.sitofp %wb : i32 to f32
    %mb = arith.mulf %fb, %scale_b : f32
    %s = arith.addf %ma, %mb : f32
    %q = arith.divf %s, %scale : f32
    %r = math.roundeven %q : f32
    %moved = arith.addf %r, %none : f32
    %above = arith.cmpf ogt, %moved, %none : f32
    %low = arith.select %above, %moved, %none : f32
    %below = arith.cmpf olt, %low, %most : f32
    %high = arith.select %below, %low, %most : f32
    %u = arith.fptoui %high : f32 to i8
    lir.yield %u : i8
  }
  return
}

// -----

#id = affine_map<(d0) -> (d0)>

// A quarter of all sums lies in the middle of two integers but for what rounding does to them, in the direction that it
// happens to take: no factors agree with all.
// CHECK-LABEL: func.func @ties(
// CHECK: arith.divf
// CHECK-NOT: math.fma
func.func @ties(%a: memref<4xi8>, %b: memref<4xi8>, %y: memref<4xi8>) {
  lir.elementwise ins(%a, %b : memref<4xi8>, memref<4xi8>) outs(%y : memref<4xi8>) domain [4] maps [#id, #id, #id] {
  ^bb0(%one: i8, %other: i8):
    %scale_a = arith.constant 0.1 : f32
    %scale_b = arith.constant 0.3 : f32
    %scale = arith.constant 0.4 : f32
    %wa = arith.extsi %one : i8 to i32
    %fa = arith.sitofp %wa : i32 to f32
    %ma = arith.mulf %fa, %scale_a : f32
    %wb = arith.extsi %other : i8 to i32
    %fb = arith.sitofp %wb : i32 to f32
    %mb = arith.mulf %fb, %scale_b : f32
    %s = arith.addf %ma, %mb : f32
    %q = arith.divf %s, %scale : f32
    %r = math.roundeven %q : f32
    %u = arith.fptosi %r : f32 to i8
    lir.yield %u : i8
  }
  return
}

// -----

#id = affine_map<(d0) -> (d0)>

// A sum that something else reads, and one of a number that is no byte.
// CHECK-LABEL: func.func @others(
// CHECK-COUNT-2: arith.divf
// CHECK-NOT: math.fma
func.func @others(%a: memref<4xi8>, %b: memref<4xi16>, %y: memref<4xi8>, %z: memref<4xi8>, %w: memref<4xf32>) {
  lir.elementwise ins(%a, %b : memref<4xi8>, memref<4xi16>) outs(%y, %z, %w : memref<4xi8>, memref<4xi8>, memref<4xf32>)
    domain [4] maps [#id, #id, #id, #id, #id] {
  ^bb0(%one: i8, %other: i16):
    %scale_a = arith.constant 0.237424552 : f32
    %scale_b = arith.constant 0.0881831795 : f32
    %scale = arith.constant 0.150244474 : f32
    %wa = arith.extsi %one : i8 to i32
    %fa = arith.sitofp %wa : i32 to f32
    %ma = arith.mulf %fa, %scale_a : f32
    %mb = arith.mulf %fa, %scale_b : f32
    %s = arith.addf %ma, %mb : f32
    %q = arith.divf %s, %scale : f32
    %r = math.roundeven %q : f32
    %u = arith.fptosi %r : f32 to i8
    %wc = arith.extsi %other : i16 to i32
    %fc = arith.sitofp %wc : i32 to f32
    %mc = arith.mulf %fc, %scale_b : f32
    %t = arith.addf %ma, %mc : f32
    %p = arith.divf %t, %scale : f32
    %k = math.roundeven %p : f32
    %v = arith.fptosi %k : f32 to i8
    lir.yield %u, %v, %s : i8, i8, f32
  }
  return
}
