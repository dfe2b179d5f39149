// RUN: lambent-opt %s --split-input-file --verify-diagnostics


func.func @concat_c1_axis(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{expected an axis in [0, 2), but got 2}}
  %r = graph.concat(%x) {axis = 2 : i64} : (tensor<2x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @concat_c2_dims(%x: tensor<2x3xf32>, %y: tensor<2x4xf32>) {
  // expected-error @+1 {{expected dim 1 to be 3, but got 4}}
  %r = graph.concat(%x, %y) {axis = 0 : i64} : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @concat_types(%x: tensor<2x3xf32>, %y: tensor<2x3xf16>) {
  // expected-error @+1 {{expected inputs like}}
  %r = graph.concat(%x, %y) {axis = 0 : i64} : (tensor<2x3xf32>, tensor<2x3xf16>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @concat_absurd(%x: tensor<9223372036854775807xf32>) {
  // expected-error @+1 {{expected result dims between 0 and 2^40, but got}}
  %r = graph.concat(%x, %x) {axis = 0 : i64} : (tensor<9223372036854775807xf32>, tensor<9223372036854775807xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @slice_c1_axis(%x: tensor<2x10xf32>) {
  %s = graph.constant dense<0> : tensor<1xi64>
  %e = graph.constant dense<1> : tensor<1xi64>
  %t = graph.constant dense<1> : tensor<1xi64>
  // expected-error @+1 {{expected an axis in [0, 2), but got 2}}
  %r = graph.slice(%x, %s, %e, %t) {axes = array<i64: 2>} : (tensor<2x10xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @slice_c2_sizes(%x: tensor<2x10xf32>, %i: tensor<2xi64>) {
  // expected-error @+1 {{expected starts, ends and steps of 1 entries, but got}}
  %r = graph.slice(%x, %i, %i, %i) {axes = array<i64: 1>} : (tensor<2x10xf32>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @slice_c3_step(%x: tensor<2x10xf32>) {
  %s = graph.constant dense<0> : tensor<1xi64>
  %e = graph.constant dense<1> : tensor<1xi64>
  %t = graph.constant dense<0> : tensor<1xi64>
  // expected-error @+1 {{expected steps other than 0, but got 0}}
  %r = graph.slice(%x, %s, %e, %t) {axes = array<i64: 1>} : (tensor<2x10xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @tile_c1_count(%x: tensor<2x5xf32>) {
  %s = graph.constant dense<[2, 3, 4]> : tensor<3xi64>
  // expected-error @+1 {{expected 2 repeats, but got}}
  %r = graph.tile(%x, %s)  : (tensor<2x5xf32>, tensor<3xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @tile_negative(%x: tensor<2x5xf32>) {
  %s = graph.constant dense<[2, -3]> : tensor<2xi64>
  // expected-error @+1 {{expected repeats between 0 and 2^40, but got -3}}
  %r = graph.tile(%x, %s)  : (tensor<2x5xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @tile_absurd(%x: tensor<2x5xf32>) {
  %s = graph.constant dense<1099511627776> : tensor<2xi64>
  // expected-error @+1 {{expected result dims between 0 and 2^40, but got}}
  %r = graph.tile(%x, %s)  : (tensor<2x5xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pad_c1_axes(%x: tensor<2x5xf32>) {
  %s = graph.constant dense<1> : tensor<4xi64>
  // expected-error @+1 {{expected unique axes, but got 1 twice}}
  %r = graph.pad(%x, %s) {axes = array<i64: 1, 1>} : (tensor<2x5xf32>, tensor<4xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pad_c2_count(%x: tensor<2x5xf32>) {
  %s = graph.constant dense<1> : tensor<2xi64>
  // expected-error @+1 {{expected 4 pads, but got}}
  %r = graph.pad(%x, %s) {axes = array<i64: 0, 1>} : (tensor<2x5xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pad_c3_mode(%x: tensor<2x5xf32>) {
  %s = graph.constant dense<1> : tensor<2xi64>
  // expected-error @+1 {{expected mode to be one of constant, reflect, edge, wrap, but got mirror}}
  %r = graph.pad(%x, %s) {axes = array<i64: 1>, mode = "mirror"} : (tensor<2x5xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pad_removes_too_much(%x: tensor<2x5xf32>) {
  %s = graph.constant dense<[-3, -3]> : tensor<2xi64>
  // expected-error @+1 {{expected pads that leave dim 1 of 5, but got -3 and -3}}
  %r = graph.pad(%x, %s) {axes = array<i64: 1>} : (tensor<2x5xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @pad_absurd(%x: tensor<2x5xf32>) {
  %s = graph.constant dense<[9223372036854775807, 9223372036854775807]> : tensor<2xi64>
  // expected-error @+1 {{expected result dims between 0 and 2^40, but got}}
  %r = graph.pad(%x, %s) {axes = array<i64: 1>} : (tensor<2x5xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @gather_c1_axis(%x: tensor<2xf32>, %i: tensor<2xi64>) {
  // expected-error @+1 {{expected an axis in [0, 1), but got 1}}
  %r = graph.gather(%x, %i) {axis = 1 : i64} : (tensor<2xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @gather_c2_indices(%x: tensor<2xf32>) {
  // expected-error @+1 {{expected indices of i32 or i64, but got}}
  %r = graph.gather(%x, %x) {axis = 0 : i64} : (tensor<2xf32>, tensor<2xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @gather_elements_c2_rank(%x: tensor<2x2xf32>, %i: tensor<2xi64>) {
  // expected-error @+1 {{expected indices of rank 2, but got}}
  %r = graph.gather_elements(%x, %i) {axis = 1 : i64} : (tensor<2x2xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @gather_elements_c4_dims(%x: tensor<2x4xf32>, %i: tensor<3x4xi64>) {
  // expected-error @+1 {{expected indices of at most 2 in dim 0, as data has, but got 3}}
  %r = graph.gather_elements(%x, %i) {axis = 1 : i64} : (tensor<2x4xf32>, tensor<3x4xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @range_c1(%x: tensor<2xf32>) {
  // expected-error @+1 {{expected start, limit and delta to be scalars of one type, but got}}
  %r = graph.range(%x, %x, %x) : (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @range_step(%x: tensor<1xf32>) {
  %a = graph.constant dense<0> : tensor<i64>
  %b = graph.constant dense<1> : tensor<i64>
  %c = graph.constant dense<0> : tensor<i64>
  // expected-error @+1 {{expected a delta other than 0, but got 0}}
  %r = graph.range(%a, %b, %c) : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @range_absurd(%x: tensor<1xf32>) {
  %a = graph.constant dense<-9223372036854775807> : tensor<i64>
  %b = graph.constant dense<9223372036854775807> : tensor<i64>
  %c = graph.constant dense<1> : tensor<i64>
  // expected-error @+1 {{expected result dims between 0 and 2^40, but got}}
  %r = graph.range(%a, %b, %c) : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @concat_empty() {
  // expected-error @+1 {{expected at least one input, but got none}}
  %r = "graph.concat"() <{axis = 0 : i64}> : () -> tensor<9xf32>
  return
}

// -----

func.func @pad_value(%x: tensor<2x5xf32>, %v: tensor<2xf32>) {
  %s = graph.constant dense<1> : tensor<2xi64>
  // expected-error @+1 {{expected a value of one 'f32', but got 'tensor<2xf32>'}}
  %r = graph.pad(%x, %s, %v) {axes = array<i64: 1>} : (tensor<2x5xf32>, tensor<2xi64>, tensor<2xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @gather_c3_from_nothing(%x: tensor<0x3xf32>, %i: tensor<2xi64>) {
  // expected-error @+1 {{expected elements to choose from along axis 0, but got 'tensor<0x3xf32>'}}
  %r = graph.gather(%x, %i) {axis = 0 : i64} : (tensor<0x3xf32>, tensor<2xi64>) -> tensor<2x3xf32>
  return
}

// -----

func.func @gather_elements_c4_from_nothing(%x: tensor<3x0xf32>, %i: tensor<3x2xi64>) {
  // expected-error @+1 {{expected elements to choose from along axis 1, but got 'tensor<3x0xf32>'}}
  %r = graph.gather_elements(%x, %i) {axis = 1 : i64} : (tensor<3x0xf32>, tensor<3x2xi64>) -> tensor<3x2xf32>
  return
}

// -----

func.func @pad_c4_repeats_nothing(%x: tensor<3x0xf32>) {
  %p = graph.constant dense<[0, 1, 0, 1]> : tensor<4xi64>
  // expected-error @+1 {{expected elements to repeat along axis 1 in mode edge, but got 'tensor<3x0xf32>'}}
  %r = graph.pad(%x, %p) {mode = "edge", axes = array<i64: 0, 1>} : (tensor<3x0xf32>, tensor<4xi64>) -> tensor<3x2xf32>
  return
}

// -----

func.func @gather_nd_c1_batch(%x: tensor<2x3xf32>, %i: tensor<2xi64>) {
  // expected-error @+1 {{expected batch_dims to be less than the ranks of data and indices, but got 1 for 'tensor<2x3xf32>' and 'tensor<2xi64>'}}
  %r = graph.gather_nd(%x, %i) {batch_dims = 1 : i64} : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @gather_nd_c2_indices(%x: tensor<2x3xf32>, %i: tensor<2xi8>) {
  // expected-error @+1 {{expected indices of i32 or i64, but got}}
  %r = graph.gather_nd(%x, %i) {batch_dims = 0 : i64} : (tensor<2x3xf32>, tensor<2xi8>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @gather_nd_c3_tuples(%x: tensor<2x3xf32>, %i: tensor<2x2xi64>) {
  // expected-error @+1 {{expected tuples of 1 to 1 indices, but got 'tensor<2x2xi64>'}}
  %r = graph.gather_nd(%x, %i) {batch_dims = 1 : i64} : (tensor<2x3xf32>, tensor<2x2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @gather_nd_c3_open(%x: tensor<2x3xf32>, %i: tensor<2x?xi64>) {
  // expected-error @+1 {{expected the size of the last dim of indices to be known, but got}}
  %r = graph.gather_nd(%x, %i) {batch_dims = 0 : i64} : (tensor<2x3xf32>, tensor<2x?xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @gather_nd_c4_batch(%x: tensor<2x3xf32>, %i: tensor<4x1xi64>) {
  // expected-error @+1 {{expected batch dim 0 of indices to be 2, but got 4}}
  %r = graph.gather_nd(%x, %i) {batch_dims = 1 : i64} : (tensor<2x3xf32>, tensor<4x1xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @gather_nd_c5_from_nothing(%x: tensor<2x0xf32>, %i: tensor<4x2xi64>) {
  // expected-error @+1 {{expected elements to choose from along axis 1, but got 'tensor<2x0xf32>'}}
  %r = graph.gather_nd(%x, %i) {batch_dims = 0 : i64} : (tensor<2x0xf32>, tensor<4x2xi64>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @scatter_nd_c2_scalars(%x: tensor<2xf32>, %i: tensor<i64>, %u: tensor<f32>) {
  // expected-error @+1 {{expected data with dims and indices with tuples in their last dim, but got 'tensor<2xf32>' and 'tensor<i64>'}}
  %r = graph.scatter_nd(%x, %i, %u) : (tensor<2xf32>, tensor<i64>, tensor<f32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @scatter_nd_c3_updates(%x: tensor<2x3xf32>, %i: tensor<4x1xi64>, %u: tensor<4x2xf32>) {
  // expected-error @+1 {{expected updates of 'tensor<4x3xf32>', but got 'tensor<4x2xf32>'}}
  %r = graph.scatter_nd(%x, %i, %u) : (tensor<2x3xf32>, tensor<4x1xi64>, tensor<4x2xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @scatter_nd_c4_kind(%x: tensor<2x3xf32>, %i: tensor<4x1xi64>, %u: tensor<4x3xf32>) {
  // expected-error @+1 {{expected kind to be}}
  %r = graph.scatter_nd(%x, %i, %u) {kind = "add"} : (tensor<2x3xf32>, tensor<4x1xi64>, tensor<4x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @scatter_nd_c5_of_nothing(%x: tensor<0x3xf32>, %i: tensor<4x1xi64>, %u: tensor<4x3xf32>) {
  // expected-error @+1 {{expected elements to choose from along axis 0, but got 'tensor<0x3xf32>'}}
  %r = graph.scatter_nd(%x, %i, %u) : (tensor<0x3xf32>, tensor<4x1xi64>, tensor<4x3xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @scatter_elements_c1_axis(%x: tensor<2xf32>, %i: tensor<2xi64>) {
  // expected-error @+1 {{expected an axis in [0, 1), but got 1}}
  %r = graph.scatter_elements(%x, %i, %x) {axis = 1 : i64} : (tensor<2xf32>, tensor<2xi64>, tensor<2xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @scatter_elements_c2_rank(%x: tensor<2x2xf32>, %i: tensor<2xi64>, %u: tensor<2xf32>) {
  // expected-error @+1 {{expected indices of rank 2, but got}}
  %r = graph.scatter_elements(%x, %i, %u) {axis = 1 : i64} : (tensor<2x2xf32>, tensor<2xi64>, tensor<2xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @scatter_elements_c3_indices(%x: tensor<2xf32>) {
  // expected-error @+1 {{expected indices of i32 or i64, but got}}
  %r = graph.scatter_elements(%x, %x, %x) {axis = 0 : i64} : (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @scatter_elements_c4_dims(%x: tensor<2x4xf32>, %i: tensor<3x4xi64>, %u: tensor<3x4xf32>) {
  // expected-error @+1 {{expected indices of at most 2 in dim 0, as data has, but got 3}}
  %r = graph.scatter_elements(%x, %i, %u) {axis = 1 : i64} : (tensor<2x4xf32>, tensor<3x4xi64>, tensor<3x4xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @scatter_elements_c5_updates(%x: tensor<2x4xf32>, %i: tensor<2x3xi64>, %u: tensor<2x3xf16>) {
  // expected-error @+1 {{expected updates of 'tensor<2x3xf32>', but got 'tensor<2x3xf16>'}}
  %r = graph.scatter_elements(%x, %i, %u) {axis = 1 : i64} : (tensor<2x4xf32>, tensor<2x3xi64>, tensor<2x3xf16>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}

// -----

func.func @scatter_elements_c7_of_nothing(%x: tensor<3x0xf32>, %i: tensor<3x2xi64>, %u: tensor<3x2xf32>) {
  // expected-error @+1 {{expected elements to choose from along axis 1, but got 'tensor<3x0xf32>'}}
  %r = graph.scatter_elements(%x, %i, %u) {axis = 1 : i64} : (tensor<3x0xf32>, tensor<3x2xi64>, tensor<3x2xf32>) -> tensor<9x9x9x9x9x9x9xf32>
  return
}
