// RUN: lambent-opt --pass-pipeline='builtin.module(func.func(lir-fuse-elementwise))' %s | FileCheck %s

#id = affine_map<(i, j) -> (i, j)>
#transposed = affine_map<(i, j) -> (j, i)>
#column = affine_map<(i, j) -> (i, 0)>

// CHECK-DAG: #[[ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[T:.*]] = affine_map<(d0, d1) -> (d1, d0)>

// CHECK-LABEL: func @maps_compose
func.func @maps_compose(%x: memref<8x4xf32>, %y: memref<4x8xf32>) {
  %t = lir.alloc : memref<4x8xf32>
  lir.elementwise ins(%x : memref<8x4xf32>) outs(%t : memref<4x8xf32>) domain [4, 8] maps [#transposed, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  // CHECK-NOT: lir.alloc
  // CHECK: lir.elementwise ins(%{{.*}} : memref<8x4xf32>) outs(%{{.*}}) domain [4, 8] maps [#[[T]], #[[ID]]]
  // CHECK: math.exp
  // CHECK-NOT: lir.elementwise
  lir.elementwise ins(%t : memref<4x8xf32>) outs(%y : memref<4x8xf32>) domain [4, 8] maps [#id, #id] {
  ^bb0(%s: f32):
    %0 = math.exp %s : f32
    lir.yield %0 : f32
  }
  return
}

// CHECK-LABEL: func @scalar_constants_are_inlined
func.func @scalar_constants_are_inlined(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  %c = lir.weight dense<2.0> : tensor<1xf32> : memref<1xf32>
  // CHECK-NOT: lir.weight
  // CHECK: lir.elementwise ins(%{{.*}} : memref<4x8xf32>)
  // CHECK: arith.constant 2.0
  lir.elementwise ins(%x, %c : memref<4x8xf32>, memref<1xf32>) outs(%y : memref<4x8xf32>) domain [4, 8]
    maps [#id, affine_map<(i, j) -> (0)>, #id] {
  ^bb0(%s: f32, %t: f32):
    %0 = arith.mulf %s, %t : f32
    lir.yield %0 : f32
  }
  return
}

// CHECK-LABEL: func @through_a_view
// CHECK-SAME: %[[X:.*]]: memref<2x4x8xf32>, %[[Y:.*]]: memref<8x8xf32>
func.func @through_a_view(%x: memref<2x4x8xf32>, %y: memref<8x8xf32>) {
  %t = lir.alloc : memref<2x4x8xf32>
  lir.elementwise ins(%x : memref<2x4x8xf32>) outs(%t : memref<2x4x8xf32>) domain [2, 4, 8]
    maps [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>] {
  ^bb0(%s: f32):
    %0 = math.exp %s : f32
    lir.yield %0 : f32
  }
  %v = lir.view %t : memref<2x4x8xf32> -> memref<8x8xf32>
  // CHECK: %[[V:.*]] = lir.view %[[Y]] : memref<8x8xf32> -> memref<2x4x8xf32>
  // CHECK: lir.elementwise ins(%[[X]] : memref<2x4x8xf32>) outs(%[[V]] : memref<2x4x8xf32>) domain [2, 4, 8]
  // CHECK: math.exp
  // CHECK: math.absf
  lir.elementwise ins(%v : memref<8x8xf32>) outs(%y : memref<8x8xf32>) domain [8, 8] maps [#id, #id] {
  ^bb0(%s: f32):
    %0 = math.absf %s : f32
    lir.yield %0 : f32
  }
  return
}

// x * sigmoid(x): the fused op reads x once.
// CHECK-LABEL: func @equal_reads_are_one
func.func @equal_reads_are_one(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  %t = lir.alloc : memref<4x8xf32>
  lir.elementwise ins(%x : memref<4x8xf32>) outs(%t : memref<4x8xf32>) domain [4, 8] maps [#id, #id] {
  ^bb0(%s: f32):
    %0 = math.exp %s : f32
    lir.yield %0 : f32
  }
  // CHECK: lir.elementwise ins(%{{[a-z0-9]*}} : memref<4x8xf32>) outs
  lir.elementwise ins(%x, %t : memref<4x8xf32>, memref<4x8xf32>) outs(%y : memref<4x8xf32>) domain [4, 8] maps [#id, #id, #id] {
  ^bb0(%s: f32, %e: f32):
    %0 = arith.mulf %s, %e : f32
    lir.yield %0 : f32
  }
  return
}

// CHECK-LABEL: func @negative_broadcast_of_computed
func.func @negative_broadcast_of_computed(%x: memref<4x1xf32>, %z: memref<4x8xf32>, %y: memref<4x8xf32>) {
  %t = lir.alloc : memref<4x1xf32>
  // CHECK: lir.elementwise {{.*}} domain [4, 1]
  lir.elementwise ins(%x : memref<4x1xf32>) outs(%t : memref<4x1xf32>) domain [4, 1] maps [#id, #id] {
  ^bb0(%s: f32):
    %0 = math.exp %s : f32
    lir.yield %0 : f32
  }
  // CHECK: lir.elementwise {{.*}} domain [4, 8]
  lir.elementwise ins(%t, %z : memref<4x1xf32>, memref<4x8xf32>) outs(%y : memref<4x8xf32>) domain [4, 8] maps [#column, #id, #id] {
  ^bb0(%s: f32, %t0: f32):
    %0 = arith.mulf %s, %t0 : f32
    lir.yield %0 : f32
  }
  return
}

// CHECK-LABEL: func @negative_expensive_with_two_readers
func.func @negative_expensive_with_two_readers(%x: memref<4x8xf32>, %y: memref<4x8xf32>, %z: memref<4x8xf32>) {
  %t = lir.alloc : memref<4x8xf32>
  // CHECK-COUNT-3: lir.elementwise
  lir.elementwise ins(%x : memref<4x8xf32>) outs(%t : memref<4x8xf32>) domain [4, 8] maps [#id, #id] {
  ^bb0(%s: f32):
    %0 = math.exp %s : f32
    lir.yield %0 : f32
  }
  lir.elementwise ins(%t : memref<4x8xf32>) outs(%y : memref<4x8xf32>) domain [4, 8] maps [#id, #id] {
  ^bb0(%s: f32):
    %0 = arith.negf %s : f32
    lir.yield %0 : f32
  }
  lir.elementwise ins(%t : memref<4x8xf32>) outs(%z : memref<4x8xf32>) domain [4, 8] maps [#id, #id] {
  ^bb0(%s: f32):
    %0 = math.absf %s : f32
    lir.yield %0 : f32
  }
  return
}

// Each reader takes its part, so that the permuted whole is not needed.
// CHECK-LABEL: func @readers_of_parts
func.func @readers_of_parts(%x: memref<8x4xf32>, %y: memref<2x8xf32>, %z: memref<2x8xf32>) {
  %t = lir.alloc : memref<4x8xf32>
  lir.elementwise ins(%x : memref<8x4xf32>) outs(%t : memref<4x8xf32>) domain [4, 8] maps [#transposed, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  // CHECK-NOT: lir.alloc
  // CHECK-COUNT-2: lir.elementwise ins(%{{.*}} : memref<8x4xf32>)
  lir.elementwise ins(%t : memref<4x8xf32>) outs(%y : memref<2x8xf32>) domain [2, 8] maps [#id, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  lir.elementwise ins(%t : memref<4x8xf32>) outs(%z : memref<2x8xf32>) domain [2, 8] maps [affine_map<(i, j) -> (i + 2, j)>, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// x * sigmoid(x) of a permuted x, which has one reader once the sigmoid is fused.
// CHECK-LABEL: func @reader_goes
func.func @reader_goes(%x: memref<8x4xf32>, %y: memref<4x8xf32>) {
  %t = lir.alloc : memref<4x8xf32>
  lir.elementwise ins(%x : memref<8x4xf32>) outs(%t : memref<4x8xf32>) domain [4, 8] maps [#transposed, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  %e = lir.alloc : memref<4x8xf32>
  lir.elementwise ins(%t : memref<4x8xf32>) outs(%e : memref<4x8xf32>) domain [4, 8] maps [#id, #id] {
  ^bb0(%s: f32):
    %0 = math.exp %s : f32
    lir.yield %0 : f32
  }
  // CHECK: lir.elementwise ins(%{{[a-z0-9]*}} : memref<8x4xf32>)
  // CHECK-NOT: lir.elementwise
  lir.elementwise ins(%t, %e : memref<4x8xf32>, memref<4x8xf32>) outs(%y : memref<4x8xf32>) domain [4, 8] maps [#id, #id, #id] {
  ^bb0(%s: f32, %e0: f32):
    %0 = arith.mulf %s, %e0 : f32
    lir.yield %0 : f32
  }
  return
}

// The negation becomes the pool's epilogue; the copy into its part of y stays a copy.
// CHECK-LABEL: func @negative_copy_of_an_epilogue
func.func @negative_copy_of_an_epilogue(%x: memref<1x4x8xf32>, %y: memref<1x4x16xf32>) {
  %p = lir.alloc : memref<1x4x8xf32>
  lir.pool ins(%x : memref<1x4x8xf32>) outs(%p : memref<1x4x8xf32>) epilogue_maps [] attributes {kind = "max", kernel = array<i64: 1>,
    strides = array<i64: 1>, dilations = array<i64: 1>, pads = #lir.sizes<[0, 0]>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  // CHECK: lir.elementwise
  // CHECK: arith.negf
  %n = lir.alloc : memref<1x4x8xf32>
  lir.elementwise ins(%p : memref<1x4x8xf32>) outs(%n : memref<1x4x8xf32>) domain [1, 4, 8]
    maps [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>] {
  ^bb0(%s: f32):
    %0 = arith.negf %s : f32
    lir.yield %0 : f32
  }
  // CHECK: lir.elementwise
  // CHECK-NEXT: ^bb0(%[[S:.*]]: f32):
  // CHECK-NEXT: lir.yield %[[S]]
  lir.elementwise ins(%n : memref<1x4x8xf32>) outs(%y : memref<1x4x16xf32>) domain [1, 4, 8]
    maps [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k + 8)>] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// Bytes are made of the pool's result before that is stored; what consumes them stays apart.
// CHECK-LABEL: func @negative_narrowed_result
func.func @negative_narrowed_result(%x: memref<1x4x8xf32>, %z: memref<1x4x8xf32>, %y: memref<1x4x8xf32>) {
  %p = lir.alloc : memref<1x4x8xf32>
  lir.pool ins(%x : memref<1x4x8xf32>) outs(%p : memref<1x4x8xf32>) epilogue_maps [] attributes {kind = "max", kernel = array<i64: 1>,
    strides = array<i64: 1>, dilations = array<i64: 1>, pads = #lir.sizes<[0, 0]>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  // CHECK: lir.elementwise
  // CHECK: arith.fptosi
  // CHECK-NEXT: lir.yield
  %n = lir.alloc : memref<1x4x8xi8>
  lir.elementwise ins(%p : memref<1x4x8xf32>) outs(%n : memref<1x4x8xi8>) domain [1, 4, 8]
    maps [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>] {
  ^bb0(%s: f32):
    %0 = arith.fptosi %s : f32 to i8
    lir.yield %0 : i8
  }
  // CHECK: lir.elementwise
  // CHECK: arith.sitofp
  lir.elementwise ins(%n, %z : memref<1x4x8xi8>, memref<1x4x8xf32>) outs(%y : memref<1x4x8xf32>) domain [1, 4, 8]
    maps [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>] {
  ^bb0(%s: i8, %t: f32):
    %0 = arith.sitofp %s : i8 to f32
    %1 = arith.addf %0, %t : f32
    lir.yield %1 : f32
  }
  return
}

// A consumer that comes before its producer reads something else.
// CHECK-LABEL: func.func @negative_read_before_written
// CHECK-COUNT-2: lir.elementwise
// CHECK-NOT: lir.elementwise
func.func @negative_read_before_written(%x: memref<4xf32>, %y: memref<4xf32>) {
  %a = lir.alloc : memref<4xf32>
  lir.elementwise ins(%a : memref<4xf32>) outs(%y : memref<4xf32>) domain [4] maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>] {
  ^bb0(%s: f32):
    %0 = math.exp %s : f32
    lir.yield %0 : f32
  }
  lir.elementwise ins(%x : memref<4xf32>) outs(%a : memref<4xf32>) domain [4] maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>] {
  ^bb0(%s: f32):
    %0 = arith.negf %s : f32
    lir.yield %0 : f32
  }
  return
}
