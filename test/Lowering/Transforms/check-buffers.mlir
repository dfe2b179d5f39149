// RUN: lambent-opt --lir-check-buffers --split-input-file --verify-diagnostics %s

func.func @read_before_write(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  %a = lir.alloc : memref<4x8xf32>
  // expected-error @+1 {{expected what it reads to have been written, but got}}
  lir.softmax ins(%a : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {axis = 1 : i64}
  lir.softmax ins(%x : memref<4x8xf32>) outs(%a : memref<4x8xf32>) {axis = 1 : i64}
  return
}

// -----

func.func @read_of_another_part(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  %a = lir.alloc : memref<4x16xf32>
  %left = lir.view %a : memref<4x16xf32> -> memref<4x8xf32, strided<[16, 1]>>
  %right = lir.view %a : memref<4x16xf32> -> memref<4x8xf32, strided<[16, 1], offset: 8>>
  lir.softmax ins(%x : memref<4x8xf32>) outs(%left : memref<4x8xf32, strided<[16, 1]>>) {axis = 1 : i64}
  // expected-error @+1 {{expected what it reads to have been written, but got}}
  lir.softmax ins(%right : memref<4x8xf32, strided<[16, 1], offset: 8>>) outs(%y : memref<4x8xf32>) {axis = 1 : i64}
  return
}

// -----

func.func @output_read_before_write(%x: memref<4x8xf32>, %y: memref<4x8xf32>) attributes {lir.num_inputs = 1 : i64} {
  // expected-error @+1 {{expected what it reads to have been written, but got}}
  lir.softmax ins(%y : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {axis = 1 : i64}
  return
}

// -----

func.func @written_weight(%x: memref<4x8xf32>) {
  %w = lir.weight dense<1.0> : tensor<4x8xf32> : memref<4x8xf32>
  // expected-error @+1 {{expected weights not to be written, but got}}
  lir.softmax ins(%x : memref<4x8xf32>) outs(%w : memref<4x8xf32>) {axis = 1 : i64}
  return
}

// -----

// Inputs, weights, parts that overlap, and an output of no elements, which nothing writes.
func.func @valid(%x: memref<4x8xf32>, %y: memref<4x8xf32>, %z: memref<0x8xf32>) attributes {lir.num_inputs = 1 : i64} {
  %w = lir.weight dense<1.0> : tensor<4x8xf32> : memref<4x8xf32>
  %a = lir.alloc : memref<4x16xf32>
  %left = lir.view %a : memref<4x16xf32> -> memref<4x8xf32, strided<[16, 1]>>
  lir.softmax ins(%w : memref<4x8xf32>) outs(%left : memref<4x8xf32, strided<[16, 1]>>) {axis = 1 : i64}
  lir.softmax ins(%left : memref<4x8xf32, strided<[16, 1]>>) outs(%y : memref<4x8xf32>) {axis = 1 : i64}
  return
}

// -----

// Nothing is read of a buffer without elements, whatever its shape is called.
func.func @valid_empty(%n: memref<1xi64>, %y: memref<?x8xf32, #lir.layout<[s0, 8]>>) attributes {lir.num_inputs = 1 : i64, lir.symbols = [""]} {
  %a = lir.alloc : memref<0x8xf32>
  lir.decide ins(%n : memref<1xi64>) {first = 0 : i64}
  %v = lir.view %a : memref<0x8xf32> -> memref<?x8xf32, #lir.layout<[s0, 8]>>
  lir.softmax ins(%v : memref<?x8xf32, #lir.layout<[s0, 8]>>) outs(%y : memref<?x8xf32, #lir.layout<[s0, 8]>>) {axis = 1 : i64}
  return
}
