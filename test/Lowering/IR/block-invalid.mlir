// RUN: lambent-opt --split-input-file --verify-diagnostics %s

func.func @round_blocks_c1(%x: memref<4x8xf32>, %y: memref<4x7xf32>) {
  // expected-error @+1 {{expected an output of 'memref<4x8xf32>', but got 'memref<4x7xf32>'}}
  lir.round_blocks ins(%x : memref<4x8xf32>) outs(%y : memref<4x7xf32>) {format = "mxfp8", axis = 1 : i64}
  return
}

// -----

func.func @round_blocks_c2(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  // expected-error @+1 {{expected an axis from 0 to 1, but got -1}}
  lir.round_blocks ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {format = "mxfp8", axis = -1 : i64}
  return
}

// -----

func.func @round_blocks_c3(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  // expected-error @+1 {{expected a format of blocks, but got mxfp7}}
  lir.round_blocks ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {format = "mxfp7", axis = 1 : i64}
  return
}

// -----

func.func @round_blocks_c4(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  // expected-error @+1 {{expected a scale that is rounded down or up, but got nearest}}
  lir.round_blocks ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {format = "mxfp8", axis = 1 : i64, scale = "nearest"}
  return
}

// -----

func.func @round_blocks_c5(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  // expected-error @+1 {{expected groups that divide 8, but got 3}}
  lir.round_blocks ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {format = "mxfp8", axis = 1 : i64, groups = 3 : i64}
  return
}
