// RUN: lambent-opt %s --cpu-select-algorithms=cpu=graniterapids --mlir-print-local-scope | FileCheck %s
// RUN: lambent-opt %s --cpu-select-algorithms="cpu=graniterapids strict=true" --mlir-print-local-scope | FileCheck %s --check-prefix=STRICT
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=graniterapids explain" -o /dev/null 2>&1 | FileCheck %s --check-prefix=WHY
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v4:graniterapids explain" 2>&1 | FileCheck %s --check-prefix=OTHER

// CPUs without tiles don't hear of them.
// OTHER-NOT: {{remark: split|split_tiles}}

// Two parts of each weight, three where results are to be as exact as in f32: panels of 32 columns, K by pairs.
// CHECK-LABEL: @splits_into_parts
// CHECK: lir.weight {{.*}} : tensor<768x768xf32> {packing = #lir.split_packing<(d0, d1, d2) -> (d1, d0 * 32 + d2)>} : memref<2x24x384x32x2xbf16>
// CHECK: lir.matmul
// CHECK-SAME: affine_map<(d0, d1, d2) -> ()>
// CHECK-SAME: algorithm = #cpu.split_tiles<parts = 2, leastExponent = -84, mostExponent = 116>
// CHECK-SAME: chosen, cycles = {{[0-9]+}} : i64, variant = "split-tiles"}
// STRICT-LABEL: @splits_into_parts
// STRICT: memref<3x24x384x32x2xbf16>
// STRICT: #cpu.split_tiles<parts = 3,
func.func @splits_into_parts(%lhs: memref<128x768xf32>, %output: memref<128x768xf32>) {
  %rhs = lir.weight dense<0.25> : tensor<768x768xf32> : memref<768x768xf32>
  lir.matmul ins(%lhs, %rhs : memref<128x768xf32>, memref<768x768xf32>) outs(%output : memref<128x768xf32>) domain [128, 768, 768]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// A transposed weight, K and N that fill no tile, and rows of which a run says how many there are.
// CHECK-LABEL: @takes_open_rows
// CHECK: packing = #lir.split_packing<(d0, d1, d2) -> (d0 * 32 + d2, d1)>} : memref<2x7x112x32x2xbf16>
// CHECK: #cpu.split_tiles<
func.func @takes_open_rows(%lhs: memref<?x200xf32, #lir.layout<[s0, 200]>>, %output: memref<?x210xf32, #lir.layout<[s0, 210]>>) {
  %rhs = lir.weight dense<1.0> : tensor<210x200xf32> : memref<210x200xf32>
  lir.matmul ins(%lhs, %rhs : memref<?x200xf32, #lir.layout<[s0, 200]>>, memref<210x200xf32>) outs(%output : memref<?x210xf32, #lir.layout<[s0, 210]>>) domain [s0, 210, 200]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @makes_pointwise_convolution_a_product
// CHECK: #cpu.split_tiles<
func.func @makes_pointwise_convolution_a_product(%input: memref<1x28x28x128xf32>, %output: memref<1x28x28x512xf32>) {
  %filter = lir.weight dense<1.0> : tensor<512x128x1x1xf32> : memref<512x128x1x1xf32>
  lir.conv ins(%input, %filter : memref<1x28x28x128xf32>, memref<512x128x1x1xf32>) outs(%output : memref<1x28x28x512xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 512, 128, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// The less weights are, the more must lhs be, so that no product comes near the denormal numbers.
// CHECK-LABEL: @follows_small_weights
// CHECK: #cpu.split_tiles<parts = 2, leastExponent = -52, mostExponent = 116>
func.func @follows_small_weights(%lhs: memref<128x768xf32>, %output: memref<128x768xf32>) {
  %rhs = lir.weight dense<1.0e-12> : tensor<768x768xf32> : memref<768x768xf32>
  lir.matmul ins(%lhs, %rhs : memref<128x768xf32>, memref<768x768xf32>) outs(%output : memref<128x768xf32>) domain [128, 768, 768]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @negative_few_rows
// WHY: remark: split-tiles: it would take {{[0-9]+}} cycles, which does not save 10 % of {{[0-9]+}}
// CHECK: #cpu.panels<
func.func @negative_few_rows(%lhs: memref<4x768xf32>, %output: memref<4x768xf32>) {
  %rhs = lir.weight dense<0.5> : tensor<768x768xf32> : memref<768x768xf32>
  lir.matmul ins(%lhs, %rhs : memref<4x768xf32>, memref<768x768xf32>) outs(%output : memref<4x768xf32>) domain [4, 768, 768]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @negative_weights_are_tiny
// WHY: remark: split-tiles: expected columns of weights whose largest elements are from 2^-64 to 2^64, but got 1.0e-25 to 1.0e-25
// CHECK: #cpu.panels<
func.func @negative_weights_are_tiny(%lhs: memref<128x768xf32>, %output: memref<128x768xf32>) {
  %rhs = lir.weight dense<1.0e-25> : tensor<768x768xf32> : memref<768x768xf32>
  lir.matmul ins(%lhs, %rhs : memref<128x768xf32>, memref<768x768xf32>) outs(%output : memref<128x768xf32>) domain [128, 768, 768]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @negative_weights_are_not_finite
// WHY: remark: split-tiles: the weights have elements that are not finite
// CHECK: #cpu.panels<
func.func @negative_weights_are_not_finite(%lhs: memref<128x768xf32>, %output: memref<128x768xf32>) {
  %rhs = lir.weight dense<0x7F800000> : tensor<768x768xf32> : memref<768x768xf32>
  lir.matmul ins(%lhs, %rhs : memref<128x768xf32>, memref<768x768xf32>) outs(%output : memref<128x768xf32>) domain [128, 768, 768]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @negative_k_is_not_contiguous
// WHY: remark: split-tiles: k is not the last dim of the lhs
// CHECK: #cpu.panels<
func.func @negative_k_is_not_contiguous(%lhs: memref<768x128xf32>, %output: memref<128x768xf32>) {
  %rhs = lir.weight dense<0.5> : tensor<768x768xf32> : memref<768x768xf32>
  lir.matmul ins(%lhs, %rhs : memref<768x128xf32>, memref<768x768xf32>) outs(%output : memref<128x768xf32>) domain [128, 768, 768]
    maps [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @negative_other_types
// WHY: remark: split-tiles: the operands are not f32
// CHECK: #cpu.panels<
func.func @negative_other_types(%lhs: memref<128x768xf64>, %output: memref<128x768xf64>) {
  %rhs = lir.weight dense<0.5> : tensor<768x768xf64> : memref<768x768xf64>
  lir.matmul ins(%lhs, %rhs : memref<128x768xf64>, memref<768x768xf64>) outs(%output : memref<128x768xf64>) domain [128, 768, 768]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f64):
    lir.yield %acc : f64
  }
  return
}

// CHECK-LABEL: @negative_output_is_transposed
// WHY: remark: split-tiles: the output's last dim is not that of the rhs
// CHECK: #cpu.register_tiles<
func.func @negative_output_is_transposed(%lhs: memref<128x768xf32>, %output: memref<768x128xf32>) {
  %rhs = lir.weight dense<0.5> : tensor<768x768xf32> : memref<768x768xf32>
  lir.matmul ins(%lhs, %rhs : memref<128x768xf32>, memref<768x768xf32>) outs(%output : memref<768x128xf32>) domain [128, 768, 768]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (n, m)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}
