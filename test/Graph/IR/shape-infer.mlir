// RUN: lambent-opt %s --split-input-file --verify-diagnostics

// A result that cannot be right makes the verifier say what it infers.

func.func @reshape_deduces_dim(%x: tensor<2x6xf32>) {
  %s = graph.constant dense<[3, -1]> : tensor<2xi64>
  // expected-error @+1 {{expected a result of 'tensor<3x4xf32>', but got}}
  %r = graph.reshape(%x, %s)  : (tensor<2x6xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @reshape_copies_open_dim(%x: tensor<?x128x384xf32>) {
  %s = graph.constant dense<[0, 128, 12, -1]> : tensor<4xi64>
  // expected-error @+1 {{expected a result of 'tensor<?x128x12x32xf32>', but got}}
  %r = graph.reshape(%x, %s)  : (tensor<?x128x384xf32>, tensor<4xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @reshape_open_dim(%x: tensor<?x128x384xf32>) {
  %s = graph.constant dense<[-1, 384]> : tensor<2xi64>
  // expected-error @+1 {{expected a result of 'tensor<?x384xf32>', but got}}
  %r = graph.reshape(%x, %s)  : (tensor<?x128x384xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @reshape_copies_zero(%x: tensor<0x4xf32>) {
  %s = graph.constant dense<[0, 4]> : tensor<2xi64>
  // expected-error @+1 {{expected a result of 'tensor<0x4xf32>', but got}}
  %r = graph.reshape(%x, %s)  : (tensor<0x4xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @reshape_allow_zero(%x: tensor<0x4xf32>) {
  %s = graph.constant dense<[7, 0]> : tensor<2xi64>
  // expected-error @+1 {{expected a result of 'tensor<7x0xf32>', but got}}
  %r = graph.reshape(%x, %s) {allow_zero = true} : (tensor<0x4xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @reshape_to_scalar(%x: tensor<1x1xf32>, %s: tensor<0xi64>) {
  // expected-error @+1 {{expected a result of 'tensor<f32>', but got}}
  %r = graph.reshape(%x, %s) : (tensor<1x1xf32>, tensor<0xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @reshape_unknown_shape(%x: tensor<2x6xf32>, %s: tensor<3xi64>) {
  // expected-error @+1 {{expected a result of 'tensor<?x?x?xf32>', but got}}
  %r = graph.reshape(%x, %s) : (tensor<2x6xf32>, tensor<3xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @reshape_vector_keeps_count(%x: tensor<2x6xf32>, %s: tensor<1xi64>) {
  // expected-error @+1 {{expected a result of 'tensor<12xf32>', but got}}
  %r = graph.reshape(%x, %s) : (tensor<2x6xf32>, tensor<1xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @squeeze(%x: tensor<?x1x?x4xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<?x4xf32>', but got}}
  %r = graph.squeeze(%x) {axes = array<i64: 1, 2>} : (tensor<?x1x?x4xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @unsqueeze(%x: tensor<?x4xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<1x?x1x4x1xf32>', but got}}
  %r = graph.unsqueeze(%x) {axes = array<i64: 0, 2, 4>} : (tensor<?x4xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @flatten(%x: tensor<2x?x3x4xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<?x12xf32>', but got}}
  %r = graph.flatten(%x) {axis = 2 : i64} : (tensor<2x?x3x4xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @flatten_at_zero(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<1x6xf32>', but got}}
  %r = graph.flatten(%x) {axis = 0 : i64} : (tensor<2x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @transpose(%x: tensor<2x3x?xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<?x2x3xf32>', but got}}
  %r = graph.transpose(%x) {perm = array<i64: 2, 0, 1>} : (tensor<2x3x?xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @expand(%x: tensor<3x1xf32>) {
  %s = graph.constant dense<[2, 1, 6]> : tensor<3xi64>
  // expected-error @+1 {{expected a result of 'tensor<2x3x6xf32>', but got}}
  %r = graph.expand(%x, %s) : (tensor<3x1xf32>, tensor<3xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @expand_unknown_shape(%x: tensor<3x1xf32>, %s: tensor<3xi64>) {
  // expected-error @+1 {{expected a result of 'tensor<?x3x?xf32>', but got}}
  %r = graph.expand(%x, %s) : (tensor<3x1xf32>, tensor<3xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @shape(%x: tensor<2x3x?xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<2xi64>', but got}}
  %r = graph.shape(%x) {start = 1 : i64, end = 3 : i64} : (tensor<2x3x?xf32>) -> tensor<9xi64>
  return
}

// -----

func.func @reshape_by_partly_known_shape(%x: tensor<?x128x384xf32>) {
  %0 = graph.shape(%x) {start = 0 : i64, end = 1 : i64} : (tensor<?x128x384xf32>) -> tensor<1xi64>
  %1 = graph.constant dense<[128, 12, 32]> : tensor<3xi64>
  %2 = graph.concat(%0, %1) {axis = 0 : i64} : (tensor<1xi64>, tensor<3xi64>) -> tensor<4xi64>
  // expected-error @+1 {{expected a result of 'tensor<?x128x12x32xf32>', but got}}
  %r = graph.reshape(%x, %2) : (tensor<?x128x384xf32>, tensor<4xi64>) -> tensor<f32>
  return
}

// -----

func.func @expand_by_partly_known_arithmetic(%x: tensor<?x6xf32>, %y: tensor<1x1x1xf32>) {
  %0 = graph.shape(%x) {start = 0 : i64, end = 2 : i64} : (tensor<?x6xf32>) -> tensor<2xi64>
  %i = graph.constant dense<[1, 0, -1]> : tensor<3xi64>
  %1 = graph.gather(%0, %i) {axis = 0 : i64} : (tensor<2xi64>, tensor<3xi64>) -> tensor<3xi64>
  %2 = graph.constant dense<2> : tensor<1xi64>
  %3 = graph.elementwise(%1, %2) : (tensor<3xi64>, tensor<1xi64>) -> tensor<3xi64> {
  ^bb0(%a: i64, %b: i64):
    %m = arith.muli %a, %b : i64
    graph.yield %m : i64
  }
  // expected-error @+1 {{expected a result of 'tensor<12x?x12xf32>', but got}}
  %r = graph.expand(%y, %3) : (tensor<1x1x1xf32>, tensor<3xi64>) -> tensor<f32>
  return
}
