// RUN: lambent-opt --graph-to-lir %s | FileCheck %s

!s = tensor<i64, #graph.handle<!graph.sequence<tensor<?xsi64>>>>

// CHECK: module attributes {lir.strings = ["", "yes"]}
module attributes {graph.strings = ["", "yes"]} {

// Buffers have numbers; the type says that the runtime is to make strings of them.
// CHECK-LABEL: func.func @numbers(
// CHECK-SAME: %{{.*}}: memref<2xi64> {lir.name = "x", lir.type = tensor<2xsi64>}, %{{.*}}: memref<3xi64> {lir.type = tensor<3xsi64>}
func.func @numbers(%x: tensor<2xsi64> {graph.name = "x"}) -> tensor<3xsi64> {
  // CHECK: lir.weight {{.*}}dense<1> : tensor<1xsi64>{{.*}} memref<1xi64>
  %yes = graph.constant dense<1> : tensor<1xsi64>
  %r = graph.concat(%x, %yes) {axis = 0 : i64} : (tensor<2xsi64>, tensor<1xsi64>) -> tensor<3xsi64>
  return %r : tensor<3xsi64>
}

// What the model calls itself takes and gives numbers.
// CHECK-LABEL: func.func private @body(
// CHECK-SAME: %{{.*}}: memref<2xi64> {lir.type = tensor<2xi64>}, %{{.*}}: memref<2xi64> {lir.type = tensor<2xi64>})
func.func private @body(%x: tensor<2xsi64>) -> tensor<2xsi64> {
  return %x : tensor<2xsi64>
}

// So does a sequence inside the run.
// CHECK-LABEL: func.func @insert(
// CHECK-SAME: %{{.*}}: memref<i64> {lir.list = ["sequence"], lir.name = "s", lir.type = tensor<?xsi64>}
func.func @insert(%s: !s {graph.name = "s"}, %x: tensor<2xsi64>) -> !s {
  // CHECK: lir.sequence "insert" {{.*}} types = [i64, i64, i64]
  %r = graph.sequence_insert(%s, %x) : (!s, tensor<2xsi64>) -> !s
  return %r : !s
}

}
