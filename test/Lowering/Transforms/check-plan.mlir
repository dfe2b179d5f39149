// RUN: lambent-opt --lir-check-plan --split-input-file --verify-diagnostics %s

module attributes {lir.arena_bytes = 256 : i64} {
  func.func @overlap(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
    // expected-note @+1 {{the other buffer is at 0 to 128}}
    %a = lir.alloc {offset = 0 : i64} : memref<4x8xf32>
    // expected-error @+1 {{expected buffers that live at once not to overlap}}
    %b = lir.alloc {offset = 64 : i64} : memref<4x8xf32>
    lir.softmax ins(%x : memref<4x8xf32>) outs(%a : memref<4x8xf32>) {axis = 1 : i64}
    lir.softmax ins(%a : memref<4x8xf32>) outs(%b : memref<4x8xf32>) {axis = 1 : i64}
    lir.softmax ins(%b : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {axis = 1 : i64}
    return
  }
}

// -----

module attributes {lir.arena_bytes = 128 : i64} {
  func.func @outside(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
    // expected-error @+1 {{expected an offset with 128 bytes in an arena of 128, but got 64}}
    %a = lir.alloc {offset = 64 : i64} : memref<4x8xf32>
    lir.softmax ins(%x : memref<4x8xf32>) outs(%a : memref<4x8xf32>) {axis = 1 : i64}
    lir.softmax ins(%a : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {axis = 1 : i64}
    return
  }
}

// -----

// expected-error @+1 {{expected lir.arena_bytes, but got none}}
module {
}

// -----

// A body has an arena of its own.
module attributes {lir.arena_bytes = 128 : i64} {
  // expected-error @+1 {{expected lir.arena_bytes, but got none}}
  func.func private @body(%x: memref<4xf32>) {
    return
  }
}
