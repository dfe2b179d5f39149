// RUN: lambent-opt %s | lambent-opt | FileCheck %s

// Sizes are written in one form, whatever they were made of.
// CHECK-LABEL: @sums
// CHECK-SAME: memref<?x?xf32, #lir.layout<[s0 * s1 + s0 * 2, s0 floordiv 4]>>
func.func @sums(%x: memref<?x?xf32, #lir.layout<[(s1 + 2) * s0, s0 floordiv 4]>>) {
  return
}

// CHECK-LABEL: @part
// CHECK-SAME: memref<?x64xf32, #lir.layout<[s0, 64], strides: [s1 * 64, 1], offset: s1>>
func.func @part(%x: memref<?x64xf32, #lir.layout<[s0, 64], strides: [s1 * 64, 1], offset: s1>>) {
  return
}

// CHECK-LABEL: @kernel
func.func @kernel(%x: memref<?x8xf32, #lir.layout<[s0, 8]>>, %y: memref<?x8xf32, #lir.layout<[s0 + 3, 8]>>) {
  // CHECK: domain [s0, 8]
  lir.elementwise ins(%x : memref<?x8xf32, #lir.layout<[s0, 8]>>) outs(%y : memref<?x8xf32, #lir.layout<[s0 + 3, 8]>>) domain [s0, 8]
    maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i + 3, j)>] {
  ^bb0(%a: f32):
    %n = lir.size [s0 * 2]
    %f = arith.sitofp %n : i64 to f32
    %0 = arith.addf %a, %f : f32
    lir.yield %0 : f32
  }
  return
}
