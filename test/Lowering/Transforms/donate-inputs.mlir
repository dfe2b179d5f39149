// RUN: lambent-opt --pass-pipeline='builtin.module(func.func(lir-donate-inputs))' --mlir-print-local-scope --split-input-file --verify-diagnostics %s | FileCheck %s

#id = affine_map<(i, j) -> (i, j)>
#behind = affine_map<(i, j) -> (i, j + 4)>

// The copy of what is there is gone, and the new elements go behind it. The memory may be longer, by a new symbol.
// CHECK-LABEL: func @grows
// CHECK-SAME: %[[PAST:.*]]: memref<2x4xf32>{{.*}}, %[[NEW:.*]]: memref<2x1xf32>, %[[PRESENT:.*]]: memref<2x5xf32>, %[[OUT:[^:]*]]:
// CHECK-SAME: lir.symbols = [""]
func.func @grows(%past: memref<2x4xf32> {lir.donated = 0}, %new: memref<2x1xf32>, %present: memref<2x5xf32>, %out: memref<2x5xf32>)
    attributes {lir.num_inputs = 2} {
  // CHECK: %[[M:.*]] = lir.donate %[[PAST]], %[[PRESENT]] grown 1 : memref<2x4xf32>, memref<2x5xf32> -> memref<2x?xf32, #lir.layout<[2, s0 + 5]>>
  // CHECK-NOT: ins(%[[PAST]]
  // CHECK: %[[W:.*]] = lir.view %[[M]] {{.*}} -> memref<2x5xf32, #lir.layout<[2, 5], strides: [s0 + 5, 1], offset: 0>>
  // CHECK: lir.elementwise ins(%[[NEW]] : memref<2x1xf32>) outs(%[[W]] :
  lir.elementwise ins(%past : memref<2x4xf32>) outs(%present : memref<2x5xf32>) domain [2, 4] maps [#id, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  lir.elementwise ins(%new : memref<2x1xf32>) outs(%present : memref<2x5xf32>) domain [2, 1] maps [#id, #behind] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  // CHECK: %[[R:.*]] = lir.view %[[M]]
  // CHECK: lir.softmax ins(%[[R]] : memref<2x5xf32, #lir.layout<[2, 5], strides: [s0 + 5, 1], offset: 0>>) outs(%[[OUT]]
  lir.softmax ins(%present : memref<2x5xf32>) outs(%out : memref<2x5xf32>) {axis = 1 : i64}
  return
}

// -----

#id = affine_map<(i, j, k) -> (i, j, k)>
#new = #lir.layout<[2, s0, 8]>
#past = #lir.layout<[2, s1, 8]>
#present = #lir.layout<[2, s0 + s1, 8]>
#part = #lir.layout<[2, s0, 8], strides: [s1 * 8 + s0 * 8, 8, 1], offset: s1 * 8>

// A kernel that writes its part at any sizes, before the old elements would be copied.
// CHECK-LABEL: func @grows_at_any_size
// CHECK-SAME: lir.symbols = ["new", "past", ""]
// CHECK: %[[M:.*]] = lir.donate {{.*}} grown 1 : {{.*}} -> memref<2x?x8xf32, #lir.layout<[2, s1 + s2 + s0, 8]>>
// CHECK: lir.softmax {{.*}} outs(%{{.*}} : memref<2x?x8xf32, #lir.layout<[2, s0, 8], strides: [s2 * 8 + s1 * 8 + s0 * 8, 8, 1], offset: s1 * 8>>)
// CHECK-NOT: lir.elementwise
func.func @grows_at_any_size(%past: memref<2x?x8xf32, #past> {lir.donated = 0}, %new: memref<2x?x8xf32, #new>,
                             %present: memref<2x?x8xf32, #present>)
    attributes {lir.num_inputs = 2, lir.symbols = ["new", "past"]} {
  %v = lir.view %present : memref<2x?x8xf32, #present> -> memref<2x?x8xf32, #part>
  lir.softmax ins(%new : memref<2x?x8xf32, #new>) outs(%v : memref<2x?x8xf32, #part>) {axis = 2 : i64}
  lir.elementwise ins(%past : memref<2x?x8xf32, #past>) outs(%present : memref<2x?x8xf32, #present>) domain [2, s1, 8] maps [#id, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#below = affine_map<(i, j) -> (i + 4, j)>

// Along the first dim what is new lies behind all that is there, wherever the memory ends.
// CHECK-LABEL: func @grows_along_the_first_dim
// CHECK-NOT: lir.symbols
// CHECK: lir.donate {{.*}} : memref<4x2xf32>, memref<5x2xf32> -> memref<5x2xf32>
// CHECK-COUNT-1: lir.elementwise
// CHECK-NOT: lir.elementwise
func.func @grows_along_the_first_dim(%past: memref<4x2xf32> {lir.donated = 0}, %new: memref<1x2xf32>, %present: memref<5x2xf32>)
    attributes {lir.num_inputs = 2} {
  lir.elementwise ins(%past : memref<4x2xf32>) outs(%present : memref<5x2xf32>) domain [4, 2] maps [#id, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  lir.elementwise ins(%new : memref<1x2xf32>) outs(%present : memref<5x2xf32>) domain [1, 2] maps [#id, #below] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// -----

// Each element is read before it is replaced.
// CHECK-LABEL: func @state_in_place
// CHECK: %[[M:.*]] = lir.donate %{{.*}}, %{{.*}} : memref<2x4xf32>, memref<2x4xf32> -> memref<2x4xf32>
// CHECK: lir.softmax ins(%[[M]] : memref<2x4xf32>) outs(%[[M]] : memref<2x4xf32>)
func.func @state_in_place(%x: memref<2x4xf32> {lir.donated = 0}, %y: memref<2x4xf32>) attributes {lir.num_inputs = 1} {
  lir.softmax ins(%x : memref<2x4xf32>) outs(%y : memref<2x4xf32>) {axis = 1 : i64}
  return
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#turned = affine_map<(i, j) -> (j, i)>

// What needs old elements reads a copy.
// CHECK-LABEL: func @state_is_copied
// CHECK: %[[M:.*]] = lir.donate
// CHECK: %[[OLD:.*]] = lir.alloc : memref<4x4xf32>
// CHECK: lir.elementwise ins(%[[M]] : memref<4x4xf32>) outs(%[[OLD]] : memref<4x4xf32>)
// CHECK: lir.elementwise ins(%[[OLD]] : memref<4x4xf32>) outs(%[[M]] : memref<4x4xf32>)
func.func @state_is_copied(%x: memref<4x4xf32> {lir.donated = 0}, %y: memref<4x4xf32>) attributes {lir.num_inputs = 1} {
  lir.elementwise ins(%x : memref<4x4xf32>) outs(%y : memref<4x4xf32>) domain [4, 4] maps [#turned, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#second = affine_map<(i, j) -> (i, j + 1)>

// What is there would have to move.
// expected-error @+1 {{input "past" can't give its memory to output "present": its old elements are still needed after they are overwritten}}
func.func @negative_in_front(%past: memref<2x4xf32> {lir.donated = 0, lir.name = "past"}, %new: memref<2x1xf32>,
                             %present: memref<2x5xf32> {lir.name = "present"}) attributes {lir.num_inputs = 2} {
  lir.elementwise ins(%new : memref<2x1xf32>) outs(%present : memref<2x5xf32>) domain [2, 1] maps [#id, #id] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  // expected-note @+1 {{needed here}}
  lir.elementwise ins(%past : memref<2x4xf32>) outs(%present : memref<2x5xf32>) domain [2, 4] maps [#id, #second] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// -----

// expected-error @+1 {{input "x" can't give its memory to output "y": expected sizes that are the same, or larger along one dim, but got 'memref<2x4xf32>' and 'memref<3x5xf32>'}}
func.func @negative_two_dims(%x: memref<2x4xf32> {lir.donated = 0, lir.name = "x"}, %y: memref<3x5xf32> {lir.name = "y"})
    attributes {lir.num_inputs = 1} {
  return
}

// -----

// expected-error @+1 {{input "x" can't give its memory to output "y": a kernel does not take a part of it}}
func.func @negative_flat(%x: memref<2x4xf32> {lir.donated = 0, lir.name = "x"}, %z: memref<10xf32>,
                         %y: memref<2x5xf32> {lir.name = "y"}) attributes {lir.num_inputs = 2} {
  %v = lir.view %y : memref<2x5xf32> -> memref<10xf32>
  // expected-note @+1 {{this kernel}}
  lir.softmax ins(%z : memref<10xf32>) outs(%v : memref<10xf32>) {axis = 0 : i64}
  return
}

// -----

#symbol = #lir.layout<[2, s0 + 4]>

// expected-error @+1 {{input "x" can't give its memory to output "y": data decide how large that is}}
func.func @negative_data_decide(%x: memref<2x4xf32> {lir.donated = 0, lir.name = "x"}, %n: memref<1xi64>,
                                %y: memref<2x?xf32, #symbol> {lir.name = "y"})
    attributes {lir.num_inputs = 2, lir.symbols = ["n"]} {
  lir.decide ins(%n : memref<1xi64>) {first = 0 : i64}
  return
}
