// RUN: lambent-opt --lir-plan-memory --lir-check-plan --split-input-file %s | FileCheck %s

// The second result takes the first one's place, the third may not overlap its input.
// CHECK: module attributes {lir.arena_bytes = 256 : i64, lir.live_bytes = 256 : i64, lir.weight_bytes = 0 : i64}
// CHECK-LABEL: func @in_place
func.func @in_place(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  // CHECK: lir.alloc {offset = [[A:[0-9]+]] : i64}
  %a = lir.alloc : memref<4x8xf32>
  // CHECK: lir.alloc {offset = [[A]] : i64}
  %b = lir.alloc : memref<4x8xf32>
  // CHECK-NOT: offset = [[A]]
  %c = lir.alloc : memref<4x8xf32>
  lir.softmax ins(%x : memref<4x8xf32>) outs(%a : memref<4x8xf32>) {axis = 1 : i64}
  lir.softmax ins(%a : memref<4x8xf32>) outs(%b : memref<4x8xf32>) {axis = 1 : i64}
  lir.lrn ins(%b : memref<4x8xf32>) outs(%c : memref<4x8xf32>) {size = 5 : i64, alpha = 1.0e-4 : f32, beta = 0.75 : f32, bias = 1.0 : f32}
  lir.softmax ins(%c : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {axis = 1 : i64}
  return
}

// -----

// A view keeps its buffer alive.
// CHECK: lir.arena_bytes = 256 : i64
func.func @views(%x: memref<4x8xf32>, %y: memref<32xf32>, %z: memref<4x8xf32>) {
  %a = lir.alloc : memref<4x8xf32>
  %b = lir.alloc : memref<4x8xf32>
  %v = lir.view %a : memref<4x8xf32> -> memref<32xf32>
  lir.softmax ins(%x : memref<4x8xf32>) outs(%a : memref<4x8xf32>) {axis = 1 : i64}
  lir.softmax ins(%x : memref<4x8xf32>) outs(%b : memref<4x8xf32>) {axis = 1 : i64}
  lir.softmax ins(%b : memref<4x8xf32>) outs(%z : memref<4x8xf32>) {axis = 1 : i64}
  lir.softmax ins(%v : memref<32xf32>) outs(%y : memref<32xf32>) {axis = 0 : i64}
  return
}

// -----

// Equal weights in equal packing share a place; every place is aligned.
// CHECK: lir.weight_bytes = 192 : i64
func.func @weights(%i: memref<2xi64>, %w: memref<2xf32>, %x: memref<2xf32>, %y: memref<2xf32>, %z: memref<2xf32>) {
  // CHECK: lir.weight dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32> {offset = 0 : i64}
  %a = lir.weight dense<[1.0, 2.0]> : tensor<2xf32> : memref<2xf32>
  // CHECK: lir.weight dense<[3.000000e+00, 2.000000e+00]> : tensor<2xf32> {offset = 64 : i64}
  %b = lir.weight dense<[3.0, 2.0]> : tensor<2xf32> : memref<2xf32>
  // CHECK: lir.weight dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32> {offset = 0 : i64}
  %c = lir.weight dense<[1.0, 2.0]> : tensor<2xf32> : memref<2xf32>
  // CHECK: lir.weight {{.*}} {offset = 128 : i64, packing = #lir.packing<(d0) -> (d0)>}
  %d = lir.weight dense<[1.0, 2.0]> : tensor<2xf32> {packing = #lir.packing<(d0) -> (d0)>} : memref<2xf32>
  lir.gather ins(%a, %i : memref<2xf32>, memref<2xi64>) outs(%w : memref<2xf32>) {axis = 0 : i64}
  lir.gather ins(%b, %i : memref<2xf32>, memref<2xi64>) outs(%x : memref<2xf32>) {axis = 0 : i64}
  lir.gather ins(%c, %i : memref<2xf32>, memref<2xi64>) outs(%y : memref<2xf32>) {axis = 0 : i64}
  lir.gather ins(%d, %i : memref<2xf32>, memref<2xi64>) outs(%z : memref<2xf32>) {axis = 0 : i64}
  return
}

// -----

// Updates take over the buffer that they go into.
// CHECK-LABEL: func @updates_in_place
func.func @updates_in_place(%x: memref<64xf32>, %i: memref<2x1xi64>, %u: memref<2xf32>, %y: memref<64xf32>) {
  // CHECK: lir.alloc {offset = 0 : i64}
  %a = lir.alloc : memref<64xf32>
  // CHECK: lir.alloc {offset = 0 : i64}
  %b = lir.alloc : memref<64xf32>
  lir.cumsum ins(%x : memref<64xf32>) outs(%a : memref<64xf32>) {axis = 0 : i64}
  lir.scatter_nd ins(%a, %i, %u : memref<64xf32>, memref<2x1xi64>, memref<2xf32>) outs(%b : memref<64xf32>)
  lir.cumsum ins(%b : memref<64xf32>) outs(%y : memref<64xf32>) {axis = 0 : i64}
  return
}

// -----

// A part lives as long as its buffer, and does not take another part's place.
// CHECK: lir.arena_bytes = 512 : i64
// CHECK-LABEL: func @parts
func.func @parts(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  // CHECK: lir.alloc {offset = [[A:[0-9]+]] : i64}
  %a = lir.alloc : memref<4x16xf32>
  // CHECK-NOT: lir.alloc {offset = [[A]] : i64}
  %b = lir.alloc : memref<4x16xf32>
  %p = lir.view %a : memref<4x16xf32> -> memref<4x8xf32, strided<[16, 1], offset: 8>>
  %q = lir.view %b : memref<4x16xf32> -> memref<4x8xf32, strided<[16, 1]>>
  lir.softmax ins(%x : memref<4x8xf32>) outs(%p : memref<4x8xf32, strided<[16, 1], offset: 8>>) {axis = 1 : i64}
  lir.softmax ins(%p : memref<4x8xf32, strided<[16, 1], offset: 8>>) outs(%q : memref<4x8xf32, strided<[16, 1]>>) {axis = 1 : i64}
  lir.softmax ins(%q : memref<4x8xf32, strided<[16, 1]>>) outs(%y : memref<4x8xf32>) {axis = 1 : i64}
  return
}

// -----

// Slots are numbered in the order of the calls that write them, and take no room in the arena. A body has its own.
// CHECK: module attributes {lir.arena_bytes = 0 : i64, lir.live_bytes = 0 : i64
// CHECK-LABEL: func @calls
func.func @calls(%c: memref<i1>, %x: memref<4xf32>, %y: memref<4xf32>) {
  // CHECK: %[[S:.*]] = lir.slot {index = 1 : i64}
  %s = lir.slot : memref<4xf32>
  // CHECK: %[[T:.*]] = lir.slot {index = 0 : i64}
  %t = lir.slot : memref<4xf32>
  // CHECK: lir.if {{.*}} outs(%[[T]]
  lir.if @body, @body ins(%c, %x : memref<i1>, memref<4xf32>) outs(%t : memref<4xf32>)
  // CHECK: lir.if {{.*}} outs(%[[S]]
  lir.if @body, @body ins(%c, %t : memref<i1>, memref<4xf32>) outs(%s : memref<4xf32>)
  lir.softmax ins(%s : memref<4xf32>) outs(%y : memref<4xf32>) {axis = 0 : i64}
  return
}
// CHECK: func.func private @body({{.*}} attributes {lir.arena_bytes = 64 : i64, lir.live_bytes = 64 : i64}
func.func private @body(%x: memref<4xf32>, %y: memref<4xf32>) {
  // CHECK: lir.alloc {offset = 0 : i64}
  %a = lir.alloc : memref<4xf32>
  lir.softmax ins(%x : memref<4xf32>) outs(%a : memref<4xf32>) {axis = 0 : i64}
  lir.softmax ins(%a : memref<4xf32>) outs(%y : memref<4xf32>) {axis = 0 : i64}
  return
}
