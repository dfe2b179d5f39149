// RUN: lambent-opt --pass-pipeline='builtin.module(func.func(lir-permute-weights))' --mlir-print-local-scope %s | FileCheck %s

#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(b, c, i, j) -> (b, c, i, j)>
#last = affine_map<(b, c, i, j) -> (b, i, j, c)>

// Images of 2 x 3 pixels and 4 channels, flattened channels first.
// CHECK-LABEL: func @depth_first
// CHECK-SAME: %[[X:.*]]: memref<5x2x3x4xf32>, %[[Y:.*]]: memref<5x8xf32>
func.func @depth_first(%x: memref<5x2x3x4xf32>, %y: memref<5x8xf32>) {
  // CHECK: %[[P:.*]] = lir.weight {{.*}} : tensor<24x8xf32> {packing = #lir.packing<(d0, d1, d2, d3) -> (d0 * 3 + d1 + d2 * 6, d3)>} : memref<2x3x4x8xf32>
  // CHECK: %[[W:.*]] = lir.view %[[P]] : memref<2x3x4x8xf32> -> memref<24x8xf32>
  // CHECK-NOT: lir.elementwise
  // CHECK: %[[V:.*]] = lir.view %[[X]] : memref<5x2x3x4xf32> -> memref<5x24xf32>
  // CHECK: lir.matmul ins(%[[V]], %[[W]] :
  %w = lir.weight dense<1.0> : tensor<24x8xf32> : memref<24x8xf32>
  %t = lir.alloc : memref<5x4x2x3xf32>
  lir.elementwise ins(%x : memref<5x2x3x4xf32>) outs(%t : memref<5x4x2x3xf32>) domain [5, 4, 2, 3] maps [#last, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  %v = lir.view %t : memref<5x4x2x3xf32> -> memref<5x24xf32>
  lir.matmul ins(%v, %w : memref<5x24xf32>, memref<24x8xf32>) outs(%y : memref<5x8xf32>) domain [5, 8, 24] maps [#mk, #kn, #mn] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: func @columns_first
func.func @columns_first(%x: memref<1x2x3x4xf32>, %y: memref<1x8xf32>) {
  // CHECK: lir.weight {{.*}} : tensor<8x24xf32> {packing = #lir.packing<(d0, d1, d2, d3) -> (d0, d1 * 3 + d2 + d3 * 6)>} : memref<8x2x3x4xf32>
  // CHECK-NOT: lir.elementwise
  %w = lir.weight dense<1.0> : tensor<8x24xf32> : memref<8x24xf32>
  %t = lir.alloc : memref<1x4x2x3xf32>
  lir.elementwise ins(%x : memref<1x2x3x4xf32>) outs(%t : memref<1x4x2x3xf32>) domain [1, 4, 2, 3] maps [#last, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  %v = lir.view %t : memref<1x4x2x3xf32> -> memref<1x24xf32>
  lir.matmul ins(%v, %w : memref<1x24xf32>, memref<8x24xf32>) outs(%y : memref<1x8xf32>) domain [1, 8, 24] maps [#mk, #nk, #mn] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// Here rows of the product are not images.
// CHECK-LABEL: func @negative_rows_are_permuted
func.func @negative_rows_are_permuted(%x: memref<1x6x4x3xf32>, %y: memref<4x8xf32>) {
  // CHECK: lir.elementwise
  %w = lir.weight dense<1.0> : tensor<18x8xf32> : memref<18x8xf32>
  %t = lir.alloc : memref<1x3x6x4xf32>
  lir.elementwise ins(%x : memref<1x6x4x3xf32>) outs(%t : memref<1x3x6x4xf32>) domain [1, 3, 6, 4] maps [#last, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  %v = lir.view %t : memref<1x3x6x4xf32> -> memref<4x18xf32>
  lir.matmul ins(%v, %w : memref<4x18xf32>, memref<18x8xf32>) outs(%y : memref<4x8xf32>) domain [4, 8, 18] maps [#mk, #kn, #mn] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: func @negative_another_product_has_the_weight
func.func @negative_another_product_has_the_weight(%x: memref<1x2x3x4xf32>, %z: memref<1x24xf32>, %y: memref<1x8xf32>) {
  // CHECK: lir.elementwise
  %w = lir.weight dense<1.0> : tensor<24x8xf32> : memref<24x8xf32>
  %t = lir.alloc : memref<1x4x2x3xf32>
  lir.elementwise ins(%x : memref<1x2x3x4xf32>) outs(%t : memref<1x4x2x3xf32>) domain [1, 4, 2, 3] maps [#last, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  %v = lir.view %t : memref<1x4x2x3xf32> -> memref<1x24xf32>
  lir.matmul ins(%v, %w : memref<1x24xf32>, memref<24x8xf32>) outs(%y : memref<1x8xf32>) domain [1, 8, 24] maps [#mk, #kn, #mn] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  lir.matmul ins(%z, %w : memref<1x24xf32>, memref<24x8xf32>) outs(%y : memref<1x8xf32>) domain [1, 8, 24] maps [#mk, #kn, #mn] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}
