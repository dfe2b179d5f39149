// RUN: lambent-opt %s --split-input-file --verify-diagnostics

// A result that cannot be right makes the verifier say what it infers.

func.func @elementwise_open_dims(%x: tensor<?x1x?x4xf32>, %y: tensor<5x?x1xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<?x5x?x4xf32>', but got}}
  %r = graph.elementwise(%x, %y) : (tensor<?x1x?x4xf32>, tensor<5x?x1xf32>) -> tensor<9x9x9x9x9x9x9xf32> {
  ^bb0(%s0: f32, %s1: f32):
    graph.yield %s0 : f32
  }
  return
}

// -----

func.func @elementwise_scalar(%x: tensor<f32>, %y: tensor<0x3xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<0x3xf32>', but got}}
  %r = graph.elementwise(%x, %y) : (tensor<f32>, tensor<0x3xf32>) -> tensor<9x9x9x9x9x9x9xf32> {
  ^bb0(%s0: f32, %s1: f32):
    graph.yield %s0 : f32
  }
  return
}

// -----

func.func @elementwise_open_beside_size(%x: tensor<?xf32>, %y: tensor<7xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<7xf32>', but got}}
  %r = graph.elementwise(%x, %y) : (tensor<?xf32>, tensor<7xf32>) -> tensor<9x9x9x9x9x9x9xf32> {
  ^bb0(%s0: f32, %s1: f32):
    graph.yield %s0 : f32
  }
  return
}

// -----

func.func @elementwise_cast(%x: tensor<?xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<?xi32>', but got}}
  %r = graph.elementwise(%x) : (tensor<?xf32>) -> tensor<9x9x9x9x9x9x9xf32> {
  ^bb0(%s0: f32):
    %c = arith.fptosi %s0 : f32 to i32 graph.yield %c : i32
  }
  return
}

// -----

func.func @elementwise_unsigned_is_signless_in_regions(%x: tensor<?xui8>) {
  // expected-error @+1 {{expected a result of 'tensor<?xi8>', but got}}
  %r = graph.elementwise(%x) : (tensor<?xui8>) -> tensor<9x9x9x9x9x9x9xf32> {
  ^bb0(%s0: i8):
    graph.yield %s0 : i8
  }
  return
}
