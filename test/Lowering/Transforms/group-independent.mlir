// RUN: lambent-opt --pass-pipeline='builtin.module(func.func(lir-group-independent))' --split-input-file %s | FileCheck %s
// RUN: lambent-opt --pass-pipeline='builtin.module(func.func(lir-group-independent),lir-plan-memory,lir-check-plan)' --split-input-file %s | FileCheck %s --check-prefix=PLAN

// Two read x and run together. Of the others three read what those write, and the last what the third writes.
// CHECK-LABEL: func @branches
// CHECK: lir.softmax ins(%arg0{{.*}} {axis = 0 : i64}
// CHECK: lir.softmax ins(%arg0{{.*}} {axis = 1 : i64, lir.with_previous}
// CHECK: lir.softmax ins(%0{{.*}} {axis = 0 : i64}
// CHECK: lir.softmax ins(%0{{.*}} {axis = 1 : i64, lir.with_previous}
// CHECK: lir.lrn {{.*}} lir.with_previous
// CHECK: lir.softmax ins(%2{{.*}} {axis = 1 : i64}
// The third may not take the place of what it reads, as the fourth reads that at the same time.
// PLAN: lir.arena_bytes = 384 : i64
func.func @branches(%x: memref<4x8xf32>, %y: memref<4x8xf32>, %z: memref<4x8xf32>) {
  %a = lir.alloc : memref<4x8xf32>
  %b = lir.alloc : memref<4x8xf32>
  %c = lir.alloc : memref<4x8xf32>
  lir.softmax ins(%x : memref<4x8xf32>) outs(%a : memref<4x8xf32>) {axis = 0 : i64}
  lir.softmax ins(%x : memref<4x8xf32>) outs(%b : memref<4x8xf32>) {axis = 1 : i64}
  lir.softmax ins(%a : memref<4x8xf32>) outs(%c : memref<4x8xf32>) {axis = 0 : i64}
  lir.softmax ins(%a : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {axis = 1 : i64}
  lir.lrn ins(%b : memref<4x8xf32>) outs(%z : memref<4x8xf32>) {size = 5 : i64, alpha = 1.0e-4 : f32, beta = 0.75 : f32, bias = 1.0 : f32}
  lir.softmax ins(%c : memref<4x8xf32>) outs(%z : memref<4x8xf32>) {axis = 1 : i64}
  return
}

// -----

// Parts of one buffer that have no element in common.
// CHECK-LABEL: func @parts
// CHECK: lir.softmax ins(%arg0{{.*}} outs(%1{{.*}} {axis = 1 : i64}
// CHECK: lir.softmax ins(%arg0{{.*}} outs(%2{{.*}} {axis = 1 : i64, lir.with_previous}
// CHECK: lir.softmax ins(%2{{.*}} outs(%arg0{{.*}} {axis = 1 : i64}
// CHECK: lir.softmax ins(%0{{.*}} outs(%arg1{{.*}} {axis = 1 : i64, lir.with_previous}
// PLAN-LABEL: func @parts
func.func @parts(%x: memref<2x8xf32>, %y: memref<4x8xf32>) {
  %a = lir.alloc : memref<4x8xf32>
  %first = lir.view %a : memref<4x8xf32> -> memref<2x8xf32, strided<[8, 1]>>
  %second = lir.view %a : memref<4x8xf32> -> memref<2x8xf32, strided<[8, 1], offset: 16>>
  lir.softmax ins(%x : memref<2x8xf32>) outs(%first : memref<2x8xf32, strided<[8, 1]>>) {axis = 1 : i64}
  lir.softmax ins(%x : memref<2x8xf32>) outs(%second : memref<2x8xf32, strided<[8, 1], offset: 16>>) {axis = 1 : i64}
  // It overwrites what both read.
  lir.softmax ins(%second : memref<2x8xf32, strided<[8, 1], offset: 16>>) outs(%x : memref<2x8xf32>) {axis = 1 : i64}
  lir.softmax ins(%a : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {axis = 1 : i64}
  return
}
