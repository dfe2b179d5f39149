// RUN: lambent-opt --graph-to-lir %s | FileCheck %s

// CHECK-DAG: #[[LAST:.*]] = affine_map<(d0, d1, d2, d3) -> (d3)>

// CHECK-LABEL: func @bias_is_an_epilogue
func.func @bias_is_an_epilogue(%x: tensor<1x8x8x3xf32>, %b: tensor<4xf32>) -> tensor<1x4x4x4xf32> {
  // CHECK: %[[W:.*]] = lir.weight {{.*}} : memref<4x3x3x3xf32>
  %w = graph.constant dense<0.5> : tensor<4x3x3x3xf32>
  // CHECK: lir.conv ins(%{{.*}}, %[[W]] : {{.*}}) with(%{{.*}} : memref<4xf32>) outs({{.*}}) epilogue_maps [#[[LAST]]]
  // CHECK-SAME: pads = #lir.sizes<[0, 0, 1, 1]>
  // CHECK: arith.addf
  %r = graph.conv(%x, %w, %b) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    group = 1 : i64, auto_pad = "SAME_UPPER", channels_last = true} : (tensor<1x8x8x3xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<1x4x4x4xf32>
  return %r : tensor<1x4x4x4xf32>
}

// CHECK-LABEL: func @channels_first_is_transposed
func.func @channels_first_is_transposed(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<1x4x6x6xf32> {
  // CHECK: lir.elementwise ins(%{{.*}} : memref<1x3x8x8xf32>) outs(%[[X:.*]] : memref<1x8x8x3xf32>)
  // CHECK: lir.conv ins(%[[X]], %{{.*}}) outs(%[[Y:.*]] : memref<1x6x6x4xf32>)
  // CHECK: lir.elementwise ins(%[[Y]] : memref<1x6x6x4xf32>) outs(%{{.*}} : memref<1x4x6x6xf32>)
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    group = 1 : i64} : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x6x6xf32>
  return %r : tensor<1x4x6x6xf32>
}

// CHECK-LABEL: func @one_dim_is_a_row
func.func @one_dim_is_a_row(%x: tensor<1x8x3xf32>) -> tensor<1x6x4xf32> {
  %w = graph.constant dense<0.5> : tensor<4x3x3xf32>
  // CHECK: %[[W:.*]] = lir.weight {{.*}} : tensor<4x3x1x3xf32> : memref<4x3x1x3xf32>
  // CHECK: lir.conv ins(%{{.*}}, %[[W]] : memref<1x1x8x3xf32>, {{.*}} outs(%{{.*}} : memref<1x1x6x4xf32>)
  // CHECK-SAME: filter_shape = array<i64: 4, 3, 1, 3>
  %r = graph.conv(%x, %w) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, group = 1 : i64,
    channels_last = true} : (tensor<1x8x3xf32>, tensor<4x3x3xf32>) -> tensor<1x6x4xf32>
  return %r : tensor<1x6x4xf32>
}

// CHECK-LABEL: func @narrow_floats_accumulate_wide
func.func @narrow_floats_accumulate_wide(%x: tensor<1x8x8x3xf16>, %w: tensor<4x3x3x3xf16>) -> tensor<1x6x6x4xf16> {
  // CHECK: ^bb0(%[[ACC:.*]]: f32):
  // CHECK: arith.truncf %[[ACC]] : f32 to f16
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    group = 1 : i64, channels_last = true} : (tensor<1x8x8x3xf16>, tensor<4x3x3x3xf16>) -> tensor<1x6x6x4xf16>
  return %r : tensor<1x6x6x4xf16>
}

// CHECK-LABEL: func @transpose_with_separate_windows_is_a_product
func.func @transpose_with_separate_windows_is_a_product(%x: tensor<1x8x8x3xf32>) -> tensor<1x16x16x4xf32> {
  %w = graph.constant dense<0.5> : tensor<3x4x2x2xf32>
  // CHECK: lir.matmul {{.*}} domain [64, 16, 3]
  // CHECK: lir.elementwise {{.*}} domain [1, 8, 2, 8, 2, 4]
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    output_padding = array<i64: 0, 0>, channels_last = true} : (tensor<1x8x8x3xf32>, tensor<3x4x2x2xf32>) -> tensor<1x16x16x4xf32>
  return %r : tensor<1x16x16x4xf32>
}

// CHECK-LABEL: func @transpose_with_overlap_is_a_convolution
func.func @transpose_with_overlap_is_a_convolution(%x: tensor<1x8x8x3xf32>, %w: tensor<3x4x3x3xf32>) -> tensor<1x15x15x4xf32> {
  // CHECK: lir.elementwise outs(%[[S:.*]] : memref<1x15x15x3xf32>)
  // CHECK: lir.elementwise {{.*}} outs(%[[S]] : memref<1x15x15x3xf32>) domain [1, 8, 8, 3]
  // CHECK: lir.conv ins(%[[S]], %{{.*}}) outs
  // CHECK-SAME: filter_shape = array<i64: 4, 3, 3, 3>
  // CHECK-SAME: pads = #lir.sizes<[1, 1, 1, 1]>, strides = array<i64: 1, 1>
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
    output_padding = array<i64: 0, 0>, channels_last = true} : (tensor<1x8x8x3xf32>, tensor<3x4x3x3xf32>) -> tensor<1x15x15x4xf32>
  return %r : tensor<1x15x15x4xf32>
}

// CHECK-LABEL: func @open_image_keeps_its_sizes
func.func @open_image_keeps_its_sizes(%x: tensor<?x?x?x3xf32, #graph.sizes<[s0, s1, s2, 3]>>) -> tensor<?x?x?x4xf32, #graph.sizes<[s0, s1, s2 floordiv 2 + 1, 4]>> {
  %w = graph.constant dense<0.5> : tensor<4x3x3x2xf32>
  // CHECK: lir.conv {{.*}} outs(%{{.*}} : memref<?x?x?x4xf32, #lir.layout<[s0, s1, s2 floordiv 2 + 1, 4]>>)
  // CHECK-SAME: pads = #lir.sizes<[1, 1, 1, 1]>
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, group = 1 : i64,
    channels_last = true} : (tensor<?x?x?x3xf32, #graph.sizes<[s0, s1, s2, 3]>>, tensor<4x3x3x2xf32>)
    -> tensor<?x?x?x4xf32, #graph.sizes<[s0, s1, s2 floordiv 2 + 1, 4]>>
  return %r : tensor<?x?x?x4xf32, #graph.sizes<[s0, s1, s2 floordiv 2 + 1, 4]>>
}

// The taps beyond the image are as many whatever its size is.
// CHECK-LABEL: func @same_pads_of_stride_one
func.func @same_pads_of_stride_one(%x: tensor<?x?x?x3xf32, #graph.sizes<[s0, s1, s2, 3]>>) -> tensor<?x?x?x4xf32, #graph.sizes<[s0, s1, s2, 4]>> {
  %w = graph.constant dense<0.5> : tensor<4x3x3x2xf32>
  // CHECK: lir.conv {{.*}} pads = #lir.sizes<[1, 1, 1, 0]>
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, group = 1 : i64,
    auto_pad = "SAME_LOWER", channels_last = true} : (tensor<?x?x?x3xf32, #graph.sizes<[s0, s1, s2, 3]>>, tensor<4x3x3x2xf32>)
    -> tensor<?x?x?x4xf32, #graph.sizes<[s0, s1, s2, 4]>>
  return %r : tensor<?x?x?x4xf32, #graph.sizes<[s0, s1, s2, 4]>>
}

// CHECK-LABEL: func @open_transpose_with_separate_windows
func.func @open_transpose_with_separate_windows(%x: tensor<1x?x?x3xf32, #graph.sizes<[1, s0, s1, 3]>>) -> tensor<1x?x?x4xf32, #graph.sizes<[1, s0 * 2, s1 * 2, 4]>> {
  %w = graph.constant dense<0.5> : tensor<3x4x2x2xf32>
  // CHECK: lir.matmul {{.*}} domain [s0 * s1, 16, 3]
  // CHECK: lir.elementwise {{.*}} domain [1, s0, 2, s1, 2, 4]
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    output_padding = array<i64: 0, 0>, channels_last = true} : (tensor<1x?x?x3xf32, #graph.sizes<[1, s0, s1, 3]>>, tensor<3x4x2x2xf32>)
    -> tensor<1x?x?x4xf32, #graph.sizes<[1, s0 * 2, s1 * 2, 4]>>
  return %r : tensor<1x?x?x4xf32, #graph.sizes<[1, s0 * 2, s1 * 2, 4]>>
}

// CHECK-LABEL: func @open_transpose_with_overlap
func.func @open_transpose_with_overlap(%x: tensor<1x?x8x3xf32, #graph.sizes<[1, s0, 8, 3]>>) -> tensor<1x?x16x4xf32, #graph.sizes<[1, s0 * 2, 16, 4]>> {
  %w = graph.constant dense<0.5> : tensor<3x4x3x3xf32>
  // CHECK: lir.conv {{.*}} pads = #lir.sizes<[1, 1, 2, 2]>, strides = array<i64: 1, 1>
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
    output_padding = array<i64: 1, 1>, channels_last = true} : (tensor<1x?x8x3xf32, #graph.sizes<[1, s0, 8, 3]>>, tensor<3x4x3x3xf32>)
    -> tensor<1x?x16x4xf32, #graph.sizes<[1, s0 * 2, 16, 4]>>
  return %r : tensor<1x?x16x4xf32, #graph.sizes<[1, s0 * 2, 16, 4]>>
}

// -----

// Pads that a run's sizes decide.
// CHECK-LABEL: func @same_pads_of_a_stride
func.func @same_pads_of_a_stride(%x: tensor<1x?x8x3xf32, #graph.sizes<[1, s0, 8, 3]>>) -> tensor<1x?x8x4xf32, #graph.sizes<[1, (s0 + 1) floordiv 2, 8, 4]>> {
  %w = graph.constant dense<0.5> : tensor<4x3x3x3xf32>
  // CHECK: lir.conv {{.*}} pads = #lir.sizes<[{{.*}}s0{{.*}}, 1, {{.*}}s0{{.*}}, 1]>
  %r = graph.conv(%x, %w) {strides = array<i64: 2, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, group = 1 : i64,
    auto_pad = "SAME_UPPER", channels_last = true} : (tensor<1x?x8x3xf32, #graph.sizes<[1, s0, 8, 3]>>, tensor<4x3x3x3xf32>)
    -> tensor<1x?x8x4xf32, #graph.sizes<[1, (s0 + 1) floordiv 2, 8, 4]>>
  return %r : tensor<1x?x8x4xf32, #graph.sizes<[1, (s0 + 1) floordiv 2, 8, 4]>>
}

// -----

// No pixel is missing where windows of one leave gaps.
// CHECK-LABEL: func @pooling_with_gaps
func.func @pooling_with_gaps(%x: tensor<1x?x8x3xf32, #graph.sizes<[1, s0, 8, 3]>>) -> tensor<1x?x8x3xf32, #graph.sizes<[1, (s0 + 2) floordiv 3, 8, 3]>> {
  // CHECK: lir.pool {{.*}} pads = #lir.sizes<[0, 0, {{.*}}s0{{.*}}, 0]>
  %r = graph.pool(%x) {kind = "max", kernel = array<i64: 1, 1>, strides = array<i64: 3, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    auto_pad = "SAME_UPPER", channels_last = true} : (tensor<1x?x8x3xf32, #graph.sizes<[1, s0, 8, 3]>>)
    -> tensor<1x?x8x3xf32, #graph.sizes<[1, (s0 + 2) floordiv 3, 8, 3]>>
  return %r : tensor<1x?x8x3xf32, #graph.sizes<[1, (s0 + 2) floordiv 3, 8, 3]>>
}

// -----

// A given size that a run's cuts.
// CHECK-LABEL: func @transpose_to_a_size
func.func @transpose_to_a_size(%x: tensor<1x?x8x3xf32, #graph.sizes<[1, s0, 8, 3]>>) -> tensor<1x9x15x4xf32> {
  %w = graph.constant dense<0.5> : tensor<3x4x3x3xf32>
  // CHECK: lir.conv {{.*}} pads = #lir.sizes<[{{.*}}s0{{.*}}, {{.*}}s0{{.*}}]>
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    output_padding = array<i64: 0, 0>, output_shape = array<i64: 9, 15>, channels_last = true}
    : (tensor<1x?x8x3xf32, #graph.sizes<[1, s0, 8, 3]>>, tensor<3x4x3x3xf32>) -> tensor<1x9x15x4xf32>
  return %r : tensor<1x9x15x4xf32>
}

// -----

// More is cut off than windows overlap.
// CHECK-LABEL: func @cropped_conv_transpose
func.func @cropped_conv_transpose(%x: tensor<1x8x8x4xf32>, %w: tensor<4x4x2x2xf32>) -> tensor<1x12x12x4xf32> {
  // CHECK: lir.conv {{.*}} pads = #lir.sizes<[-1, -1, -1, -1]>
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 2, 2, 2, 2>,
    output_padding = array<i64: 0, 0>, channels_last = true} : (tensor<1x8x8x4xf32>, tensor<4x4x2x2xf32>) -> tensor<1x12x12x4xf32>
  return %r : tensor<1x12x12x4xf32>
}

// -----

// The filter says how many channels there are; a run checks it.
// CHECK-LABEL: func @open_channels
// CHECK-SAME: lir.size_checks = [{{.*}}as many channels as the filter has
func.func @open_channels(%x: tensor<1x8x8x?xf32, #graph.sizes<[1, 8, 8, s0]>>) -> tensor<1x6x6x4xf32> {
  %w = graph.constant dense<0.5> : tensor<4x3x3x3xf32>
  // CHECK: lir.conv ins({{.*}} : memref<1x8x8x3xf32>
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, group = 1 : i64,
    channels_last = true} : (tensor<1x8x8x?xf32, #graph.sizes<[1, 8, 8, s0]>>, tensor<4x3x3x3xf32>) -> tensor<1x6x6x4xf32>
  return %r : tensor<1x6x6x4xf32>
}

// -----

// CHECK-LABEL: func @deform_columns
func.func @deform_columns(%x: tensor<1x4x8x8xf32>, %o: tensor<1x8x7x7xf32>, %m: tensor<1x4x7x7xf32>) -> tensor<1x16x7x7xf32> {
  // CHECK: lir.elementwise ins(%{{.*}} : memref<1x4x8x8xf32>) outs(%[[X:.*]] : memref<1x8x8x4xf32>)
  // CHECK: lir.deform_columns ins(%[[X]], {{.*}} mask({{.*}} outs(%[[Y:.*]] : memref<1x7x7x16xf32>)
  // CHECK-SAME: pads = array<i64: 0, 0>
  // CHECK: lir.elementwise ins(%[[Y]]
  %r = graph.deform_columns(%x, %o, %m) {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x8x8xf32>, tensor<1x8x7x7xf32>, tensor<1x4x7x7xf32>) -> tensor<1x16x7x7xf32>
  return %r : tensor<1x16x7x7xf32>
}
