// RUN: lambent-opt --graph-to-lir %s | FileCheck %s

!s = tensor<i64, #graph.handle<!graph.sequence<tensor<?x3xf32>>>>
!o = tensor<i64, #graph.handle<!graph.optional<!graph.sequence<tensor<*xui8>>>>>

// A handle is a number; the model's description says what it stands for.
// CHECK-LABEL: func.func @arguments(
// CHECK-SAME: %{{.*}}: memref<i64> {lir.list = ["sequence"], lir.name = "s", lir.type = tensor<?x3xf32>}
// CHECK-SAME: %{{.*}}: memref<i64> {lir.list = ["optional", "sequence"], lir.name = "o", lir.type = tensor<*xui8>}
func.func @arguments(%s: !s {graph.name = "s"}, %o: !o {graph.name = "o"}) -> tensor<i64> {
  // CHECK: lir.sequence "length" ins(%{{.*}} : memref<i64>) outs(%{{.*}} : memref<i64>) {sizes = [#lir.sizes<[]>, #lir.sizes<[]>], types = [i64, i64]}
  %n = graph.sequence_length(%s) : (!s) -> tensor<i64>
  return %n : tensor<i64>
}

// What the model calls itself takes and gives the number as it is.
// CHECK-LABEL: func.func private @body(
// CHECK-SAME: %{{.*}}: memref<i64> {lir.list = ["handle"], lir.type = tensor<i64>}, %{{.*}}: memref<i64> {lir.list = ["handle"], lir.type = tensor<i64>})
func.func private @body(%s: !s) -> !s {
  return %s : !s
}

// A tensor without elements has no buffer, but dims.
// CHECK-LABEL: func.func @empty(
func.func @empty(%s: !s) -> !s {
  %x = graph.constant dense<> : tensor<0x3xf32>
  // CHECK: lir.sequence "insert" ins(%{{.*}}, %{{.*}} : memref<i64>, memref<1xi64>) outs(%{{.*}} : memref<i64>) {sizes = [#lir.sizes<[]>, #lir.sizes<[0, 3]>, #lir.sizes<[]>], types = [i64, f32, i64]}
  %r = graph.sequence_insert(%s, %x) : (!s, tensor<0x3xf32>) -> !s
  return %r : !s
}

// CHECK-LABEL: func.func @split(
func.func @split(%x: tensor<4x3xui8>, %n: tensor<i64>) -> !o {
  // CHECK: lir.sequence "split" {{.*}} {flag = true, sizes = [#lir.sizes<[4, 3]>, #lir.sizes<[]>, #lir.sizes<[]>], types = [ui8, i64, i64]}
  %s = graph.sequence_split(%x, %n) {axis = 0 : i64, keep_dim = true} : (tensor<4x3xui8>, tensor<i64>) -> tensor<i64, #graph.handle<!graph.sequence<tensor<*xui8>>>>
  // CHECK: lir.sequence "wrap"
  %o = graph.optional(%s) : (tensor<i64, #graph.handle<!graph.sequence<tensor<*xui8>>>>) -> !o
  return %o : !o
}
