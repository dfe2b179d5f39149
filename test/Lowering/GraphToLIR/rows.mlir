// RUN: lambent-opt --graph-to-lir %s | FileCheck %s
// Reductions, normalisations and pools.

// CHECK-LABEL: func @mean_multiplies
func.func @mean_multiplies(%x: tensor<1x8x7x7xf32>) -> tensor<1x8x1x1xf32> {
  // CHECK: %[[V:.*]] = lir.view %{{.*}} : memref<1x8x1x1xf32> -> memref<1x8xf32>
  // CHECK: lir.reduce {{.*}} outs(%[[V]] : memref<1x8xf32>) {{.*}}dims = array<i64: 2, 3>, kind = "sum"
  // CHECK: arith.constant 0.0204081628
  // CHECK: arith.mulf
  %r = graph.reduce(%x) {kind = "mean", axes = array<i64: 2, 3>, keep_dims = true} : (tensor<1x8x7x7xf32>) -> tensor<1x8x1x1xf32>
  return %r : tensor<1x8x1x1xf32>
}

// CHECK-LABEL: func @integer_mean_divides
func.func @integer_mean_divides(%x: tensor<4x8xui32>) -> tensor<4xui32> {
  // CHECK: arith.divui
  %r = graph.reduce(%x) {kind = "mean", axes = array<i64: 1>, keep_dims = false} : (tensor<4x8xui32>) -> tensor<4xui32>
  return %r : tensor<4xui32>
}

// CHECK-LABEL: func @unsigned_order
func.func @unsigned_order(%x: tensor<4x8xui8>) -> (tensor<4xui8>, tensor<4x1xi64>) {
  // CHECK: lir.reduce {{.*}} unsigned_elements = true
  %r = graph.reduce(%x) {kind = "max", axes = array<i64: 1>, keep_dims = false} : (tensor<4x8xui8>) -> tensor<4xui8>
  // CHECK: lir.arg_reduce {{.*}} unsigned_elements = true
  %a = graph.arg_reduce(%x) {kind = "max", axis = 1 : i64} : (tensor<4x8xui8>) -> tensor<4x1xi64>
  return %r, %a : tensor<4xui8>, tensor<4x1xi64>
}

// CHECK-LABEL: func @scale_is_spread_over_the_row
func.func @scale_is_spread_over_the_row(%x: tensor<4x8xf32>, %s: tensor<1xf32>, %b: tensor<8xf32>) -> tensor<4x8xf32> {
  // CHECK: lir.elementwise ins(%{{.*}} : memref<1xf32>) outs(%[[S:.*]] : memref<8xf32>) domain [8]
  // CHECK: lir.normalize {{.*}} scale(%[[S]] : memref<8xf32>) bias(%{{.*}} : memref<8xf32>)
  %r = graph.layer_norm(%x scale %s bias %b) {axis = 1 : i64} : (tensor<4x8xf32>, tensor<1xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// CHECK-LABEL: func @scale_that_varies_over_rows_follows
func.func @scale_that_varies_over_rows_follows(%x: tensor<4x8xf32>, %s: tensor<4x1xf32>) -> tensor<4x8xf32> {
  // CHECK: lir.normalize ins(%{{.*}} : memref<4x8xf32>) outs(%[[N:.*]] : memref<4x8xf32>)
  // CHECK: lir.elementwise ins(%[[N]], %{{.*}} : memref<4x8xf32>, memref<4x1xf32>)
  // CHECK: arith.mulf
  %r = graph.layer_norm(%x scale %s) {axis = 1 : i64} : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// CHECK-LABEL: func @unsigned_max_pool
func.func @unsigned_max_pool(%x: tensor<1x8x8x4xui8>) -> tensor<1x4x4x4xui8> {
  // CHECK: lir.elementwise
  // CHECK: arith.xori
  // CHECK: lir.pool {{.*}} kind = "max"
  // CHECK: arith.xori
  %r = graph.pool(%x) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, channels_last = true} : (tensor<1x8x8x4xui8>) -> tensor<1x4x4x4xui8>
  return %r : tensor<1x4x4x4xui8>
}

// CHECK-LABEL: func @lp_pool
func.func @lp_pool(%x: tensor<1x8x8x4xf32>) -> tensor<1x4x4x4xf32> {
  // CHECK: lir.elementwise
  // CHECK: lir.pool {{.*}} kind = "sum"
  // CHECK: math.sqrt
  %r = graph.pool(%x) {kind = "lp", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, channels_last = true} : (tensor<1x8x8x4xf32>) -> tensor<1x4x4x4xf32>
  return %r : tensor<1x4x4x4xf32>
}

// CHECK-LABEL: func @cumsum
func.func @cumsum(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK: lir.cumsum ins(%{{.*}} : memref<4x8xf32>) outs(%{{.*}} : memref<4x8xf32>) {axis = 1 : i64, exclusive = true, reverse = true}
  %r = graph.cumsum(%x) {axis = 1 : i64, exclusive = true, reverse = true} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// CHECK-LABEL: func @round_blocks
func.func @round_blocks(%x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  // CHECK: lir.round_blocks ins(%{{.*}} : memref<4x64xf32>) outs(%{{.*}} : memref<4x64xf32>) {axis = 1 : i64, format = "mxfp8", groups = 2 : i64, scale = "up"}
  %r = graph.round_blocks(%x) {format = "mxfp8", axis = 1 : i64, scale = "up", groups = 2 : i64} : (tensor<4x64xf32>) -> tensor<4x64xf32>
  return %r : tensor<4x64xf32>
}

// CHECK-LABEL: func @lrn_of_channels_first
func.func @lrn_of_channels_first(%x: tensor<1x16x4x4xf32>) -> tensor<1x16x4x4xf32> {
  // CHECK: lir.elementwise {{.*}} outs(%[[T:.*]] : memref<1x4x4x16xf32>)
  // CHECK: lir.lrn ins(%[[T]] : memref<1x4x4x16xf32>) outs(%[[N:.*]] : memref<1x4x4x16xf32>) {alpha = 2.000000e-04 : f32, beta = 7.500000e-01 : f32, bias = 1.000000e+00 : f32, size = 5 : i64}
  // CHECK: lir.elementwise ins(%[[N]]
  %r = graph.lrn(%x) {size = 5 : i64, alpha = 2.0e-4 : f32} : (tensor<1x16x4x4xf32>) -> tensor<1x16x4x4xf32>
  return %r : tensor<1x16x4x4xf32>
}

// CHECK-LABEL: func @lrn_of_channels_last
// CHECK-SAME: %[[X:[a-z0-9]*]]: memref<1x4x4x16xf32>
func.func @lrn_of_channels_last(%x: tensor<1x4x4x16xf32>) -> tensor<1x4x4x16xf32> {
  // CHECK-NOT: lir.elementwise
  // CHECK: lir.lrn ins(%[[X]]
  %r = graph.lrn(%x) {size = 5 : i64, channels_last = true} : (tensor<1x4x4x16xf32>) -> tensor<1x4x4x16xf32>
  return %r : tensor<1x4x4x16xf32>
}

// (x - mean) * (scale / sqrt(variance + epsilon)) + bias, vectors along dim 1.
// CHECK-LABEL: func @batch_norm
func.func @batch_norm(%x: tensor<2x4x3xf32>, %s: tensor<4xf32>, %b: tensor<4xf32>, %m: tensor<4xf32>, %v: tensor<4xf32>) -> tensor<2x4x3xf32> {
  // CHECK: lir.elementwise {{.*}} domain [2, 4, 3]
  // CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[S:.*]]: f32, %[[B:.*]]: f32, %[[M:.*]]: f32, %[[V:.*]]: f32):
  // CHECK: %[[E:.*]] = arith.constant 1.000000e-03
  // CHECK: %[[W:.*]] = arith.addf %[[V]], %[[E]]
  // CHECK: %[[D:.*]] = math.sqrt %[[W]]
  // CHECK: %[[F:.*]] = arith.divf %[[S]], %[[D]]
  // CHECK: %[[C:.*]] = arith.subf %[[X]], %[[M]]
  // CHECK: %[[P:.*]] = arith.mulf %[[C]], %[[F]]
  // CHECK: arith.addf %[[P]], %[[B]]
  %r = graph.batch_norm(%x, %s, %b, %m, %v) {epsilon = 1.0e-3 : f32} : (tensor<2x4x3xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<2x4x3xf32>
  return %r : tensor<2x4x3xf32>
}

// Of several results only those that are read have buffers.
// CHECK-LABEL: func @topk_positions
// CHECK-SAME: %[[X:[a-z0-9]*]]: memref<4x8xi8>{{.*}}, %[[I:[a-z0-9]*]]: memref<4x3xi64>
func.func @topk_positions(%x: tensor<4x8xui8>) -> tensor<4x3xi64> {
  // CHECK-NOT: lir.alloc
  // CHECK: lir.topk ins(%[[X]] : memref<4x8xi8>) positions(%[[I]] : memref<4x3xi64>) {axis = 1 : i64, unsigned_elements = true}
  %k = graph.constant dense<3> : tensor<1xi64>
  %v, %i = graph.topk(%x, %k) {axis = 1 : i64} : (tensor<4x8xui8>, tensor<1xi64>) -> (tensor<4x3xui8>, tensor<4x3xi64>)
  return %i : tensor<4x3xi64>
}

// -----

// CHECK-LABEL: func @regions_channels_first
func.func @regions_channels_first(%x: tensor<1x4x8x8xf32>, %c: tensor<5x4xf32>, %b: tensor<5xi64>) -> tensor<5x4x2x3xf32> {
  // CHECK: lir.elementwise ins(%{{.*}} : memref<1x4x8x8xf32>) outs(%[[X:.*]] : memref<1x8x8x4xf32>)
  // CHECK: lir.pool_regions ins(%[[X]], {{.*}} outs(%[[Y:.*]] : memref<5x2x3x4xf32>)
  // CHECK: lir.elementwise ins(%[[Y]]
  %r = graph.pool_regions(%x, %c, %b) {kind = "max", size = array<i64: 2, 3>, scale = 1.0 : f64}
    : (tensor<1x4x8x8xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<5x4x2x3xf32>
  return %r : tensor<5x4x2x3xf32>
}
