// RUN: lambent-opt --graph-to-lir %s | FileCheck %s

// CHECK-DAG: #[[MK:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[NK:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG: #[[MN:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[SHARED:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, 0, d4, d3)>
// CHECK-DAG: #[[MASK:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (0, 0, d3)>

// CHECK-LABEL: func @batches_are_rows_of_one_product
func.func @batches_are_rows_of_one_product(%a: tensor<2x3x8xf32>, %b: tensor<16x8xf32>) -> tensor<2x3x16xf32> {
  // CHECK: %[[A:.*]] = lir.view %{{.*}} : memref<2x3x8xf32> -> memref<6x8xf32>
  // CHECK: lir.matmul ins(%[[A]], {{.*}} domain [6, 16, 8] maps [#[[MK]], #[[NK]], #[[MN]]]
  %r = graph.matmul(%a, %b) {transpose_rhs = true} : (tensor<2x3x8xf32>, tensor<16x8xf32>) -> tensor<2x3x16xf32>
  return %r : tensor<2x3x16xf32>
}

// CHECK-LABEL: func @batches_broadcast
func.func @batches_broadcast(%a: tensor<2x3x4x8xf32>, %b: tensor<2x1x8x16xf32>) -> tensor<2x3x4x16xf32> {
  // CHECK: lir.matmul {{.*}} domain [2, 3, 4, 16, 8] maps [#{{.*}}, #[[SHARED]], #{{.*}}]
  %r = graph.matmul(%a, %b) : (tensor<2x3x4x8xf32>, tensor<2x1x8x16xf32>) -> tensor<2x3x4x16xf32>
  return %r : tensor<2x3x4x16xf32>
}

// CHECK-LABEL: func @attention_mask_is_read_again
func.func @attention_mask_is_read_again(%q: tensor<1x2x4x8xf32>, %m: tensor<1x1x4xf32>) -> tensor<1x2x4x8xf32> {
  // CHECK: lir.attention {{.*}} mask(%{{.*}} : memref<1x1x4xf32>) {{.*}} domain [1, 2, 4, 4, 8, 8]
  // CHECK-SAME: #[[MASK]]
  %r = graph.attention(%q, %q, %q, %m) {scale = 0.5 : f32} : (tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x1x4xf32>) -> tensor<1x2x4x8xf32>
  return %r : tensor<1x2x4x8xf32>
}

// CHECK-LABEL: func @batches_are_rows_of_quantized_weights
func.func @batches_are_rows_of_quantized_weights(%a: tensor<2x3x40xf32>, %q: tensor<16x40xi8>, %s: tensor<16x3xf32>) -> tensor<2x3x16xf32> {
  // CHECK: %[[A:.*]] = lir.view %{{.*}} : memref<2x3x40xf32> -> memref<6x40xf32>
  // CHECK: lir.quantized_matmul ins(%[[A]], {{.*}} domain [6, 16, 40] maps [#[[MK]], #[[NK]], #[[MN]]] epilogue_maps [] attributes {bits = 2 : i64, block_size = 16 : i64}
  %r = graph.quantized_matmul(%a, %q, %s) {bits = 2 : i64, block_size = 16 : i64} : (tensor<2x3x40xf32>, tensor<16x40xi8>, tensor<16x3xf32>) -> tensor<2x3x16xf32>
  return %r : tensor<2x3x16xf32>
}
