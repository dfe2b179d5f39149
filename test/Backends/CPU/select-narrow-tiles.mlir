// RUN: lambent-opt %s --cpu-select-algorithms=cpu=sapphirerapids --mlir-print-local-scope | FileCheck %s
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=sapphirerapids explain" -o /dev/null 2>&1 | FileCheck %s --check-prefix=WHY

// Panels of 32 columns, K by fours up to a whole tile of 64, strictly or not: sums are exact.
// CHECK-LABEL: @packs_bytes
// CHECK: lir.weight {{.*}} : tensor<768x700xi8> {packing = #lir.packing<(d0, d1, d2, d3, d4) -> (d2 * 4 + d4, d1 * 32 + d3)>} : memref<1x22x192x32x4xi8>
// CHECK: lir.matmul
// CHECK-SAME: affine_map<(d0, d1, d2) -> ()>
// CHECK-SAME: algorithm = #cpu.narrow_tiles
// WHY: panels: would take
func.func @packs_bytes(%lhs: memref<128x768xi8>, %output: memref<128x700xi32>) {
  %rhs = lir.weight dense<3> : tensor<768x700xi8> : memref<768x700xi8>
  lir.matmul ins(%lhs, %rhs : memref<128x768xi8>, memref<768x700xi8>) outs(%output : memref<128x700xi32>) domain [128, 700, 768]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: i32):
    lir.yield %acc : i32
  }
  return
}

// One row leaves a tile empty.
// CHECK-LABEL: @leaves_one_row
// CHECK: #cpu.panels
// WHY: narrow-tiles: it would take {{.*}} cycles, which does not save 10 %
func.func @leaves_one_row(%lhs: memref<1x768xi8>, %output: memref<1x700xi32>) {
  %rhs = lir.weight dense<3> : tensor<768x700xi8> : memref<768x700xi8>
  lir.matmul ins(%lhs, %rhs : memref<1x768xi8>, memref<768x700xi8>) outs(%output : memref<1x700xi32>) domain [1, 700, 768]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: i32):
    lir.yield %acc : i32
  }
  return
}

// CHECK-LABEL: @leaves_a_rhs_of_the_run
// CHECK: #cpu.register_tiles
// WHY: narrow-tiles{{.*}}the rhs is not constant
func.func @leaves_a_rhs_of_the_run(%lhs: memref<128x768xi8>, %rhs: memref<768x700xi8>, %output: memref<128x700xi32>) {
  lir.matmul ins(%lhs, %rhs : memref<128x768xi8>, memref<768x700xi8>) outs(%output : memref<128x700xi32>) domain [128, 700, 768]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: i32):
    lir.yield %acc : i32
  }
  return
}

// Channels by fours up to a whole tile of 64.
// CHECK-LABEL: @packs_a_filter_of_bytes
// CHECK: lir.weight {{.*}} {packing = #lir.packing<(d0, d1, d2, d3, d4, d5, d6) -> (d1 * 32 + d5, d4 * 4 + d6, d2, d3)>} : memref<1x3x3x3x32x32x4xi8>
// CHECK: #cpu.narrow_conv
func.func @packs_a_filter_of_bytes(%input: memref<1x30x30x100xi8>, %output: memref<1x28x28x96xi32>) {
  %filter = lir.weight dense<3> : tensor<96x100x3x3xi8> : memref<96x100x3x3xi8>
  lir.conv ins(%input, %filter : memref<1x30x30x100xi8>, memref<96x100x3x3xi8>) outs(%output : memref<1x28x28x96xi32>) epilogue_maps []
    attributes {filter_shape = array<i64: 96, 100, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%acc: i32):
    lir.yield %acc : i32
  }
  return
}

// Eight rows take tiles hardly longer than one: half a tile's instructions.
// CHECK-LABEL: @takes_eight_rows
// CHECK: #cpu.narrow_tiles
func.func @takes_eight_rows(%lhs: memref<8x768xi8>, %output: memref<8x768xi32>) {
  %rhs = lir.weight dense<3> : tensor<768x768xi8> : memref<768x768xi8>
  lir.matmul ins(%lhs, %rhs : memref<8x768xi8>, memref<768x768xi8>) outs(%output : memref<8x768xi32>) domain [8, 768, 768]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: i32):
    lir.yield %acc : i32
  }
  return
}

// Panels of 32 columns, K by pairs up to a whole tile of 32; a rhs for each product of the batch.
// CHECK-LABEL: @packs_bf16
// CHECK: lir.weight {{.*}} : tensor<3x700x100xbf16> {packing = #lir.packing<(d0, d1, d2, d3, d4, d5) -> (d0, d2 * 32 + d4, d3 * 2 + d5)>} : memref<3x1x22x64x32x2xbf16>
// CHECK: lir.matmul
// CHECK-SAME: algorithm = #cpu.narrow_tiles
func.func @packs_bf16(%lhs: memref<3x128x100xbf16>, %output: memref<3x128x700xf32>) {
  %rhs = lir.weight dense<0.5> : tensor<3x700x100xbf16> : memref<3x700x100xbf16>
  lir.matmul ins(%lhs, %rhs : memref<3x128x100xbf16>, memref<3x700x100xbf16>) outs(%output : memref<3x128x700xf32>) domain [3, 128, 700, 100]
    maps [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, n, k)>, affine_map<(b, m, n, k) -> (b, m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @leaves_one_row_of_bf16
// CHECK: #cpu.panels
func.func @leaves_one_row_of_bf16(%lhs: memref<1x768xbf16>, %output: memref<1x700xf32>) {
  %rhs = lir.weight dense<0.5> : tensor<768x700xbf16> : memref<768x700xbf16>
  lir.matmul ins(%lhs, %rhs : memref<1x768xbf16>, memref<768x700xbf16>) outs(%output : memref<1x700xf32>) domain [1, 700, 768]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// f16 has no tiles.
// CHECK-LABEL: @leaves_f16
// CHECK: #cpu.panels
// WHY: narrow-tiles: the operands are neither bytes nor bf16
func.func @leaves_f16(%lhs: memref<128x768xf16>, %output: memref<128x700xf32>) {
  %rhs = lir.weight dense<0.5> : tensor<768x700xf16> : memref<768x700xf16>
  lir.matmul ins(%lhs, %rhs : memref<128x768xf16>, memref<768x700xf16>) outs(%output : memref<128x700xf32>) domain [128, 700, 768]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @packs_a_filter_of_bf16
// CHECK: lir.weight {{.*}} {packing = #lir.packing<(d0, d1, d2, d3, d4, d5, d6) -> (d1 * 32 + d5, d4 * 2 + d6, d2, d3)>} : memref<1x3x3x3x64x32x2xbf16>
// CHECK: #cpu.narrow_conv
func.func @packs_a_filter_of_bf16(%input: memref<1x30x30x100xbf16>, %output: memref<1x28x28x96xf32>) {
  %filter = lir.weight dense<0.5> : tensor<96x100x3x3xbf16> : memref<96x100x3x3xbf16>
  lir.conv ins(%input, %filter : memref<1x30x30x100xbf16>, memref<96x100x3x3xbf16>) outs(%output : memref<1x28x28x96xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 96, 100, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}
