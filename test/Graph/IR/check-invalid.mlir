// RUN: lambent-opt %s --split-input-file --verify-diagnostics

func.func @check_c1_integers(%i: tensor<2xf32>) {
  // expected-error @+1 {{expected integers, but got 'tensor<2xf32>'}}
  graph.check(%i) {low = 0 : i64, high = 3 : i64, excluded = false, expected = "an index"} : tensor<2xf32>
  return
}

// -----

func.func @check_c2_step(%i: tensor<2xi64>) {
  // expected-error @+1 {{expected first of 0 or more and step of 1 or more, but got 0 and 0}}
  graph.check(%i) {low = 0 : i64, high = 3 : i64, excluded = false, expected = "an index", step = 0 : i64} : tensor<2xi64>
  return
}

// -----

func.func @decide_c1_known_number(%n: tensor<?xi64>) attributes {graph.symbols = [""]} {
  // expected-error @+1 {{expected a list of a known number of sizes, at least one, but got 'tensor<?xi64>'}}
  graph.decide(%n) {first = 0 : i64} : tensor<?xi64>
  return
}

// -----

func.func @decide_c2_symbols(%n: tensor<2xi64>) attributes {graph.symbols = [""]} {
  // expected-error @+1 {{expected symbols of the function, but got 2 from 0}}
  graph.decide(%n) {first = 0 : i64} : tensor<2xi64>
  return
}
