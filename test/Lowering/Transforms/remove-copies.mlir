// RUN: lambent-opt --pass-pipeline='builtin.module(func.func(lir-remove-copies))' %s | FileCheck %s

#id = affine_map<(i, j) -> (i, j)>
#id3 = affine_map<(i, j, k) -> (i, j, k)>

// CHECK-LABEL: func @kernel_writes_the_output
// CHECK-SAME: %[[X:.*]]: memref<4x8xf32>, %[[Y:.*]]: memref<32xf32>
func.func @kernel_writes_the_output(%x: memref<4x8xf32>, %y: memref<32xf32>) {
  %t = lir.alloc : memref<4x8xf32>
  // CHECK: %[[V:.*]] = lir.view %[[Y]] : memref<32xf32> -> memref<4x8xf32>
  // CHECK: lir.softmax ins(%[[X]] : memref<4x8xf32>) outs(%[[V]] : memref<4x8xf32>)
  // CHECK-NOT: lir.elementwise
  lir.softmax ins(%x : memref<4x8xf32>) outs(%t : memref<4x8xf32>) {axis = 1 : i64}
  %v = lir.view %t : memref<4x8xf32> -> memref<32xf32>
  lir.elementwise ins(%v : memref<32xf32>) outs(%y : memref<32xf32>) domain [32] maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// A permutation that only moves unit dims keeps the order, too.
// CHECK-LABEL: func @readers_read_the_source
// CHECK-SAME: %[[X:.*]]: memref<1x4x8xf32>
func.func @readers_read_the_source(%x: memref<1x4x8xf32>, %y: memref<4x1x8xf32>) {
  %t = lir.alloc : memref<4x1x8xf32>
  lir.elementwise ins(%x : memref<1x4x8xf32>) outs(%t : memref<4x1x8xf32>) domain [4, 1, 8] maps [affine_map<(i, j, k) -> (j, i, k)>, #id3] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  // CHECK: %[[V:.*]] = lir.view %[[X]] : memref<1x4x8xf32> -> memref<4x1x8xf32>
  // CHECK: lir.softmax ins(%[[V]]
  lir.softmax ins(%t : memref<4x1x8xf32>) outs(%y : memref<4x1x8xf32>) {axis = 2 : i64}
  return
}

// CHECK-LABEL: func @unread_kernels_go
func.func @unread_kernels_go(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  // CHECK-NEXT: return
  %t = lir.alloc : memref<4x8xf32>
  %u = lir.alloc : memref<4x8xf32>
  lir.softmax ins(%x : memref<4x8xf32>) outs(%t : memref<4x8xf32>) {axis = 1 : i64}
  lir.softmax ins(%t : memref<4x8xf32>) outs(%u : memref<4x8xf32>) {axis = 1 : i64}
  return
}

// CHECK-LABEL: func @negative_input_to_output
func.func @negative_input_to_output(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  // CHECK: lir.elementwise
  lir.elementwise ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) domain [4, 8] maps [#id, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// CHECK-LABEL: func @negative_real_permutation
func.func @negative_real_permutation(%x: memref<4x8xf32>, %y: memref<8x4xf32>) {
  %t = lir.alloc : memref<8x4xf32>
  // CHECK: lir.elementwise
  lir.elementwise ins(%x : memref<4x8xf32>) outs(%t : memref<8x4xf32>) domain [8, 4] maps [affine_map<(i, j) -> (j, i)>, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  lir.softmax ins(%t : memref<8x4xf32>) outs(%y : memref<8x4xf32>) {axis = 1 : i64}
  return
}

// A kernel in front of what decides an output's size does not write there.
// CHECK-LABEL: func @negative_output_of_a_size_decided_later
func.func @negative_output_of_a_size_decided_later(%x: memref<4x8xf32>, %n: memref<1xi64>, %y: memref<?x8xf32, #lir.layout<[s0, 8]>>) attributes {lir.symbols = [""]} {
  // CHECK: %[[T:.*]] = lir.alloc
  %t = lir.alloc : memref<4x8xf32>
  // CHECK: lir.softmax ins({{.*}}) outs(%[[T]]
  lir.softmax ins(%x : memref<4x8xf32>) outs(%t : memref<4x8xf32>) {axis = 1 : i64}
  // CHECK: lir.decide
  lir.decide ins(%n : memref<1xi64>) {first = 0 : i64}
  %v = lir.view %t : memref<4x8xf32> -> memref<?x8xf32, #lir.layout<[s0, 8]>>
  // CHECK: lir.elementwise
  lir.elementwise ins(%v : memref<?x8xf32, #lir.layout<[s0, 8]>>) outs(%y : memref<?x8xf32, #lir.layout<[s0, 8]>>) domain [s0, 8] maps [#id, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// CHECK-LABEL: func @output_of_a_size_decided_before
func.func @output_of_a_size_decided_before(%x: memref<?x8xf32, #lir.layout<[s0, 8]>>, %n: memref<1xi64>, %y: memref<?x8xf32, #lir.layout<[s0, 8]>>) attributes {lir.symbols = [""]} {
  // CHECK: lir.decide
  lir.decide ins(%n : memref<1xi64>) {first = 0 : i64}
  // CHECK-NEXT: lir.softmax ins(%{{.*}}) outs(%arg2
  // CHECK-NEXT: return
  %t = lir.alloc : memref<?x8xf32, #lir.layout<[s0, 8]>>
  lir.softmax ins(%x : memref<?x8xf32, #lir.layout<[s0, 8]>>) outs(%t : memref<?x8xf32, #lir.layout<[s0, 8]>>) {axis = 1 : i64}
  lir.elementwise ins(%t : memref<?x8xf32, #lir.layout<[s0, 8]>>) outs(%y : memref<?x8xf32, #lir.layout<[s0, 8]>>) domain [s0, 8] maps [#id, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}
