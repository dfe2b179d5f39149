// RUN: lambent-opt %s --split-input-file --graph-narrow-products --canonicalize | FileCheck %s

// CHECK-LABEL: func @dequantized
// CHECK-SAME:    %[[X:[^:]*]]: tensor<4x8xui8>
func.func @dequantized(%x: tensor<4x8xui8>, %w: tensor<8x16xi8>) -> tensor<4x16xf32> {
  %zero = graph.constant dense<0> : tensor<ui8>
  %s = graph.constant dense<0.5> : tensor<f32>
  %t = graph.constant dense<0.25> : tensor<16xf32>
  %0 = graph.elementwise(%x, %zero, %s) : (tensor<4x8xui8>, tensor<ui8>, tensor<f32>) -> tensor<4x8xf32> {
  ^bb0(%e: i8, %z: i8, %f: f32):
    %1 = arith.extui %e : i8 to i32
    %2 = arith.extui %z : i8 to i32
    %3 = arith.subi %1, %2 : i32
    %4 = arith.sitofp %3 : i32 to f32
    %5 = arith.mulf %4, %f : f32
    graph.yield %5 : f32
  }
  %6 = graph.elementwise(%w, %t) : (tensor<8x16xi8>, tensor<16xf32>) -> tensor<8x16xf32> {
  ^bb0(%e: i8, %f: f32):
    %1 = arith.extsi %e : i8 to i32
    %4 = arith.sitofp %1 : i32 to f32
    %5 = arith.mulf %4, %f : f32
    graph.yield %5 : f32
  }
  // CHECK: %[[P:.*]] = graph.matmul(%[[X]], %arg1) : (tensor<4x8xui8>, tensor<8x16xi8>) -> tensor<4x16xi32>
  // CHECK: graph.elementwise(%[[P]]{{.*}}) : ({{.*}}) -> tensor<4x16xf32>
  // CHECK:   arith.sitofp
  // CHECK:   arith.mulf
  %r = graph.matmul(%0, %6) : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  return %r : tensor<4x16xf32>
}

// -----

// 65793 products of 255 by 128 fit i32, one more may not, nor those of fewer by 255.
// CHECK-LABEL: func @long_sums
func.func @long_sums(%x: tensor<4x65793xui8>, %y: tensor<4x65794xui8>, %w: tensor<65793x1xi8>, %v: tensor<65794x1xi8>, %z: tensor<i8>) -> (tensor<4x1xf32>, tensor<4x1xf32>, tensor<4x1xf32>) {
  %s = graph.constant dense<0.5> : tensor<f32>
  %0 = graph.elementwise(%x, %s) : (tensor<4x65793xui8>, tensor<f32>) -> tensor<4x65793xf32> {
  ^bb0(%e: i8, %f: f32):
    %1 = arith.extui %e : i8 to i32
    %4 = arith.sitofp %1 : i32 to f32
    %5 = arith.mulf %4, %f : f32
    graph.yield %5 : f32
  }
  %1 = graph.elementwise(%y, %s) : (tensor<4x65794xui8>, tensor<f32>) -> tensor<4x65794xf32> {
  ^bb0(%e: i8, %f: f32):
    %2 = arith.extui %e : i8 to i32
    %4 = arith.sitofp %2 : i32 to f32
    %5 = arith.mulf %4, %f : f32
    graph.yield %5 : f32
  }
  %2 = graph.elementwise(%w, %s) : (tensor<65793x1xi8>, tensor<f32>) -> tensor<65793x1xf32> {
  ^bb0(%e: i8, %f: f32):
    %3 = arith.extsi %e : i8 to i32
    %4 = arith.sitofp %3 : i32 to f32
    %5 = arith.mulf %4, %f : f32
    graph.yield %5 : f32
  }
  %3 = graph.elementwise(%v, %s) : (tensor<65794x1xi8>, tensor<f32>) -> tensor<65794x1xf32> {
  ^bb0(%e: i8, %f: f32):
    %6 = arith.extsi %e : i8 to i32
    %4 = arith.sitofp %6 : i32 to f32
    %5 = arith.mulf %4, %f : f32
    graph.yield %5 : f32
  }
  %4 = graph.elementwise(%w, %z, %s) : (tensor<65793x1xi8>, tensor<i8>, tensor<f32>) -> tensor<65793x1xf32> {
  ^bb0(%e: i8, %o: i8, %f: f32):
    %6 = arith.extsi %e : i8 to i32
    %7 = arith.extsi %o : i8 to i32
    %8 = arith.subi %6, %7 : i32
    %9 = arith.sitofp %8 : i32 to f32
    %5 = arith.mulf %9, %f : f32
    graph.yield %5 : f32
  }
  // CHECK: graph.matmul({{.*}}) : (tensor<4x65793xui8>, tensor<65793x1xi8>) -> tensor<4x1xi32>
  %r = graph.matmul(%0, %2) : (tensor<4x65793xf32>, tensor<65793x1xf32>) -> tensor<4x1xf32>
  // CHECK: graph.matmul({{.*}}) : (tensor<4x65794xf32>, tensor<65794x1xf32>) -> tensor<4x1xf32>
  %q = graph.matmul(%1, %3) : (tensor<4x65794xf32>, tensor<65794x1xf32>) -> tensor<4x1xf32>
  // CHECK: graph.matmul({{.*}}) : (tensor<4x65793xf32>, tensor<65793x1xf32>) -> tensor<4x1xf32>
  %p = graph.matmul(%0, %4) : (tensor<4x65793xf32>, tensor<65793x1xf32>) -> tensor<4x1xf32>
  return %r, %q, %p : tensor<4x1xf32>, tensor<4x1xf32>, tensor<4x1xf32>
}

// -----

// Both zero points add terms: of i8 on the left the top bit is flipped.
// CHECK-LABEL: func @centered
func.func @centered(%x: tensor<4x8xi8>, %w: tensor<16x8xui8>) -> tensor<4x16xi32> {
  %z = graph.constant dense<3> : tensor<i8>
  %y = graph.constant dense<7> : tensor<ui8>
  %0 = graph.elementwise(%x, %z) : (tensor<4x8xi8>, tensor<i8>) -> tensor<4x8xi32> {
  ^bb0(%a: i8, %b: i8):
    %1 = arith.extsi %a : i8 to i32
    %2 = arith.extsi %b : i8 to i32
    %3 = arith.subi %1, %2 : i32
    graph.yield %3 : i32
  }
  %4 = graph.elementwise(%w, %y) : (tensor<16x8xui8>, tensor<ui8>) -> tensor<16x8xi32> {
  ^bb0(%a: i8, %b: i8):
    %1 = arith.extui %a : i8 to i32
    %2 = arith.extui %b : i8 to i32
    %3 = arith.subi %1, %2 : i32
    graph.yield %3 : i32
  }
  // CHECK: %[[A:.*]] = graph.elementwise(%arg0) : (tensor<4x8xi8>) -> tensor<4x8xui8>
  // CHECK:   arith.xori
  // CHECK: %[[B:.*]] = graph.elementwise(%arg1) : (tensor<16x8xui8>) -> tensor<16x8xi8>
  // CHECK: %[[P:.*]] = graph.matmul(%[[A]], %[[B]]) {transpose_rhs = true} : (tensor<4x8xui8>, tensor<16x8xi8>) -> tensor<4x16xi32>
  // CHECK: graph.reduce({{.*}}) {axes = array<i64: 1>, {{.*}}kind = "sum"} : (tensor<16x8xi32>) -> tensor<16x1xi32>
  // CHECK: graph.reduce({{.*}}) {axes = array<i64: 1>, {{.*}}kind = "sum"} : (tensor<4x8xi32>) -> tensor<4x1xi32>
  %r = graph.matmul(%0, %4) {transpose_rhs = true} : (tensor<4x8xi32>, tensor<16x8xi32>) -> tensor<4x16xi32>
  return %r : tensor<4x16xi32>
}

// -----

// The image gets its zero point around it.
// CHECK-LABEL: func @padded
func.func @padded(%x: tensor<1x4x5x5xui8>) -> tensor<1x1x5x5xi32> {
  %z = graph.constant dense<9> : tensor<ui8>
  %w = graph.constant dense<[[[[1, 2]], [[3, 4]], [[5, 6]], [[7, 8]]]]> : tensor<1x4x1x2xi8>
  %0 = graph.elementwise(%x, %z) : (tensor<1x4x5x5xui8>, tensor<ui8>) -> tensor<1x4x5x5xi32> {
  ^bb0(%a: i8, %b: i8):
    %1 = arith.extui %a : i8 to i32
    %2 = arith.extui %b : i8 to i32
    %3 = arith.subi %1, %2 : i32
    graph.yield %3 : i32
  }
  %4 = graph.elementwise(%w) : (tensor<1x4x1x2xi8>) -> tensor<1x4x1x2xi32> {
  ^bb0(%a: i8):
    %1 = arith.extsi %a : i8 to i32
    graph.yield %1 : i32
  }
  // CHECK: %[[P:.*]] = graph.pad(%arg0, {{.*}}) {axes = array<i64: 2, 3, 1>} : ({{.*}}) -> tensor<1x4x5x6xui8>
  // CHECK: graph.conv(%[[P]], {{.*}}) {{{.*}}pads = array<i64: 0, 0, 0, 0>{{.*}}} : (tensor<1x4x5x6xui8>, tensor<1x4x1x2xi8>, tensor<1xi32>) -> tensor<1x1x5x5xi32>
  %r = graph.conv(%0, %4) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 1, 0, 0>} : (tensor<1x4x5x5xi32>, tensor<1x4x1x2xi32>) -> tensor<1x1x5x5xi32>
  return %r : tensor<1x1x5x5xi32>
}

// -----

// Channels are taken by fours: others are filled up with zeros.
// CHECK-LABEL: func @three_channels
func.func @three_channels(%x: tensor<1x3x5x5xui8>) -> tensor<1x1x5x4xi32> {
  %w = graph.constant dense<[[[[1, 2]], [[3, 4]], [[5, 6]]]]> : tensor<1x3x1x2xi8>
  %0 = graph.elementwise(%x) : (tensor<1x3x5x5xui8>) -> tensor<1x3x5x5xi32> {
  ^bb0(%a: i8):
    %1 = arith.extui %a : i8 to i32
    graph.yield %1 : i32
  }
  %4 = graph.elementwise(%w) : (tensor<1x3x1x2xi8>) -> tensor<1x3x1x2xi32> {
  ^bb0(%a: i8):
    %1 = arith.extsi %a : i8 to i32
    graph.yield %1 : i32
  }
  // CHECK-DAG: %[[X:.*]] = graph.pad(%arg0, {{.*}} -> tensor<1x4x5x5xui8>
  // CHECK-DAG: %[[W:.*]] = graph.pad({{.*}} -> tensor<1x4x1x2xi8>
  // CHECK: graph.conv(%[[X]], %[[W]]) {{.*}} -> tensor<1x1x5x4xi32>
  %r = graph.conv(%0, %4) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x5x5xi32>, tensor<1x3x1x2xi32>) -> tensor<1x1x5x4xi32>
  return %r : tensor<1x1x5x4xi32>
}

// -----

// The zero point of a filter multiplies what windows sum, which ones do: 128 - 5 of flipped elements.
// CHECK-LABEL: func @asymmetric_filter
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x5x5xui8>)
func.func @asymmetric_filter(%x: tensor<1x4x5x5xui8>) -> tensor<1x1x5x4xi32> {
  %w = graph.constant dense<[[[[1, 2]], [[3, 4]], [[5, 6]], [[7, 8]]]]> : tensor<1x4x1x2xui8>
  %z = graph.constant dense<5> : tensor<ui8>
  %0 = graph.elementwise(%x) : (tensor<1x4x5x5xui8>) -> tensor<1x4x5x5xi32> {
  ^bb0(%a: i8):
    %1 = arith.extui %a : i8 to i32
    graph.yield %1 : i32
  }
  %4 = graph.elementwise(%w, %z) : (tensor<1x4x1x2xui8>, tensor<ui8>) -> tensor<1x4x1x2xi32> {
  ^bb0(%a: i8, %b: i8):
    %1 = arith.extui %a : i8 to i32
    %2 = arith.extui %b : i8 to i32
    %3 = arith.subi %1, %2 : i32
    graph.yield %3 : i32
  }
  // CHECK-DAG: %[[ONES:.*]] = graph.constant dense<1> : tensor<1x4x1x2xi8>
  // CHECK-DAG: %[[W:.*]] = graph.constant dense<{{\[\[\[\[}}-127, -126{{.*}}> : tensor<1x4x1x2xi8>
  // CHECK-DAG: %[[P:.*]] = graph.conv(%[[X]], %[[W]]) {{.*}} -> tensor<1x1x5x4xi32>
  // CHECK-DAG: %[[S:.*]] = graph.conv(%[[X]], %[[ONES]]) {{.*}} -> tensor<1x1x5x4xi32>
  // CHECK: %[[T:.*]] = graph.elementwise(%[[S]])
  // CHECK: arith.constant 123 : i32
  // CHECK: graph.elementwise(%[[P]], %[[T]])
  %r = graph.conv(%0, %4) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x5x5xi32>, tensor<1x4x1x2xi32>) -> tensor<1x1x5x4xi32>
  return %r : tensor<1x1x5x4xi32>
}

// -----

// Channels of their own have sums of their own.
// CHECK-LABEL: func @asymmetric_depthwise
func.func @asymmetric_depthwise(%x: tensor<1x3x5x5xui8>) -> tensor<1x3x5x4xi32> {
  %w = graph.constant dense<[[[[1, 2]]], [[[3, 4]]], [[[5, 6]]]]> : tensor<3x1x1x2xi8>
  %z = graph.constant dense<[[[[1]]], [[[2]]], [[[3]]]]> : tensor<3x1x1x1xi8>
  %0 = graph.elementwise(%x) : (tensor<1x3x5x5xui8>) -> tensor<1x3x5x5xi32> {
  ^bb0(%a: i8):
    %1 = arith.extui %a : i8 to i32
    graph.yield %1 : i32
  }
  %4 = graph.elementwise(%w, %z) : (tensor<3x1x1x2xi8>, tensor<3x1x1x1xi8>) -> tensor<3x1x1x2xi32> {
  ^bb0(%a: i8, %b: i8):
    %1 = arith.extsi %a : i8 to i32
    %2 = arith.extsi %b : i8 to i32
    %3 = arith.subi %1, %2 : i32
    graph.yield %3 : i32
  }
  // CHECK: %[[ONES:.*]] = graph.constant dense<1> : tensor<3x1x1x2xi8>
  // CHECK: graph.conv({{.*}}, %[[ONES]]) {{.*}}group = 3{{.*}} -> tensor<1x3x5x4xi32>
  %r = graph.conv(%0, %4) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, group = 3 : i64} : (tensor<1x3x5x5xi32>, tensor<3x1x1x2xi32>) -> tensor<1x3x5x4xi32>
  return %r : tensor<1x3x5x4xi32>
}

// -----

// Of floats they stay: two such convolutions take more time than one of floats.
// CHECK-LABEL: func @kept_depthwise
func.func @kept_depthwise(%x: tensor<1x3x5x5xui8>) -> tensor<1x3x5x4xf32> {
  %w = graph.constant dense<[[[[1, 2]]], [[[3, 4]]], [[[5, 6]]]]> : tensor<3x1x1x2xi8>
  %z = graph.constant dense<[[[[1]]], [[[2]]], [[[3]]]]> : tensor<3x1x1x1xi8>
  %0 = graph.elementwise(%x) : (tensor<1x3x5x5xui8>) -> tensor<1x3x5x5xf32> {
  ^bb0(%a: i8):
    %1 = arith.extui %a : i8 to i32
    %2 = arith.sitofp %1 : i32 to f32
    %s = arith.constant 0.5 : f32
    %3 = arith.mulf %2, %s : f32
    graph.yield %3 : f32
  }
  %4 = graph.elementwise(%w, %z) : (tensor<3x1x1x2xi8>, tensor<3x1x1x1xi8>) -> tensor<3x1x1x2xf32> {
  ^bb0(%a: i8, %b: i8):
    %1 = arith.extsi %a : i8 to i32
    %2 = arith.extsi %b : i8 to i32
    %3 = arith.subi %1, %2 : i32
    %5 = arith.sitofp %3 : i32 to f32
    %s = arith.constant 0.5 : f32
    %6 = arith.mulf %5, %s : f32
    graph.yield %6 : f32
  }
  // CHECK: graph.conv({{.*}} : (tensor<1x3x5x5xf32>,
  %r = graph.conv(%0, %4) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, group = 3 : i64} : (tensor<1x3x5x5xf32>, tensor<3x1x1x2xf32>) -> tensor<1x3x5x4xf32>
  return %r : tensor<1x3x5x4xf32>
}

// -----

// Zero points along what is summed over: as before.
// CHECK-LABEL: func @kept
func.func @kept(%x: tensor<1x4x5x5xui8>) -> tensor<1x1x5x4xi32> {
  %w = graph.constant dense<[[[[1, 2]], [[3, 4]], [[5, 6]], [[7, 8]]]]> : tensor<1x4x1x2xui8>
  %z = graph.constant dense<[[[[5]], [[6]], [[7]], [[8]]]]> : tensor<1x4x1x1xui8>
  %0 = graph.elementwise(%x) : (tensor<1x4x5x5xui8>) -> tensor<1x4x5x5xi32> {
  ^bb0(%a: i8):
    %1 = arith.extui %a : i8 to i32
    graph.yield %1 : i32
  }
  %4 = graph.elementwise(%w, %z) : (tensor<1x4x1x2xui8>, tensor<1x4x1x1xui8>) -> tensor<1x4x1x2xi32> {
  ^bb0(%a: i8, %b: i8):
    %1 = arith.extui %a : i8 to i32
    %2 = arith.extui %b : i8 to i32
    %3 = arith.subi %1, %2 : i32
    graph.yield %3 : i32
  }
  // CHECK: graph.conv({{.*}} : (tensor<1x4x5x5xi32>,
  %r = graph.conv(%0, %4) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x5x5xi32>, tensor<1x4x1x2xi32>) -> tensor<1x1x5x4xi32>
  return %r : tensor<1x1x5x4xi32>
}

// -----

// The matrices of two directions, one transposed, are put together as bytes.
// CHECK-LABEL: func @directions
func.func @directions(%x: tensor<4x8xui8>) -> tensor<4x12xf32> {
  // CHECK-DAG: %[[W:.*]] = graph.constant {{.*}} : tensor<2x8x6xi8>
  // CHECK-DAG: %[[T:.*]] = graph.transpose(%[[W]]) {perm = array<i64: 0, 2, 1>} : (tensor<2x8x6xi8>) -> tensor<2x6x8xi8>
  // CHECK-DAG: %[[R:.*]] = graph.reshape(%[[T]], {{.*}} -> tensor<12x8xi8>
  // CHECK: graph.matmul(%arg0, %[[R]]) {transpose_rhs = true} : (tensor<4x8xui8>, tensor<12x8xi8>) -> tensor<4x12xi32>
  %w = graph.constant dense_resource<w> : tensor<2x8x6xi8>
  %t = graph.constant dense_resource<w> : tensor<2x1x1xf32>
  %n = graph.constant dense<[12, 8]> : tensor<2xi64>
  %0 = graph.elementwise(%x) : (tensor<4x8xui8>) -> tensor<4x8xf32> {
  ^bb0(%e: i8):
    %c = arith.constant 0.5 : f32
    %1 = arith.extui %e : i8 to i32
    %2 = arith.sitofp %1 : i32 to f32
    %3 = arith.mulf %2, %c : f32
    graph.yield %3 : f32
  }
  %4 = graph.elementwise(%w, %t) : (tensor<2x8x6xi8>, tensor<2x1x1xf32>) -> tensor<2x8x6xf32> {
  ^bb0(%e: i8, %f: f32):
    %1 = arith.extsi %e : i8 to i32
    %2 = arith.sitofp %1 : i32 to f32
    %3 = arith.mulf %2, %f : f32
    graph.yield %3 : f32
  }
  %5 = graph.transpose(%4) {perm = array<i64: 0, 2, 1>} : (tensor<2x8x6xf32>) -> tensor<2x6x8xf32>
  %6 = graph.reshape(%5, %n) : (tensor<2x6x8xf32>, tensor<2xi64>) -> tensor<12x8xf32>
  %r = graph.matmul(%0, %6) {transpose_rhs = true} : (tensor<4x8xf32>, tensor<12x8xf32>) -> tensor<4x12xf32>
  return %r : tensor<4x12xf32>
}
