// RUN: lambent-opt --canonicalize --split-input-file %s | FileCheck %s
// RUN: lambent-opt --graph-infer-shapes --canonicalize --split-input-file %s | FileCheck %s

// A result of no elements is a constant, whatever computes it.
// CHECK-LABEL: @results
func.func @results(%x: tensor<2x0x3xf32>, %y: tensor<2x1x3xf32>, %p: tensor<0xi1>) -> (tensor<2x0x3xf32>, tensor<2x0x3xf32>, tensor<0xi1>) {
  // CHECK-DAG: %[[X:.*]] = graph.constant dense<> : tensor<2x0x3xf32>
  // CHECK-DAG: %[[P:.*]] = graph.constant dense<> : tensor<0xi1>
  // CHECK-NEXT: return %[[X]], %[[X]], %[[P]]
  %s = graph.softmax(%x) {axis = 2 : i64} : (tensor<2x0x3xf32>) -> tensor<2x0x3xf32>
  %a = graph.elementwise(%s, %y) : (tensor<2x0x3xf32>, tensor<2x1x3xf32>) -> tensor<2x0x3xf32> {
  ^bb0(%l: f32, %r: f32):
    %0 = arith.addf %l, %r : f32
    graph.yield %0 : f32
  }
  %n = graph.elementwise(%p) : (tensor<0xi1>) -> tensor<0xi1> {
  ^bb0(%l: i1):
    %0 = arith.xori %l, %l : i1
    graph.yield %0 : i1
  }
  return %s, %a, %n : tensor<2x0x3xf32>, tensor<2x0x3xf32>, tensor<0xi1>
}

// -----

// CHECK-LABEL: @negative_open
func.func @negative_open(%x: tensor<?x0xf32>) -> tensor<?x0xf32> {
  // CHECK: graph.softmax
  %s = graph.softmax(%x) {axis = 1 : i64} : (tensor<?x0xf32>) -> tensor<?x0xf32>
  return %s : tensor<?x0xf32>
}

// -----

// CHECK-LABEL: @reductions
func.func @reductions(%x: tensor<2x0xf32>) -> (tensor<2xf32>, tensor<2x1xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  // CHECK-DAG: dense<0.000000e+00> : tensor<2xf32>
  %0 = graph.reduce(%x) {kind = "sum", axes = array<i64: 1>, keep_dims = false} : (tensor<2x0xf32>) -> tensor<2xf32>
  // CHECK-DAG: dense<1.000000e+00> : tensor<2x1xf32>
  %1 = graph.reduce(%x) {kind = "prod", axes = array<i64: 1>} : (tensor<2x0xf32>) -> tensor<2x1xf32>
  // CHECK-DAG: dense<0xFF800000> : tensor<2xf32>
  %2 = graph.reduce(%x) {kind = "max", axes = array<i64: 1>, keep_dims = false} : (tensor<2x0xf32>) -> tensor<2xf32>
  // CHECK-DAG: dense<0x7F800000> : tensor<2xf32>
  %3 = graph.reduce(%x) {kind = "min", axes = array<i64: 1>, keep_dims = false} : (tensor<2x0xf32>) -> tensor<2xf32>
  // CHECK-DAG: dense<0x7FC00000> : tensor<2xf32>
  %4 = graph.reduce(%x) {kind = "mean", axes = array<i64: 1>, keep_dims = false} : (tensor<2x0xf32>) -> tensor<2xf32>
  return %0, %1, %2, %3, %4 : tensor<2xf32>, tensor<2x1xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// -----

// CHECK-LABEL: @integer_reductions
func.func @integer_reductions(%x: tensor<0xi32>, %u: tensor<0xui8>, %s: tensor<0xi64>) -> (tensor<i32>, tensor<i32>, tensor<ui8>, tensor<ui8>, tensor<i64>) {
  // CHECK-DAG: dense<-2147483648> : tensor<i32>
  %0 = graph.reduce(%x) {kind = "max", axes = array<i64: 0>, keep_dims = false} : (tensor<0xi32>) -> tensor<i32>
  // CHECK-DAG: dense<2147483647> : tensor<i32>
  %1 = graph.reduce(%x) {kind = "min", axes = array<i64: 0>, keep_dims = false} : (tensor<0xi32>) -> tensor<i32>
  // CHECK-DAG: dense<0> : tensor<ui8>
  %2 = graph.reduce(%u) {kind = "max", axes = array<i64: 0>, keep_dims = false} : (tensor<0xui8>) -> tensor<ui8>
  // CHECK-DAG: dense<255> : tensor<ui8>
  %3 = graph.reduce(%u) {kind = "min", axes = array<i64: 0>, keep_dims = false} : (tensor<0xui8>) -> tensor<ui8>
  // The number of elements of a scalar's shape.
  // CHECK-DAG: dense<1> : tensor<i64>
  %4 = graph.reduce(%s) {kind = "prod", axes = array<i64: 0>, keep_dims = false} : (tensor<0xi64>) -> tensor<i64>
  return %0, %1, %2, %3, %4 : tensor<i32>, tensor<i32>, tensor<ui8>, tensor<ui8>, tensor<i64>
}

// -----

// CHECK-LABEL: @products_of_no_k
func.func @products_of_no_k(%a: tensor<4x0xf32>, %b: tensor<0x8xf32>) -> tensor<4x8xf32> {
  // CHECK-NEXT: %[[Z:.*]] = graph.constant dense<0.000000e+00> : tensor<4x8xf32>
  // CHECK-NEXT: return %[[Z]]
  %0 = graph.matmul(%a, %b) : (tensor<4x0xf32>, tensor<0x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// -----

// CHECK-LABEL: @conv_of_no_channels
func.func @conv_of_no_channels(%x: tensor<1x0x5x5xf32>, %w: tensor<4x0x3x3xf32>, %b: tensor<4xf32>) -> tensor<1x4x3x3xf32> {
  // CHECK-DAG: %[[ONE:.*]] = graph.constant dense<[1, 4, 1, 1]>
  // CHECK-DAG: %[[ALL:.*]] = graph.constant dense<[1, 4, 3, 3]>
  // CHECK: %[[B:.*]] = graph.reshape(%arg2, %[[ONE]])
  // CHECK: %[[R:.*]] = graph.expand(%[[B]], %[[ALL]])
  // CHECK-NEXT: return %[[R]]
  %0 = graph.conv(%x, %w, %b) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
    : (tensor<1x0x5x5xf32>, tensor<4x0x3x3xf32>, tensor<4xf32>) -> tensor<1x4x3x3xf32>
  return %0 : tensor<1x4x3x3xf32>
}

// -----

// CHECK-LABEL: @conv_of_padding_only
func.func @conv_of_padding_only(%x: tensor<1x0x5x2xf32>, %w: tensor<4x2x3x3xf32>) -> tensor<1x2x5x4xf32> {
  // CHECK-NEXT: %[[Z:.*]] = graph.constant dense<0.000000e+00> : tensor<1x2x5x4xf32>
  // CHECK-NEXT: return %[[Z]]
  %0 = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 2, 1, 2, 1>, channels_last = true}
    : (tensor<1x0x5x2xf32>, tensor<4x2x3x3xf32>) -> tensor<1x2x5x4xf32>
  return %0 : tensor<1x2x5x4xf32>
}

// -----

// CHECK-LABEL: @transposed_conv_of_no_channels
func.func @transposed_conv_of_no_channels(%x: tensor<1x0x5xf32>, %w: tensor<0x2x3xf32>, %b: tensor<2xf32>) -> (tensor<1x2x7xf32>, tensor<1x2x7xf32>) {
  // CHECK-NOT: conv_transpose
  // CHECK: graph.expand
  // CHECK-NOT: conv_transpose
  %0 = graph.conv_transpose(%x, %w, %b) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, output_padding = array<i64: 0>}
    : (tensor<1x0x5xf32>, tensor<0x2x3xf32>, tensor<2xf32>) -> tensor<1x2x7xf32>
  %1 = graph.conv_transpose(%x, %w) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, output_padding = array<i64: 0>}
    : (tensor<1x0x5xf32>, tensor<0x2x3xf32>) -> tensor<1x2x7xf32>
  return %0, %1 : tensor<1x2x7xf32>, tensor<1x2x7xf32>
}

// -----

// Windows of padding only.
// CHECK-LABEL: @pools
func.func @pools(%x: tensor<1x2x0x5xf32>) -> (tensor<1x2x2x5xf32>, tensor<1x2x2x5xf32>, tensor<1x2x2x5xf32>) {
  // CHECK-DAG: dense<0xFF800000> : tensor<1x2x2x5xf32>
  %0 = graph.pool(%x) {kind = "max", kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 2, 1, 2, 1>} : (tensor<1x2x0x5xf32>) -> tensor<1x2x2x5xf32>
  // CHECK-DAG: dense<0x7FC00000> : tensor<1x2x2x5xf32>
  %1 = graph.pool(%x) {kind = "average", kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 2, 1, 2, 1>} : (tensor<1x2x0x5xf32>) -> tensor<1x2x2x5xf32>
  // CHECK-DAG: dense<0.000000e+00> : tensor<1x2x2x5xf32>
  %2 = graph.pool(%x) {kind = "average", kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 2, 1, 2, 1>, count_include_pad = true} : (tensor<1x2x0x5xf32>) -> tensor<1x2x2x5xf32>
  return %0, %1, %2 : tensor<1x2x2x5xf32>, tensor<1x2x2x5xf32>, tensor<1x2x2x5xf32>
}

// -----

// CHECK-LABEL: @concat_with_nothing
func.func @concat_with_nothing(%past: tensor<1x0x8xf32>, %x: tensor<1x3x8xf32>) -> tensor<1x3x8xf32> {
  // CHECK-NEXT: return %arg1
  %0 = graph.concat(%past, %x) {axis = 1 : i64} : (tensor<1x0x8xf32>, tensor<1x3x8xf32>) -> tensor<1x3x8xf32>
  return %0 : tensor<1x3x8xf32>
}

// -----

// All results of an op with several.
// CHECK-LABEL: @several
func.func @several(%x: tensor<4x8xf32>) -> (tensor<4x0xf32>, tensor<4x0xi64>) {
  // CHECK-DAG: %[[V:.*]] = graph.constant dense<> : tensor<4x0xf32>
  // CHECK-DAG: %[[I:.*]] = graph.constant dense<> : tensor<4x0xi64>
  // CHECK: return %[[V]], %[[I]]
  %k = graph.constant dense<0> : tensor<1xi64>
  %v, %i = graph.topk(%x, %k) {axis = 1 : i64} : (tensor<4x8xf32>, tensor<1xi64>) -> (tensor<4x0xf32>, tensor<4x0xi64>)
  return %v, %i : tensor<4x0xf32>, tensor<4x0xi64>
}

// CHECK-LABEL: @regions_of_an_empty_image
func.func @regions_of_an_empty_image(%x: tensor<1x3x0x8xf32>, %corners: tensor<5x4xf32>, %batches: tensor<5xi64>) -> tensor<5x3x2x3xf32> {
  // CHECK: graph.constant dense<0.000000e+00> : tensor<5x3x2x3xf32>
  %r = graph.pool_regions(%x, %corners, %batches) {kind = "max", size = array<i64: 2, 3>, scale = 1.0 : f64}
    : (tensor<1x3x0x8xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<5x3x2x3xf32>
  return %r : tensor<5x3x2x3xf32>
}

// CHECK-LABEL: @columns_of_an_empty_image
func.func @columns_of_an_empty_image(%x: tensor<1x4x0x8xf32>, %o: tensor<1x8x1x7xf32>) -> tensor<1x16x1x7xf32> {
  // CHECK: graph.constant dense<0.000000e+00> : tensor<1x16x1x7xf32>
  %r = graph.deform_columns(%x, %o) {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 0, 1, 0>} : (tensor<1x4x0x8xf32>, tensor<1x8x1x7xf32>) -> tensor<1x16x1x7xf32>
  return %r : tensor<1x16x1x7xf32>
}

// -----

// Of open sizes, too, what combines no elements is one number, repeated.
// CHECK-LABEL: @open_combinations
func.func @open_combinations(%x: tensor<?x0xf32, #graph.sizes<[s0, 0]>>, %i: tensor<?x2x0xf32, #graph.sizes<[s0, 2, 0]>>) -> (tensor<?x1xf32, #graph.sizes<[s0, 1]>>, tensor<?x2x2xf32, #graph.sizes<[s0, 2, 2]>>) attributes {graph.symbols = ["n"]} {
  // CHECK-DAG: %[[MAX:.*]] = graph.constant dense<0xFF800000> : tensor<f32>
  // CHECK-DAG: %[[ZERO:.*]] = graph.constant dense<0.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[ROWS:.*]] = graph.sizes <[s0, 1]>
  // CHECK-DAG: %[[PLACES:.*]] = graph.sizes <[s0, 2, 2]>
  // CHECK-DAG: graph.expand(%[[MAX]], %[[ROWS]])
  %0 = graph.reduce(%x) {kind = "max", axes = array<i64: 1>} : (tensor<?x0xf32, #graph.sizes<[s0, 0]>>) -> tensor<?x1xf32, #graph.sizes<[s0, 1]>>
  // CHECK-DAG: graph.expand(%[[ZERO]], %[[PLACES]])
  %1 = graph.pool(%i) {kind = "average", kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 1, 1>, count_include_pad = true} : (tensor<?x2x0xf32, #graph.sizes<[s0, 2, 0]>>) -> tensor<?x2x2xf32, #graph.sizes<[s0, 2, 2]>>
  return %0, %1 : tensor<?x1xf32, #graph.sizes<[s0, 1]>>, tensor<?x2x2xf32, #graph.sizes<[s0, 2, 2]>>
}

// -----

// CHECK-LABEL: @open_convs_of_no_channels
func.func @open_convs_of_no_channels(%x: tensor<?x0x4xf32, #graph.sizes<[s0, 0, 4]>>, %w: tensor<3x0x1xf32>, %b: tensor<3xf32>) -> (tensor<?x3x4xf32, #graph.sizes<[s0, 3, 4]>>, tensor<?x3x4xf32, #graph.sizes<[s0, 3, 4]>>) attributes {graph.symbols = ["n"]} {
  // CHECK-DAG: %[[ZERO:.*]] = graph.constant dense<0.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[BIAS:.*]] = graph.reshape
  // CHECK-DAG: graph.expand(%[[ZERO]]
  %0 = graph.conv(%x, %w) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>} : (tensor<?x0x4xf32, #graph.sizes<[s0, 0, 4]>>, tensor<3x0x1xf32>) -> tensor<?x3x4xf32, #graph.sizes<[s0, 3, 4]>>
  // CHECK-DAG: graph.expand(%[[BIAS]]
  %1 = graph.conv(%x, %w, %b) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>} : (tensor<?x0x4xf32, #graph.sizes<[s0, 0, 4]>>, tensor<3x0x1xf32>, tensor<3xf32>) -> tensor<?x3x4xf32, #graph.sizes<[s0, 3, 4]>>
  return %0, %1 : tensor<?x3x4xf32, #graph.sizes<[s0, 3, 4]>>, tensor<?x3x4xf32, #graph.sizes<[s0, 3, 4]>>
}
