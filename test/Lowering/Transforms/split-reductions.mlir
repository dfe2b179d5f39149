// RUN: lambent-opt %s --lir-split-reductions --split-input-file | FileCheck %s

// CHECK-LABEL: func.func @mean(
// CHECK: %[[VIEW:.*]] = lir.view %arg0 : memref<1x56x56x144xf32> -> memref<1x16x196x144xf32>
// CHECK: %[[PARTS:.*]] = lir.alloc : memref<1x16x144xf32>
// CHECK: lir.reduce ins(%[[VIEW]] : memref<1x16x196x144xf32>) outs(%[[PARTS]] : memref<1x16x144xf32>) epilogue_maps [] attributes {dims = array<i64: 2>, kind = "sum"} {
// CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32):
// CHECK-NEXT: lir.yield %[[SUM]] : f32
// CHECK: lir.reduce ins(%[[PARTS]] : memref<1x16x144xf32>) outs(%arg1 : memref<1x144xf32>) epilogue_maps [] attributes {dims = array<i64: 1>, kind = "sum"} {
// CHECK: arith.mulf
func.func @mean(%x: memref<1x56x56x144xf32>, %y: memref<1x144xf32>) {
  lir.reduce ins(%x : memref<1x56x56x144xf32>) outs(%y : memref<1x144xf32>) epilogue_maps [] attributes {dims = array<i64: 1, 2>, kind = "sum"} {
  ^bb0(%acc: f32):
    %c = arith.constant 3.18877544E-4 : f32
    %m = arith.mulf %acc, %c : f32
    lir.yield %m : f32
  }
  return
}

// -----

// Rows that end with what is reduced, small inputs, narrow floats, many images and sizes without divisors stay.
// CHECK-LABEL: func.func @kept(
// CHECK-COUNT-5: lir.reduce
// CHECK-NOT: lir.reduce
func.func @kept(%rows: memref<64x1024xf32>, %row: memref<64xf32>, %small: memref<1x7x7x64xf32>, %s: memref<1x64xf32>,
                %narrow: memref<1x56x56x64xf16>, %n: memref<1x64xf16>, %images: memref<8x56x56x64xf32>, %i: memref<8x64xf32>,
                %prime: memref<1x997x64xf32>, %p: memref<1x64xf32>) {
  lir.reduce ins(%rows : memref<64x1024xf32>) outs(%row : memref<64xf32>) epilogue_maps [] attributes {dims = array<i64: 1>, kind = "sum"} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  lir.reduce ins(%small : memref<1x7x7x64xf32>) outs(%s : memref<1x64xf32>) epilogue_maps [] attributes {dims = array<i64: 1, 2>, kind = "sum"} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  lir.reduce ins(%narrow : memref<1x56x56x64xf16>) outs(%n : memref<1x64xf16>) epilogue_maps [] attributes {dims = array<i64: 1, 2>, kind = "sum"} {
  ^bb0(%acc: f32):
    %r = arith.truncf %acc : f32 to f16
    lir.yield %r : f16
  }
  lir.reduce ins(%images : memref<8x56x56x64xf32>) outs(%i : memref<8x64xf32>) epilogue_maps [] attributes {dims = array<i64: 1, 2>, kind = "sum"} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  lir.reduce ins(%prime : memref<1x997x64xf32>) outs(%p : memref<1x64xf32>) epilogue_maps [] attributes {dims = array<i64: 1>, kind = "sum"} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}
