// RUN: lambent-opt --canonicalize %s | FileCheck %s


// CHECK-LABEL: @integer_arithmetic
func.func @integer_arithmetic(%x: tensor<7x128xf32>) -> tensor<2xi64> {
  // CHECK-NEXT: graph.constant dense<[3, 16]> : tensor<2xi64>
  %s = graph.shape(%x) {start = 0 : i64, end = 2 : i64} : (tensor<7x128xf32>) -> tensor<2xi64>
  %c = graph.constant dense<2> : tensor<1xi64>
  %r = graph.elementwise(%s, %c) : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi64> {
  ^bb0(%a: i64, %b: i64):
    %0 = arith.muli %a, %b : i64
    %1 = arith.sitofp %0 : i64 to f32
    %2 = math.sqrt %1 : f32
    %3 = arith.fptosi %2 : f32 to i64
    graph.yield %3 : i64
  }
  return %r : tensor<2xi64>
}

// CHECK-LABEL: @selection_by_known_condition
func.func @selection_by_known_condition(%x: tensor<?x128xf32>) -> tensor<2xi64> {
  // CHECK-NEXT: graph.constant dense<[9, 128]> : tensor<2xi64>
  %s = graph.shape(%x) {start = 0 : i64, end = 2 : i64} : (tensor<?x128xf32>) -> tensor<2xi64>
  %c = graph.constant dense<[true, false]> : tensor<2xi1>
  %n = graph.constant dense<9> : tensor<i64>
  %r = graph.elementwise(%c, %n, %s) : (tensor<2xi1>, tensor<i64>, tensor<2xi64>) -> tensor<2xi64> {
  ^bb0(%k: i1, %a: i64, %b: i64):
    %0 = arith.select %k, %a, %b : i64
    graph.yield %0 : i64
  }
  return %r : tensor<2xi64>
}

// CHECK-LABEL: @unsigned
func.func @unsigned() -> tensor<2xui8> {
  // CHECK-NEXT: graph.constant dense<[2, 100]> : tensor<2xui8>
  %c = graph.constant dense<[4, 200]> : tensor<2xui8>
  %r = graph.elementwise(%c) : (tensor<2xui8>) -> tensor<2xui8> {
  ^bb0(%a: i8):
    %two = arith.constant 2 : i8
    %0 = arith.divui %a, %two : i8
    graph.yield %0 : i8
  }
  return %r : tensor<2xui8>
}

// CHECK-LABEL: @negative_division_by_zero
func.func @negative_division_by_zero() -> tensor<2xi32> {
  // CHECK: graph.elementwise
  %c = graph.constant dense<[1, 0]> : tensor<2xi32>
  %d = graph.constant dense<[4, 4]> : tensor<2xi32>
  %r = graph.elementwise(%d, %c) : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32> {
  ^bb0(%a: i32, %b: i32):
    %0 = arith.divsi %a, %b : i32
    graph.yield %0 : i32
  }
  return %r : tensor<2xi32>
}

// CHECK-LABEL: @uniform_constants_of_any_size
func.func @uniform_constants_of_any_size() -> tensor<100000xf32> {
  // CHECK-NEXT: graph.constant dense<3.000000e+00> : tensor<100000xf32>
  %c = graph.constant dense<1.0> : tensor<100000xf32>
  %d = graph.constant dense<2.0> : tensor<f32>
  %r = graph.elementwise(%c, %d) : (tensor<100000xf32>, tensor<f32>) -> tensor<100000xf32> {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.addf %a, %b : f32
    graph.yield %0 : f32
  }
  return %r : tensor<100000xf32>
}

// CHECK-LABEL: @identity
func.func @identity(%x: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK-NEXT: return %arg0
  %r = graph.elementwise(%x) : (tensor<?xf32>) -> tensor<?xf32> {
  ^bb0(%a: f32):
    graph.yield %a : f32
  }
  return %r : tensor<?xf32>
}

// CHECK-LABEL: @negative_identity_bits_of_another_type
func.func @negative_identity_bits_of_another_type(%x: tensor<4xi8>) -> tensor<4xui8> {
  // CHECK-NEXT: graph.elementwise
  %r = graph.elementwise(%x) : (tensor<4xi8>) -> tensor<4xui8> {
  ^bb0(%a: i8):
    graph.yield %a : i8
  }
  return %r : tensor<4xui8>
}

// One scalar, repeated inputs, an unused input and an expanded one leave; their arithmetic simplifies.
// CHECK-LABEL: @inputs
func.func @inputs(%x: tensor<4x8xf32>, %b: tensor<8xf32>) -> tensor<4x8xf32> {
  // CHECK-NEXT: graph.elementwise(%arg0, %arg1) : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32> {
  // CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[B:.*]]: f32):
  // CHECK-NEXT: %[[H:.*]] = arith.constant 5.000000e-01
  // CHECK-NEXT: %[[P:.*]] = arith.mulf %[[X]], %[[B]]
  // CHECK-NEXT: %[[Q:.*]] = arith.mulf %[[P]], %[[H]]
  // CHECK-NEXT: %[[R:.*]] = arith.addf %[[Q]], %[[X]]
  // CHECK-NEXT: graph.yield %[[R]]
  %h = graph.constant dense<0.5> : tensor<1xf32>
  %one = graph.constant dense<1.0> : tensor<f32>
  %s = graph.constant dense<[4, 8]> : tensor<2xi64>
  %e = graph.expand(%b, %s) : (tensor<8xf32>, tensor<2xi64>) -> tensor<4x8xf32>
  %r = graph.elementwise(%x, %e, %h, %x, %one, %b) : (tensor<4x8xf32>, tensor<4x8xf32>, tensor<1xf32>, tensor<4x8xf32>, tensor<f32>, tensor<8xf32>) -> tensor<4x8xf32> {
  ^bb0(%a: f32, %t: f32, %u : f32, %y: f32, %k : f32, %l: f32):
    %0 = arith.mulf %a, %t : f32
    %1 = arith.mulf %0, %u : f32
    %2 = arith.mulf %1, %k : f32
    %3 = arith.addf %2, %y : f32
    graph.yield %3 : f32
  }
  return %r : tensor<4x8xf32>
}

// CHECK-LABEL: @negative_unused_input_gives_the_shape
func.func @negative_unused_input_gives_the_shape(%x: tensor<4x8xf32>, %b: tensor<8xf32>) -> tensor<4x8xf32> {
  // CHECK-NEXT: graph.elementwise(%arg0, %arg1)
  %r = graph.elementwise(%x, %b) : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32> {
  ^bb0(%a: f32, %t: f32):
    %0 = math.exp %t : f32
    graph.yield %0 : f32
  }
  return %r : tensor<4x8xf32>
}

// Constants of narrow elements are read and written as codes.
// CHECK-LABEL: @codes
func.func @codes() -> (tensor<2xui8>, tensor<2xf4E2M1FN>) {
  // CHECK-DAG: graph.constant dense<[56, 192]> : tensor<2xui8>
  %x = graph.constant dense<[1.0, -2.0]> : tensor<2xf8E4M3FN>
  %r = graph.elementwise(%x) : (tensor<2xf8E4M3FN>) -> tensor<2xui8> {
  ^bb0(%s: i8):
    graph.yield %s : i8
  }
  // CHECK-DAG: graph.constant dense<[5.000000e-01, -6.000000e+00]> : tensor<2xf4E2M1FN>
  %y = graph.constant dense<[1, -1]> : tensor<2xi4>
  %q = graph.elementwise(%y) : (tensor<2xi4>) -> tensor<2xf4E2M1FN> {
  ^bb0(%s: i8):
    graph.yield %s : i8
  }
  return %r, %q : tensor<2xui8>, tensor<2xf4E2M1FN>
}
