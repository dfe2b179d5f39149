// RUN: lambent-opt --pass-pipeline='builtin.module(func.func(lir-remove-part-copies))' --mlir-print-local-scope %s | FileCheck %s

#id = affine_map<(i, j) -> (i, j)>
#id3 = affine_map<(i, j, k) -> (i, j, k)>
#second = affine_map<(i, j) -> (i, j + 8)>

// CHECK-LABEL: func @producer_writes_its_part
// CHECK-SAME: %[[X:.*]]: memref<4x8xf32>, %[[Y:.*]]: memref<4x16xf32>
func.func @producer_writes_its_part(%x: memref<4x8xf32>, %y: memref<4x16xf32>) {
  %t = lir.alloc : memref<4x8xf32>
  // CHECK: %[[P:.*]] = lir.view %[[Y]] : memref<4x16xf32> -> memref<4x8xf32, strided<[16, 1], offset: 8>>
  // CHECK: lir.softmax ins(%[[X]] : memref<4x8xf32>) outs(%[[P]] : memref<4x8xf32, strided<[16, 1], offset: 8>>)
  lir.softmax ins(%x : memref<4x8xf32>) outs(%t : memref<4x8xf32>) {axis = 1 : i64}
  // CHECK: lir.elementwise ins(%[[X]]
  // CHECK-NOT: lir.elementwise
  lir.elementwise ins(%x : memref<4x8xf32>) outs(%y : memref<4x16xf32>) domain [4, 8] maps [#id, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  lir.elementwise ins(%t : memref<4x8xf32>) outs(%y : memref<4x16xf32>) domain [4, 8] maps [#id, #second] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// A concatenation in a concatenation: both become parts of the last buffer, also through a view.
// CHECK-LABEL: func @parts_nest
// CHECK-SAME: %[[X:.*]]: memref<4x8xf32>, %[[Y:.*]]: memref<4x24xf32>
func.func @parts_nest(%x: memref<4x8xf32>, %y: memref<4x24xf32>) {
  %a = lir.alloc : memref<4x8xf32>
  %b = lir.alloc : memref<1x4x8xf32>
  %ab = lir.alloc : memref<4x16xf32>
  %v = lir.view %b : memref<1x4x8xf32> -> memref<4x8xf32>
  // CHECK: lir.softmax ins(%[[X]] : memref<4x8xf32>) outs(%{{.*}} : memref<4x8xf32, strided<[24, 1], offset: 8>>)
  lir.softmax ins(%x : memref<4x8xf32>) outs(%a : memref<4x8xf32>) {axis = 1 : i64}
  // CHECK: lir.softmax ins(%{{.*}} : memref<4x8xf32, strided<[24, 1], offset: 8>>) outs(%{{.*}} : memref<4x8xf32, strided<[24, 1], offset: 16>>)
  lir.softmax ins(%a : memref<4x8xf32>) outs(%v : memref<4x8xf32>) {axis = 1 : i64}
  // CHECK: lir.elementwise ins(%[[X]]
  // CHECK-NOT: lir.elementwise
  lir.elementwise ins(%a : memref<4x8xf32>) outs(%ab : memref<4x16xf32>) domain [4, 8] maps [#id, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  lir.elementwise ins(%b : memref<1x4x8xf32>) outs(%ab : memref<4x16xf32>) domain [4, 8]
    maps [affine_map<(i, j) -> (0, i, j)>, #second] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  lir.elementwise ins(%x : memref<4x8xf32>) outs(%y : memref<4x24xf32>) domain [4, 8] maps [#id, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  lir.elementwise ins(%ab : memref<4x16xf32>) outs(%y : memref<4x24xf32>) domain [4, 16] maps [#id, #second] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// One head of a product's result, with the heads first.
// CHECK-LABEL: func @reader_reads_its_part
// CHECK-SAME: %[[X:.*]]: memref<4x3x2x8xf32>
func.func @reader_reads_its_part(%x: memref<4x3x2x8xf32>, %y: memref<2x4x8xf32>) {
  %t = lir.alloc : memref<2x4x8xf32>
  lir.elementwise ins(%x : memref<4x3x2x8xf32>) outs(%t : memref<2x4x8xf32>) domain [2, 4, 8]
    maps [affine_map<(h, s, d) -> (s, 1, h, d)>, #id3] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  // CHECK-NOT: lir.elementwise
  // CHECK: %[[P:.*]] = lir.view %[[X]] : memref<4x3x2x8xf32> -> memref<2x4x8xf32, strided<[8, 48, 1], offset: 16>>
  // CHECK: lir.softmax ins(%[[P]]
  lir.softmax ins(%t : memref<2x4x8xf32>) outs(%y : memref<2x4x8xf32>) {axis = 2 : i64}
  return
}

// The second concatenation of the same buffer is a copy of the part.
// CHECK-LABEL: func @one_place_only
func.func @one_place_only(%x: memref<4x8xf32>, %y: memref<4x16xf32>, %z: memref<4x16xf32>) {
  %t = lir.alloc : memref<4x8xf32>
  // CHECK: lir.softmax {{.*}} outs(%{{.*}} : memref<4x8xf32, strided<[16, 1], offset: 8>>)
  lir.softmax ins(%x : memref<4x8xf32>) outs(%t : memref<4x8xf32>) {axis = 1 : i64}
  // CHECK: lir.elementwise ins(%{{.*}} : memref<4x8xf32, strided<[16, 1], offset: 8>>)
  // CHECK-NOT: lir.elementwise
  lir.elementwise ins(%t : memref<4x8xf32>) outs(%y : memref<4x16xf32>) domain [4, 8] maps [#id, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  lir.elementwise ins(%t : memref<4x8xf32>) outs(%z : memref<4x16xf32>) domain [4, 8] maps [#id, #second] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// CHECK-LABEL: func @negative_repeats
func.func @negative_repeats(%x: memref<8xf32>, %y: memref<4x16xf32>) {
  %t = lir.alloc : memref<8xf32>
  lir.softmax ins(%x : memref<8xf32>) outs(%t : memref<8xf32>) {axis = 0 : i64}
  // CHECK: lir.elementwise
  lir.elementwise ins(%t : memref<8xf32>) outs(%y : memref<4x16xf32>) domain [4, 8] maps [affine_map<(i, j) -> (j)>, #second] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// Rows of two of the part are no rows of one distance.
// CHECK-LABEL: func @negative_view_of_uneven_rows
func.func @negative_view_of_uneven_rows(%x: memref<2x16xf32>, %y: memref<4x16xf32>) {
  %t = lir.alloc : memref<4x8xf32>
  %v = lir.view %t : memref<4x8xf32> -> memref<2x16xf32>
  lir.softmax ins(%x : memref<2x16xf32>) outs(%v : memref<2x16xf32>) {axis = 1 : i64}
  // CHECK: lir.elementwise
  lir.elementwise ins(%t : memref<4x8xf32>) outs(%y : memref<4x16xf32>) domain [4, 8] maps [#id, #second] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// CHECK-LABEL: func @negative_input_of_the_function
func.func @negative_input_of_the_function(%x: memref<4x8xf32>, %y: memref<4x16xf32>) {
  // CHECK: lir.elementwise
  lir.elementwise ins(%x : memref<4x8xf32>) outs(%y : memref<4x16xf32>) domain [4, 8] maps [#id, #second] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// The zeros between the copy's elements are written over all of the buffer.
// CHECK-LABEL: func @negative_filled_first
func.func @negative_filled_first(%x: memref<4x8xf32>, %y: memref<7x8xf32>) {
  %t = lir.alloc : memref<4x8xf32>
  lir.softmax ins(%x : memref<4x8xf32>) outs(%t : memref<4x8xf32>) {axis = 1 : i64}
  // CHECK: lir.elementwise outs
  lir.elementwise outs(%y : memref<7x8xf32>) domain [7, 8] maps [#id] {
    %0 = arith.constant 0.0 : f32
    lir.yield %0 : f32
  }
  // CHECK: lir.elementwise ins
  lir.elementwise ins(%t : memref<4x8xf32>) outs(%y : memref<7x8xf32>) domain [4, 8] maps [#id, affine_map<(i, j) -> (i * 2, j)>] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// A vector that is written into the front of another one: its strides are those of a whole buffer, but it is a part.
// CHECK-LABEL: func @part_in_front
// CHECK-SAME: %[[X:.*]]: memref<3xf32>, %[[Y:.*]]: memref<7xf32>
func.func @part_in_front(%x: memref<3xf32>, %y: memref<7xf32>) {
  %a = lir.alloc : memref<3xf32>
  %b = lir.alloc : memref<4xf32>
  // CHECK: %[[A:.*]] = lir.view %[[Y]] : memref<7xf32> -> memref<3xf32, strided<[1]>>
  // CHECK: lir.softmax ins(%[[X]] : memref<3xf32>) outs(%[[A]] : memref<3xf32, strided<[1]>>)
  lir.softmax ins(%x : memref<3xf32>) outs(%a : memref<3xf32>) {axis = 0 : i64}
  // CHECK: %[[B:.*]] = lir.view %[[Y]] : memref<7xf32> -> memref<4xf32, strided<[1], offset: 3>>
  // CHECK: lir.elementwise ins(%{{.*}} : memref<3xf32, strided<[1]>>) outs(%[[B]]
  // CHECK-NOT: lir.elementwise
  lir.elementwise ins(%a : memref<3xf32>) outs(%b : memref<4xf32>) domain [4]
    maps [affine_map<(i) -> (0)>, affine_map<(i) -> (i)>] {
  ^bb0(%s: f32):
    %0 = math.absf %s : f32
    lir.yield %0 : f32
  }
  lir.elementwise ins(%a : memref<3xf32>) outs(%y : memref<7xf32>) domain [3]
    maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  lir.elementwise ins(%b : memref<4xf32>) outs(%y : memref<7xf32>) domain [4]
    maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i + 3)>] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}
