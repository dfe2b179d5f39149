// RUN: lambent-opt %s | lambent-opt | FileCheck %s

// CHECK-LABEL: @branches
func.func @branches(%c: tensor<i1>, %x: tensor<?xf32, #graph.sizes<[s0]>>) -> tensor<?xf32, #graph.sizes<[s1]>> attributes {graph.symbols = ["n", ""]} {
  // CHECK: graph.if %{{.*}}, @then0, @else1(%{{.*}}) {first_symbol = 1 : i64, num_symbols = 1 : i64} : (tensor<i1>, tensor<?xf32, #graph.sizes<[s0]>>) -> tensor<?xf32, #graph.sizes<[s1]>>
  %r = graph.if %c, @then0, @else1(%x) {first_symbol = 1 : i64, num_symbols = 1 : i64} : (tensor<i1>, tensor<?xf32, #graph.sizes<[s0]>>) -> tensor<?xf32, #graph.sizes<[s1]>>
  return %r : tensor<?xf32, #graph.sizes<[s1]>>
}
func.func private @then0(%x: tensor<?xf32, #graph.sizes<[s0]>>) -> tensor<?xf32, #graph.sizes<[s0]>> attributes {graph.symbols = ["n"]} {
  return %x : tensor<?xf32, #graph.sizes<[s0]>>
}
func.func private @else1(%x: tensor<?xf32, #graph.sizes<[s0]>>) -> tensor<1xf32> attributes {graph.symbols = ["n"]} {
  %r = graph.constant dense<1.0> : tensor<1xf32>
  return %r : tensor<1xf32>
}

// CHECK-LABEL: @loops
func.func @loops(%n: tensor<i64>, %c: tensor<i1>, %x: tensor<4xf32>) -> (tensor<4xf32>, tensor<?x4xf32, #graph.sizes<[s0, 4]>>) attributes {graph.symbols = [""]} {
  // CHECK: graph.loop @loop2 trip(%{{.*}}) while(%{{.*}}) carried(%{{.*}}) captures(%{{.*}}) {num_symbols = 1 : i64} : (tensor<i64>, tensor<i1>, tensor<4xf32>, tensor<4xf32>)
  %r:2 = graph.loop @loop2 trip(%n) while(%c) carried(%x) captures(%x) {first_symbol = 0 : i64, num_symbols = 1 : i64} : (tensor<i64>, tensor<i1>, tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<?x4xf32, #graph.sizes<[s0, 4]>>)
  // CHECK: graph.loop @loop3 : () -> ()
  graph.loop @loop3 : () -> ()
  return %r#0, %r#1 : tensor<4xf32>, tensor<?x4xf32, #graph.sizes<[s0, 4]>>
}
func.func private @loop2(%i: tensor<i64>, %c: tensor<i1>, %a: tensor<4xf32>, %x: tensor<4xf32>) -> (tensor<i1>, tensor<4xf32>, tensor<4xf32>) {
  return %c, %x, %a : tensor<i1>, tensor<4xf32>, tensor<4xf32>
}
func.func private @loop3(%i: tensor<i64>, %c: tensor<1xi1>) -> tensor<1xi1> {
  return %c : tensor<1xi1>
}
