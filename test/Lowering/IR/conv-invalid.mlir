// RUN: lambent-opt --split-input-file --verify-diagnostics %s

func.func @conv_c1_ranks(%x: memref<1x8x8x3xf32>, %w: memref<4x3x3x3xf32>, %y: memref<6x6x4xf32>) {
  // expected-error @+1 {{expected [N, spatial..., C] buffers of one rank from 3 to 5, but got 'memref<1x8x8x3xf32>' and 'memref<6x6x4xf32>'}}
  lir.conv ins(%x, %w : memref<1x8x8x3xf32>, memref<4x3x3x3xf32>) outs(%y : memref<6x6x4xf32>)
    epilogue_maps [] attributes {filter_shape = array<i64: 4, 3, 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @conv_c1_lists(%x: memref<1x8x8x3xf32>, %w: memref<4x3x3x3xf32>, %y: memref<1x6x6x4xf32>) {
  // expected-error @+1 {{expected 4 filter sizes, 2 strides and dilations and 4 pads, but got 4, 1, 2 and 4}}
  lir.conv ins(%x, %w : memref<1x8x8x3xf32>, memref<4x3x3x3xf32>) outs(%y : memref<1x6x6x4xf32>)
    epilogue_maps [] attributes {filter_shape = array<i64: 4, 3, 3, 3>, strides = array<i64: 1>,
      dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @conv_c1_zero_stride(%x: memref<1x8x8x3xf32>, %w: memref<4x3x3x3xf32>, %y: memref<1x6x6x4xf32>) {
  // expected-error @+1 {{expected positive filter sizes, strides and dilations, but got [1, 0]}}
  lir.conv ins(%x, %w : memref<1x8x8x3xf32>, memref<4x3x3x3xf32>) outs(%y : memref<1x6x6x4xf32>)
    epilogue_maps [] attributes {filter_shape = array<i64: 4, 3, 3, 3>, strides = array<i64: 1, 0>,
      dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @conv_c2_channels(%x: memref<1x8x8x3xf32>, %w: memref<4x3x3x3xf32>, %y: memref<1x6x6x5xf32>) {
  // expected-error @+1 {{expected channels that agree with filter [4, 3, 3, 3] and group 1, but got 'memref<1x8x8x3xf32>' and 'memref<1x6x6x5xf32>'}}
  lir.conv ins(%x, %w : memref<1x8x8x3xf32>, memref<4x3x3x3xf32>) outs(%y : memref<1x6x6x5xf32>)
    epilogue_maps [] attributes {filter_shape = array<i64: 4, 3, 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @conv_c2_size(%x: memref<1x8x8x3xf32>, %w: memref<4x3x3x3xf32>, %y: memref<1x8x6x4xf32>) {
  // expected-error @+1 {{expected an output size of 6 in spatial dim 0, but got 8}}
  lir.conv ins(%x, %w : memref<1x8x8x3xf32>, memref<4x3x3x3xf32>) outs(%y : memref<1x8x6x4xf32>)
    epilogue_maps [] attributes {filter_shape = array<i64: 4, 3, 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @conv_c2_batch(%x: memref<1x8x8x3xf32>, %w: memref<4x3x3x3xf32>, %y: memref<2x6x6x4xf32>) {
  // expected-error @+1 {{expected a batch of 1, but got 2}}
  lir.conv ins(%x, %w : memref<1x8x8x3xf32>, memref<4x3x3x3xf32>) outs(%y : memref<2x6x6x4xf32>)
    epilogue_maps [] attributes {filter_shape = array<i64: 4, 3, 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @deform_columns_c1_pads(%x: memref<1x8x8x4xf32>, %o: memref<1x8x7x7xf32>, %m: memref<1x4x7x7xf32>, %y: memref<1x7x7x16xf32>) {
  // expected-error @+1 {{expected 2 kernel sizes, strides, dilations and pads, but got [0, 0, 0, 0]}}
  lir.deform_columns ins(%x, %o : memref<1x8x8x4xf32>, memref<1x8x7x7xf32>) mask(%m : memref<1x4x7x7xf32>) outs(%y : memref<1x7x7x16xf32>)
    {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, group = 1 : i64, offset_groups = 1 : i64}
  return
}

// -----

func.func @deform_columns_c2_groups(%x: memref<1x8x8x4xf32>, %o: memref<1x8x7x7xf32>, %m: memref<1x4x7x7xf32>, %y: memref<1x7x7x16xf32>) {
  // expected-error @+1 {{expected an input [N, H, W, C] of channels that 1 and 3 groups share, but got 'memref<1x8x8x4xf32>'}}
  lir.deform_columns ins(%x, %o : memref<1x8x8x4xf32>, memref<1x8x7x7xf32>) mask(%m : memref<1x4x7x7xf32>) outs(%y : memref<1x7x7x16xf32>)
    {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>, group = 1 : i64, offset_groups = 3 : i64}
  return
}

// -----

func.func @deform_columns_c3_output(%x: memref<1x8x8x4xf32>, %o: memref<1x8x7x7xf32>, %m: memref<1x4x7x7xf32>, %y: memref<1x7x7x8xf32>) {
  // expected-error @+1 {{expected an output of 16 channels, but got 'memref<1x7x7x8xf32>'}}
  lir.deform_columns ins(%x, %o : memref<1x8x8x4xf32>, memref<1x8x7x7xf32>) mask(%m : memref<1x4x7x7xf32>) outs(%y : memref<1x7x7x8xf32>)
    {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>, group = 1 : i64, offset_groups = 1 : i64}
  return
}

// -----

func.func @deform_columns_c3_offsets(%x: memref<1x8x8x4xf32>, %o: memref<1x4x7x7xf32>, %m: memref<1x4x7x7xf32>, %y: memref<1x7x7x16xf32>) {
  // expected-error @+1 {{expected 'memref<1x8x7x7xf32>' beside the output, but got 'memref<1x4x7x7xf32>'}}
  lir.deform_columns ins(%x, %o : memref<1x8x8x4xf32>, memref<1x4x7x7xf32>) mask(%m : memref<1x4x7x7xf32>) outs(%y : memref<1x7x7x16xf32>)
    {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>, group = 1 : i64, offset_groups = 1 : i64}
  return
}

// -----

func.func @deform_columns_c3_mask(%x: memref<1x8x8x4xf32>, %o: memref<1x8x7x7xf32>, %m: memref<1x8x7x7xf32>, %y: memref<1x7x7x16xf32>) {
  // expected-error @+1 {{expected 'memref<1x4x7x7xf32>' beside the output, but got 'memref<1x8x7x7xf32>'}}
  lir.deform_columns ins(%x, %o : memref<1x8x8x4xf32>, memref<1x8x7x7xf32>) mask(%m : memref<1x8x7x7xf32>) outs(%y : memref<1x7x7x16xf32>)
    {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>, group = 1 : i64, offset_groups = 1 : i64}
  return
}
