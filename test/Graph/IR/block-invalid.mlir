// RUN: lambent-opt %s --split-input-file --verify-diagnostics

func.func @round_blocks(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<?x8xf32>', but got}}
  %r = graph.round_blocks(%x) {format = "mxfp8", axis = 1 : i64} : (tensor<?x8xf32>) -> tensor<9x9xf32>
  return
}

// -----

func.func @round_blocks_type(%x: tensor<4x8xf16>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of 32-bit float values, but got 'tensor<4x8xf16>'}}
  %r = graph.round_blocks(%x) {format = "mxfp8", axis = 1 : i64} : (tensor<4x8xf16>) -> tensor<4x8xf32>
  return
}

// -----

func.func @round_blocks_c1(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{expected format to be one of mxfp8, mxfp8-e5m2, mxfp6, mxfp6-e3m2, mxfp4, mxint8, mx9, mx6, mx4, but got}}
  %r = graph.round_blocks(%x) {format = "mxfp7", axis = 1 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @round_blocks_c2(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{expected an axis in [0, 2), but got 2}}
  %r = graph.round_blocks(%x) {format = "mxfp8", axis = 2 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @round_blocks_c3(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{expected scale to be one of down, up, but got}}
  %r = graph.round_blocks(%x) {format = "mxfp8", axis = 1 : i64, scale = "nearest"} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @round_blocks_c4(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{expected groups that divide 8, but got 3}}
  %r = graph.round_blocks(%x) {format = "mxfp8", axis = 1 : i64, groups = 3 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @round_blocks_c4_none(%x: tensor<4x?xf32>) {
  // expected-error @+1 {{expected groups that divide ?, but got 0}}
  %r = graph.round_blocks(%x) {format = "mxfp8", axis = 1 : i64, groups = 0 : i64} : (tensor<4x?xf32>) -> tensor<4x?xf32>
  return
}
