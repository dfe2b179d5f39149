// RUN: lambent-opt %s --cpu-select-algorithms=cpu=x86-64-v4 --mlir-print-local-scope | FileCheck %s
// RUN: lambent-opt %s --cpu-select-algorithms="cpu=x86-64-v4 strict=true" --mlir-print-local-scope | FileCheck %s --check-prefix=STRICT
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v4 explain" -o /dev/null 2>&1 | FileCheck %s --check-prefix=WHY

// The filter becomes U [panel][point][channel][column] of F(4x4, 3x3). Strict sums products as they are.
// CHECK-LABEL: @picks_winograd
// CHECK: lir.weight {{.*}} : tensor<64x64x3x3xf32> {packing = #lir.winograd_packing<tileHeight = 4, tileWidth = 4>} : memref<[[PANELS:[0-9]+]]x36x64x[[NR:[0-9]+]]xf32>
// CHECK: lir.conv
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
// CHECK: #cpu.implicit_gemm<
func.func @negative_zero_filter(%input: memref<1x56x56x64xf32>, %output: memref<1x56x56x64xf32>) {
  %filter = lir.weight dense<0.0> : tensor<64x64x3x3xf32> : memref<64x64x3x3xf32>
  lir.conv ins(%input, %filter : memref<1x56x56x64xf32>, memref<64x64x3x3xf32>) outs(%output : memref<1x56x56x64xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 64, 64, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @negative_open_image
// WHY: remark: winograd: expected sizes that are bound
// CHECK: #cpu.implicit_gemm<
func.func @negative_open_image(%input: memref<?x56x56x64xf32, #lir.layout<[s0, 56, 56, 64]>>, %output: memref<?x56x56x64xf32, #lir.layout<[s0, 56, 56, 64]>>) {
  %filter = lir.weight dense<0.5> : tensor<64x64x3x3xf32> : memref<64x64x3x3xf32>
  lir.conv ins(%input, %filter : memref<?x56x56x64xf32, #lir.layout<[s0, 56, 56, 64]>>, memref<64x64x3x3xf32>) outs(%output : memref<?x56x56x64xf32, #lir.layout<[s0, 56, 56, 64]>>) epilogue_maps []
    attributes {filter_shape = array<i64: 64, 64, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}
