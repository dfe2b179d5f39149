// RUN: lambent-opt %s --split-input-file --verify-diagnostics


func.func @conv_c1_strides(%x: tensor<1x3x9x9xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error @+1 {{expected 2 entries of strides, but got 1}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x9x9xf32>, tensor<4x3x3x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_c1_zero_stride(%x: tensor<1x3x9x9xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error @+1 {{expected strides between 1 and 2^40, but got 0}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 0>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x9x9xf32>, tensor<4x3x3x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_c1_negative_pad(%x: tensor<1x3x9x9xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error @+1 {{expected pads between 0 and 2^40, but got -1}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, -1, 0, 0>} : (tensor<1x3x9x9xf32>, tensor<4x3x3x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_c1_rank(%x: tensor<1x3xf32>, %w: tensor<4x3xf32>) {
  // expected-error @+1 {{expected input and filter of one rank, at least 3, but got}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3xf32>, tensor<4x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_c1_four_spatial_dims(%x: tensor<1x3x9x9x9x9xf32>, %w: tensor<4x3x1x1x1x1xf32>) {
  // expected-error @+1 {{expected an input of one to three spatial dims, but got}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x9x9x9x9xf32>, tensor<4x3x1x1x1x1xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_c1_window_fits(%x: tensor<1x3x2x9xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error @+1 {{expected a window that fits in spatial dim 0 of 2 with padding, but got one of 3}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x2x9xf32>, tensor<4x3x3x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_c1_absurd_dilation(%x: tensor<1x3x9x9xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error @+1 {{expected dilations between 1 and 2^40, but got 9223372036854775807}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 9223372036854775807>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x9x9xf32>, tensor<4x3x3x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_c1_kernel_of_none(%x: tensor<1x3x9x9xf32>, %w: tensor<4x3x0x3xf32>) {
  // expected-error @+1 {{expected a kernel of 1 to 2^40 taps, but got 0}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x9x9xf32>, tensor<4x3x0x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_c2_channels(%x: tensor<1x3x9x9xf32>, %w: tensor<4x2x3x3xf32>) {
  // expected-error @+1 {{expected 2 * 1 input channels, but got 3}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x9x9xf32>, tensor<4x2x3x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_c2_group(%x: tensor<1x6x9x9xf32>, %w: tensor<4x2x3x3xf32>) {
  // expected-error @+1 {{expected output channels to be a multiple of group 3, but got 4}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, group = 3 : i64} : (tensor<1x6x9x9xf32>, tensor<4x2x3x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_c2_group_zero(%x: tensor<1x6x9x9xf32>, %w: tensor<4x2x3x3xf32>) {
  // expected-error @+1 {{expected group between 1 and 2^40, but got 0}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, group = 0 : i64} : (tensor<1x6x9x9xf32>, tensor<4x2x3x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_c2_bias(%x: tensor<1x3x9x9xf32>, %w: tensor<4x3x3x3xf32>, %b: tensor<5xf32>) {
  // expected-error @+1 {{expected a bias of 4 'f32', but got 'tensor<5xf32>'}}
  %r = graph.conv(%x, %w, %b) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x9x9xf32>, tensor<4x3x3x3xf32>, tensor<5xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_c4_wide(%x: tensor<1x3x9x9xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error @+1 {{expected an input and a filter of f16 or of bf16 for wide sums, but got 'tensor<1x3x9x9xf32>' and 'tensor<4x3x3x3xf32>'}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, wide = true} : (tensor<1x3x9x9xf32>, tensor<4x3x3x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_c2_filter_type(%x: tensor<1x3x9x9xf32>, %w: tensor<4x3x3x3xf16>) {
  // expected-error @+1 {{expected a filter of 'f32', or of i8 for ui8, but got 'tensor<4x3x3x3xf16>'}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x9x9xf32>, tensor<4x3x3x3xf16>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_c3_auto_pad(%x: tensor<1x3x9x9xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error @+1 {{expected auto_pad to be one of NOTSET, SAME_UPPER, SAME_LOWER, VALID, but got SAME}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, auto_pad = "SAME"} : (tensor<1x3x9x9xf32>, tensor<4x3x3x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_c3_pads_beside_auto_pad(%x: tensor<1x3x9x9xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error @+1 {{expected no pads beside auto_pad, but got 1}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 0, 0, 0>, auto_pad = "VALID"} : (tensor<1x3x9x9xf32>, tensor<4x3x3x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_absurd_result(%x: tensor<1048576x3x1024x1024xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error @+1 {{expected a result of at most 2^40 elements, but got 1048576x4x1024x1024}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1048576x3x1024x1024xf32>, tensor<4x3x1x1xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_transpose_c2_channels(%x: tensor<1x3x8x8xf32>, %w: tensor<4x4x4x4xf32>) {
  // expected-error @+1 {{expected 4 input channels, but got 3}}
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, output_padding = array<i64: 0, 0>} : (tensor<1x3x8x8xf32>, tensor<4x4x4x4xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_transpose_c1_pads(%x: tensor<1x3x1x1xf32>, %w: tensor<3x4x2x2xf32>) {
  // expected-error @+1 {{expected pads of at most the size of spatial dim 0, but got 2 and 2}}
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 2, 2, 2, 2>, output_padding = array<i64: 0, 0>} : (tensor<1x3x1x1xf32>, tensor<3x4x2x2xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_transpose_c1_output_padding(%x: tensor<1x3x1x1xf32>, %w: tensor<3x4x2x2xf32>) {
  // expected-error @+1 {{expected 2 entries of output_padding, but got 1}}
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, output_padding = array<i64: 1>} : (tensor<1x3x1x1xf32>, tensor<3x4x2x2xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_transpose_absurd_stride(%x: tensor<1x3x1048576x1048576xf32>, %w: tensor<3x4x2x2xf32>) {
  // expected-error @+1 {{expected result dims between 0 and 2^40, but got}}
  %r = graph.conv_transpose(%x, %w) {strides = array<i64: 1099511627776, 1099511627776>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, output_padding = array<i64: 0, 0>} : (tensor<1x3x1048576x1048576xf32>, tensor<3x4x2x2xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_transpose_c2_group(%x: tensor<1x3x8x8xf32>, %w: tensor<3x4x4x4xf32>) {
  // expected-error @+1 {{expected input channels to be a multiple of group 2, but got 3}}
  %r = graph.conv_transpose(%x, %w) {group = 2 : i64, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, output_padding = array<i64: 0, 0>} : (tensor<1x3x8x8xf32>, tensor<3x4x4x4xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @conv_of_an_empty_image_far_off(%x: tensor<1x3x0x9xf32>, %w: tensor<4x3x3x1xf32>) {
  // expected-error @+1 {{expected a window that fits in spatial dim 0 of 0 with padding, but got one of 3}}
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
    : (tensor<1x3x0x9xf32>, tensor<4x3x3x1xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @deform_columns_c1_rank(%x: tensor<1x4x8xf32>, %o: tensor<1x8x7x7xf32>, %m: tensor<1x4x7x7xf32>) {
  // expected-error @+1 {{expected an input of two spatial dims, but got 'tensor<1x4x8xf32>'}}
  %r = graph.deform_columns(%x, %o, %m) {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    offset_groups = 1 : i64} : (tensor<1x4x8xf32>, tensor<1x8x7x7xf32>, tensor<1x4x7x7xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @deform_columns_c1_strides(%x: tensor<1x4x8x8xf32>, %o: tensor<1x8x7x7xf32>, %m: tensor<1x4x7x7xf32>) {
  // expected-error @+1 {{expected 2 entries of strides, but got 1}}
  %r = graph.deform_columns(%x, %o, %m) {kernel = array<i64: 2, 2>, strides = array<i64: 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    offset_groups = 1 : i64} : (tensor<1x4x8x8xf32>, tensor<1x8x7x7xf32>, tensor<1x4x7x7xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @deform_columns_c2_groups(%x: tensor<1x4x8x8xf32>, %o: tensor<1x8x7x7xf32>, %m: tensor<1x4x7x7xf32>) {
  // expected-error @+1 {{expected channels to be a multiple of 3 groups, but got 'tensor<1x4x8x8xf32>'}}
  %r = graph.deform_columns(%x, %o, %m) {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    offset_groups = 3 : i64} : (tensor<1x4x8x8xf32>, tensor<1x8x7x7xf32>, tensor<1x4x7x7xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @deform_columns_c3_offsets(%x: tensor<1x4x8x8xf32>, %o: tensor<1x8x7x6xf32>, %m: tensor<1x4x7x7xf32>) {
  // expected-error @+1 {{expected offsets of 1x8x7x7 'f32', but got 'tensor<1x8x7x6xf32>'}}
  %r = graph.deform_columns(%x, %o, %m) {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    offset_groups = 1 : i64} : (tensor<1x4x8x8xf32>, tensor<1x8x7x6xf32>, tensor<1x4x7x7xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @deform_columns_c3_mask(%x: tensor<1x4x8x8xf32>, %o: tensor<1x8x7x7xf32>, %m: tensor<1x8x7x7xf32>) {
  // expected-error @+1 {{expected a mask of 1x4x7x7 'f32', but got 'tensor<1x8x7x7xf32>'}}
  %r = graph.deform_columns(%x, %o, %m) {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    offset_groups = 1 : i64} : (tensor<1x4x8x8xf32>, tensor<1x8x7x7xf32>, tensor<1x8x7x7xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @deform_columns_c3_type(%x: tensor<1x4x8x8xf16>, %o: tensor<1x8x7x7xf16>, %m: tensor<1x4x7x7xf16>) {
  // expected-error @+1 {{expected f32 or f64, but got 'tensor<1x4x8x8xf16>'}}
  %r = graph.deform_columns(%x, %o, %m) {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    offset_groups = 1 : i64} : (tensor<1x4x8x8xf16>, tensor<1x8x7x7xf16>, tensor<1x4x7x7xf16>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}
