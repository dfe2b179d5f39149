// RUN: lambent-opt %s --split-input-file --verify-diagnostics

func.func @if_c1_condition(%c: tensor<2xi1>) {
  // expected-error @+1 {{expected a condition of one bool, but got 'tensor<2xi1>'}}
  graph.if %c, @body, @body() : (tensor<2xi1>) -> ()
  return
}
func.func private @body() {
  return
}

// -----

func.func @if_c2_function(%c: tensor<i1>) {
  // expected-error @+1 {{expected a function @nothing}}
  graph.if %c, @nothing, @nothing() : (tensor<i1>) -> ()
  return
}

// -----

func.func @if_c2_types(%c: tensor<i1>, %x: tensor<4xf32>) {
  // expected-error @+1 {{expected @body to be a function of type '(tensor<4xf32>) -> tensor<4xf32>', but got '(tensor<4xi32>) -> tensor<4xi32>'}}
  %r = graph.if %c, @body, @body(%x) : (tensor<i1>, tensor<4xf32>) -> tensor<4xf32>
  return
}
func.func private @body(%x: tensor<4xi32>) -> tensor<4xi32> {
  return %x : tensor<4xi32>
}

// -----

func.func @loop_c1_trip(%n: tensor<1xi64>) {
  // expected-error @+1 {{expected an i64 as trip count, but got 'tensor<1xi64>'}}
  graph.loop @body trip(%n) : (tensor<1xi64>) -> ()
  return
}
func.func private @body(%i: tensor<i64>, %c: tensor<i1>) -> tensor<i1> {
  return %c : tensor<i1>
}

// -----

func.func @loop_c1_condition(%n: tensor<i64>) {
  // expected-error @+1 {{expected a bool as condition, but got 'tensor<i64>'}}
  graph.loop @body while(%n) : (tensor<i64>) -> ()
  return
}
func.func private @body(%i: tensor<i64>, %c: tensor<i1>) -> tensor<i1> {
  return %c : tensor<i1>
}

// -----

func.func @loop_c2_results(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected a result for each of 1 carried values, but got 0}}
  graph.loop @body carried(%x) : (tensor<4xf32>) -> ()
  return
}
func.func private @body(%i: tensor<i64>, %c: tensor<i1>, %x: tensor<4xf32>) -> (tensor<i1>, tensor<4xf32>) {
  return %c, %x : tensor<i1>, tensor<4xf32>
}

// -----

func.func @loop_c2_types(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected @body to be a function of type '(tensor<i64>, tensor<i1>, tensor<4xf32>) -> (tensor<i1>, tensor<4xf32>, tensor<2xf32>)', but got}}
  %r:2 = graph.loop @body carried(%x) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<3x2xf32>)
  return
}
func.func private @body(%i: tensor<i64>, %c: tensor<i1>, %x: tensor<4xf32>) -> (tensor<i1>, tensor<4xf32>) {
  return %c, %x : tensor<i1>, tensor<4xf32>
}

// -----

func.func @loop_c2_function() {
  // expected-error @+1 {{expected a function @nothing}}
  graph.loop @nothing : () -> ()
  return
}
