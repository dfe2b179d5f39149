// RUN: lambent-opt %s | lambent-opt | FileCheck %s

!s = tensor<i64, #graph.handle<!graph.sequence<tensor<?x3xf32>>>>
!o = tensor<i64, #graph.handle<!graph.optional<tensor<4xf32>>>>
!os = tensor<i64, #graph.handle<!graph.optional<!graph.sequence<tensor<*xf32>>>>>
!any = tensor<i64, #graph.handle<!graph.sequence<tensor<*xf32>>>>

// CHECK-LABEL: @sequence
func.func @sequence(%a: tensor<2x3xf32>, %b: tensor<1x3xf32>, %p: tensor<i64>) -> !s {
  // CHECK: graph.sequence(%{{.*}}, %{{.*}}) : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<i64, #graph.handle<!graph.sequence<tensor<?x3xf32>>>>
  %s = graph.sequence(%a, %b) : (tensor<2x3xf32>, tensor<1x3xf32>) -> !s
  // CHECK: graph.sequence_insert(%{{.*}}, %{{.*}}, %{{.*}})
  %i = graph.sequence_insert(%s, %a, %p) : (!s, tensor<2x3xf32>, tensor<i64>) -> !s
  // CHECK: graph.sequence_insert(%{{.*}}, %{{.*}}) :
  %j = graph.sequence_insert(%i, %a) : (!s, tensor<2x3xf32>) -> !s
  // CHECK: graph.sequence_erase(%{{.*}}, %{{.*}})
  %e = graph.sequence_erase(%j, %p) : (!s, tensor<i64>) -> !s
  return %e : !s
}

// An empty one is a sequence of any tensors.
// CHECK-LABEL: @empty
func.func @empty(%a: tensor<2x3xf32>) -> !s {
  // CHECK: graph.sequence() : () -> tensor<i64, #graph.handle<!graph.sequence<tensor<*xf32>, empty = true>>>
  %e = graph.sequence() : () -> tensor<i64, #graph.handle<!graph.sequence<tensor<*xf32>, empty = true>>>
  // CHECK: graph.sequence_insert(%{{.*}}, %{{.*}}) : (tensor<i64, #graph.handle<!graph.sequence<tensor<*xf32>, empty = true>>>
  %s = graph.sequence_insert(%e, %a) : (tensor<i64, #graph.handle<!graph.sequence<tensor<*xf32>, empty = true>>>, tensor<2x3xf32>) -> !s
  return %s : !s
}

// CHECK-LABEL: @reads
func.func @reads(%s: !s, %p: tensor<i64>) -> (tensor<i64>, tensor<2xi64>, tensor<?x3xf32>, tensor<3xi64>, tensor<?x?x3xf32>) {
  // CHECK: graph.sequence_length
  %n = graph.sequence_length(%s) : (!s) -> tensor<i64>
  // CHECK: graph.sequence_shape
  %d = graph.sequence_shape(%s, %p) : (!s, tensor<i64>) -> tensor<2xi64>
  // CHECK: graph.sequence_at
  %x = graph.sequence_at(%s, %p) : (!s, tensor<i64>) -> tensor<?x3xf32>
  // CHECK: graph.sequence_concat_shape(%{{.*}}) {axis = 0 : i64, new_axis = true}
  %c = graph.sequence_concat_shape(%s) {axis = 0 : i64, new_axis = true} : (!s) -> tensor<3xi64>
  // CHECK: graph.sequence_concat(%{{.*}}) {axis = 0 : i64, new_axis = true}
  %y = graph.sequence_concat(%s) {axis = 0 : i64, new_axis = true} : (!s) -> tensor<?x?x3xf32>
  return %n, %d, %x, %c, %y : tensor<i64>, tensor<2xi64>, tensor<?x3xf32>, tensor<3xi64>, tensor<?x?x3xf32>
}

// CHECK-LABEL: @split
func.func @split(%x: tensor<5x3xf32>, %n: tensor<i64>, %sizes: tensor<?xi64>) -> (!s, !s) {
  // CHECK: graph.sequence_split(%{{.*}}, %{{.*}}) {axis = 0 : i64, keep_dim = true}
  %s = graph.sequence_split(%x, %n) {axis = 0 : i64, keep_dim = true} : (tensor<5x3xf32>, tensor<i64>) -> !s
  // CHECK: graph.sequence_split(%{{.*}}, %{{.*}}) {{.*}} : (tensor<5x3xf32>, tensor<?xi64>)
  %t = graph.sequence_split(%x, %sizes) {axis = 0 : i64, keep_dim = true} : (tensor<5x3xf32>, tensor<?xi64>) -> !s
  return %s, %t : !s, !s
}

// CHECK-LABEL: @optional
func.func @optional(%x: tensor<4xf32>, %s: !s) -> (!o, !o, !any) {
  // CHECK: graph.optional(%{{.*}})
  %o = graph.optional(%x) : (tensor<4xf32>) -> !o
  // CHECK: graph.optional()
  %n = graph.optional() : () -> !o
  // CHECK: graph.optional(%{{.*}})
  %q = graph.optional(%s) : (!s) -> !os
  // CHECK: graph.optional_sequence(%{{.*}})
  %t = graph.optional_sequence(%q) : (!os) -> !any
  return %o, %n, %t : !o, !o, !any
}
