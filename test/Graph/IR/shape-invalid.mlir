// RUN: lambent-opt %s --split-input-file --verify-diagnostics


func.func @reshape_c1_count(%x: tensor<2x6xf32>) {
  %s = graph.constant dense<[3, 5]> : tensor<2xi64>
  // expected-error @+1 {{expected a shape of 12 elements, but got 3x5}}
  %r = graph.reshape(%x, %s)  : (tensor<2x6xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @reshape_c1_divides(%x: tensor<2x6xf32>) {
  %s = graph.constant dense<[5, -1]> : tensor<2xi64>
  // expected-error @+1 {{expected a shape that 2x6 divides into, but got 5x-1}}
  %r = graph.reshape(%x, %s)  : (tensor<2x6xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @reshape_two_deduced(%x: tensor<2x6xf32>) {
  %s = graph.constant dense<[-1, -1]> : tensor<2xi64>
  // expected-error @+1 {{expected at most one dim of -1, but got two}}
  %r = graph.reshape(%x, %s)  : (tensor<2x6xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @reshape_negative(%x: tensor<2x6xf32>) {
  %s = graph.constant dense<[-2, 6]> : tensor<2xi64>
  // expected-error @+1 {{expected dims of at least -1 and at most 2^40, but got -2}}
  %r = graph.reshape(%x, %s)  : (tensor<2x6xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @reshape_copies_missing_dim(%x: tensor<12xf32>) {
  %s = graph.constant dense<[1, 12, 0]> : tensor<3xi64>
  // expected-error @+1 {{expected dim 2 to be copied to exist, but got an input of rank 1}}
  %r = graph.reshape(%x, %s)  : (tensor<12xf32>, tensor<3xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @reshape_overflow(%x: tensor<12xf32>) {
  %s = graph.constant dense<[1099511627776, 1099511627776, 1099511627776]> : tensor<3xi64>
  // expected-error @+1 {{expected a shape of 12 elements, but got}}
  %r = graph.reshape(%x, %s)  : (tensor<12xf32>, tensor<3xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @reshape_absurd_input(%x: tensor<4611686018427387904x4x4xf32>) {
  %s = graph.constant dense<-1> : tensor<1xi64>
  // expected-error @+1 {{expected result dims between 0 and 2^40, but got}}
  %r = graph.reshape(%x, %s) : (tensor<4611686018427387904x4x4xf32>, tensor<1xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @reshape_unranked_list(%x: tensor<2x6xf32>, %s: tensor<?xi64>) {
  // expected-error @+1 {{expected a shape of 0 to 64 dims, but got}}
  %r = graph.reshape(%x, %s) : (tensor<2x6xf32>, tensor<?xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @squeeze_c1_size(%x: tensor<2x1xf32>) {
  // expected-error @+1 {{expected dim 0 to be 1, but got 2}}
  %r = graph.squeeze(%x) {axes = array<i64: 0>} : (tensor<2x1xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @squeeze_c1_range(%x: tensor<2x1xf32>) {
  // expected-error @+1 {{expected an axis in [0, 2), but got 2}}
  %r = graph.squeeze(%x) {axes = array<i64: 2>} : (tensor<2x1xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @unsqueeze_c1_unique(%x: tensor<2x1xf32>) {
  // expected-error @+1 {{expected unique axes, but got 1 twice}}
  %r = graph.unsqueeze(%x) {axes = array<i64: 1, 1>} : (tensor<2x1xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @flatten_c1_axis(%x: tensor<2x1xf32>) {
  // expected-error @+1 {{expected an axis in [0, 2], but got 3}}
  %r = graph.flatten(%x) {axis = 3 : i64} : (tensor<2x1xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @flatten_absurd(%x: tensor<1099511627776x1099511627776x1099511627776xf32>) {
  // expected-error @+1 {{expected result dims between 0 and 2^40, but got 1x1152921504606846977}}
  %r = graph.flatten(%x) {axis = 0 : i64} : (tensor<1099511627776x1099511627776x1099511627776xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @transpose_c1_count(%x: tensor<2x1xf32>) {
  // expected-error @+1 {{expected 2 entries of perm, but got 1}}
  %r = graph.transpose(%x) {perm = array<i64: 0>} : (tensor<2x1xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @transpose_c1_permutation(%x: tensor<2x1xf32>) {
  // expected-error @+1 {{expected unique axes, but got 1 twice}}
  %r = graph.transpose(%x) {perm = array<i64: 1, 1>} : (tensor<2x1xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @expand_c1(%x: tensor<3x2xf32>) {
  %s = graph.constant dense<[3, 4]> : tensor<2xi64>
  // expected-error @+1 {{expected a shape that 3x2 broadcasts to, but got 3x4}}
  %r = graph.expand(%x, %s) : (tensor<3x2xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @expand_negative(%x: tensor<3x2xf32>) {
  %s = graph.constant dense<[3, -4]> : tensor<2xi64>
  // expected-error @+1 {{expected dims between 0 and 2^40, but got -4}}
  %r = graph.expand(%x, %s) : (tensor<3x2xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @shape_c1(%x: tensor<3x2xf32>) {
  // expected-error @+1 {{expected 0 <= start <= end <= 2, but got [1, 3)}}
  %r = graph.shape(%x) {start = 1 : i64, end = 3 : i64} : (tensor<3x2xf32>) -> tensor<9xi64>
  return
}
