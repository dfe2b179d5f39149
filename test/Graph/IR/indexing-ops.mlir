// RUN: lambent-opt %s | lambent-opt | FileCheck %s
// RUN: lambent-opt --mlir-print-op-generic %s | lambent-opt | FileCheck %s


// CHECK-LABEL: @indexing
func.func @indexing(%x: tensor<2x8xf32>, %i: tensor<1xi64>, %p: tensor<2xi64>, %v: tensor<f32>) {
  // CHECK: graph.concat(%{{.*}}, %{{.*}}) {axis = 0 : i64} : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<4x8xf32>
  %0 = graph.concat(%x, %x) {axis = 0 : i64} : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<4x8xf32>
  // CHECK: graph.slice(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) {axes = array<i64: 1>} :
  %1 = graph.slice(%0, %i, %i, %i) {axes = array<i64: 1>} : (tensor<4x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<4x?xf32>
  // CHECK: graph.tile(%{{.*}}, %{{.*}}) :
  %2 = graph.tile(%1, %p) : (tensor<4x?xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  // CHECK: graph.pad(%{{.*}}, %{{.*}}, %{{.*}}) {axes = array<i64: 1>} :
  %3 = graph.pad(%2, %p, %v) {mode = "constant", axes = array<i64: 1>} : (tensor<?x?xf32>, tensor<2xi64>, tensor<f32>) -> tensor<?x?xf32>
  // CHECK: graph.gather(%{{.*}}, %{{.*}}) {axis = 1 : i64} :
  %4 = graph.gather(%3, %i) {axis = 1 : i64} : (tensor<?x?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  // CHECK: graph.gather_elements(%{{.*}}, %{{.*}}) {axis = 0 : i64} :
  %5 = graph.gather_elements(%i, %i) {axis = 0 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  return
}

// CHECK-LABEL: @range
func.func @range(%a: tensor<i64>) -> tensor<?xi64> {
  // CHECK: graph.range(%{{.*}}, %{{.*}}, %{{.*}}) : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %r = graph.range(%a, %a, %a) : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  return %r : tensor<?xi64>
}

// CHECK-LABEL: @tuples
func.func @tuples(%x: tensor<2x4x?x8xf32>, %i: tensor<2x3x2xi64>, %j: tensor<3x2xi32>, %u: tensor<3x?x8xf32>, %k: tensor<2x4x1x8xi64>, %v: tensor<2x4x1x8xf32>) {
  // CHECK: graph.gather_nd(%{{.*}}, %{{.*}}) {batch_dims = 1 : i64} :
  %0 = graph.gather_nd(%x, %i) {batch_dims = 1 : i64} : (tensor<2x4x?x8xf32>, tensor<2x3x2xi64>) -> tensor<2x3x8xf32>
  // CHECK: graph.scatter_nd(%{{.*}}, %{{.*}}, %{{.*}}) :
  %1 = graph.scatter_nd(%x, %j, %u) : (tensor<2x4x?x8xf32>, tensor<3x2xi32>, tensor<3x?x8xf32>) -> tensor<2x4x?x8xf32>
  // CHECK: graph.scatter_elements(%{{.*}}, %{{.*}}, %{{.*}}) {axis = 2 : i64, kind = "sum"} :
  %2 = graph.scatter_elements(%x, %k, %v) {axis = 2 : i64, kind = "sum"} : (tensor<2x4x?x8xf32>, tensor<2x4x1x8xi64>, tensor<2x4x1x8xf32>) -> tensor<2x4x?x8xf32>
  return
}
