// RUN: lambent-opt %s --split-input-file --verify-diagnostics

func.func @sequence_c1_action(%h: memref<i64>) {
  // expected-error @+1 {{expected an action of sequences, but got "sort"}}
  lir.sequence "sort" ins() outs(%h : memref<i64>) {types = [i64], sizes = [#lir.sizes<[]>]}
  return
}

// -----

func.func @sequence_c2_types(%h: memref<i64>) {
  // expected-error @+1 {{expected a type and sizes for each of 1 operands, but got 2 and 1}}
  lir.sequence "construct" ins() outs(%h : memref<i64>) {types = [i64, i64], sizes = [#lir.sizes<[]>]}
  return
}

// -----

func.func @sequence_c2_sizes(%h: memref<i64>) {
  // expected-error @+1 {{expected a list of sizes, but got 3 : i64}}
  lir.sequence "construct" ins() outs(%h : memref<i64>) {types = [i64], sizes = [3 : i64]}
  return
}

// -----

func.func @sequence_c3_dense(%x: memref<4x2xf32, strided<[8, 1]>>, %h: memref<i64>) {
  // expected-error @+1 {{expected dense buffers, but got 'memref<4x2xf32, strided<[8, 1]>>'}}
  lir.sequence "construct" ins(%x : memref<4x2xf32, strided<[8, 1]>>) outs(%h : memref<i64>) {types = [f32, i64], sizes = [#lir.sizes<[4, 2]>, #lir.sizes<[]>]}
  return
}
