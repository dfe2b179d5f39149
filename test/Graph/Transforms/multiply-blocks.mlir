// RUN: lambent-opt --graph-multiply-blocks --split-input-file %s | FileCheck %s

// More than 16 numbers are stored as they are, and 128.
// CHECK-LABEL: func @bytes
// CHECK-DAG: %[[Q:.*]] = graph.constant dense_resource<codes{{.*}}> : tensor<2x16xui8>
// CHECK-DAG: %[[E:.*]] = graph.constant dense_resource<exponents{{.*}}> : tensor<2x1xui8>
// CHECK: graph.block_matmul(%arg0, %[[Q]], %[[E]]) {format = "mx6", scale = "up", table = array<i8>} : (tensor<4x16xf32>, tensor<2x16xui8>, tensor<2x1xui8>) -> tensor<4x2xf32>
// CHECK-NOT: round_blocks
func.func @bytes(%x: tensor<4x16xf32>) -> tensor<4x2xf32> {
  %w = graph.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 0.0],
    [-0.25, -0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.25, 3.5, 3.75, 7.5]]> : tensor<2x16xf32>
  %0 = graph.round_blocks(%x) {format = "mx6", axis = 1 : i64, scale = "up"} : (tensor<4x16xf32>) -> tensor<4x16xf32>
  %r = graph.matmul(%0, %w) {transpose_rhs = true} : (tensor<4x16xf32>, tensor<2x16xf32>) -> tensor<4x2xf32>
  return %r : tensor<4x2xf32>
}

// -----

// Of few, whatever their powers of two are, places in a table are.
// CHECK-LABEL: func @table
// CHECK-DAG: %[[Q:.*]] = graph.constant dense_resource<codes{{.*}}> : tensor<2x16xui8>
// CHECK: graph.block_matmul(%arg0, {{.*}}) {format = "mx4", scale = "down", table = array<i8: -1, 0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>}
func.func @table(%x: tensor<4x16xf32>) -> tensor<4x2xf32> {
  %w = graph.constant dense<[[0.5, 2.0], [1.0, 4.0], [1.5, 6.0], [-0.5, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0],
    [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]> : tensor<16x2xf32>
  %0 = graph.round_blocks(%x) {format = "mx4", axis = 1 : i64} : (tensor<4x16xf32>) -> tensor<4x16xf32>
  %r = graph.matmul(%0, %w) : (tensor<4x16xf32>, tensor<16x2xf32>) -> tensor<4x2xf32>
  return %r : tensor<4x2xf32>
}

// -----

// Elements of many powers of two, a block that is not whole, numbers of more than 8 bits, and weights that are not known.
// CHECK-LABEL: func @negative
// CHECK-NOT: block_matmul
// CHECK: return
func.func @negative(%x: tensor<4x32xf32>, %y: tensor<4x8xf32>, %z: tensor<4x16xf32>, %v: tensor<16x1xf32>)
    -> (tensor<4x1xf32>, tensor<4x1xf32>, tensor<4x1xf32>, tensor<4x1xf32>) {
  %w = graph.constant dense<1.0> : tensor<32x1xf32>
  %u = graph.constant dense<[[1.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0]]> : tensor<8x1xf32>
  %t = graph.constant dense<[[1.0], [0.001], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0]]> : tensor<16x1xf32>
  %0 = graph.round_blocks(%x) {format = "mxfp8", axis = 1 : i64} : (tensor<4x32xf32>) -> tensor<4x32xf32>
  %1 = graph.round_blocks(%y) {format = "mx4", axis = 1 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %2 = graph.round_blocks(%z) {format = "mx4", axis = 1 : i64} : (tensor<4x16xf32>) -> tensor<4x16xf32>
  %a = graph.matmul(%0, %w) : (tensor<4x32xf32>, tensor<32x1xf32>) -> tensor<4x1xf32>
  %b = graph.matmul(%1, %u) : (tensor<4x8xf32>, tensor<8x1xf32>) -> tensor<4x1xf32>
  %c = graph.matmul(%2, %t) : (tensor<4x16xf32>, tensor<16x1xf32>) -> tensor<4x1xf32>
  %d = graph.matmul(%2, %v) : (tensor<4x16xf32>, tensor<16x1xf32>) -> tensor<4x1xf32>
  return %a, %b, %c, %d : tensor<4x1xf32>, tensor<4x1xf32>, tensor<4x1xf32>, tensor<4x1xf32>
}
