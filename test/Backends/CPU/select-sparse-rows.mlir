// RUN: %python %S/Inputs/zeros.py %s > %t.mlir
// RUN: lambent-opt %t.mlir --cpu-select-algorithms=cpu=x86-64-v3 --mlir-print-local-scope --mlir-elide-elementsattrs-if-larger=8 | FileCheck %s
// RUN: lambent-opt %t.mlir --cpu-select-algorithms=cpu=znver4 --mlir-print-local-scope --mlir-elide-elementsattrs-if-larger=8 | FileCheck %s --check-prefix=WIDE
// RUN: lambent-opt %t.mlir "--cpu-select-algorithms=cpu=x86-64-v3 strict=true" --mlir-print-local-scope --mlir-elide-elementsattrs-if-larger=8 | FileCheck %s --check-prefix=STRICT
// RUN: lambent-opt %t.mlir "--cpu-select-algorithms=cpu=x86-64-v3 explain" -o /dev/null 2>&1 | FileCheck %s --check-prefix=WHY

// Four of five weights are zero. A tile's offsets are those of its pixels, 4 bytes each.
// CHECK-LABEL: @takes_single_outputs
// CHECK: lir.weight {{.*}} : tensor<128x64xf32> {packing = #lir.sparse_row_packing<(d0, d1) -> (d1, d0), outputs = 64, depths = [128], channel_bytes = [[P:[0-9]+]], tap_bytes = [0], section = [[S:[0-9]+]], block = 1, groups = [[G:[0-9]+]], sum_bytes = [[P]]>} : memref<{{[0-9]+}}xi8>
// CHECK: lir.matmul
// CHECK-SAME: affine_map<(d0, d1, d2) -> ()>
// CHECK-SAME: algorithm = #cpu.sparse_rows<block = 1, vectors = {{[0-9]+}}, section = [[S]], groups = [[G]], entries = {{[0-9]+}}>
// WIDE-LABEL: @takes_single_outputs
// WIDE: #cpu.sparse_rows<block = 1,
// STRICT-LABEL: @takes_single_outputs
// STRICT: #cpu.panels
// STRICT-SAME: {rejection = "strict accuracy multiplies by zeros, too", variant = "sparse-rows"}
// WHY: remark: panels: would take
func.func @takes_single_outputs(%lhs: memref<784x128xf32>, %output: memref<784x64xf32>) {
  %rhs = lir.weight ZEROS(128x64, 82, 1x1) : tensor<128x64xf32> : memref<128x64xf32>
  lir.matmul ins(%lhs, %rhs : memref<784x128xf32>, memref<128x64xf32>) outs(%output : memref<784x64xf32>) domain [784, 64, 128]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// Blocks of four outputs share what they read.
// CHECK-LABEL: @takes_blocks
// CHECK: #lir.sparse_row_packing<{{.*}}, block = 4,
// CHECK: #cpu.sparse_rows<block = 4,
// WIDE-LABEL: @takes_blocks
// WIDE: #cpu.sparse_rows<block = 4,
func.func @takes_blocks(%lhs: memref<784x128xf32>, %output: memref<784x64xf32>) {
  %rhs = lir.weight ZEROS(64x128, 60, 4x1) : tensor<64x128xf32> : memref<64x128xf32>
  lir.matmul ins(%lhs, %rhs : memref<784x128xf32>, memref<64x128xf32>) outs(%output : memref<784x64xf32>) domain [784, 64, 128]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// What is dense is computed as if there were no zeros.
// CHECK-LABEL: @leaves_few_zeros
// CHECK: #lir.packing<
// CHECK: algorithm = #cpu.panels<rows = [[R:[0-9]+]], columns = [[C:[0-9]+]]>
// WHY: remark: sparse-rows: {{[12][0-9]}} % of the weights are zero, it would take {{[0-9]+}} cycles, which does not save 5 % of {{[0-9]+}}
func.func @leaves_few_zeros(%lhs: memref<784x128xf32>, %output: memref<784x64xf32>) {
  %rhs = lir.weight ZEROS(128x64, 20, 1x1) : tensor<128x64xf32> : memref<128x64xf32>
  lir.matmul ins(%lhs, %rhs : memref<784x128xf32>, memref<128x64xf32>) outs(%output : memref<784x64xf32>) domain [784, 64, 128]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @leaves_dense_weights
// CHECK: algorithm = #cpu.panels<rows = [[R]], columns = [[C]]>
// WHY: remark: sparse-rows: 0.0 % of the weights are zero, and leaving them out never pays below 10 %
func.func @leaves_dense_weights(%lhs: memref<784x128xf32>, %output: memref<784x64xf32>) {
  %rhs = lir.weight dense<0.5> : tensor<128x64xf32> : memref<128x64xf32>
  lir.matmul ins(%lhs, %rhs : memref<784x128xf32>, memref<128x64xf32>) outs(%output : memref<784x64xf32>) domain [784, 64, 128]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @takes_open_rows
// CHECK: #cpu.sparse_rows<block = 1,
func.func @takes_open_rows(%lhs: memref<?x128xf32, #lir.layout<[s0, 128]>>, %output: memref<?x64xf32, #lir.layout<[s0, 64]>>) {
  %rhs = lir.weight ZEROS(128x64, 82, 1x1) : tensor<128x64xf32> : memref<128x64xf32>
  lir.matmul ins(%lhs, %rhs : memref<?x128xf32, #lir.layout<[s0, 128]>>, memref<128x64xf32>) outs(%output : memref<?x64xf32, #lir.layout<[s0, 64]>>) domain [s0, 64, 128]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// One row is read faster than it is transposed.
// CHECK-LABEL: @leaves_one_row
// CHECK: #cpu.panels<
func.func @leaves_one_row(%lhs: memref<1x128xf32>, %output: memref<1x64xf32>) {
  %rhs = lir.weight ZEROS(128x64, 82, 1x1) : tensor<128x64xf32> : memref<128x64xf32>
  lir.matmul ins(%lhs, %rhs : memref<1x128xf32>, memref<128x64xf32>) outs(%output : memref<1x64xf32>) domain [1, 64, 128]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// Offsets of taps lead to the next column and the next line of the slab.
// CHECK-LABEL: @takes_taps
// CHECK: #lir.sparse_row_packing<(d0, d1, d2, d3) -> (d0, d1, d2, d3), outputs = 32, depths = [32, 3, 3], channel_bytes = {{[0-9]+}}, tap_bytes = [0, 4, 8, 116, 120, 124, 232, 236, 240],
// CHECK: algorithm = #cpu.sparse_conv<block = 1,
// WIDE-LABEL: @takes_taps
// WIDE: #cpu.sparse_conv<
// STRICT-LABEL: @takes_taps
// STRICT: #cpu.implicit_gemm
func.func @takes_taps(%input: memref<1x28x28x32xf32>, %output: memref<1x28x28x32xf32>) {
  %filter = lir.weight ZEROS(32x32x3x3, 94, 1x1) : tensor<32x32x3x3xf32> : memref<32x32x3x3xf32>
  lir.conv ins(%input, %filter : memref<1x28x28x32xf32>, memref<32x32x3x3xf32>) outs(%output : memref<1x28x28x32xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 32, 32, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// A stride splits the slab into phases.
// CHECK-LABEL: @takes_strides
// CHECK: algorithm = #cpu.sparse_conv<block = 1,
func.func @takes_strides(%input: memref<1x28x28x32xf32>, %output: memref<1x14x14x32xf32>) {
  %filter = lir.weight ZEROS(32x32x3x3, 85, 1x1) : tensor<32x32x3x3xf32> : memref<32x32x3x3xf32>
  lir.conv ins(%input, %filter : memref<1x28x28x32xf32>, memref<32x32x3x3xf32>) outs(%output : memref<1x14x14x32xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 32, 32, 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @takes_open_images
// Lines of open images are cut into strips, so that offsets are numbers: a line
// of the slab has the 46 columns of a strip and two more.
// CHECK: #lir.sparse_row_packing<(d0, d1, d2, d3) -> (d0, d1, d2, d3), outputs = 32, depths = [32, 3, 3], channel_bytes = {{[0-9]+}}, tap_bytes = [0, 4, 8, 192, 196, 200, 384, 388, 392],
// CHECK: algorithm = #cpu.sparse_conv<block = 1,
func.func @takes_open_images(%input: memref<1x?x?x32xf32, #lir.layout<[1, s0, s1, 32]>>, %output: memref<1x?x?x32xf32, #lir.layout<[1, s0, s1, 32]>>) {
  %filter = lir.weight ZEROS(32x32x3x3, 85, 1x1) : tensor<32x32x3x3xf32> : memref<32x32x3x3xf32>
  lir.conv ins(%input, %filter : memref<1x?x?x32xf32, #lir.layout<[1, s0, s1, 32]>>, memref<32x32x3x3xf32>) outs(%output : memref<1x?x?x32xf32, #lir.layout<[1, s0, s1, 32]>>) epilogue_maps []
    attributes {filter_shape = array<i64: 32, 32, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @leaves_open_pads
// CHECK: #cpu.implicit_gemm<
// WHY: remark: sparse-rows: the pads are open
func.func @leaves_open_pads(%input: memref<1x?x?x32xf32, #lir.layout<[1, s0, s1, 32]>>, %output: memref<1x?x?x32xf32, #lir.layout<[1, s0 + s2 - 1, s1 + s2 - 1, 32]>>) {
  %filter = lir.weight ZEROS(32x32x3x3, 85, 1x1) : tensor<32x32x3x3xf32> : memref<32x32x3x3xf32>
  lir.conv ins(%input, %filter : memref<1x?x?x32xf32, #lir.layout<[1, s0, s1, 32]>>, memref<32x32x3x3xf32>) outs(%output : memref<1x?x?x32xf32, #lir.layout<[1, s0 + s2 - 1, s1 + s2 - 1, 32]>>) epilogue_maps []
    attributes {filter_shape = array<i64: 32, 32, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[s2, s2, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}
