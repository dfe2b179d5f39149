// RUN: lambent-opt %s --split-input-file --verify-diagnostics


func.func @softmax_c1_axis(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{expected an axis in [0, 2), but got -1}}
  %r = graph.softmax(%x) {axis = -1 : i64} : (tensor<?x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @layer_norm_c1_axis(%x: tensor<?x4x8xf32>) {
  // expected-error @+1 {{expected an axis in [0, 3), but got 3}}
  %r = graph.layer_norm(%x) {axis = 3 : i64} : (tensor<?x4x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @layer_norm_c2_scale(%x: tensor<1x4x8xf32>, %s: tensor<2x4x8xf32>) {
  // expected-error @+1 {{expected scale and bias that broadcast to 1x4x8, but got}}
  %r = graph.layer_norm(%x scale %s) {axis = 1 : i64} : (tensor<1x4x8xf32>, tensor<2x4x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @batch_norm_c1_size(%x: tensor<1x5x8xf32>, %s: tensor<4xf32>) {
  // expected-error @+1 {{expected vectors of 5, but got}}
  %r = graph.batch_norm(%x, %s, %s, %s, %s) {} : (tensor<1x5x8xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @batch_norm_rank(%x: tensor<5xf32>, %s: tensor<4xf32>) {
  // expected-error @+1 {{expected an input of rank 2 or more, but got}}
  %r = graph.batch_norm(%x, %s, %s, %s, %s) {} : (tensor<5xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @lrn_c1_size(%x: tensor<?x4x8xf32>) {
  // expected-error @+1 {{expected a size of at least 1, but got 0}}
  %r = graph.lrn(%x) {size = 0 : i64} : (tensor<?x4x8xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}
