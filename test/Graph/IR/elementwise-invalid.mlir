// RUN: lambent-opt %s --split-input-file --verify-diagnostics


func.func @elementwise_c1_count(%x: tensor<4xf32>, %y: tensor<4xf32>) {
  // expected-error @+1 {{expected 2 block arguments, but got 1}}
  %r = graph.elementwise(%x, %y) : (tensor<4xf32>, tensor<4xf32>) -> tensor<9x9x9x9x9x9x9xf32> {
  ^bb0(%s0: f32):
    graph.yield %s0 : f32
  }
  return
}

// -----

func.func @elementwise_c1_type(%x: tensor<4xui8>) {
  // expected-error @+1 {{expected a block argument of 'i8', but got 'f32'}}
  %r = graph.elementwise(%x) : (tensor<4xui8>) -> tensor<9x9x9x9x9x9x9xf32> {
  ^bb0(%s0: f32):
    graph.yield %s0 : f32
  }
  return
}

// -----

func.func @elementwise_c2_yields_two(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected a region that yields one value, but got another}}
  %r = graph.elementwise(%x) : (tensor<4xf32>) -> tensor<9x9x9x9x9x9x9xf32> {
  ^bb0(%s0: f32):
    graph.yield %s0, %s0 : f32, f32
  }
  return
}

// -----

func.func @elementwise_c2_yields_none(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected a region that yields one value, but got another}}
  %r = graph.elementwise(%x) : (tensor<4xf32>) -> tensor<9x9x9x9x9x9x9xf32> {
  ^bb0(%s0: f32):
    graph.yield
  }
  return
}

// -----

func.func @elementwise_c2_yields_vector(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected a yielded number, but got 'vector<4xf32>'}}
  %r = graph.elementwise(%x) : (tensor<4xf32>) -> tensor<9x9x9x9x9x9x9xf32> {
  ^bb0(%s0: f32):
    %v = arith.constant dense<1.0> : vector<4xf32> graph.yield %v : vector<4xf32>
  }
  return
}

// -----

func.func @elementwise_c2_type(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<4xf32>', but got 'tensor<4xi32>'}}
  %r = graph.elementwise(%x) : (tensor<4xf32>) -> tensor<4xi32> {
  ^bb0(%s0: f32):
    graph.yield %s0 : f32
  }
  return
}

// -----

func.func @elementwise_c3_shapes(%x: tensor<4x?xf32>, %y: tensor<3x1xf32>) {
  // expected-error @+1 {{expected inputs that broadcast together, but got 4x?, 3x1}}
  %r = graph.elementwise(%x, %y) : (tensor<4x?xf32>, tensor<3x1xf32>) -> tensor<9x9x9x9x9x9x9xf32> {
  ^bb0(%s0: f32, %s1: f32):
    graph.yield %s0 : f32
  }
  return
}

// -----

func.func @elementwise_absurd_result(%x: tensor<1048576x1xf32>, %y: tensor<1x1048577xf32>) {
  // expected-error @+1 {{expected a result of at most 2^40 elements, but got 1048576x1048577}}
  %r = graph.elementwise(%x, %y) : (tensor<1048576x1xf32>, tensor<1x1048577xf32>) -> tensor<9x9x9x9x9x9x9xf32> {
  ^bb0(%s0: f32, %s1: f32):
    graph.yield %s0 : f32
  }
  return
}
