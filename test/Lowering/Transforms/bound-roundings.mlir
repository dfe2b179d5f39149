// RUN: lambent-opt %s --lir-bound-roundings --split-input-file | FileCheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>
#column = affine_map<(d0, d1) -> (d1)>
#lhs = affine_map<(d0, d1, d2) -> (d0, d2)>
#rhs = affine_map<(d0, d1, d2) -> (d2, d1)>
#out = affine_map<(d0, d1, d2) -> (d0, d1)>

// Sums of i32 times scales below 1.
// CHECK-LABEL: func.func @small_scales(
// CHECK: math.roundeven %{{.*}} {lir.within_i32} : f32
func.func @small_scales(%a: memref<4x8xi8>, %y: memref<4x2xi8>) {
  %b = lir.weight dense<1> : tensor<8x2xi8> : memref<8x2xi8>
  %scale = lir.weight dense<[0.5, -0.25]> : tensor<2xf32> : memref<2xf32>
  lir.matmul ins(%a, %b : memref<4x8xi8>, memref<8x2xi8>) with(%scale : memref<2xf32>) outs(%y : memref<4x2xi8>)
    domain [4, 2, 8] maps [#lhs, #rhs, #out] epilogue_maps [#column] {
  ^bb0(%sum: i32, %s: f32):
    %f = arith.sitofp %sum : i32 to f32
    %m = arith.mulf %f, %s : f32
    %r = math.roundeven %m : f32
    %q = arith.fptosi %r : f32 to i8
    lir.yield %q : i8
  }
  return
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>
#column = affine_map<(d0, d1) -> (d1)>
#lhs = affine_map<(d0, d1, d2) -> (d0, d2)>
#rhs = affine_map<(d0, d1, d2) -> (d2, d1)>
#out = affine_map<(d0, d1, d2) -> (d0, d1)>

// One scale may take a sum beyond, or is not known, or is not finite.
// CHECK-LABEL: func.func @large_scales(
// CHECK-NOT: lir.within_i32
func.func @large_scales(%a: memref<4x8xi8>, %given: memref<2xf32>, %y: memref<4x2xi8>) {
  %b = lir.weight dense<1> : tensor<8x2xi8> : memref<8x2xi8>
  %large = lir.weight dense<[0.5, 2.0]> : tensor<2xf32> : memref<2xf32>
  %inf = lir.weight dense<[0.5, 0x7f800000]> : tensor<2xf32> : memref<2xf32>
  lir.matmul ins(%a, %b : memref<4x8xi8>, memref<8x2xi8>) with(%large, %given, %inf : memref<2xf32>, memref<2xf32>, memref<2xf32>)
    outs(%y : memref<4x2xi8>) domain [4, 2, 8] maps [#lhs, #rhs, #out] epilogue_maps [#column, #column, #column] {
  ^bb0(%sum: i32, %s: f32, %t: f32, %u: f32):
    %f = arith.sitofp %sum : i32 to f32
    %m = arith.mulf %f, %s : f32
    %r = math.roundeven %m : f32
    %n = arith.mulf %f, %t : f32
    %q = math.roundeven %n : f32
    %o = arith.mulf %f, %u : f32
    %p = math.roundeven %o : f32
    %v = arith.addf %r, %q : f32
    %w = arith.addf %v, %p : f32
    %x = arith.fptosi %w : f32 to i8
    lir.yield %x : i8
  }
  return
}

// -----

#id = affine_map<(d0) -> (d0)>

// Bytes are small; what any float may be is not known, with clamps, too; a clamp of what is known is.
// CHECK-LABEL: func.func @stacks(
// CHECK: math.roundeven %{{.*}} {lir.within_i32} : f32
// CHECK: math.roundeven %{{.*}} : f32
func.func @stacks(%a: memref<4xi8>, %x: memref<4xf32>, %y: memref<4xi8>, %z: memref<4xi8>) {
  lir.elementwise ins(%a, %x : memref<4xi8>, memref<4xf32>) outs(%y, %z : memref<4xi8>, memref<4xi8>) domain [4]
    maps [#id, #id, #id, #id] {
  ^bb0(%byte: i8, %number: f32):
    %scale = arith.constant 1.0e+06 : f32
    %step = arith.constant 0.5 : f32
    %zero = arith.constant 128 : i32
    %six = arith.constant 6.0 : f32
    %w = arith.extui %byte : i8 to i32
    %d = arith.subi %w, %zero : i32
    %f = arith.sitofp %d : i32 to f32
    %m = arith.mulf %f, %scale : f32
    %q = arith.divf %m, %step : f32
    %c = arith.minimumf %q, %six : f32
    %r = math.roundeven %c : f32
    %u = arith.fptosi %r : f32 to i8
    %k = arith.minimumf %number, %six : f32
    %s = math.roundeven %k : f32
    %v = arith.fptosi %s : f32 to i8
    lir.yield %u, %v : i8, i8
  }
  return
}
