// RUN: lambent-opt --graph-to-lir %s | FileCheck %s
// Ops that move data become views, or copies whose maps hold the movement.

// CHECK-DAG: #[[PERM:.*]] = affine_map<(d0, d1, d2) -> (d1, d2, d0)>
// CHECK-DAG: #[[SECOND:.*]] = affine_map<(d0, d1) -> (d0 + 2, d1)>
// CHECK-DAG: #[[BACK:.*]] = affine_map<(d0, d1) -> (d0, d1 * -2 + 6)>
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0) -> (3, d0)>
// CHECK-DAG: #[[COLUMN:.*]] = affine_map<(d0, d1) -> (d0, 0)>
// CHECK-DAG: #[[TILE:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>

// CHECK-LABEL: func @argument_and_view(
// CHECK-SAME:  %[[X:.*]]: memref<2x6xf32> {lir.name = "x", lir.type = tensor<2x6xf32>}, %[[Y:.*]]: memref<3x4xf32> {lir.name = "y", lir.type = tensor<3x4xf32>}, %[[Z:.*]]: memref<2x6xf32> {lir.type = tensor<2x6xf32>}) attributes {lir.num_inputs = 1 : i64}
func.func @argument_and_view(%x: tensor<2x6xf32> {graph.name = "x"}) -> (tensor<3x4xf32> {graph.name = "y"}, tensor<2x6xf32>) {
  %s = graph.constant dense<[3, 4]> : tensor<2xi64>
  // CHECK: %[[V:.*]] = lir.view %[[X]] : memref<2x6xf32> -> memref<3x4xf32>
  %r = graph.reshape(%x, %s) : (tensor<2x6xf32>, tensor<2xi64>) -> tensor<3x4xf32>
  // CHECK: lir.elementwise ins(%[[V]] : memref<3x4xf32>) outs(%[[Y]] : memref<3x4xf32>)
  // CHECK: lir.elementwise ins(%[[X]] : memref<2x6xf32>) outs(%[[Z]] : memref<2x6xf32>)
  return %r, %x : tensor<3x4xf32>, tensor<2x6xf32>
}

// CHECK-LABEL: func @unsigned_is_signless(
// CHECK-SAME:  memref<2xi8> {lir.type = tensor<2xui8>}
func.func @unsigned_is_signless(%x: tensor<2xui8>) -> tensor<2xui8> {
  return %x : tensor<2xui8>
}

// CHECK-LABEL: func @transpose
func.func @transpose(%x: tensor<2x3x4xf32>) -> tensor<4x2x3xf32> {
  // CHECK: lir.elementwise {{.*}} domain [4, 2, 3] maps [#[[PERM]], #{{.*}}]
  %r = graph.transpose(%x) {perm = array<i64: 2, 0, 1>} : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  return %r : tensor<4x2x3xf32>
}

// CHECK-LABEL: func @concat
func.func @concat(%a: tensor<2x3xi64>, %b: tensor<1x3xi64>) -> tensor<3x3xi64> {
  // CHECK: lir.elementwise ins(%{{.*}} : memref<2x3xi64>) outs(%[[R:.*]] : memref<3x3xi64>) domain [2, 3]
  // CHECK: lir.elementwise ins(%{{.*}} : memref<1x3xi64>) outs(%[[R]] : memref<3x3xi64>) domain [1, 3] maps [#{{.*}}, #[[SECOND]]]
  %r = graph.concat(%a, %b) {axis = 0 : i64} : (tensor<2x3xi64>, tensor<1x3xi64>) -> tensor<3x3xi64>
  return %r : tensor<3x3xi64>
}

// CHECK-LABEL: func @slice_backwards
func.func @slice_backwards(%x: tensor<2x8xf32>) -> tensor<2x3xf32> {
  %start = graph.constant dense<-2> : tensor<1xi64>
  %end = graph.constant dense<1> : tensor<1xi64>
  %step = graph.constant dense<-2> : tensor<1xi64>
  // CHECK: lir.elementwise {{.*}} domain [2, 3] maps [#[[BACK]], #{{.*}}]
  %r = graph.slice(%x, %start, %end, %step) {axes = array<i64: 1>} : (tensor<2x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// A start before the dim begins at its first element.
// CHECK-LABEL: func @slice_backwards_from_before
func.func @slice_backwards_from_before(%x: tensor<2x8xf32>) -> tensor<2x1xf32> {
  %start = graph.constant dense<-9> : tensor<1xi64>
  %end = graph.constant dense<-99> : tensor<1xi64>
  %step = graph.constant dense<-2> : tensor<1xi64>
  // CHECK: lir.elementwise {{.*}} domain [2, 1] maps [#[[COLUMN]], #{{.*}}]
  %r = graph.slice(%x, %start, %end, %step) {axes = array<i64: 1>} : (tensor<2x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x1xf32>
  return %r : tensor<2x1xf32>
}

// CHECK-LABEL: func @gather_of_one_is_a_slice
func.func @gather_of_one_is_a_slice(%x: tensor<4x8xf32>) -> tensor<8xf32> {
  %i = graph.constant dense<-1> : tensor<i64>
  // CHECK: lir.elementwise {{.*}} domain [8] maps [#[[ROW]], #{{.*}}]
  %r = graph.gather(%x, %i) {axis = 0 : i64} : (tensor<4x8xf32>, tensor<i64>) -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// CHECK-LABEL: func @expand
func.func @expand(%x: tensor<3x1xf32>) -> tensor<3x4xf32> {
  %s = graph.constant dense<[3, 4]> : tensor<2xi64>
  // CHECK: lir.elementwise {{.*}} domain [3, 4] maps [#[[COLUMN]], #{{.*}}]
  %r = graph.expand(%x, %s) : (tensor<3x1xf32>, tensor<2xi64>) -> tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}

// CHECK-LABEL: func @tile
func.func @tile(%x: tensor<2x3xf32>) -> tensor<4x3xf32> {
  %n = graph.constant dense<[2, 1]> : tensor<2xi64>
  // CHECK: %[[V:.*]] = lir.view %{{.*}} : memref<4x3xf32> -> memref<2x2x3xf32>
  // CHECK: lir.elementwise {{.*}} outs(%[[V]] : memref<2x2x3xf32>) domain [2, 2, 3] maps [#[[TILE]], #{{.*}}]
  %r = graph.tile(%x, %n) : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<4x3xf32>
  return %r : tensor<4x3xf32>
}

// CHECK-LABEL: func @range
func.func @range(%a: tensor<i32>, %b: tensor<i32>, %d: tensor<i32>) -> tensor<5xi32> {
  // CHECK: lir.elementwise ins(%{{.*}}, %{{.*}} : memref<i32>, memref<i32>) {{.*}} domain [5]
  // CHECK: lir.index 0
  // CHECK: arith.muli
  // CHECK: arith.addi
  %r = graph.range(%a, %b, %d) : (tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<5xi32>
  return %r : tensor<5xi32>
}

// CHECK-LABEL: func @gather
// CHECK-SAME: %[[T:[a-z0-9]*]]: memref<3x100x8xf32> {{.*}}, %[[I:[a-z0-9]*]]: memref<2x3xi64> {{.*}}, %[[R:[a-z0-9]*]]: memref<3x2x3x8xf32>
func.func @gather(%t: tensor<3x100x8xf32>, %i: tensor<2x3xi64>) -> tensor<3x2x3x8xf32> {
  // CHECK: lir.gather ins(%[[T]], %[[I]] : {{.*}}) outs(%[[R]] : memref<3x2x3x8xf32>) {axis = 1 : i64}
  %r = graph.gather(%t, %i) {axis = 1 : i64} : (tensor<3x100x8xf32>, tensor<2x3xi64>) -> tensor<3x2x3x8xf32>
  return %r : tensor<3x2x3x8xf32>
}

// CHECK-LABEL: func @gather_elements
// CHECK-SAME: %[[T:[a-z0-9]*]]: memref<4x8xf32> {{.*}}, %[[I:[a-z0-9]*]]: memref<2x8xi32> {{.*}}, %[[R:[a-z0-9]*]]: memref<2x8xf32>
func.func @gather_elements(%t: tensor<4x8xf32>, %i: tensor<2x8xi32>) -> tensor<2x8xf32> {
  // CHECK: lir.gather_elements ins(%[[T]], %[[I]] : {{.*}}) outs(%[[R]] : memref<2x8xf32>) {axis = 0 : i64}
  %r = graph.gather_elements(%t, %i) {axis = 0 : i64} : (tensor<4x8xf32>, tensor<2x8xi32>) -> tensor<2x8xf32>
  return %r : tensor<2x8xf32>
}

// CHECK-LABEL: func @gather_nd
// CHECK-SAME: %[[T:[a-z0-9]*]]: memref<2x4x8xf32> {{.*}}, %[[I:[a-z0-9]*]]: memref<2x3x1xi64> {{.*}}, %[[R:[a-z0-9]*]]: memref<2x3x8xf32>
func.func @gather_nd(%t: tensor<2x4x8xf32>, %i: tensor<2x3x1xi64>) -> tensor<2x3x8xf32> {
  // CHECK: lir.gather_nd ins(%[[T]], %[[I]] : {{.*}}) outs(%[[R]] : memref<2x3x8xf32>) {batch_dims = 1 : i64}
  %r = graph.gather_nd(%t, %i) {batch_dims = 1 : i64} : (tensor<2x4x8xf32>, tensor<2x3x1xi64>) -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// CHECK-LABEL: func @scatter
// CHECK-SAME: %[[T:[a-z0-9]*]]: memref<4x8xi8> {{.*}}, %[[I:[a-z0-9]*]]: memref<3x1xi64> {{.*}}, %[[U:[a-z0-9]*]]: memref<3x8xi8> {{.*}}, %[[J:[a-z0-9]*]]: memref<3x8xi32>
func.func @scatter(%t: tensor<4x8xui8>, %i: tensor<3x1xi64>, %u: tensor<3x8xui8>, %j: tensor<3x8xi32>) -> (tensor<4x8xui8>, tensor<4x8xui8>) {
  // CHECK: lir.scatter_nd ins(%[[T]], %[[I]], %[[U]] : {{.*}}) outs(%{{.*}} : memref<4x8xi8>) {kind = "max", unsigned_elements = true}
  %r = graph.scatter_nd(%t, %i, %u) {kind = "max"} : (tensor<4x8xui8>, tensor<3x1xi64>, tensor<3x8xui8>) -> tensor<4x8xui8>
  // CHECK: lir.scatter_elements ins(%[[T]], %[[J]], %[[U]] : {{.*}}) outs(%{{.*}} : memref<4x8xi8>) {axis = 0 : i64, unsigned_elements = true}
  %s = graph.scatter_elements(%t, %j, %u) {axis = 0 : i64} : (tensor<4x8xui8>, tensor<3x8xi32>, tensor<3x8xui8>) -> tensor<4x8xui8>
  return %r, %s : tensor<4x8xui8>, tensor<4x8xui8>
}

// Of bool a sum is or, a product is and.
// CHECK-LABEL: func @scatter_bool
func.func @scatter_bool(%t: tensor<4xi1>, %i: tensor<3x1xi64>, %u: tensor<3xi1>) -> (tensor<4xi1>, tensor<4xi1>) {
  // CHECK: lir.scatter_nd {{.*}} {kind = "max"}
  %r = graph.scatter_nd(%t, %i, %u) {kind = "sum"} : (tensor<4xi1>, tensor<3x1xi64>, tensor<3xi1>) -> tensor<4xi1>
  // CHECK: lir.scatter_nd {{.*}} {kind = "min"}
  %s = graph.scatter_nd(%t, %i, %u) {kind = "prod"} : (tensor<4xi1>, tensor<3x1xi64>, tensor<3xi1>) -> tensor<4xi1>
  return %r, %s : tensor<4xi1>, tensor<4xi1>
}
