// Products of bytes without the zeros: words of two channels, or of four where the CPU adds up four products.
// RUN: %python %S/Inputs/zeros.py %s > %t.mlir
// RUN: lambent-opt %t.mlir --cpu-select-algorithms=cpu=x86-64-v3 --mlir-print-local-scope --mlir-elide-elementsattrs-if-larger=8 | FileCheck %s
// RUN: lambent-opt %t.mlir "--cpu-select-algorithms=cpu=x86-64-v3 strict=true" --mlir-print-local-scope --mlir-elide-elementsattrs-if-larger=8 | FileCheck %s
// RUN: lambent-opt %t.mlir --cpu-select-algorithms=cpu=znver4 --mlir-print-local-scope --mlir-elide-elementsattrs-if-larger=8 | FileCheck %s --check-prefix=FOURS
// RUN: lambent-opt %t.mlir "--cpu-select-algorithms=cpu=x86-64-v3 explain" -o /dev/null 2>&1 | FileCheck %s --check-prefix=WHY
// RUN: lambent-opt %t.mlir "--cpu-select-algorithms=cpu=aarch64 explain" -o /dev/null 2>&1 | FileCheck %s --check-prefix=ARM

// CHECK-LABEL: @takes_blocks
// CHECK: lir.weight {{.*}} : tensor<64x128xi8> {packing = #lir.sparse_row_packing<(d0, d1, d2) -> (d0, d1 * 2 + d2), outputs = 64, depths = [64, 2], channel_bytes = [[P:[0-9]+]], tap_bytes = [0], section = [[S:[0-9]+]], block = 4, groups = [[G:[0-9]+]], sum_bytes = [[P]]>} : memref<{{[0-9]+}}xi8>
// CHECK: algorithm = #cpu.sparse_rows<block = 4, vectors = {{[0-9]+}}, section = [[S]], groups = [[G]], entries = {{[0-9]+}}>
// FOURS-LABEL: @takes_blocks
// FOURS: #lir.sparse_row_packing<(d0, d1, d2) -> (d0, d1 * 4 + d2), outputs = 64, depths = [32, 4], {{.*}} block = 4,
// FOURS: #cpu.sparse_rows<block = 4,
// ARM: remark: sparse-rows: the CPU does not add up products of bytes
func.func @takes_blocks(%lhs: memref<3136x128xi8>, %output: memref<3136x64xi32>) {
  %rhs = lir.weight BYTES(64x128, 85, 4x4) : tensor<64x128xi8> : memref<64x128xi8>
  lir.matmul ins(%lhs, %rhs : memref<3136x128xi8>, memref<64x128xi8>) outs(%output : memref<3136x64xi32>) domain [3136, 64, 128]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: i32):
    lir.yield %acc : i32
  }
  return
}

// Zeros that stand alone leave a weight in most words.
// CHECK-LABEL: @leaves_scattered_zeros
// CHECK: #cpu.short_panels
// WHY: remark: sparse-rows: {{[56][0-9]}} % of the weights are zero, it would take {{[0-9]+}} cycles, which does not save 5 % of {{[0-9]+}}
func.func @leaves_scattered_zeros(%lhs: memref<784x128xi8>, %output: memref<784x64xi32>) {
  %rhs = lir.weight BYTES(64x128, 60, 1x1) : tensor<64x128xi8> : memref<64x128xi8>
  lir.matmul ins(%lhs, %rhs : memref<784x128xi8>, memref<64x128xi8>) outs(%output : memref<784x64xi32>) domain [784, 64, 128]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: i32):
    lir.yield %acc : i32
  }
  return
}

// CHECK-LABEL: @takes_taps
// CHECK: #lir.sparse_row_packing<(d0, d1, d2, d3, d4) -> (d0, d1 * 2 + d4, d2, d3), outputs = 32, depths = [16, 3, 3, 2],
// CHECK: algorithm = #cpu.sparse_conv<
// FOURS-LABEL: @takes_taps
// FOURS: #cpu.sparse_conv<
func.func @takes_taps(%input: memref<1x56x56x32xi8>, %output: memref<1x56x56x32xi32>) {
  %filter = lir.weight BYTES(32x32x3x3, 92, 4x4) : tensor<32x32x3x3xi8> : memref<32x32x3x3xi8>
  lir.conv ins(%input, %filter : memref<1x56x56x32xi8>, memref<32x32x3x3xi8>) outs(%output : memref<1x56x56x32xi32>) epilogue_maps []
    attributes {filter_shape = array<i64: 32, 32, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: i32):
    lir.yield %acc : i32
  }
  return
}

// Sums of other types are not those of dot steps.
// CHECK-LABEL: @leaves_wrapping_sums
// CHECK: #cpu.
// WHY: remark: sparse-rows: the operands are neither f32 nor bytes with sums of i32
func.func @leaves_wrapping_sums(%lhs: memref<784x128xi8>, %output: memref<784x64xi8>) {
  %rhs = lir.weight BYTES(64x128, 85, 4x4) : tensor<64x128xi8> : memref<64x128xi8>
  lir.matmul ins(%lhs, %rhs : memref<784x128xi8>, memref<64x128xi8>) outs(%output : memref<784x64xi8>) domain [784, 64, 128]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: i8):
    lir.yield %acc : i8
  }
  return
}
