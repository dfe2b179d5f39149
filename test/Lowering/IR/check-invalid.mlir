// RUN: lambent-opt %s --split-input-file --verify-diagnostics

func.func @check_c1_integers(%x: memref<4xf32>, %f: memref<2xi64>) {
  // expected-error @+1 {{expected integers of at most 64 bits, but got 'f32'}}
  lir.check ins(%x : memref<4xf32>) outs(%f : memref<2xi64>) {low = 0 : i64, high = 3 : i64, excluded = false, expected = ""}
  return
}

// -----

func.func @check_c2_fault(%x: memref<4xi64>, %f: memref<3xi64>) {
  // expected-error @+1 {{expected a fault of memref<2xi64>, but got 'memref<3xi64>'}}
  lir.check ins(%x : memref<4xi64>) outs(%f : memref<3xi64>) {low = 0 : i64, high = 3 : i64, excluded = false, expected = ""}
  return
}

// -----

func.func @check_c3(%i: memref<2xi64>) {
  // expected-error @+2 {{expected first to be the position of a value and step to be 1 or more, but got 2 and 1}}
  %f = lir.fault : memref<2xi64>
  lir.check ins(%i : memref<2xi64>) outs(%f : memref<2xi64>) {low = 0 : i64, high = 3 : i64, excluded = false, expected = "x", first = 2 : i64}
  return
}

// -----

func.func @decide_c1_list(%n: memref<2x2xi64>) {
  // expected-error @+1 {{expected a dense list of i64 of a known size, but got 'memref<2x2xi64>'}}
  lir.decide ins(%n : memref<2x2xi64>) {first = 0 : i64}
  return
}

// -----

func.func @decide_c1_type(%n: memref<2xi32>) {
  // expected-error @+1 {{expected a dense list of i64 of a known size, but got 'memref<2xi32>'}}
  lir.decide ins(%n : memref<2xi32>) {first = 0 : i64}
  return
}
