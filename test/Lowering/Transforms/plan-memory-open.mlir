// RUN: lambent-opt --lir-plan-memory --lir-check-plan --split-input-file %s | FileCheck %s

// Where sizes are open, a run places blocks: what each needs, and from which kernel to which.
// CHECK: lir.arena_bytes = 0 : i64
// CHECK-LABEL: @blocks
// CHECK-SAME: lir.blocks = [{bytes = #lir.sizes<[s0 * 32]>, first = 0 : i64, last = 4 : i64}, {bytes = #lir.sizes<[64]>, first = 1 : i64, last = 3 : i64}]
func.func @blocks(%x: memref<?x8xf32, #lir.layout<[s0, 8]>>, %v: memref<16xf32>, %y: memref<?x8xf32, #lir.layout<[s0, 8]>>, %w: memref<16xf32>) attributes {lir.symbols = ["n"]} {
  // In place: both are one block.
  // CHECK: lir.alloc {block = 0 : i64}
  %a = lir.alloc : memref<?x8xf32, #lir.layout<[s0, 8]>>
  // CHECK: lir.alloc {block = 1 : i64}
  %b = lir.alloc : memref<16xf32>
  // CHECK: lir.alloc {block = 0 : i64}
  %c = lir.alloc : memref<?x8xf32, #lir.layout<[s0, 8]>>
  lir.softmax ins(%x : memref<?x8xf32, #lir.layout<[s0, 8]>>) outs(%a : memref<?x8xf32, #lir.layout<[s0, 8]>>) {axis = 1 : i64}
  lir.softmax ins(%v : memref<16xf32>) outs(%b : memref<16xf32>) {axis = 0 : i64}
  lir.softmax ins(%a : memref<?x8xf32, #lir.layout<[s0, 8]>>) outs(%c : memref<?x8xf32, #lir.layout<[s0, 8]>>) {axis = 1 : i64}
  lir.softmax ins(%b : memref<16xf32>) outs(%w : memref<16xf32>) {axis = 0 : i64}
  lir.softmax ins(%c : memref<?x8xf32, #lir.layout<[s0, 8]>>) outs(%y : memref<?x8xf32, #lir.layout<[s0, 8]>>) {axis = 1 : i64}
  return
}
