// RUN: lambent-opt %s --split-input-file --verify-diagnostics

func.func @count(%x: tensor<17xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<3xi64>', but got 'tensor<2xi64>'}}
  %r = graph.count_nonzero(%x) {block = 8 : i64} : (tensor<17xf32>) -> tensor<2xi64>
  return
}

// -----

func.func @places(%x: tensor<4x8xf32>, %s: tensor<1xi64>) {
  %n = graph.constant dense<3> : tensor<1xi64>
  // expected-error @+1 {{expected a result of 'tensor<2x3xi64>', but got 'tensor<2x4xi64>'}}
  %r = graph.nonzero(%x, %s, %n) {block = 32 : i64} : (tensor<4x8xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x4xi64>
  return
}

// -----

func.func @order(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{expected a result of 'tensor<4xi64>', but got 'tensor<8xi64>'}}
  %r = graph.sort_rows(%x) : (tensor<4x8xf32>) -> tensor<8xi64>
  return
}

// -----

// The limit is less than there are boxes.
func.func @boxes(%b: tensor<1x9x4xf32>, %s: tensor<1x2x9xf32>, %t: tensor<1xf32>) {
  %n = graph.constant dense<5> : tensor<1xi64>
  // expected-error @+1 {{expected result #0 of 'tensor<1x2x5xi64>', but got 'tensor<1x2x9xi64>'}}
  %y, %c = graph.non_max_suppression(%b, %s, %n, %t) {center_point_box = true} : (tensor<1x9x4xf32>, tensor<1x2x9xf32>, tensor<1xi64>, tensor<1xf32>) -> (tensor<1x2x9xi64>, tensor<1x2xi64>)
  return
}
