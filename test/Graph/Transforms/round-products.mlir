// RUN: lambent-opt %s --graph-round-products --split-input-file | FileCheck %s
// RUN: lambent-opt %s --graph-round-products="narrow=false" --split-input-file | FileCheck %s --check-prefix=WIDE
// RUN: lambent-opt %s --graph-round-products="marked" --split-input-file | FileCheck %s --check-prefix=MARKED
// RUN: lambent-opt %s --graph-round-products="marked narrow=false" --split-input-file | FileCheck %s --check-prefix=NONE

// Nothing becomes bf16 where targets have no use for it.
// NONE-NOT: wide = true

// CHECK-LABEL: func.func @matmul(
// CHECK-SAME: %[[X:.*]]: tensor<4x64xf32>, %[[W:.*]]: tensor<64x16xf32>
// WIDE-LABEL: func.func @matmul(
func.func @matmul(%x: tensor<4x64xf32>, %w: tensor<64x16xf32>) -> tensor<4x16xf32> {
  // CHECK-DAG: %[[A:.*]] = graph.elementwise(%[[X]]) : (tensor<4x64xf32>) -> tensor<4x64xbf16>
  // CHECK-DAG: %[[B:.*]] = graph.elementwise(%[[W]]) : (tensor<64x16xf32>) -> tensor<64x16xbf16>
  // CHECK: graph.matmul(%[[A]], %[[B]]) {wide = true} : (tensor<4x64xbf16>, tensor<64x16xbf16>) -> tensor<4x16xf32>
  // WIDE-DAG: %[[X:.*]] = graph.elementwise({{.*}}) : (tensor<4x64xf32>) -> tensor<4x64xbf16>
  // WIDE-DAG: %[[A:.*]] = graph.elementwise(%[[X]]) : (tensor<4x64xbf16>) -> tensor<4x64xf32>
  // WIDE: graph.matmul(%[[A]], %{{.*}}) : (tensor<4x64xf32>, tensor<64x16xf32>) -> tensor<4x16xf32>
  %r = graph.matmul(%x, %w) : (tensor<4x64xf32>, tensor<64x16xf32>) -> tensor<4x16xf32>
  return %r : tensor<4x16xf32>
}

// -----

// The bias is added to sums, which are not rounded.
// CHECK-LABEL: func.func @conv(
func.func @conv(%x: tensor<1x8x8x4xf32>, %w: tensor<6x2x3x3xf32>, %b: tensor<6xf32>) -> tensor<1x6x6x6xf32> {
  // CHECK: graph.conv(%{{.*}}, %{{.*}}, %{{.*}}) {{.*}}wide = true} : (tensor<1x8x8x4xbf16>, tensor<6x2x3x3xbf16>, tensor<6xf32>) -> tensor<1x6x6x6xf32>
  %r = graph.conv(%x, %w, %b) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    group = 2 : i64, channels_last = true} : (tensor<1x8x8x4xf32>, tensor<6x2x3x3xf32>, tensor<6xf32>) -> tensor<1x6x6x6xf32>
  return %r : tensor<1x6x6x6xf32>
}

// -----

// A channel of zeros for the last of an odd number; only where products are of bf16.
// CHECK-LABEL: func.func @conv_odd_channels(
// WIDE-LABEL: func.func @conv_odd_channels(
func.func @conv_odd_channels(%x: tensor<1x8x8x3xf32>, %w: tensor<6x3x3x3xf32>) -> tensor<1x6x6x6xf32> {
  // CHECK: %[[X:.*]] = graph.pad({{.*}}tensor<1x8x8x4xbf16>
  // CHECK: %[[W:.*]] = graph.pad({{.*}}tensor<6x4x3x3xbf16>
  // CHECK: graph.conv(%[[X]], %[[W]]) {{.*}} : (tensor<1x8x8x4xbf16>, tensor<6x4x3x3xbf16>) -> tensor<1x6x6x6xf32>
  // WIDE-NOT: graph.pad
  // WIDE: graph.conv(%{{.*}}, %{{.*}}) {{.*}} : (tensor<1x8x8x3xf32>, tensor<6x3x3x3xf32>) -> tensor<1x6x6x6xf32>
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    channels_last = true} : (tensor<1x8x8x3xf32>, tensor<6x3x3x3xf32>) -> tensor<1x6x6x6xf32>
  return %r : tensor<1x6x6x6xf32>
}

// -----

// A sum reads what a convolution rounds; so does another convolution. What is returned is not rounded.
// CHECK-LABEL: func.func @residual(
// WIDE-LABEL: func.func @residual(
func.func @residual(%x: tensor<1x8x8x4xf32>, %w: tensor<4x4x1x1xf32>) -> tensor<1x8x8x4xf32> {
  // CHECK: %[[A:.*]] = graph.conv(
  // CHECK: %[[ROUND:.*]] = graph.elementwise(%[[A]]) : (tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xbf16>
  // CHECK: %[[AGAIN:.*]] = graph.elementwise(%[[ROUND]]) : (tensor<1x8x8x4xbf16>) -> tensor<1x8x8x4xf32>
  // CHECK: %[[B:.*]] = graph.conv(
  // CHECK: graph.elementwise(%[[B]], %[[AGAIN]])
  // WIDE: %[[A:.*]] = graph.conv(
  // WIDE: %[[ROUND:.*]] = graph.elementwise(%[[A]]) : (tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xbf16>
  // WIDE: %[[AGAIN:.*]] = graph.elementwise(%[[ROUND]]) : (tensor<1x8x8x4xbf16>) -> tensor<1x8x8x4xf32>
  // WIDE: %[[B:.*]] = graph.conv(
  // WIDE: graph.elementwise(%[[B]], %[[AGAIN]])
  %a = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    channels_last = true} : (tensor<1x8x8x4xf32>, tensor<4x4x1x1xf32>) -> tensor<1x8x8x4xf32>
  %b = graph.conv(%a, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    channels_last = true} : (tensor<1x8x8x4xf32>, tensor<4x4x1x1xf32>) -> tensor<1x8x8x4xf32>
  %s = graph.elementwise(%b, %a) : (tensor<1x8x8x4xf32>, tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32> {
  ^bb0(%p: f32, %q: f32):
    %t = arith.addf %p, %q : f32
    graph.yield %t : f32
  }
  return %s : tensor<1x8x8x4xf32>
}

// -----

// What something else reads, too, is not rounded for a sum.
// CHECK-LABEL: func.func @residual_returned(
func.func @residual_returned(%x: tensor<1x8x8x4xf32>, %w: tensor<4x4x1x1xf32>) -> (tensor<1x8x8x4xf32>, tensor<1x8x8x4xf32>) {
  // CHECK: %[[A:.*]] = graph.conv(
  // CHECK: %[[B:.*]] = graph.conv(
  // CHECK: graph.elementwise(%[[B]], %[[A]])
  %a = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    channels_last = true} : (tensor<1x8x8x4xf32>, tensor<4x4x1x1xf32>) -> tensor<1x8x8x4xf32>
  %b = graph.conv(%a, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    channels_last = true} : (tensor<1x8x8x4xf32>, tensor<4x4x1x1xf32>) -> tensor<1x8x8x4xf32>
  %s = graph.elementwise(%b, %a) : (tensor<1x8x8x4xf32>, tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32> {
  ^bb0(%p: f32, %q: f32):
    %t = arith.addf %p, %q : f32
    graph.yield %t : f32
  }
  return %s, %a : tensor<1x8x8x4xf32>, tensor<1x8x8x4xf32>
}

// -----

// One channel has no other to share a step with: rounded, it is multiplied as f32.
// CHECK-LABEL: func.func @conv_one_channel(
func.func @conv_one_channel(%x: tensor<1x8x8x1xf32>, %w: tensor<6x1x3x3xf32>) -> tensor<1x6x6x6xf32> {
  // CHECK: %[[X:.*]] = graph.elementwise({{.*}}) : (tensor<1x8x8x1xf32>) -> tensor<1x8x8x1xbf16>
  // CHECK: %[[A:.*]] = graph.elementwise(%[[X]]) : (tensor<1x8x8x1xbf16>) -> tensor<1x8x8x1xf32>
  // CHECK: graph.conv(%[[A]], %{{.*}}) {{.*}} : (tensor<1x8x8x1xf32>, tensor<6x1x3x3xf32>) -> tensor<1x6x6x6xf32>
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    channels_last = true} : (tensor<1x8x8x1xf32>, tensor<6x1x3x3xf32>) -> tensor<1x6x6x6xf32>
  return %r : tensor<1x6x6x6xf32>
}

// -----

// CHECK-LABEL: func.func @negative_depthwise(
func.func @negative_depthwise(%x: tensor<1x8x8x4xf32>, %w: tensor<4x1x3x3xf32>) -> tensor<1x6x6x4xf32> {
  // CHECK-NOT: bf16
  // CHECK: return
  %r = graph.conv(%x, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    group = 4 : i64, channels_last = true} : (tensor<1x8x8x4xf32>, tensor<4x1x3x3xf32>) -> tensor<1x6x6x4xf32>
  return %r : tensor<1x6x6x4xf32>
}

// -----

// CHECK-LABEL: func.func @negative_one_k(
func.func @negative_one_k(%x: tensor<4x1xf32>, %w: tensor<1x16xf32>) -> tensor<4x16xf32> {
  // CHECK-NOT: bf16
  // CHECK: return
  %r = graph.matmul(%x, %w) : (tensor<4x1xf32>, tensor<1x16xf32>) -> tensor<4x16xf32>
  return %r : tensor<4x16xf32>
}

// -----

// CHECK-LABEL: func.func @negative_halfs(
func.func @negative_halfs(%x: tensor<4x8xf16>, %w: tensor<8x16xf16>) -> tensor<4x16xf16> {
  // CHECK-NOT: bf16
  // CHECK: return
  %r = graph.matmul(%x, %w) : (tensor<4x8xf16>, tensor<8x16xf16>) -> tensor<4x16xf16>
  return %r : tensor<4x16xf16>
}

// -----

// Operands that are made of bf16, moved since, and constants that it holds are bf16.
// MARKED-LABEL: func.func @marked(
// MARKED: graph.conv({{.*}}wide = true} : (tensor<1x8x8x4xbf16>, tensor<6x4x1x1xbf16>) -> tensor<1x8x8x6xf32>
func.func @marked(%x: tensor<1x4x8x8xbf16>) -> tensor<1x8x8x6xf32> {
  %w = graph.constant dense<1.5> : tensor<6x4x1x1xf32>
  %0 = graph.elementwise(%x) : (tensor<1x4x8x8xbf16>) -> tensor<1x4x8x8xf32> {
  ^bb0(%s: bf16):
    %1 = arith.extf %s : bf16 to f32
    graph.yield %1 : f32
  }
  %t = graph.transpose(%0) {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x8x8x4xf32>
  %r = graph.conv(%t, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    channels_last = true} : (tensor<1x8x8x4xf32>, tensor<6x4x1x1xf32>) -> tensor<1x8x8x6xf32>
  return %r : tensor<1x8x8x6xf32>
}

// -----

// 1.1 is no bf16, and the other operand alone is not enough.
// MARKED-LABEL: func.func @negative_constant(
// MARKED: graph.matmul(%{{.*}}, %{{.*}}) : (tensor<4x64xf32>, tensor<64x16xf32>) -> tensor<4x16xf32>
func.func @negative_constant(%x: tensor<4x64xbf16>) -> tensor<4x16xf32> {
  %w = graph.constant dense<1.1> : tensor<64x16xf32>
  %0 = graph.elementwise(%x) : (tensor<4x64xbf16>) -> tensor<4x64xf32> {
  ^bb0(%s: bf16):
    %1 = arith.extf %s : bf16 to f32
    graph.yield %1 : f32
  }
  %r = graph.matmul(%0, %w) : (tensor<4x64xf32>, tensor<64x16xf32>) -> tensor<4x16xf32>
  return %r : tensor<4x16xf32>
}

// -----

// What is computed of bf16 need not be one.
// MARKED-LABEL: func.func @negative_computed(
// MARKED: graph.matmul(%{{.*}}, %{{.*}}) : (tensor<4x64xf32>, tensor<64x16xf32>) -> tensor<4x16xf32>
func.func @negative_computed(%x: tensor<4x64xbf16>) -> tensor<4x16xf32> {
  %w = graph.constant dense<1.5> : tensor<64x16xf32>
  %0 = graph.elementwise(%x) : (tensor<4x64xbf16>) -> tensor<4x64xf32> {
  ^bb0(%s: bf16):
    %1 = arith.extf %s : bf16 to f32
    %2 = arith.mulf %1, %1 : f32
    graph.yield %2 : f32
  }
  %r = graph.matmul(%0, %w) : (tensor<4x64xf32>, tensor<64x16xf32>) -> tensor<4x16xf32>
  return %r : tensor<4x16xf32>
}
