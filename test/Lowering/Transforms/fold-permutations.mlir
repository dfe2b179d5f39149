// RUN: lambent-opt --pass-pipeline='builtin.module(func.func(lir-fold-permutations))' %s | FileCheck %s

#id4 = affine_map<(a, b, c, d) -> (a, b, c, d)>
#swap = affine_map<(a, b, c, d) -> (a, c, b, d)>
#q = affine_map<(b, h, s, t, d, e) -> (b, h, s, d)>
#k = affine_map<(b, h, s, t, d, e) -> (b, h, t, d)>
#v = affine_map<(b, h, s, t, d, e) -> (b, h, t, e)>
#o = affine_map<(b, h, s, t, d, e) -> (b, h, s, e)>

// CHECK-DAG: #[[Q:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d2, d1, d4)>
// CHECK-DAG: #[[O:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d2, d1, d5)>
// CHECK-DAG: #[[BATCH:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d2, d1, d4)>

// Heads are split and merged by maps alone.
// CHECK-LABEL: func @heads
func.func @heads(%x: memref<2x4x24xf32>, %k: memref<2x3x4x8xf32>, %y: memref<2x4x24xf32>) {
  // CHECK: %[[X:.*]] = lir.view %{{.*}} : memref<2x4x24xf32> -> memref<2x4x3x8xf32>
  %split = lir.view %x : memref<2x4x24xf32> -> memref<2x4x3x8xf32>
  %q = lir.alloc : memref<2x3x4x8xf32>
  // CHECK-NOT: lir.elementwise
  lir.elementwise ins(%split : memref<2x4x3x8xf32>) outs(%q : memref<2x3x4x8xf32>) domain [2, 3, 4, 8] maps [#swap, #id4] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  %r = lir.alloc : memref<2x3x4x8xf32>
  // CHECK: lir.attention ins(%[[X]], {{.*}} : memref<2x4x3x8xf32>, {{.*}} outs(%{{.*}} : memref<2x4x3x8xf32>)
  // CHECK-SAME: maps [#[[Q]], #{{.*}}, #{{.*}}, #[[O]]]
  lir.attention ins(%q, %k, %k : memref<2x3x4x8xf32>, memref<2x3x4x8xf32>, memref<2x3x4x8xf32>) outs(%r : memref<2x3x4x8xf32>)
    domain [2, 3, 4, 4, 8, 8] maps [#q, #k, #v, #o] {scale = 1.0 : f32}
  %merged = lir.view %y : memref<2x4x24xf32> -> memref<2x4x3x8xf32>
  // CHECK-NOT: lir.elementwise
  lir.elementwise ins(%r : memref<2x3x4x8xf32>) outs(%merged : memref<2x4x3x8xf32>) domain [2, 4, 3, 8] maps [#swap, #id4] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// A product over merged batches is split again.
// CHECK-LABEL: func @merged_batches
func.func @merged_batches(%x: memref<2x4x3x8xf32>, %b: memref<6x8x5xf32>, %y: memref<6x4x5xf32>) {
  %t = lir.alloc : memref<2x3x4x8xf32>
  // CHECK-NOT: lir.elementwise
  lir.elementwise ins(%x : memref<2x4x3x8xf32>) outs(%t : memref<2x3x4x8xf32>) domain [2, 3, 4, 8] maps [#swap, #id4] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  %m = lir.view %t : memref<2x3x4x8xf32> -> memref<6x4x8xf32>
  // CHECK: lir.matmul {{.*}} domain [2, 3, 4, 5, 8] maps [#[[BATCH]], #{{.*}}, #{{.*}}]
  lir.matmul ins(%m, %b : memref<6x4x8xf32>, memref<6x8x5xf32>) outs(%y : memref<6x4x5xf32>) domain [6, 4, 5, 8]
    maps [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, k, n)>, affine_map<(b, m, n, k) -> (b, m, n)>]
    epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: func @negative_slice_with_offset
func.func @negative_slice_with_offset(%x: memref<5x8xf32>, %b: memref<8x16xf32>, %y: memref<4x16xf32>) {
  %t = lir.alloc : memref<4x8xf32>
  // CHECK: lir.elementwise
  lir.elementwise ins(%x : memref<5x8xf32>) outs(%t : memref<4x8xf32>) domain [4, 8]
    maps [affine_map<(i, j) -> (i + 1, j)>, affine_map<(i, j) -> (i, j)>] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  lir.matmul ins(%t, %b : memref<4x8xf32>, memref<8x16xf32>) outs(%y : memref<4x16xf32>) domain [4, 16, 8]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
    epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}
