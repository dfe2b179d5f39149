// RUN: lambent-opt %s --split-input-file --verify-diagnostics

func.func @if_c1_condition(%c: memref<2xi1>) {
  // expected-error @+1 {{expected a condition of one bool, but got 'memref<2xi1>'}}
  lir.if @body, @body ins(%c : memref<2xi1>)
  return
}
func.func private @body() {
  return
}

// -----

func.func @if_c2_dense(%c: memref<i1>, %x: memref<4x2xf32, strided<[8, 1]>>) {
  // expected-error @+1 {{expected dense buffers, but got 'memref<4x2xf32, strided<[8, 1]>>'}}
  lir.if @body, @body ins(%c, %x : memref<i1>, memref<4x2xf32, strided<[8, 1]>>)
  return
}
func.func private @body() {
  return
}

// -----

func.func @if_c3_slots(%c: memref<i1>, %y: memref<4xf32>) {
  // expected-error @+1 {{expected slots as outputs, but got}}
  lir.if @body, @body ins(%c : memref<i1>) outs(%y : memref<4xf32>)
  return
}
func.func private @body() {
  return
}

// -----

func.func @if_c4_functions(%c: memref<i1>) {
  // expected-error @+1 {{expected a function @nothing}}
  lir.if @nothing, @nothing ins(%c : memref<i1>)
  return
}

// -----

func.func @loop_c1_trip(%n: memref<i32>) {
  // expected-error @+1 {{expected an i64 as trip count, but got 'memref<i32>'}}
  lir.loop @body trip(%n : memref<i32>)
  return
}
func.func private @body() {
  return
}

// -----

func.func @loop_c1_condition(%n: memref<i64>) {
  // expected-error @+1 {{expected a bool as condition, but got 'memref<i64>'}}
  lir.loop @body while(%n : memref<i64>)
  return
}
func.func private @body() {
  return
}

// -----

func.func @loop_c4_function() {
  // expected-error @+1 {{expected a function @nothing}}
  lir.loop @nothing
  return
}
