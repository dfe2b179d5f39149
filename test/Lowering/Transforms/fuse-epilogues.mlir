// RUN: lambent-opt --pass-pipeline='builtin.module(func.func(lir-fuse-epilogues))' %s | FileCheck %s

#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#id3 = affine_map<(i, j, k) -> (i, j, k)>

// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-DAG: #[[ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[NM:.*]] = affine_map<(d0, d1, d2) -> (d1, d0)>

// The product is [8, 16], its reader sees [2, 4, 16]; bias and residual follow.
// CHECK-LABEL: func @through_a_view
func.func @through_a_view(%a: memref<8x4xf32>, %b: memref<4x16xf32>, %bias: memref<16xf32>, %res: memref<2x4x16xf32>, %y: memref<2x4x16xf32>) {
  %t = lir.alloc : memref<8x16xf32>
  // CHECK-DAG: %[[R:.*]] = lir.view %{{.*}} : memref<2x4x16xf32> -> memref<8x16xf32>
  // CHECK: lir.matmul {{.*}} with(%{{.*}}, %{{.*}} : memref<16xf32>, memref<8x16xf32>) outs(%{{.*}} : memref<8x16xf32>)
  // CHECK-SAME: epilogue_maps [#[[ROW]], #[[ID]]]
  // CHECK: arith.addf
  // CHECK: arith.addf
  // CHECK-NOT: lir.elementwise
  lir.matmul ins(%a, %b : memref<8x4xf32>, memref<4x16xf32>) outs(%t : memref<8x16xf32>) domain [8, 16, 4]
    maps [#mk, #kn, #mn] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  %v = lir.view %t : memref<8x16xf32> -> memref<2x4x16xf32>
  lir.elementwise ins(%v, %bias, %res : memref<2x4x16xf32>, memref<16xf32>, memref<2x4x16xf32>) outs(%y : memref<2x4x16xf32>)
    domain [2, 4, 16] maps [#id3, affine_map<(i, j, k) -> (k)>, #id3, #id3] {
  ^bb0(%s: f32, %c: f32, %r: f32):
    %0 = arith.addf %s, %c : f32
    %1 = arith.addf %0, %r : f32
    lir.yield %1 : f32
  }
  return
}

// CHECK-LABEL: func @permuted_result
func.func @permuted_result(%a: memref<8x4xf32>, %b: memref<4x16xf32>, %y: memref<16x8xf32>) {
  %t = lir.alloc : memref<8x16xf32>
  // CHECK: lir.matmul {{.*}} outs(%{{.*}} : memref<16x8xf32>) domain [8, 16, 4] maps [#{{.*}}, #{{.*}}, #[[NM]]]
  lir.matmul ins(%a, %b : memref<8x4xf32>, memref<4x16xf32>) outs(%t : memref<8x16xf32>) domain [8, 16, 4]
    maps [#mk, #kn, #mn] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  lir.elementwise ins(%t : memref<8x16xf32>) outs(%y : memref<16x8xf32>) domain [16, 8] maps [affine_map<(i, j) -> (j, i)>, #id] {
  ^bb0(%s: f32):
    %0 = math.tanh %s : f32
    lir.yield %0 : f32
  }
  return
}

// Both could take the sum; only the later product finds the other's result computed.
// CHECK-LABEL: func @last_producer
// CHECK-SAME: %[[A:[a-z0-9]*]]: memref<8x4xf32>, %[[B:[a-z0-9]*]]: memref<8x4xf32>
func.func @last_producer(%a: memref<8x4xf32>, %b: memref<8x4xf32>, %w: memref<4x16xf32>, %y: memref<8x16xf32>) {
  %t = lir.alloc : memref<8x16xf32>
  %u = lir.alloc : memref<8x16xf32>
  // CHECK: lir.matmul ins(%[[A]], %{{.*}}) outs(%[[T:.*]] : memref<8x16xf32>)
  lir.matmul ins(%a, %w : memref<8x4xf32>, memref<4x16xf32>) outs(%t : memref<8x16xf32>) domain [8, 16, 4]
    maps [#mk, #kn, #mn] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  // CHECK: lir.matmul ins(%[[B]], %{{.*}}) with(%[[T]] : memref<8x16xf32>)
  lir.matmul ins(%b, %w : memref<8x4xf32>, memref<4x16xf32>) outs(%u : memref<8x16xf32>) domain [8, 16, 4]
    maps [#mk, #kn, #mn] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  lir.elementwise ins(%u, %t : memref<8x16xf32>, memref<8x16xf32>) outs(%y : memref<8x16xf32>) domain [8, 16] maps [#id, #id, #id] {
  ^bb0(%s: f32, %r: f32):
    %0 = arith.addf %s, %r : f32
    lir.yield %0 : f32
  }
  return
}

// CHECK-LABEL: func @negative_two_readers
func.func @negative_two_readers(%a: memref<8x4xf32>, %b: memref<4x16xf32>, %y: memref<8x16xf32>, %z: memref<8x16xf32>) {
  %t = lir.alloc : memref<8x16xf32>
  // CHECK: lir.matmul
  // CHECK: lir.softmax
  // CHECK: lir.elementwise
  lir.matmul ins(%a, %b : memref<8x4xf32>, memref<4x16xf32>) outs(%t : memref<8x16xf32>) domain [8, 16, 4]
    maps [#mk, #kn, #mn] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  lir.softmax ins(%t : memref<8x16xf32>) outs(%z : memref<8x16xf32>) {axis = 1 : i64}
  lir.elementwise ins(%t : memref<8x16xf32>) outs(%y : memref<8x16xf32>) domain [8, 16] maps [#id, #id] {
  ^bb0(%s: f32):
    %0 = math.tanh %s : f32
    lir.yield %0 : f32
  }
  return
}

// A reduction writes in its own order only.
// CHECK-LABEL: func @negative_permuted_reduction
func.func @negative_permuted_reduction(%x: memref<8x16x4xf32>, %y: memref<16x8xf32>) {
  %t = lir.alloc : memref<8x16xf32>
  // CHECK: lir.reduce
  // CHECK: lir.elementwise
  lir.reduce ins(%x : memref<8x16x4xf32>) outs(%t : memref<8x16xf32>) epilogue_maps [] attributes {kind = "sum", dims = array<i64: 2>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  lir.elementwise ins(%t : memref<8x16xf32>) outs(%y : memref<16x8xf32>) domain [16, 8] maps [affine_map<(i, j) -> (j, i)>, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// A kernel with a workspace was planned as it is.
// CHECK-LABEL: func @negative_workspace
func.func @negative_workspace(%x: memref<1x8x8x3xf32>, %w: memref<4x3x3x3xf32>, %y: memref<1x8x8x4xf32>) {
  %t = lir.alloc : memref<1x8x8x4xf32>
  %workspace = lir.alloc : memref<48xf32>
  // CHECK: lir.conv
  // CHECK-SAME: outs(%[[T:.*]] : memref<1x8x8x4xf32>) workspace
  // CHECK: lir.elementwise ins(%[[T]]
  lir.conv ins(%x, %w : memref<1x8x8x3xf32>, memref<4x3x3x3xf32>) outs(%t : memref<1x8x8x4xf32>) workspace(%workspace : memref<48xf32>)
    epilogue_maps [] attributes {filter_shape = array<i64: 4, 3, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
      pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  lir.elementwise ins(%t : memref<1x8x8x4xf32>) outs(%y : memref<1x8x8x4xf32>) domain [1, 8, 8, 4]
    maps [affine_map<(n, h, w, c) -> (n, h, w, c)>, affine_map<(n, h, w, c) -> (n, h, w, c)>] {
  ^bb0(%s: f32):
    %0 = math.tanh %s : f32
    lir.yield %0 : f32
  }
  return
}
