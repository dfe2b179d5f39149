// RUN: lambent-opt %s --split-input-file --verify-diagnostics


func.func @reduce_c1_kind(%x: tensor<?x4x8xf32>) {
  // expected-error @+1 {{expected kind to be one of sum, prod, max, min, mean, but got norm}}
  %r = graph.reduce(%x) {kind = "norm", axes = array<i64: 0>} : (tensor<?x4x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @reduce_c2_sorted(%x: tensor<?x4x8xf32>) {
  // expected-error @+1 {{expected sorted axes, but got 0 after 2}}
  %r = graph.reduce(%x) {kind = "sum", axes = array<i64: 2, 0>} : (tensor<?x4x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @reduce_c2_unique(%x: tensor<?x4x8xf32>) {
  // expected-error @+1 {{expected unique axes, but got 2 twice}}
  %r = graph.reduce(%x) {kind = "sum", axes = array<i64: 2, 2>} : (tensor<?x4x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @reduce_c2_range(%x: tensor<?x4x8xf32>) {
  // expected-error @+1 {{expected an axis in [0, 3), but got 3}}
  %r = graph.reduce(%x) {kind = "sum", axes = array<i64: 3>} : (tensor<?x4x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @arg_reduce_c1_kind(%x: tensor<?x4x8xf32>) {
  // expected-error @+1 {{expected kind to be one of max, min, but got sum}}
  %r = graph.arg_reduce(%x) {kind = "sum", axis = 0 : i64} : (tensor<?x4x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @arg_reduce_c2_axis(%x: tensor<?x4x8xf32>) {
  // expected-error @+1 {{expected an axis in [0, 3), but got 4}}
  %r = graph.arg_reduce(%x) {kind = "max", axis = 4 : i64} : (tensor<?x4x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @cumsum_c1_axis(%x: tensor<?x4x8xf32>) {
  // expected-error @+1 {{expected an axis in [0, 3), but got -4}}
  %r = graph.cumsum(%x) {axis = -4 : i64} : (tensor<?x4x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @cumsum_c2_kind(%x: tensor<?x4x8xf32>) {
  // expected-error @+1 {{expected kind to be one of sum, prod, but got max}}
  %r = graph.cumsum(%x) {axis = 1 : i64, kind = "max"} : (tensor<?x4x8xf32>) -> tensor<?x4x8xf32>
  return
}

// -----

func.func @arg_reduce_c3_of_nothing(%x: tensor<4x0xf32>) {
  // expected-error @+1 {{expected elements to choose from along axis 1, but got 'tensor<4x0xf32>'}}
  %r = graph.arg_reduce(%x) {kind = "max", axis = 1 : i64} : (tensor<4x0xf32>) -> tensor<4x1xi64>
  return
}

// -----

func.func @topk_c1_axis(%x: tensor<4x8xf32>, %k: tensor<1xi64>) {
  // expected-error @+1 {{expected an axis in [0, 2), but got 2}}
  %v, %i = graph.topk(%x, %k) {axis = 2 : i64} : (tensor<4x8xf32>, tensor<1xi64>) -> (tensor<4x?xf32>, tensor<4x?xi64>)
  return
}

// -----

func.func @topk_c2_several(%x: tensor<4x8xf32>, %k: tensor<2xi64>) {
  // expected-error @+1 {{expected k to be one number, but got 'tensor<2xi64>'}}
  %v, %i = graph.topk(%x, %k) {axis = 1 : i64} : (tensor<4x8xf32>, tensor<2xi64>) -> (tensor<4x?xf32>, tensor<4x?xi64>)
  return
}

// -----

func.func @topk_c2_large(%x: tensor<4x8xf32>) {
  %k = graph.constant dense<9> : tensor<1xi64>
  // expected-error @+1 {{expected k between 0 and 8, but got 9}}
  %v, %i = graph.topk(%x, %k) {axis = 1 : i64} : (tensor<4x8xf32>, tensor<1xi64>) -> (tensor<4x9xf32>, tensor<4x9xi64>)
  return
}
