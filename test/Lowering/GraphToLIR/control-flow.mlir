// RUN: lambent-opt --graph-to-lir %s | FileCheck %s

// Results lie in slots; an output that is one is a copy of it.
// CHECK-LABEL: func.func @branches(
// CHECK-SAME: %[[C:.*]]: memref<i1> {{.*}}, %[[X:.*]]: memref<4xf32> {{.*}}, %[[Y:[^ ]*]]: memref<4xf32>
func.func @branches(%c: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[S:.*]] = lir.slot : memref<4xf32>
  // CHECK: lir.if @then, @else ins(%[[C]], %[[X]] : memref<i1>, memref<4xf32>) outs(%[[S]] : memref<4xf32>)
  %r = graph.if %c, @then, @else(%x) : (tensor<i1>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK: lir.elementwise ins(%[[S]] {{.*}}outs(%[[Y]]
  return %r : tensor<4xf32>
}
// CHECK: func.func private @then(
func.func private @then(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
func.func private @else(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// What decides sizes is done even where its results have no elements.
// CHECK-LABEL: func.func @loops(
func.func @loops(%n: tensor<i64>, %x: tensor<0xf32>) -> tensor<1xi64> attributes {graph.symbols = [""]} {
  // CHECK: lir.loop @body trip(%{{.*}} : memref<i64>) carried(%{{.*}} : memref<0xf32>) outs(%{{.*}}, %{{.*}} : memref<0xf32>, memref<?x0xf32, #lir.layout<[s0, 0]>>) {num_symbols = 1 : i64}
  %r:2 = graph.loop @body trip(%n) carried(%x) {first_symbol = 0 : i64, num_symbols = 1 : i64} : (tensor<i64>, tensor<0xf32>) -> (tensor<0xf32>, tensor<?x0xf32, #graph.sizes<[s0, 0]>>)
  %s = graph.sizes <[s0]> : tensor<1xi64>
  return %s : tensor<1xi64>
}
func.func private @body(%i: tensor<i64>, %c: tensor<i1>, %x: tensor<0xf32>) -> (tensor<i1>, tensor<0xf32>, tensor<0xf32>) {
  return %c, %x, %x : tensor<i1>, tensor<0xf32>, tensor<0xf32>
}

// Between functions elements of 4 bits have a byte each.
// CHECK-LABEL: func.func private @narrow(
// CHECK-SAME: memref<4xi8> {lir.type = tensor<4xi8>}
func.func private @narrow(%x: tensor<4xi4>) -> tensor<4xi4> {
  return %x : tensor<4xi4>
}
