// RUN: lambent-opt --split-input-file --verify-diagnostics %s

func.func @recurrent_c1_cell(%g: memref<5x2x4xf32>, %r: memref<1x4x4xf32>, %h: memref<2x1x2x4xf32>) {
  // expected-error @+1 {{expected cell rnn, gru or lstm, but got "mgu"}}
  lir.recurrent ins(%g, %r : memref<5x2x4xf32>, memref<1x4x4xf32>) hidden(%h : memref<2x1x2x4xf32>) {cell = "mgu", direction = "forward"} activations {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// -----

func.func @recurrent_c1_direction(%g: memref<5x2x4xf32>, %r: memref<1x4x4xf32>, %h: memref<2x1x2x4xf32>) {
  // expected-error @+1 {{expected direction forward, reverse or bidirectional, but got "back"}}
  lir.recurrent ins(%g, %r : memref<5x2x4xf32>, memref<1x4x4xf32>) hidden(%h : memref<2x1x2x4xf32>) {cell = "rnn", direction = "back"} activations {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// -----

func.func @recurrent_c2_ranks(%g: memref<5x8xf32>, %r: memref<1x4x4xf32>, %h: memref<2x1x2x4xf32>) {
  // expected-error @+1 {{expected gates of rank 3 and hidden states of rank 4, but got 'memref<5x8xf32>' and 'memref<2x1x2x4xf32>'}}
  lir.recurrent ins(%g, %r : memref<5x8xf32>, memref<1x4x4xf32>) hidden(%h : memref<2x1x2x4xf32>) {cell = "rnn", direction = "forward"} activations {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// -----

func.func @recurrent_c2_weights(%g: memref<5x2x4xf32>, %r: memref<1x8x4xf32>, %h: memref<2x1x2x4xf32>) {
  // expected-error @+1 {{expected weights of 'memref<1x4x4xf32>', but got 'memref<1x8x4xf32>'}}
  lir.recurrent ins(%g, %r : memref<5x2x4xf32>, memref<1x8x4xf32>) hidden(%h : memref<2x1x2x4xf32>) {cell = "rnn", direction = "forward"} activations {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// -----

func.func @recurrent_c2_state(%g: memref<5x2x4xf32>, %r: memref<1x4x4xf32>, %h: memref<2x1x2x4xf32>, %c: memref<1x2x4xf32>) {
  // expected-error @+1 {{expected a state of an lstm or a gru that resets its hidden state, and of no other}}
  lir.recurrent ins(%g, %r : memref<5x2x4xf32>, memref<1x4x4xf32>) hidden(%h : memref<2x1x2x4xf32>) state(%c : memref<1x2x4xf32>) {cell = "rnn", direction = "forward"} activations {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// -----

func.func @recurrent_c2_sequence(%g: memref<5x2x4xf32>, %r: memref<1x4x4xf32>, %h: memref<2x1x2x4xf32>, %y: memref<5x1x3x4xf32>) {
  // expected-error @+1 {{expected a sequence of 'memref<5x1x2x4xf32>', but got 'memref<5x1x3x4xf32>'}}
  lir.recurrent ins(%g, %r : memref<5x2x4xf32>, memref<1x4x4xf32>) sequence(%y : memref<5x1x3x4xf32>) hidden(%h : memref<2x1x2x4xf32>) {cell = "rnn", direction = "forward"} activations {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// -----

func.func @recurrent_c3(%g: memref<5x2x4xf32>, %r: memref<1x4x4xf32>, %h: memref<2x1x2x4xf32>) {
  // expected-error @+1 {{expected 1 activations, or as many for each direction, but got 2}}
  lir.recurrent ins(%g, %r : memref<5x2x4xf32>, memref<1x4x4xf32>) hidden(%h : memref<2x1x2x4xf32>) {cell = "rnn", direction = "forward"} activations {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }, {
  ^bb0(%s: f32):
    lir.yield %s : f32
  }
  return
}

// -----

func.func @recurrent_c4(%g: memref<5x2x4xf32>, %r: memref<1x4x4xf32>, %h: memref<2x1x2x4xf32>) {
  // expected-error @+1 {{expected activations from 'f32' to 'f32'}}
  lir.recurrent ins(%g, %r : memref<5x2x4xf32>, memref<1x4x4xf32>) hidden(%h : memref<2x1x2x4xf32>) {cell = "rnn", direction = "forward"} activations {
  ^bb0(%s: f64):
    lir.yield %s : f64
  }
  return
}

// -----

func.func @recurrent_c2_bytes(%g: memref<5x2x4xf32>, %r: memref<1x4x4xf32>, %s: memref<1x4xf32>, %h: memref<2x1x2x4xf32>) {
  // expected-error @+1 {{expected weights of 'memref<1x4x4xi8>', but got 'memref<1x4x4xf32>'}}
  lir.recurrent ins(%g, %r : memref<5x2x4xf32>, memref<1x4x4xf32>) scales(%s : memref<1x4xf32>) hidden(%h : memref<2x1x2x4xf32>) {cell = "rnn", direction = "forward"} activations {
  ^bb0(%x: f32):
    lir.yield %x : f32
  }
  return
}

// -----

func.func @recurrent_c2_packed(%g: memref<5x2x4xf32>, %r: memref<1x1x1x1x16x4xf32>, %s: memref<1x4xf32>, %h: memref<2x1x2x4xf32>) {
  // expected-error @+1 {{expected weights of 'i8', but got 'memref<1x1x1x1x16x4xf32>'}}
  lir.recurrent ins(%g, %r : memref<5x2x4xf32>, memref<1x1x1x1x16x4xf32>) scales(%s : memref<1x4xf32>) hidden(%h : memref<2x1x2x4xf32>) {cell = "rnn", direction = "forward"} activations {
  ^bb0(%x: f32):
    lir.yield %x : f32
  }
  return
}

// -----

func.func @recurrent_c2_scales(%g: memref<5x2x4xf32>, %r: memref<1x4x4xi8>, %s: memref<1x5xf32>, %h: memref<2x1x2x4xf32>) {
  // expected-error @+1 {{expected scales of 'memref<1x4xf32>', but got 'memref<1x5xf32>'}}
  lir.recurrent ins(%g, %r : memref<5x2x4xf32>, memref<1x4x4xi8>) scales(%s : memref<1x5xf32>) hidden(%h : memref<2x1x2x4xf32>) {cell = "rnn", direction = "forward"} activations {
  ^bb0(%x: f32):
    lir.yield %x : f32
  }
  return
}
