// RUN: lambent-opt %s --lir-split-batch=cache-bytes=1024 --split-input-file | FileCheck %s

// Each part of the batch goes through both kernels; what lies between them is as small as the part. The bias is shared.
// CHECK-LABEL: func.func @chain
func.func @chain(%x: memref<4x8x8x16xf32>, %b: memref<16xf32>, %y: memref<4x8x8x16xf32>) {
  // CHECK: %[[T0:.+]] = lir.alloc : memref<1x8x8x16xf32>
  // CHECK: %[[X0:.+]] = lir.view %arg0 : memref<4x8x8x16xf32> -> memref<1x8x8x16xf32, strided<[1024, 128, 16, 1]>>
  // CHECK: lir.pool ins(%[[X0]] : {{.*}}) outs(%[[T0]] : memref<1x8x8x16xf32>)
  // CHECK: %[[Y0:.+]] = lir.view %arg2 : {{.*}} -> memref<1x8x8x16xf32, strided<[1024, 128, 16, 1]>>
  // CHECK: lir.elementwise ins(%[[T0]], %arg1 : {{.*}}) outs(%[[Y0]] : {{.*}}) domain [1, 8, 8, 16]
  // CHECK: %[[T1:.+]] = lir.alloc : memref<1x8x8x16xf32>
  // CHECK: %[[X1:.+]] = lir.view %arg0 : {{.*}} -> memref<1x8x8x16xf32, strided<[1024, 128, 16, 1], offset: 1024>>
  // CHECK: lir.pool ins(%[[X1]] : {{.*}}) outs(%[[T1]] : memref<1x8x8x16xf32>)
  // CHECK: lir.elementwise ins(%[[T1]], %arg1
  // CHECK-COUNT-2: lir.pool
  // CHECK-NOT: lir.pool
  %t = lir.alloc : memref<4x8x8x16xf32>
  lir.pool ins(%x : memref<4x8x8x16xf32>) outs(%t : memref<4x8x8x16xf32>) epilogue_maps [] attributes {kind = "max",
    kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>} {
  ^bb0(%a: f32):
    lir.yield %a : f32
  }
  lir.elementwise ins(%t, %b : memref<4x8x8x16xf32>, memref<16xf32>) outs(%y : memref<4x8x8x16xf32>) domain [4, 8, 8, 16]
    maps [affine_map<(n, h, w, c) -> (n, h, w, c)>, affine_map<(n, h, w, c) -> (c)>,
          affine_map<(n, h, w, c) -> (n, h, w, c)>] {
  ^bb0(%s: f32, %t2: f32):
    %0 = arith.addf %s, %t2 : f32
    lir.yield %0 : f32
  }
  return
}

// -----

// What a kernel outside of the group reads stays whole: parts of it are written.
// CHECK-LABEL: func.func @read_outside
func.func @read_outside(%x: memref<2x8x8x16xf32>, %y: memref<2x8x8x16xf32>, %z: memref<2x8x8x16xf32>) {
  // CHECK: %[[T:.+]] = lir.alloc : memref<2x8x8x16xf32>
  // CHECK: lir.pool {{.*}} memref<1x8x8x16xf32
  // CHECK: lir.pool {{.*}} memref<1x8x8x16xf32
  // CHECK: lir.view %[[T]] {{.*}} offset: 1024
  // CHECK: lir.softmax ins(%[[T]] : memref<2x8x8x16xf32>)
  %t = lir.alloc : memref<2x8x8x16xf32>
  lir.pool ins(%x : memref<2x8x8x16xf32>) outs(%t : memref<2x8x8x16xf32>) epilogue_maps [] attributes {kind = "max",
    kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>} {
  ^bb0(%a: f32):
    lir.yield %a : f32
  }
  lir.pool ins(%t : memref<2x8x8x16xf32>) outs(%y : memref<2x8x8x16xf32>) epilogue_maps [] attributes {kind = "max",
    kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>} {
  ^bb0(%a: f32):
    lir.yield %a : f32
  }
  lir.softmax ins(%t : memref<2x8x8x16xf32>) outs(%z : memref<2x8x8x16xf32>) {axis = 0 : i64}
  return
}

// -----

// An op that looks at the batch itself is not split, nor is what fits the caches.
// CHECK-LABEL: func.func @mixed
// CHECK-COUNT-2: domain [4, 32, 32]
func.func @mixed(%x: memref<4x32x32xf32>, %t: memref<4x32x32xf32>, %y: memref<32x4x32xf32>) {
  lir.elementwise ins(%x : memref<4x32x32xf32>) outs(%t : memref<4x32x32xf32>) domain [4, 32, 32]
    maps [affine_map<(n, h, w) -> (n, h, w)>, affine_map<(n, h, w) -> (n, h, w)>] {
  ^bb0(%s: f32):
    %i = lir.index 0
    %f = arith.sitofp %i : i64 to f32
    %0 = arith.addf %s, %f : f32
    lir.yield %0 : f32
  }
  lir.elementwise ins(%x : memref<4x32x32xf32>) outs(%y : memref<32x4x32xf32>) domain [4, 32, 32]
    maps [affine_map<(n, h, w) -> (n, h, w)>, affine_map<(n, h, w) -> (h, n, w)>] {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// CHECK-LABEL: func.func @small
// CHECK-COUNT-2: domain [4, 2, 2]
func.func @small(%x: memref<4x2x2xf32>, %t: memref<4x2x2xf32>, %y: memref<4x2x2xf32>) {
  lir.elementwise ins(%x : memref<4x2x2xf32>) outs(%t : memref<4x2x2xf32>) domain [4, 2, 2]
    maps [affine_map<(n, h, w) -> (n, h, w)>, affine_map<(n, h, w) -> (n, h, w)>] {
  ^bb0(%s: f32):
    %0 = arith.negf %s : f32
    lir.yield %0 : f32
  }
  lir.elementwise ins(%x : memref<4x2x2xf32>) outs(%y : memref<4x2x2xf32>) domain [4, 2, 2]
    maps [affine_map<(n, h, w) -> (n, h, w)>, affine_map<(n, h, w) -> (n, h, w)>] {
  ^bb0(%s: f32):
    %0 = arith.negf %s : f32
    lir.yield %0 : f32
  }
  return
}

// -----

// Weights that all parts would read again keep a kernel out: the last product stays whole.
// CHECK-LABEL: func.func @large_weights
func.func @large_weights(%x: memref<4x8x8x16xf32>, %w: memref<64x16x1x1xf32>, %v: memref<4096x64x8x8xf32>,
                         %y: memref<4x1x1x4096xf32>) {
  // CHECK-COUNT-8: memref<1x8x8x
  // CHECK: lir.conv {{.*}} outs(%arg3 : memref<4x1x1x4096xf32>)
  %s = lir.alloc : memref<4x8x8x16xf32>
  lir.elementwise ins(%x : memref<4x8x8x16xf32>) outs(%s : memref<4x8x8x16xf32>) domain [4, 8, 8, 16]
    maps [affine_map<(n, h, w, c) -> (n, h, w, c)>, affine_map<(n, h, w, c) -> (n, h, w, c)>] {
  ^bb0(%a: f32):
    %0 = arith.negf %a : f32
    lir.yield %0 : f32
  }
  %t = lir.alloc : memref<4x8x8x64xf32>
  lir.conv ins(%s, %w : memref<4x8x8x16xf32>, memref<64x16x1x1xf32>) outs(%t : memref<4x8x8x64xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 64, 16, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
                pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%a: f32):
    lir.yield %a : f32
  }
  lir.conv ins(%t, %v : memref<4x8x8x64xf32>, memref<4096x64x8x8xf32>) outs(%y : memref<4x1x1x4096xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 4096, 64, 8, 8>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
                pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%a: f32):
    lir.yield %a : f32
  }
  return
}

// -----

// A row that needs all rows of what the kernel before it writes comes behind the whole of that.
// CHECK-LABEL: func.func @needs_all
// CHECK-COUNT-2: domain [64, 64]
func.func @needs_all(%x: memref<64x64xf32>, %y: memref<64x64xf32>) {
  %t = lir.alloc : memref<64x64xf32>
  lir.elementwise ins(%x : memref<64x64xf32>) outs(%t : memref<64x64xf32>) domain [64, 64]
    maps [affine_map<(n, m) -> (n, m)>, affine_map<(n, m) -> (n, m)>] {
  ^bb0(%s: f32):
    %0 = arith.negf %s : f32
    lir.yield %0 : f32
  }
  %c = lir.view %t : memref<64x64xf32> -> memref<64x1xf32, strided<[64, 1]>>
  lir.elementwise ins(%t, %c : memref<64x64xf32>, memref<64x1xf32, strided<[64, 1]>>) outs(%y : memref<64x64xf32>) domain [64, 64]
    maps [affine_map<(n, m) -> (n, m)>, affine_map<(n, m) -> (m, 0)>, affine_map<(n, m) -> (n, m)>] {
  ^bb0(%s: f32, %u: f32):
    %0 = arith.addf %s, %u : f32
    lir.yield %0 : f32
  }
  return
}

// -----

// A domain that is a part of the batch, as of a concatenation: the others are not to be written.
// CHECK-LABEL: func.func @part_of_the_batch
// CHECK-COUNT-2: domain [4, 256]
func.func @part_of_the_batch(%x: memref<8x256xf32>, %t: memref<8x256xf32>, %y: memref<8x256xf32>) {
  lir.elementwise ins(%x : memref<8x256xf32>) outs(%t : memref<8x256xf32>) domain [4, 256]
    maps [affine_map<(n, m) -> (n, m)>, affine_map<(n, m) -> (n, m)>] {
  ^bb0(%s: f32):
    %0 = arith.negf %s : f32
    lir.yield %0 : f32
  }
  lir.elementwise ins(%x : memref<8x256xf32>) outs(%y : memref<8x256xf32>) domain [4, 256]
    maps [affine_map<(n, m) -> (n, m)>, affine_map<(n, m) -> (n, m)>] {
  ^bb0(%s: f32):
    %0 = arith.negf %s : f32
    lir.yield %0 : f32
  }
  return
}
