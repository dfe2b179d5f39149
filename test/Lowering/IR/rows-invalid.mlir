// RUN: lambent-opt --split-input-file --verify-diagnostics %s

func.func @softmax_output(%x: memref<4x8xf32>, %y: memref<4x7xf32>) {
  // expected-error @+1 {{expected an output of 'memref<4x8xf32>', but got 'memref<4x7xf32>'}}
  lir.softmax ins(%x : memref<4x8xf32>) outs(%y : memref<4x7xf32>) {axis = 1 : i64}
  return
}

// -----

func.func @softmax_axis(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  // expected-error @+1 {{expected an axis from 0 to 1, but got 2}}
  lir.softmax ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {axis = 2 : i64}
  return
}

// -----

func.func @lrn_size(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  // expected-error @+1 {{expected a positive size, but got 0}}
  lir.lrn ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>)
    {size = 0 : i64, alpha = 1.0e-4 : f32, beta = 0.75 : f32, bias = 1.0 : f32}
  return
}

// -----

func.func @reduce_c2(%x: memref<4x8xf32>, %y: memref<f32>) {
  // expected-error @+1 {{expected sorted, unique dims below 2, but got [1, 0]}}
  lir.reduce ins(%x : memref<4x8xf32>) outs(%y : memref<f32>) epilogue_maps []
    attributes {kind = "sum", dims = array<i64: 1, 0>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @arg_reduce_kind(%x: memref<4x8xf32>, %y: memref<4xi64>) {
  // expected-error @+1 {{expected kind max or min, but got "sum"}}
  lir.arg_reduce ins(%x : memref<4x8xf32>) outs(%y : memref<4xi64>) {kind = "sum", axis = 1 : i64}
  return
}

// -----

func.func @arg_reduce_axis(%x: memref<4x8xf32>, %y: memref<4xi64>) {
  // expected-error @+1 {{expected an axis from 0 to 1, but got -1}}
  lir.arg_reduce ins(%x : memref<4x8xf32>) outs(%y : memref<4xi64>) {kind = "max", axis = -1 : i64}
  return
}

// -----

func.func @arg_reduce_output(%x: memref<4x8xf32>, %y: memref<8xi64>) {
  // expected-error @+1 {{expected an output of 'memref<4xi64>', but got 'memref<8xi64>'}}
  lir.arg_reduce ins(%x : memref<4x8xf32>) outs(%y : memref<8xi64>) {kind = "max", axis = 1 : i64}
  return
}

// -----

func.func @cumsum_output(%x: memref<4x8xf32>, %y: memref<4x7xf32>) {
  // expected-error @+1 {{expected an output of 'memref<4x8xf32>', but got 'memref<4x7xf32>'}}
  lir.cumsum ins(%x : memref<4x8xf32>) outs(%y : memref<4x7xf32>) {axis = 1 : i64}
  return
}

// -----

func.func @cumsum_axis(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  // expected-error @+1 {{expected an axis from 0 to 1, but got 2}}
  lir.cumsum ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {axis = 2 : i64}
  return
}

// -----

func.func @gather_indices(%x: memref<4x8xf32>, %i: memref<2xi8>, %y: memref<2x8xf32>) {
  // expected-error @+1 {{expected indices of i32 or i64, but got 'i8'}}
  lir.gather ins(%x, %i : memref<4x8xf32>, memref<2xi8>) outs(%y : memref<2x8xf32>) {axis = 0 : i64}
  return
}

// -----

func.func @gather_axis(%x: memref<4x8xf32>, %i: memref<2xi64>, %y: memref<2x8xf32>) {
  // expected-error @+1 {{expected an axis from 0 to 1, but got 2}}
  lir.gather ins(%x, %i : memref<4x8xf32>, memref<2xi64>) outs(%y : memref<2x8xf32>) {axis = 2 : i64}
  return
}

// -----

func.func @gather_type(%x: memref<4x8xf32>, %i: memref<2xi64>, %y: memref<2x8xf16>) {
  // expected-error @+1 {{expected an output of 'f32', but got 'f16'}}
  lir.gather ins(%x, %i : memref<4x8xf32>, memref<2xi64>) outs(%y : memref<2x8xf16>) {axis = 0 : i64}
  return
}

// -----

func.func @gather_elements_rank(%x: memref<4x8xf32>, %i: memref<2xi64>, %y: memref<2xf32>) {
  // expected-error @+1 {{expected indices of rank 2, but got 1}}
  lir.gather_elements ins(%x, %i : memref<4x8xf32>, memref<2xi64>) outs(%y : memref<2xf32>) {axis = 0 : i64}
  return
}

// -----

func.func @gather_elements_dims(%x: memref<4x8xf32>, %i: memref<5x8xi64>, %y: memref<5x8xf32>) {
  // expected-error @+1 {{expected indices of at most 4 in dim 0, but got 5}}
  lir.gather_elements ins(%x, %i : memref<4x8xf32>, memref<5x8xi64>) outs(%y : memref<5x8xf32>) {axis = 1 : i64}
  return
}

// -----

func.func @gather_elements_output(%x: memref<4x8xf32>, %i: memref<2x3xi64>, %y: memref<3x2xf32>) {
  // expected-error @+1 {{expected an output of the indices' shape, but got 'memref<3x2xf32>' for 'memref<2x3xi64>'}}
  lir.gather_elements ins(%x, %i : memref<4x8xf32>, memref<2x3xi64>) outs(%y : memref<3x2xf32>) {axis = 0 : i64}
  return
}

// -----

func.func @resample_axis(%x: memref<4x8xf32>, %p: memref<16x2xi64>, %w: memref<16x2xf32>, %z: memref<4x16xf32>) {
  // expected-error @+1 {{expected an axis from 0 to 1, but got 2}}
  lir.resample ins(%x, %p, %w : memref<4x8xf32>, memref<16x2xi64>, memref<16x2xf32>) outs(%z : memref<4x16xf32>) {axis = 2 : i64}
  return
}

// -----

func.func @resample_indices(%x: memref<4x8xf32>, %p: memref<16xi64>, %w: memref<16xf32>, %z: memref<4x16xf32>) {
  // expected-error @+1 {{expected indices [size, taps] of i64, but got 'memref<16xi64>'}}
  lir.resample ins(%x, %p, %w : memref<4x8xf32>, memref<16xi64>, memref<16xf32>) outs(%z : memref<4x16xf32>) {axis = 1 : i64}
  return
}

// -----

func.func @resample_weights(%x: memref<4x8xf32>, %p: memref<16x2xi64>, %w: memref<16x3xf32>, %z: memref<4x16xf32>) {
  // expected-error @+1 {{expected weights of the indices' shape in f32, but got 'memref<16x3xf32>'}}
  lir.resample ins(%x, %p, %w : memref<4x8xf32>, memref<16x2xi64>, memref<16x3xf32>) outs(%z : memref<4x16xf32>) {axis = 1 : i64}
  return
}

// -----

func.func @resample_output(%x: memref<4x8xf32>, %p: memref<16x2xi64>, %w: memref<16x2xf32>, %z: memref<4x15xf32>) {
  // expected-error @+1 {{expected an output of 'memref<4x16xf32>', but got 'memref<4x15xf32>'}}
  lir.resample ins(%x, %p, %w : memref<4x8xf32>, memref<16x2xi64>, memref<16x2xf32>) outs(%z : memref<4x15xf32>) {axis = 1 : i64}
  return
}

// -----

func.func @reduce_c1(%x: memref<4x8xf32>, %y: memref<4xf32>) {
  // expected-error @+1 {{expected kind sum, prod, max or min, but got "mean"}}
  lir.reduce ins(%x : memref<4x8xf32>) outs(%y : memref<4xf32>) epilogue_maps []
    attributes {kind = "mean", dims = array<i64: 1>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @reduce_c3(%x: memref<4x8xf32>, %y: memref<4x1xf32>) {
  // expected-error @+1 {{expected an output of 'memref<4xf32>', but got 'memref<4x1xf32>'}}
  lir.reduce ins(%x : memref<4x8xf32>) outs(%y : memref<4x1xf32>) epilogue_maps []
    attributes {kind = "sum", dims = array<i64: 1>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// -----

func.func @gather(%x: memref<4x8xf32>, %i: memref<2xi64>, %y: memref<3x8xf32>) {
  // expected-error @+1 {{expected an output of 'memref<2x8xf32>', but got 'memref<3x8xf32>'}}
  lir.gather ins(%x, %i : memref<4x8xf32>, memref<2xi64>) outs(%y : memref<3x8xf32>) {axis = 0 : i64}
  return
}

// -----

func.func @normalize(%x: memref<4x8xf32>, %s: memref<4xf32>) {
  // expected-error @+1 {{expected scale and bias of 'memref<8xf32>', but got 'memref<4xf32>'}}
  lir.normalize ins(%x : memref<4x8xf32>) scale(%s : memref<4xf32>) outs(%x : memref<4x8xf32>) {axis = 1 : i64, epsilon = 1.0e-5 : f32}
  return
}

// -----

func.func @topk_c1(%x: memref<4x8xf32>, %v: memref<4x3xf32>) {
  // expected-error @+1 {{expected an axis from 0 to 1, but got 2}}
  lir.topk ins(%x : memref<4x8xf32>) values(%v : memref<4x3xf32>) {axis = 2 : i64}
  return
}

// -----

func.func @topk_c2(%x: memref<4x8xf32>) {
  // expected-error @+1 {{expected values or positions, but got no output}}
  lir.topk ins(%x : memref<4x8xf32>) {axis = 1 : i64}
  return
}

// -----

func.func @topk_c3_count(%x: memref<4x8xf32>, %v: memref<4x9xf32>) {
  // expected-error @+1 {{expected at most 8 elements, but got 9}}
  lir.topk ins(%x : memref<4x8xf32>) values(%v : memref<4x9xf32>) {axis = 1 : i64}
  return
}

// -----

func.func @topk_c3_positions(%x: memref<4x8xf32>, %v: memref<4x3xf32>, %i: memref<4x3xi32>) {
  // expected-error @+1 {{expected an output of 'memref<4x3xi64>', but got 'memref<4x3xi32>'}}
  lir.topk ins(%x : memref<4x8xf32>) values(%v : memref<4x3xf32>) positions(%i : memref<4x3xi32>) {axis = 1 : i64}
  return
}

// -----

func.func @gather_nd_c1(%x: memref<2x3x8xf32>, %i: memref<2x1xi64>, %y: memref<2xf32>) {
  // expected-error @+1 {{expected batch_dims to be less than the ranks of 'memref<2x3x8xf32>' and 'memref<2x1xi64>', but got 2}}
  lir.gather_nd ins(%x, %i : memref<2x3x8xf32>, memref<2x1xi64>) outs(%y : memref<2xf32>) {batch_dims = 2 : i64}
  return
}

// -----

func.func @gather_nd_c2(%x: memref<2x3x8xf32>, %i: memref<2x3xi64>, %y: memref<2xf32>) {
  // expected-error @+1 {{expected tuples of 1 to 2 indices, but got 'memref<2x3xi64>'}}
  lir.gather_nd ins(%x, %i : memref<2x3x8xf32>, memref<2x3xi64>) outs(%y : memref<2xf32>) {batch_dims = 1 : i64}
  return
}

// -----

func.func @gather_nd_c3(%x: memref<2x3x8xf32>, %i: memref<3x2xi64>, %y: memref<3xf32>) {
  // expected-error @+1 {{expected indices with the first 1 dims of 'memref<2x3x8xf32>', but got 'memref<3x2xi64>'}}
  lir.gather_nd ins(%x, %i : memref<2x3x8xf32>, memref<3x2xi64>) outs(%y : memref<3xf32>) {batch_dims = 1 : i64}
  return
}

// -----

func.func @gather_nd_c4(%x: memref<2x3x8xf32>, %i: memref<2x1xi64>, %y: memref<2x3xf32>) {
  // expected-error @+1 {{expected an output of 'memref<2x8xf32>', but got 'memref<2x3xf32>'}}
  lir.gather_nd ins(%x, %i : memref<2x3x8xf32>, memref<2x1xi64>) outs(%y : memref<2x3xf32>) {batch_dims = 1 : i64}
  return
}

// -----

func.func @scatter_nd_c1(%x: memref<2x3x8xf32>, %i: memref<2x4xi64>, %u: memref<2xf32>) {
  // expected-error @+1 {{expected tuples of 1 to 3 indices, but got 'memref<2x4xi64>'}}
  lir.scatter_nd ins(%x, %i, %u : memref<2x3x8xf32>, memref<2x4xi64>, memref<2xf32>) outs(%x : memref<2x3x8xf32>)
  return
}

// -----

func.func @scatter_nd_c2(%x: memref<2x3x8xf32>, %i: memref<5x2xi64>, %u: memref<5x3xf32>) {
  // expected-error @+1 {{expected updates of 'memref<5x8xf32>', but got 'memref<5x3xf32>'}}
  lir.scatter_nd ins(%x, %i, %u : memref<2x3x8xf32>, memref<5x2xi64>, memref<5x3xf32>) outs(%x : memref<2x3x8xf32>)
  return
}

// -----

func.func @scatter_nd_c3(%x: memref<2x3x8xf32>, %i: memref<5x2xi64>, %u: memref<5x8xf32>, %y: memref<2x3x7xf32>) {
  // expected-error @+1 {{expected an output like 'memref<2x3x8xf32>', but got 'memref<2x3x7xf32>'}}
  lir.scatter_nd ins(%x, %i, %u : memref<2x3x8xf32>, memref<5x2xi64>, memref<5x8xf32>) outs(%y : memref<2x3x7xf32>)
  return
}

// -----

func.func @scatter_nd_c4(%x: memref<2x3x8xf32>, %i: memref<5x2xi64>, %u: memref<5x8xf32>) {
  // expected-error @+1 {{expected a kind that combines 'f32', but got add}}
  lir.scatter_nd ins(%x, %i, %u : memref<2x3x8xf32>, memref<5x2xi64>, memref<5x8xf32>) outs(%x : memref<2x3x8xf32>) {kind = "add"}
  return
}

// -----

func.func @scatter_nd_c4_bool(%x: memref<2xi1>, %i: memref<5x1xi64>, %u: memref<5xi1>) {
  // expected-error @+1 {{expected a kind that combines 'i1', but got sum}}
  lir.scatter_nd ins(%x, %i, %u : memref<2xi1>, memref<5x1xi64>, memref<5xi1>) outs(%x : memref<2xi1>) {kind = "sum"}
  return
}

// -----

func.func @scatter_nd_indices(%x: memref<2x3x8xf32>, %i: memref<5x2xi8>, %u: memref<5x8xf32>) {
  // expected-error @+1 {{expected indices of i32 or i64, but got 'i8'}}
  lir.scatter_nd ins(%x, %i, %u : memref<2x3x8xf32>, memref<5x2xi8>, memref<5x8xf32>) outs(%x : memref<2x3x8xf32>)
  return
}

// -----

func.func @scatter_elements_c1(%x: memref<2xf32>, %i: memref<5xi64>, %u: memref<5xf32>) {
  // expected-error @+1 {{expected an axis from 0 to 0, but got 1}}
  lir.scatter_elements ins(%x, %i, %u : memref<2xf32>, memref<5xi64>, memref<5xf32>) outs(%x : memref<2xf32>) {axis = 1 : i64}
  return
}

// -----

func.func @scatter_elements_c2_rank(%x: memref<2xf32>, %i: memref<5x1xi64>, %u: memref<5x1xf32>) {
  // expected-error @+1 {{expected indices of rank 1, but got 2}}
  lir.scatter_elements ins(%x, %i, %u : memref<2xf32>, memref<5x1xi64>, memref<5x1xf32>) outs(%x : memref<2xf32>) {axis = 0 : i64}
  return
}

// -----

func.func @scatter_elements_c2_dims(%x: memref<2x3xf32>, %i: memref<5x4xi64>, %u: memref<5x4xf32>) {
  // expected-error @+1 {{expected indices of at most 3 in dim 1, but got 4}}
  lir.scatter_elements ins(%x, %i, %u : memref<2x3xf32>, memref<5x4xi64>, memref<5x4xf32>) outs(%x : memref<2x3xf32>) {axis = 0 : i64}
  return
}

// -----

func.func @cumsum_c3_kind(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  // expected-error @+1 {{expected a kind of sum or prod, but got max}}
  lir.cumsum ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {axis = 1 : i64, kind = "max"}
  return
}
