// RUN: lambent-opt %s --cpu-select-algorithms=cpu=graniterapids --mlir-print-local-scope | FileCheck %s
// RUN: lambent-opt %s --cpu-select-algorithms="cpu=graniterapids strict=true" --mlir-print-local-scope | FileCheck %s --check-prefix=STRICT
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=graniterapids explain" -o /dev/null 2>&1 | FileCheck %s --check-prefix=WHY
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v4:graniterapids explain" 2>&1 | FileCheck %s --check-prefix=OTHER

// CPUs without tiles don't hear of them.
// OTHER-NOT: {{remark: split|split_conv}}

// A panel's rows are taps and then channels, by pairs; two parts of each weight.
// CHECK-LABEL: @splits_strided
// CHECK: lir.weight {{.*}} {packing = #lir.split_packing<(d0, d1, d2, d3, d4) -> (d0 * 32 + d4, d3, d1, d2), taps = 2>} : memref<2x8x3x3x128x32x2xbf16>
// CHECK: algorithm = #cpu.split_conv<parts = 2, leastExponent = -84, mostExponent = 114>
// CHECK-SAME: chosen, cycles = {{[0-9]+}} : i64, variant = "split-tiles"}
func.func @splits_strided(%input: memref<1x28x28x256xf32>, %output: memref<1x14x14x256xf32>) {
  %filter = lir.weight dense<0.5> : tensor<256x256x3x3xf32> : memref<256x256x3x3xf32>
  lir.conv ins(%input, %filter : memref<1x28x28x256xf32>, memref<256x256x3x3xf32>) outs(%output : memref<1x14x14x256xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 256, 256, 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// One spatial dim, of which a run says how long it is.
// CHECK-LABEL: @takes_open_rows
// CHECK: packing = #lir.split_packing<(d0, d1, d2, d3) -> (d0 * 32 + d3, d2, d1), taps = 1>} : memref<2x12x3x48x32x2xbf16>
// CHECK: #cpu.split_conv<
func.func @takes_open_rows(%input: memref<1x?x80xf32, #lir.layout<[1, s0, 80]>>, %output: memref<1x?x384xf32, #lir.layout<[1, s0, 384]>>) {
  %filter = lir.weight dense<0.5> : tensor<384x80x3xf32> : memref<384x80x3xf32>
  lir.conv ins(%input, %filter : memref<1x?x80xf32, #lir.layout<[1, s0, 80]>>, memref<384x80x3xf32>) outs(%output : memref<1x?x384xf32, #lir.layout<[1, s0, 384]>>) epilogue_maps []
    attributes {filter_shape = array<i64: 384, 80, 3>, strides = array<i64: 1>, dilations = array<i64: 1>, pads = #lir.sizes<[1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// Three parts where results are to be as exact as in f32, which full tiles make up for.
// STRICT-LABEL: @takes_three_parts
// STRICT: memref<3x8x3x3x128x32x2xbf16>
// STRICT: #cpu.split_conv<parts = 3,
func.func @takes_three_parts(%input: memref<1x32x32x256xf32>, %output: memref<1x32x32x256xf32>) {
  %filter = lir.weight dense<0.5> : tensor<256x256x3x3xf32> : memref<256x256x3x3xf32>
  lir.conv ins(%input, %filter : memref<1x32x32x256xf32>, memref<256x256x3x3xf32>) outs(%output : memref<1x32x32x256xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 256, 256, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// Winograd takes fewer products than three times those of the taps.
// CHECK-LABEL: @negative_winograd_is_faster
// WHY: remark: split-tiles: would take {{[0-9]+}} cycles
// CHECK: #cpu.winograd<
func.func @negative_winograd_is_faster(%input: memref<1x56x56x64xf32>, %output: memref<1x56x56x64xf32>) {
  %filter = lir.weight dense<0.5> : tensor<64x64x3x3xf32> : memref<64x64x3x3xf32>
  lir.conv ins(%input, %filter : memref<1x56x56x64xf32>, memref<64x64x3x3xf32>) outs(%output : memref<1x56x56x64xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 64, 64, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// Three channels fill a tenth of a step.
// CHECK-LABEL: @negative_few_channels
// WHY: remark: split-tiles: it would take {{[0-9]+}} cycles, which does not save 10 % of {{[0-9]+}}
// CHECK: #cpu.implicit_gemm<
func.func @negative_few_channels(%input: memref<1x224x224x3xf32>, %output: memref<1x112x112x64xf32>) {
  %filter = lir.weight dense<0.5> : tensor<64x3x7x7xf32> : memref<64x3x7x7xf32>
  lir.conv ins(%input, %filter : memref<1x224x224x3xf32>, memref<64x3x7x7xf32>) outs(%output : memref<1x112x112x64xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 64, 3, 7, 7>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[3, 3, 3, 3]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @negative_groups
// WHY: remark: split-tiles: there are several groups of channels
// CHECK: #cpu.implicit_gemm<
func.func @negative_groups(%input: memref<1x28x28x256xf32>, %output: memref<1x14x14x256xf32>) {
  %filter = lir.weight dense<0.5> : tensor<256x128x3x3xf32> : memref<256x128x3x3xf32>
  lir.conv ins(%input, %filter : memref<1x28x28x256xf32>, memref<256x128x3x3xf32>) outs(%output : memref<1x14x14x256xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 256, 128, 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 2 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @negative_other_types
// WHY: remark: split-tiles: the operands are not f32
func.func @negative_other_types(%input: memref<1x28x28x256xf64>, %output: memref<1x14x14x256xf64>) {
  %filter = lir.weight dense<0.5> : tensor<256x256x3x3xf64> : memref<256x256x3x3xf64>
  lir.conv ins(%input, %filter : memref<1x28x28x256xf64>, memref<256x256x3x3xf64>) outs(%output : memref<1x14x14x256xf64>) epilogue_maps []
    attributes {filter_shape = array<i64: 256, 256, 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f64):
    lir.yield %acc : f64
  }
  return
}

// CHECK-LABEL: @negative_weights_are_tiny
// WHY: remark: split-tiles: expected columns of weights whose largest elements are from 2^-64 to 2^64, but got 1.0e-25 to 1.0e-25
// CHECK: #cpu.implicit_gemm<
func.func @negative_weights_are_tiny(%input: memref<1x28x28x256xf32>, %output: memref<1x14x14x256xf32>) {
  %filter = lir.weight dense<1.0e-25> : tensor<256x256x3x3xf32> : memref<256x256x3x3xf32>
  lir.conv ins(%input, %filter : memref<1x28x28x256xf32>, memref<256x256x3x3xf32>) outs(%output : memref<1x14x14x256xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 256, 256, 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @negative_filter_is_computed
// WHY: remark: split-tiles: the filter is not constant
func.func @negative_filter_is_computed(%input: memref<1x28x28x256xf32>, %filter: memref<256x256x3x3xf32>, %output: memref<1x14x14x256xf32>) {
  lir.conv ins(%input, %filter : memref<1x28x28x256xf32>, memref<256x256x3x3xf32>) outs(%output : memref<1x14x14x256xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 256, 256, 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}
