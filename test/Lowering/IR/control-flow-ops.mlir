// RUN: lambent-opt %s | lambent-opt | FileCheck %s

// CHECK-LABEL: @branches
func.func @branches(%c: memref<i1>, %x: memref<4xf32>, %e: memref<0xf32>) {
  // CHECK: %[[S:.*]] = lir.slot {index = 0 : i64} : memref<4xf32>
  %s = lir.slot {index = 0 : i64} : memref<4xf32>
  // An empty tensor is given to a body like any other.
  // CHECK: lir.if @body, @body ins(%{{.*}}, %{{.*}}, %{{.*}} : memref<i1>, memref<4xf32>, memref<0xf32>) outs(%[[S]] : memref<4xf32>)
  lir.if @body, @body ins(%c, %x, %e : memref<i1>, memref<4xf32>, memref<0xf32>) outs(%s : memref<4xf32>)
  // CHECK: lir.if @body, @body ins(%{{.*}} : memref<i1>) {first_symbol = 1 : i64, num_symbols = 1 : i64}
  lir.if @body, @body ins(%c : memref<i1>) {first_symbol = 1 : i64, num_symbols = 1 : i64}
  return
}
func.func private @body() {
  return
}

// CHECK-LABEL: @loops
func.func @loops(%n: memref<i64>, %c: memref<i1>, %x: memref<4xf32>) {
  %s = lir.slot : memref<4xf32>
  // CHECK: lir.loop @body trip(%{{.*}} : memref<i64>) while(%{{.*}} : memref<i1>) carried(%{{.*}} : memref<4xf32>) captures(%{{.*}} : memref<4xf32>) outs(%{{.*}} : memref<4xf32>)
  lir.loop @body trip(%n : memref<i64>) while(%c : memref<i1>) carried(%x : memref<4xf32>) captures(%x : memref<4xf32>) outs(%s : memref<4xf32>)
  // CHECK: lir.loop @body
  lir.loop @body
  return
}
