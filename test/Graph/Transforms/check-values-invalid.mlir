// RUN: lambent-opt --graph-check-values %s --split-input-file --verify-diagnostics

func.func @above(%x: tensor<4x8xf32>) -> tensor<3x8xf32> {
  %i = graph.constant dense<[0, 4, 9]> : tensor<3xi64>
  // expected-error @+1 {{expected an index from -4 to 3, but got 4}}
  %0 = graph.gather(%x, %i) {axis = 0 : i64} : (tensor<4x8xf32>, tensor<3xi64>) -> tensor<3x8xf32>
  return %0 : tensor<3x8xf32>
}

// -----

func.func @below_and_both(%x: tensor<4x8xf32>) -> (tensor<8xf32>, tensor<4x1xf32>) {
  %i = graph.constant dense<-5> : tensor<i32>
  // expected-error @+1 {{expected an index from -4 to 3, but got -5}}
  %0 = graph.gather(%x, %i) {axis = 0 : i64} : (tensor<4x8xf32>, tensor<i32>) -> tensor<8xf32>
  %j = graph.constant dense<8> : tensor<4x1xi64>
  // expected-error @+1 {{expected an index from -8 to 7, but got 8}}
  %1 = graph.gather_elements(%x, %j) {axis = 1 : i64} : (tensor<4x8xf32>, tensor<4x1xi64>) -> tensor<4x1xf32>
  return %0, %1 : tensor<8xf32>, tensor<4x1xf32>
}

// -----

func.func @divisors() {
  %d = graph.constant dense<[1, 0, 2]> : tensor<3xui16>
  // expected-error @+1 {{expected a divisor other than 0, but got 0}}
  graph.check(%d) {low = 0 : i64, high = 0 : i64, excluded = true, expected = "a divisor other than 0"} : tensor<3xui16>
  return
}

// -----

// Each index of a tuple has a dim of its own.
func.func @tuples(%x: tensor<4x2xf32>, %u: tensor<2xf32>) -> (tensor<2xf32>, tensor<4x2xf32>) {
  %i = graph.constant dense<[[3, 1], [1, 2]]> : tensor<2x2xi64>
  // expected-error @+1 {{expected an index from -2 to 1, but got 2}}
  %0 = graph.gather_nd(%x, %i) {batch_dims = 0 : i64} : (tensor<4x2xf32>, tensor<2x2xi64>) -> tensor<2xf32>
  %j = graph.constant dense<-3> : tensor<2x2xi64>
  // expected-error @+1 {{expected an index from -2 to 1, but got -3}}
  %1 = graph.scatter_nd(%x, %j, %u) : (tensor<4x2xf32>, tensor<2x2xi64>, tensor<2xf32>) -> tensor<4x2xf32>
  return %0, %1 : tensor<2xf32>, tensor<4x2xf32>
}

// -----

// A large constant, in a resource.
func.func @resource(%x: tensor<4xf32>) -> tensor<3xf32> {
  %i = graph.constant dense_resource<indices> : tensor<3xi32>
  // expected-error @+1 {{expected an index from -4 to 3, but got 7}}
  %0 = graph.gather(%x, %i) {axis = 0 : i64} : (tensor<4xf32>, tensor<3xi32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

{-#
  dialect_resources: {
    builtin: {
      indices: "0x40000000010000000700000002000000"
    }
  }
#-}
