// RUN: lambent-opt %s --cpu-select-algorithms=cpu=x86-64-v3 --mlir-print-local-scope | FileCheck %s
// RUN: lambent-opt %s --cpu-select-algorithms=cpu=znver4 --mlir-print-local-scope | FileCheck %s
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v3 explain" -o /dev/null 2>&1 | FileCheck %s --check-prefix=WHY
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v3 strict" --mlir-print-local-scope | FileCheck %s --check-prefix=STRICT

// Two of eight steps are kept; there is room for eight, so that kernels don't differ by few.
// CHECK-LABEL: @leaves_out_steps
// CHECK: lir.weight {{.*}} {packing = #lir.sparse_packing<(d0, d1, d2) -> (d1, d0 * [[C:[0-9]+]] + d2), panel = [8, [[C]]], strides = [1], kept_steps = 8>} : memref<{{[12]}}x{{[0-9]+}}xf32>
// CHECK: lir.matmul
// CHECK-SAME: affine_map<(d0, d1, d2) -> ()>
// CHECK-SAME: algorithm = #cpu.sparse_panels<rows = {{[0-9]+}}, columns = [[C]], keptSteps = 8>
// WHY: remark: panels: would take
// STRICT-LABEL: @leaves_out_steps
// STRICT: #cpu.panels
func.func @leaves_out_steps(%lhs: memref<96x8xf32>, %output: memref<96x16xf32>) {
  %rhs = lir.weight dense<[[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<8x16xf32> : memref<8x16xf32>
  lir.matmul ins(%lhs, %rhs : memref<96x8xf32>, memref<8x16xf32>) outs(%output : memref<96x16xf32>) domain [96, 16, 8]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// Half of the weights are zero, but no panel's columns are zero together: what is emitted for dense weights.
// CHECK-LABEL: @shares_no_zeros
// CHECK: packing = #lir.packing
// CHECK: #cpu.panels
// WHY: remark: sparse-panels: 0.0 % of the vectors of 16 weights are zero, and leaving them out pays from {{[0-9.]+}} % on
func.func @shares_no_zeros(%lhs: memref<96x8xf32>, %output: memref<96x16xf32>) {
  %rhs = lir.weight dense<[[1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0], [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0], [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0], [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]]> : tensor<8x16xf32> : memref<8x16xf32>
  lir.matmul ins(%lhs, %rhs : memref<96x8xf32>, memref<8x16xf32>) outs(%output : memref<96x16xf32>) domain [96, 16, 8]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @multiplies_by_ones
// CHECK: #cpu.panels
// WHY: remark: sparse-panels: 0.0 % of the weights are zero, and leaving them out never pays below 10 %
func.func @multiplies_by_ones(%lhs: memref<96x64xf32>, %output: memref<96x64xf32>) {
  %rhs = lir.weight dense<1.0> : tensor<64x64xf32> : memref<64x64xf32>
  lir.matmul ins(%lhs, %rhs : memref<96x64xf32>, memref<64x64xf32>) outs(%output : memref<96x64xf32>) domain [96, 64, 64]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @multiplies_by_nothing
// CHECK: #cpu.sparse_panels<{{.*}}keptSteps = 8>
func.func @multiplies_by_nothing(%lhs: memref<96x64xf32>, %output: memref<96x64xf32>) {
  %rhs = lir.weight dense<0.0> : tensor<64x64xf32> : memref<64x64xf32>
  lir.matmul ins(%lhs, %rhs : memref<96x64xf32>, memref<64x64xf32>) outs(%output : memref<96x64xf32>) domain [96, 64, 64]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// Taps are sections, and a list's offsets go from one row of them to the next.
// CHECK-LABEL: @leaves_out_taps
// CHECK: lir.weight {{.*}} {packing = #lir.sparse_packing<{{.*}}, panel = [3, 3, 16, {{[0-9]+}}], strides = [288, 16, 1], kept_steps = 8>}
// CHECK: algorithm = #cpu.sparse_gemm<{{.*}}keptSteps = 8>
// WHY: remark: sparse-winograd: expected strides and dilations of 1
// WHY: remark: implicit-gemm: would take
// STRICT-LABEL: @leaves_out_taps
// STRICT: #cpu.implicit_gemm
func.func @leaves_out_taps(%x: memref<1x18x18x16xf32>, %y: memref<1x8x8x32xf32>) {
  %w = lir.weight dense<0.0> : tensor<32x16x3x3xf32> : memref<32x16x3x3xf32>
  lir.conv ins(%x, %w : memref<1x18x18x16xf32>, memref<32x16x3x3xf32>) outs(%y : memref<1x8x8x32xf32>) epilogue_maps [] attributes {filter_shape = array<i64: 32, 16, 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%a: f32):
    lir.yield %a : f32
  }
  return
}

// CHECK-LABEL: @leaves_a_rhs_of_the_run
// CHECK: #cpu.register_tiles
// WHY: remark: sparse-panels: the weights are not constant
func.func @leaves_a_rhs_of_the_run(%lhs: memref<96x64xf32>, %rhs: memref<64x64xf32>, %output: memref<96x64xf32>) {
  lir.matmul ins(%lhs, %rhs : memref<96x64xf32>, memref<64x64xf32>) outs(%output : memref<96x64xf32>) domain [96, 64, 64]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// WHY: remark: sparse-panels: expected elements of f32
func.func @leaves_doubles(%lhs: memref<96x64xf64>, %output: memref<96x64xf64>) {
  %rhs = lir.weight dense<0.0> : tensor<64x64xf64> : memref<64x64xf64>
  lir.matmul ins(%lhs, %rhs : memref<96x64xf64>, memref<64x64xf64>) outs(%output : memref<96x64xf64>) domain [96, 64, 64]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f64):
    lir.yield %acc : f64
  }
  return
}
