// RUN: lambent-opt %s --cpu-select-algorithms=cpu=x86-64-v4 --mlir-print-local-scope | FileCheck %s
// RUN: lambent-opt %s --cpu-select-algorithms="cpu=x86-64-v4 strict=true" --mlir-print-local-scope | FileCheck %s --check-prefix=STRICT
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v4 explain" -o /dev/null 2>&1 | FileCheck %s --check-prefix=WHY

// The filter becomes U [panel][point][channel][column] of F(4x4, 3x3). Strict sums products as they are.
// CHECK-LABEL: @picks_winograd
// CHECK: lir.weight {{.*}} : tensor<64x64x3x3xf32> {packing = #lir.winograd_packing<tileHeight = 4, tileWidth = 4>} : memref<[[PANELS:[0-9]+]]x36x64x[[NR:[0-9]+]]xf32>
// CHECK: lir.conv
// CHECK-NOT: workspace
// CHECK-SAME: algorithm = #cpu.winograd<rows = {{[0-9]+}}, columns = [[NR]], tileHeight = 4, tileWidth = 4>
// STRICT-LABEL: @picks_winograd
// STRICT: #cpu.implicit_gemm<
func.func @picks_winograd(%input: memref<1x56x56x64xf32>, %output: memref<1x56x56x64xf32>) {
  %filter = lir.weight dense<0.5> : tensor<64x64x3x3xf32> : memref<64x64x3x3xf32>
  lir.conv ins(%input, %filter : memref<1x56x56x64xf32>, memref<64x64x3x3xf32>) outs(%output : memref<1x56x56x64xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 64, 64, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// Of a small image many panels share few blocks of tiles, whose transformed input has a place of its own.
// CHECK-LABEL: @shares_transformed_inputs
// CHECK: %[[WORKSPACE:.*]] = lir.alloc : memref<{{[0-9]+}}xf32>
// CHECK: lir.conv {{.*}} workspace(%[[WORKSPACE]] : memref<{{[0-9]+}}xf32>) {{.*}}algorithm = #cpu.winograd<
func.func @shares_transformed_inputs(%input: memref<1x28x28x64xf32>, %output: memref<1x28x28x160xf32>) {
  %filter = lir.weight dense<0.5> : tensor<160x64x3x3xf32> : memref<160x64x3x3xf32>
  lir.conv ins(%input, %filter : memref<1x28x28x64xf32>, memref<160x64x3x3xf32>) outs(%output : memref<1x28x28x160xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 160, 64, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @negative_few_channels
// WHY: remark: winograd: it would take {{[0-9]+}} cycles, which does not save 10 % of {{[0-9]+}}
// CHECK: #cpu.implicit_gemm<
func.func @negative_few_channels(%input: memref<1x56x56x3xf32>, %output: memref<1x56x56x16xf32>) {
  %filter = lir.weight dense<0.5> : tensor<16x3x3x3xf32> : memref<16x3x3x3xf32>
  lir.conv ins(%input, %filter : memref<1x56x56x3xf32>, memref<16x3x3x3xf32>) outs(%output : memref<1x56x56x16xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 16, 3, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// A stride leaves out what the tile's products share.
// CHECK-LABEL: @negative_stride
// WHY: remark: winograd: expected strides and dilations of 1
// CHECK: #cpu.implicit_gemm<
func.func @negative_stride(%input: memref<1x57x57x64xf32>, %output: memref<1x28x28x64xf32>) {
  %filter = lir.weight dense<0.5> : tensor<64x64x3x3xf32> : memref<64x64x3x3xf32>
  lir.conv ins(%input, %filter : memref<1x57x57x64xf32>, memref<64x64x3x3xf32>) outs(%output : memref<1x28x28x64xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 64, 64, 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// Outputs without deviation: no error can be told from them.
// CHECK-LABEL: @negative_zero_filter
// WHY: remark: winograd: what it errs cannot be told: the output does not deviate
// CHECK: #cpu.sparse_conv<
func.func @negative_zero_filter(%input: memref<1x56x56x64xf32>, %output: memref<1x56x56x64xf32>) {
  %filter = lir.weight dense<0.0> : tensor<64x64x3x3xf32> : memref<64x64x3x3xf32>
  lir.conv ins(%input, %filter : memref<1x56x56x64xf32>, memref<64x64x3x3xf32>) outs(%output : memref<1x56x56x64xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 64, 64, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// The choice for open sizes is that for one image of 320 x 320.
// CHECK-LABEL: @picks_winograd_for_open_images
// CHECK: {packing = #lir.winograd_packing<tileHeight = 4, tileWidth = 4>}
// CHECK: #cpu.winograd<rows = 14, columns = 32, tileHeight = 4, tileWidth = 4>
func.func @picks_winograd_for_open_images(%input: memref<?x?x?x64xf32, #lir.layout<[s0, s1, s2, 64]>>, %output: memref<?x?x?x64xf32, #lir.layout<[s0, s1, s2, 64]>>) {
  %filter = lir.weight dense<0.5> : tensor<64x64x3x3xf32> : memref<64x64x3x3xf32>
  lir.conv ins(%input, %filter : memref<?x?x?x64xf32, #lir.layout<[s0, s1, s2, 64]>>, memref<64x64x3x3xf32>) outs(%output : memref<?x?x?x64xf32, #lir.layout<[s0, s1, s2, 64]>>) epilogue_maps []
    attributes {filter_shape = array<i64: 64, 64, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// Behind five strides of 2 that is 10 x 10.
// CHECK-LABEL: @picks_winograd_for_parts_of_open_images
// CHECK: #cpu.winograd<
func.func @picks_winograd_for_parts_of_open_images(%input: memref<?x?x?x64xf32, #lir.layout<[s0, s1 floordiv 32, s2 floordiv 32, 64]>>, %output: memref<?x?x?x64xf32, #lir.layout<[s0, s1 floordiv 32, s2 floordiv 32, 64]>>) {
  %filter = lir.weight dense<0.5> : tensor<64x64x3x3xf32> : memref<64x64x3x3xf32>
  lir.conv ins(%input, %filter : memref<?x?x?x64xf32, #lir.layout<[s0, s1 floordiv 32, s2 floordiv 32, 64]>>, memref<64x64x3x3xf32>) outs(%output : memref<?x?x?x64xf32, #lir.layout<[s0, s1 floordiv 32, s2 floordiv 32, 64]>>) epilogue_maps []
    attributes {filter_shape = array<i64: 64, 64, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// What is nearest in the ranges, of dims that are multiples.
// CHECK-LABEL: @negative_small_range
// CHECK: #cpu.implicit_gemm<
// WHY: remark: winograd: it would take {{[0-9]+}} cycles, which does not save 10 % of {{[0-9]+}}, where the output is 1x2x4
func.func @negative_small_range(%input: memref<?x?x?x64xf32, #lir.layout<[s0, s1, s2 * 4, 64]>>, %output: memref<?x?x?x64xf32, #lir.layout<[s0, s1, s2 * 4, 64]>>) attributes {lir.symbols = ["n", {least = 1 : i64, most = 2 : i64, name = "h"}, {factor = 4 : i64, least = 0 : i64, most = 4 : i64, name = "w"}]} {
  %filter = lir.weight dense<0.5> : tensor<64x64x3x3xf32> : memref<64x64x3x3xf32>
  lir.conv ins(%input, %filter : memref<?x?x?x64xf32, #lir.layout<[s0, s1, s2 * 4, 64]>>, memref<64x64x3x3xf32>) outs(%output : memref<?x?x?x64xf32, #lir.layout<[s0, s1, s2 * 4, 64]>>) epilogue_maps []
    attributes {filter_shape = array<i64: 64, 64, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// Many images are as good as large ones.
// CHECK-LABEL: @picks_winograd_for_many_images
// CHECK: #cpu.winograd<
func.func @picks_winograd_for_many_images(%input: memref<?x8x8x64xf32, #lir.layout<[s0, 8, 8, 64]>>, %output: memref<?x8x8x64xf32, #lir.layout<[s0, 8, 8, 64]>>) attributes {lir.symbols = [{least = 16 : i64, most = 64 : i64, name = "n"}]} {
  %filter = lir.weight dense<0.5> : tensor<64x64x3x3xf32> : memref<64x64x3x3xf32>
  lir.conv ins(%input, %filter : memref<?x8x8x64xf32, #lir.layout<[s0, 8, 8, 64]>>, memref<64x64x3x3xf32>) outs(%output : memref<?x8x8x64xf32, #lir.layout<[s0, 8, 8, 64]>>) epilogue_maps []
    attributes {filter_shape = array<i64: 64, 64, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// The number of tiles would be a sum of a thousand products.
// CHECK-LABEL: @negative_long_sizes
// CHECK: #cpu.implicit_gemm<
// WHY: remark: winograd: expected pixels whose number is a short expression of open sizes
func.func @negative_long_sizes(%input: memref<?x?x?x64xf32, #lir.layout<[s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9, s10 + s11 + s12 + s13 + s14 + s15 + s16 + s17 + s18 + s19, s20 + s21 + s22 + s23 + s24 + s25 + s26 + s27 + s28 + s29, 64]>>, %output: memref<?x?x?x64xf32, #lir.layout<[s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9, s10 + s11 + s12 + s13 + s14 + s15 + s16 + s17 + s18 + s19, s20 + s21 + s22 + s23 + s24 + s25 + s26 + s27 + s28 + s29, 64]>>) {
  %filter = lir.weight dense<0.5> : tensor<64x64x3x3xf32> : memref<64x64x3x3xf32>
  lir.conv ins(%input, %filter : memref<?x?x?x64xf32, #lir.layout<[s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9, s10 + s11 + s12 + s13 + s14 + s15 + s16 + s17 + s18 + s19, s20 + s21 + s22 + s23 + s24 + s25 + s26 + s27 + s28 + s29, 64]>>, memref<64x64x3x3xf32>) outs(%output : memref<?x?x?x64xf32, #lir.layout<[s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9, s10 + s11 + s12 + s13 + s14 + s15 + s16 + s17 + s18 + s19, s20 + s21 + s22 + s23 + s24 + s25 + s26 + s27 + s28 + s29, 64]>>) epilogue_maps []
    attributes {filter_shape = array<i64: 64, 64, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// Other taps have forms, too. On equal taps, whose output hardly deviates, F(4x4, 5x5) errs too much.
// CHECK-LABEL: @picks_winograd_of_5x5
// CHECK: lir.weight {{.*}} {packing = #lir.winograd_packing<tileHeight = 2, tileWidth = 2>}
// CHECK: algorithm = #cpu.winograd<{{.*}} tileHeight = 2, tileWidth = 2>
func.func @picks_winograd_of_5x5(%input: memref<1x56x56x64xf32>, %output: memref<1x56x56x64xf32>) {
  %filter = lir.weight dense<0.5> : tensor<64x64x5x5xf32> : memref<64x64x5x5xf32>
  lir.conv ins(%input, %filter : memref<1x56x56x64xf32>, memref<64x64x5x5xf32>) outs(%output : memref<1x56x56x64xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 64, 64, 5, 5>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[2, 2, 2, 2]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// Along one dim a form may have ten points.
// CHECK-LABEL: @picks_winograd_along_rows
// CHECK: lir.weight {{.*}} {packing = #lir.winograd_packing<tileHeight = 1, tileWidth = 4>}
// CHECK: algorithm = #cpu.winograd<{{.*}} tileHeight = 1, tileWidth = 4>
func.func @picks_winograd_along_rows(%input: memref<1x56x56x64xf32>, %output: memref<1x56x56x64xf32>) {
  %filter = lir.weight dense<0.5> : tensor<64x64x1x7xf32> : memref<64x64x1x7xf32>
  lir.conv ins(%input, %filter : memref<1x56x56x64xf32>, memref<64x64x1x7xf32>) outs(%output : memref<1x56x56x64xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 64, 64, 1, 7>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 3, 0, 3]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// Seven tiles of eight outputs fill a column of 56.
// CHECK-LABEL: @picks_winograd_along_columns
// CHECK: lir.weight {{.*}} {packing = #lir.winograd_packing<tileHeight = 8, tileWidth = 1>}
// CHECK: algorithm = #cpu.winograd<{{.*}} tileHeight = 8, tileWidth = 1>
func.func @picks_winograd_along_columns(%input: memref<1x56x56x64xf32>, %output: memref<1x56x56x64xf32>) {
  %filter = lir.weight dense<0.5> : tensor<64x64x3x1xf32> : memref<64x64x3x1xf32>
  lir.conv ins(%input, %filter : memref<1x56x56x64xf32>, memref<64x64x3x1xf32>) outs(%output : memref<1x56x56x64xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 64, 64, 3, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 0, 1, 0]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}
