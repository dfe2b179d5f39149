// RUN: lambent-opt %s --cpu-select-algorithms=cpu=x86-64-v3 --mlir-print-local-scope | FileCheck %s
// RUN: lambent-opt %s --cpu-select-algorithms=cpu=skylake-avx512 --mlir-print-local-scope | FileCheck %s
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v3 explain" -o /dev/null 2>&1 | FileCheck %s --check-prefix=WHY
// RUN: lambent-opt %s --cpu-select-algorithms=cpu=cascadelake --mlir-print-local-scope | FileCheck %s --check-prefix=DOT
// RUN: lambent-opt %s --cpu-select-algorithms=cpu=x86-64 --mlir-print-local-scope | FileCheck %s --check-prefix=DOT

// Eight weights of 3 are far below 128: four steps are added up in 16 bits.
// CHECK-LABEL: @adds_four_steps
// CHECK: lir.weight {{.*}} : tensor<768x64xi8> {packing = #lir.short_packing<(d0, d1, d2, d3) -> (d1 * 4 + d3, d0 * [[C:[0-9]+]] + d2), panel = [192, [[C]], 4], taps = 0, chain = 4, extra_steps = 0>}
// CHECK: lir.matmul
// CHECK-SAME: affine_map<(d0, d1, d2) -> ()>
// CHECK-SAME: algorithm = #cpu.short_panels<rows = {{[0-9]+}}, columns = [[C]], chain = 4, extraSteps = 0>
// WHY: panels: would take
// DOT-LABEL: @adds_four_steps
// DOT: #cpu.panels
func.func @adds_four_steps(%lhs: memref<128x768xi8>, %output: memref<128x64xi32>) {
  %rhs = lir.weight dense<3> : tensor<768x64xi8> : memref<768x64xi8>
  lir.matmul ins(%lhs, %rhs : memref<128x768xi8>, memref<768x64xi8>) outs(%output : memref<128x64xi32>) domain [128, 64, 768]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: i32):
    lir.yield %acc : i32
  }
  return
}

// Two weights of 64 are just 128, four are too many.
// CHECK-LABEL: @adds_one_step
// CHECK: #cpu.short_panels<{{.*}}chain = 1, extraSteps = 0>
func.func @adds_one_step(%lhs: memref<128x768xi8>, %output: memref<128x64xi32>) {
  %rhs = lir.weight dense<64> : tensor<768x64xi8> : memref<768x64xi8>
  lir.matmul ins(%lhs, %rhs : memref<128x768xi8>, memref<768x64xi8>) outs(%output : memref<128x64xi32>) domain [128, 64, 768]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: i32):
    lir.yield %acc : i32
  }
  return
}

// Each pair of 127 is too much: extra steps would take as long as 32 bits.
// CHECK-LABEL: @adds_in_32_bits
// CHECK: algorithm = #cpu.panels
// WHY: short-panels: would take
func.func @adds_in_32_bits(%lhs: memref<128x768xi8>, %output: memref<128x64xi32>) {
  %rhs = lir.weight dense<127> : tensor<768x64xi8> : memref<768x64xi8>
  lir.matmul ins(%lhs, %rhs : memref<128x768xi8>, memref<768x64xi8>) outs(%output : memref<128x64xi32>) domain [128, 64, 768]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: i32):
    lir.yield %acc : i32
  }
  return
}

// Taps are sections. Of three steps a tap no chain of two ends with one.
// CHECK-LABEL: @adds_taps
// CHECK: lir.weight {{.*}} : tensor<32x12x3x3xi8> {packing = #lir.short_packing<{{.*}}, panel = [3, 3, 3, {{[0-9]+}}, 4], taps = 2, chain = 1, extra_steps = 0>}
// CHECK: algorithm = #cpu.short_conv<{{.*}}chain = 1, extraSteps = 0>
// DOT-LABEL: @adds_taps
// DOT: #cpu.implicit_gemm
func.func @adds_taps(%x: memref<1x10x18x12xi8>, %y: memref<1x8x16x32xi32>) {
  %w = lir.weight dense<3> : tensor<32x12x3x3xi8> : memref<32x12x3x3xi8>
  lir.conv ins(%x, %w : memref<1x10x18x12xi8>, memref<32x12x3x3xi8>) outs(%y : memref<1x8x16x32xi32>) epilogue_maps [] attributes {filter_shape = array<i64: 32, 12, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%a: i32):
    lir.yield %a : i32
  }
  return
}

// CHECK-LABEL: @leaves_a_rhs_of_the_run
// CHECK: #cpu.register_tiles
// WHY: short-panels: the rhs is not constant
func.func @leaves_a_rhs_of_the_run(%lhs: memref<128x768xi8>, %rhs: memref<768x64xi8>, %output: memref<128x64xi32>) {
  lir.matmul ins(%lhs, %rhs : memref<128x768xi8>, memref<768x64xi8>) outs(%output : memref<128x64xi32>) domain [128, 64, 768]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: i32):
    lir.yield %acc : i32
  }
  return
}
