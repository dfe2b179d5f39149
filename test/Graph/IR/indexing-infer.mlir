// RUN: lambent-opt %s --split-input-file --verify-diagnostics

// A result that cannot be right makes the verifier say what it infers.

func.func @concat(%x: tensor<?x3x4xf32>, %y: tensor<2x5x?xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<2x8x4xf32>', but got}}
  %r = graph.concat(%x, %y) {axis = 1 : i64} : (tensor<?x3x4xf32>, tensor<2x5x?xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @concat_open_axis(%x: tensor<?x3x4xf32>, %y: tensor<2x?x?xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<2x?x4xf32>', but got}}
  %r = graph.concat(%x, %y) {axis = 1 : i64} : (tensor<?x3x4xf32>, tensor<2x?x?xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @slice(%x: tensor<2x10xf32>) {
  %s = graph.constant dense<1> : tensor<1xi64>
  %e = graph.constant dense<9> : tensor<1xi64>
  %t = graph.constant dense<3> : tensor<1xi64>
  // expected-error @+1 {{expected a result of 'tensor<2x3xf32>', but got}}
  %r = graph.slice(%x, %s, %e, %t) {axes = array<i64: 1>} : (tensor<2x10xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @slice_negative(%x: tensor<2x10xf32>) {
  %s = graph.constant dense<-3> : tensor<1xi64>
  %e = graph.constant dense<100> : tensor<1xi64>
  %t = graph.constant dense<1> : tensor<1xi64>
  // expected-error @+1 {{expected a result of 'tensor<2x3xf32>', but got}}
  %r = graph.slice(%x, %s, %e, %t) {axes = array<i64: 1>} : (tensor<2x10xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @slice_backwards(%x: tensor<2x10xf32>) {
  %s = graph.constant dense<-1> : tensor<1xi64>
  %e = graph.constant dense<-9223372036854775807> : tensor<1xi64>
  %t = graph.constant dense<-1> : tensor<1xi64>
  // expected-error @+1 {{expected a result of 'tensor<2x10xf32>', but got}}
  %r = graph.slice(%x, %s, %e, %t) {axes = array<i64: 1>} : (tensor<2x10xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @slice_backwards_by_four(%x: tensor<2x10xf32>) {
  %s = graph.constant dense<8> : tensor<1xi64>
  %e = graph.constant dense<0> : tensor<1xi64>
  %t = graph.constant dense<-4> : tensor<1xi64>
  // expected-error @+1 {{expected a result of 'tensor<2x2xf32>', but got}}
  %r = graph.slice(%x, %s, %e, %t) {axes = array<i64: 1>} : (tensor<2x10xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @slice_empty(%x: tensor<2x10xf32>) {
  %s = graph.constant dense<5> : tensor<1xi64>
  %e = graph.constant dense<5> : tensor<1xi64>
  %t = graph.constant dense<1> : tensor<1xi64>
  // expected-error @+1 {{expected a result of 'tensor<2x0xf32>', but got}}
  %r = graph.slice(%x, %s, %e, %t) {axes = array<i64: 1>} : (tensor<2x10xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @slice_of_nothing(%x: tensor<2x0xf32>) {
  %s = graph.constant dense<-1> : tensor<1xi64>
  %e = graph.constant dense<5> : tensor<1xi64>
  %t = graph.constant dense<-1> : tensor<1xi64>
  // expected-error @+1 {{expected a result of 'tensor<2x0xf32>', but got}}
  %r = graph.slice(%x, %s, %e, %t) {axes = array<i64: 1>} : (tensor<2x0xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @slice_huge_step(%x: tensor<2x10xf32>) {
  %s = graph.constant dense<0> : tensor<1xi64>
  %e = graph.constant dense<9223372036854775807> : tensor<1xi64>
  %t = graph.constant dense<9223372036854775807> : tensor<1xi64>
  // expected-error @+1 {{expected a result of 'tensor<2x1xf32>', but got}}
  %r = graph.slice(%x, %s, %e, %t) {axes = array<i64: 1>} : (tensor<2x10xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @slice_least_step(%x: tensor<2x10xf32>) {
  %s = graph.constant dense<-1> : tensor<1xi64>
  %e = graph.constant dense<-9223372036854775807> : tensor<1xi64>
  %t = graph.constant dense<-9223372036854775807> : tensor<1xi64>
  // expected-error @+1 {{expected a result of 'tensor<2x1xf32>', but got}}
  %r = graph.slice(%x, %s, %e, %t) {axes = array<i64: 1>} : (tensor<2x10xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @slice_two_axes(%x: tensor<7x?x10xf32>) {
  %s = graph.constant dense<[1, 2]> : tensor<2xi64>
  %e = graph.constant dense<[3, 4]> : tensor<2xi64>
  %t = graph.constant dense<1> : tensor<2xi64>
  // expected-error @+1 {{expected a result of 'tensor<7x?x2xf32>', but got}}
  %r = graph.slice(%x, %s, %e, %t) {axes = array<i64: 2, 1>} : (tensor<7x?x10xf32>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @slice_unknown_end(%x: tensor<2x10xf32>, %i: tensor<1xi64>) {
  // expected-error @+1 {{expected a result of 'tensor<2x?xf32>', but got}}
  %r = graph.slice(%x, %i, %i, %i) {axes = array<i64: 1>} : (tensor<2x10xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @tile(%x: tensor<2x?x5xf32>) {
  %s = graph.constant dense<[2, 3, 4]> : tensor<3xi64>
  // expected-error @+1 {{expected a result of 'tensor<4x?x20xf32>', but got}}
  %r = graph.tile(%x, %s)  : (tensor<2x?x5xf32>, tensor<3xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pad(%x: tensor<2x?x5xf32>) {
  %s = graph.constant dense<[1, -2, 0, 1]> : tensor<4xi64>
  // expected-error @+1 {{expected a result of 'tensor<3x?x4xf32>', but got}}
  %r = graph.pad(%x, %s) {axes = array<i64: 0, 2>} : (tensor<2x?x5xf32>, tensor<4xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @gather(%x: tensor<?x8x3xf32>, %i: tensor<2x?xi64>) {
  // expected-error @+1 {{expected a result of 'tensor<?x2x?x3xf32>', but got}}
  %r = graph.gather(%x, %i) {axis = 1 : i64} : (tensor<?x8x3xf32>, tensor<2x?xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @gather_elements(%x: tensor<?x8xf32>, %i: tensor<2x?xi32>) {
  // expected-error @+1 {{expected a result of 'tensor<2x?xf32>', but got}}
  %r = graph.gather_elements(%x, %i) {axis = 1 : i64} : (tensor<?x8xf32>, tensor<2x?xi32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @range(%x: tensor<1xf32>) {
  %a = graph.constant dense<3> : tensor<i64>
  %b = graph.constant dense<10> : tensor<i64>
  %c = graph.constant dense<2> : tensor<i64>
  // expected-error @+1 {{expected a result of 'tensor<4xi64>', but got}}
  %r = graph.range(%a, %b, %c) : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @range_down(%x: tensor<1xf32>) {
  %a = graph.constant dense<3> : tensor<i64>
  %b = graph.constant dense<-10> : tensor<i64>
  %c = graph.constant dense<-5> : tensor<i64>
  // expected-error @+1 {{expected a result of 'tensor<3xi64>', but got}}
  %r = graph.range(%a, %b, %c) : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @range_empty(%x: tensor<1xf32>) {
  %a = graph.constant dense<3> : tensor<i64>
  %b = graph.constant dense<1> : tensor<i64>
  %c = graph.constant dense<5> : tensor<i64>
  // expected-error @+1 {{expected a result of 'tensor<0xi64>', but got}}
  %r = graph.range(%a, %b, %c) : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @range_float(%x: tensor<1xf32>) {
  %a = graph.constant dense<0.0> : tensor<f32>
  %b = graph.constant dense<1.0> : tensor<f32>
  %c = graph.constant dense<0.25> : tensor<f32>
  // expected-error @+1 {{expected a result of 'tensor<4xf32>', but got}}
  %r = graph.range(%a, %b, %c) : (tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @range_open(%x: tensor<i64>) {
  // expected-error @+1 {{expected a result of 'tensor<?xi64>', but got}}
  %r = graph.range(%x, %x, %x) : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @gather_nd(%x: tensor<?x8x3x?xf32>, %i: tensor<2x?x2xi64>) {
  // expected-error @+1 {{expected a result of 'tensor<2x?x?xf32>', but got}}
  %r = graph.gather_nd(%x, %i) {batch_dims = 1 : i64} : (tensor<?x8x3x?xf32>, tensor<2x?x2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @scatter_nd(%x: tensor<?x8xf32>, %i: tensor<?x1xi64>, %u: tensor<?x?xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<?x8xf32>', but got}}
  %r = graph.scatter_nd(%x, %i, %u) : (tensor<?x8xf32>, tensor<?x1xi64>, tensor<?x?xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @scatter_elements(%x: tensor<?x8xf32>, %i: tensor<2x?xi32>, %u: tensor<2x?xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<?x8xf32>', but got}}
  %r = graph.scatter_elements(%x, %i, %u) {axis = 1 : i64} : (tensor<?x8xf32>, tensor<2x?xi32>, tensor<2x?xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}
