// RUN: lambent-opt %s --graph-simplify --split-input-file | FileCheck %s --check-prefixes=CHECK,DEFAULT
// RUN: lambent-opt %s --graph-simplify=strict --split-input-file | FileCheck %s --check-prefixes=CHECK,STRICT

// CHECK-LABEL: func.func @division(
// CHECK: ^bb0(%[[A:.*]]: f32):
// CHECK-DAG: %[[QUARTER:.*]] = arith.constant 2.500000e-01 : f32
// DEFAULT: arith.mulf
// DEFAULT: arith.mulf
// STRICT: %[[Q:.*]] = arith.mulf %[[A]], %[[QUARTER]]
// STRICT: arith.divf %[[Q]]
func.func @division(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %four = graph.constant dense<4.0> : tensor<f32>
  %r = graph.elementwise(%x, %four) : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32> {
  ^bb0(%p: f32, %q: f32):
    %three = arith.constant 3.0 : f32
    %0 = arith.divf %p, %q : f32
    %s = math.sqrt %0 : f32
    %1 = arith.divf %0, %three : f32
    %2 = arith.addf %1, %s : f32
    graph.yield %2 : f32
  }
  return %r : tensor<2x3xf32>
}

// -----

// x - 0 is x for every x, which x + 0 is not: -0 + 0 is 0.
// CHECK-LABEL: func.func @neutral(
// CHECK-SAME: %[[X:.*]]: tensor<2x3xf32>
// CHECK-NEXT: return %[[X]]
func.func @neutral(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %zero = graph.constant dense<0.0> : tensor<1xf32>
  %one = graph.constant dense<1.0> : tensor<3xf32>
  %r = graph.elementwise(%x, %zero, %one) : (tensor<2x3xf32>, tensor<1xf32>, tensor<3xf32>) -> tensor<2x3xf32> {
  ^bb0(%p: f32, %q: f32, %t: f32):
    %0 = arith.subf %p, %q : f32
    %1 = arith.mulf %t, %0 : f32
    %2 = arith.divf %1, %t : f32
    graph.yield %2 : f32
  }
  return %r : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: func.func @negative_sign_of_zero(
// CHECK: arith.addf
func.func @negative_sign_of_zero(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = graph.elementwise(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32> {
  ^bb0(%p: f32):
    %zero = arith.constant 0.0 : f32
    %0 = arith.addf %p, %zero : f32
    graph.yield %0 : f32
  }
  return %r : tensor<2x3xf32>
}

// -----

// Factors of like size merge; 1e30 is none, as x * 1e30 may overflow.
// CHECK-LABEL: func.func @factors(
// DEFAULT: %[[C:.*]] = arith.constant 6.000000e+00 : f32
// DEFAULT: %[[P:.*]] = arith.mulf %{{.*}}, %[[C]]
// STRICT: arith.mulf
// STRICT: %[[P:.*]] = arith.mulf
// CHECK: %[[Q:.*]] = arith.mulf %[[P]]
// CHECK: arith.mulf %[[Q]]
// CHECK: yield
func.func @factors(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = graph.elementwise(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32> {
  ^bb0(%p: f32):
    %two = arith.constant 2.0 : f32
    %three = arith.constant 3.0 : f32
    %huge = arith.constant 1.0e30 : f32
    %tiny = arith.constant 1.0e-30 : f32
    %0 = arith.mulf %p, %two : f32
    %1 = arith.mulf %0, %three : f32
    %2 = arith.mulf %1, %huge : f32
    %3 = arith.mulf %2, %tiny : f32
    graph.yield %3 : f32
  }
  return %r : tensor<2x3xf32>
}

// -----

// floor turns the last bit of x / 49 into 1, through whatever moves it there.
// CHECK-LABEL: func.func @negative_division_before_step(
// CHECK: arith.divf
func.func @negative_division_before_step(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  %c = graph.constant dense<[[49.0], [7.0]]> : tensor<2x1xf32>
  %0 = graph.elementwise(%x, %c) : (tensor<2x3xf32>, tensor<2x1xf32>) -> tensor<2x3xf32> {
  ^bb0(%p: f32, %q: f32):
    %3 = arith.divf %p, %q : f32
    graph.yield %3 : f32
  }
  %1 = graph.transpose(%0) {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %2 = graph.elementwise(%1) : (tensor<3x2xf32>) -> tensor<3x2xf32> {
  ^bb0(%p: f32):
    %3 = math.floor %p : f32
    graph.yield %3 : f32
  }
  return %2 : tensor<3x2xf32>
}

// -----

// CHECK-LABEL: func.func @powers(
// CHECK: %[[SQUARE:.*]] = arith.mulf %[[P:.*]], %[[P]]
// CHECK: math.sqrt %[[P]]
// STRICT: math.powf
// DEFAULT-NOT: math.powf
// CHECK: graph.yield
func.func @powers(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = graph.elementwise(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32> {
  ^bb0(%p: f32):
    %two = arith.constant 2.0 : f32
    %half = arith.constant 0.5 : f32
    %three = arith.constant 3.0 : f32
    %0 = math.powf %p, %two : f32
    %1 = math.powf %p, %half : f32
    %2 = math.powf %p, %three : f32
    %3 = arith.addf %0, %1 : f32
    %4 = arith.addf %3, %2 : f32
    graph.yield %4 : f32
  }
  return %r : tensor<2x3xf32>
}

// -----

// The importer widens to the exponent's type, which constant exponents seldom need; kernels compute with spare bits.
// CHECK-LABEL: func.func @widened_powers(
// CHECK: %[[E:.*]] = arith.constant 7.500000e-01 : f32
// CHECK: math.powf %{{.*}}, %[[E]] : f32
// CHECK: math.powf %{{.*}}, %{{.*}} : f64
// CHECK: graph.yield
func.func @widened_powers(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = graph.elementwise(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32> {
  ^bb0(%p: f32):
    %e = arith.constant 0.75 : f64
    %odd = arith.constant 16777217.0 : f64
    %w = arith.extf %p : f32 to f64
    %0 = math.powf %w, %e : f64
    %1 = arith.truncf %0 : f64 to f32
    %2 = math.powf %w, %odd : f64
    %3 = arith.truncf %2 : f64 to f32
    %4 = arith.addf %1, %3 : f32
    graph.yield %4 : f32
  }
  return %r : tensor<2x3xf32>
}

// -----

// The parts of a split, joined again.
// CHECK-LABEL: func.func @split_and_join(
// CHECK-SAME: %[[X:.*]]: tensor<2x8xf32>, %[[Y:.*]]: tensor<2x1xf32>
// CHECK-NEXT: %[[R:.*]] = graph.concat(%[[X]], %[[Y]]) {axis = 1 : i64}
// CHECK-NEXT: return %[[R]]
func.func @split_and_join(%x: tensor<2x8xf32>, %y: tensor<2x1xf32>) -> tensor<2x9xf32> {
  %c0 = graph.constant dense<0> : tensor<1xi64>
  %c1 = graph.constant dense<1> : tensor<1xi64>
  %c3 = graph.constant dense<3> : tensor<1xi64>
  %c9 = graph.constant dense<9> : tensor<1xi64>
  %a = graph.slice(%x, %c0, %c3, %c1) {axes = array<i64: 1>} : (tensor<2x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x3xf32>
  %b = graph.slice(%x, %c3, %c9, %c1) {axes = array<i64: 1>} : (tensor<2x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x5xf32>
  %j = graph.concat(%b, %y) {axis = 1 : i64} : (tensor<2x5xf32>, tensor<2x1xf32>) -> tensor<2x6xf32>
  %r = graph.concat(%a, %j) {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x6xf32>) -> tensor<2x9xf32>
  return %r : tensor<2x9xf32>
}

// -----

// Parts in another order are no whole.
// CHECK-LABEL: func.func @negative_swapped(
// CHECK: graph.slice
// CHECK: graph.slice
// CHECK: graph.concat
func.func @negative_swapped(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
  %c0 = graph.constant dense<0> : tensor<1xi64>
  %c1 = graph.constant dense<1> : tensor<1xi64>
  %c3 = graph.constant dense<3> : tensor<1xi64>
  %c8 = graph.constant dense<8> : tensor<1xi64>
  %a = graph.slice(%x, %c0, %c3, %c1) {axes = array<i64: 1>} : (tensor<2x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x3xf32>
  %b = graph.slice(%x, %c3, %c8, %c1) {axes = array<i64: 1>} : (tensor<2x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x5xf32>
  %r = graph.concat(%b, %a) {axis = 1 : i64} : (tensor<2x5xf32>, tensor<2x3xf32>) -> tensor<2x8xf32>
  return %r : tensor<2x8xf32>
}

// -----

// Every second row, then every second column: one slice. Then a part of a concat.
// CHECK-LABEL: func.func @slices(
// CHECK-SAME: %[[X:.*]]: tensor<8x8xf32>
func.func @slices(%x: tensor<8x8xf32>) -> tensor<2x4xf32> {
  // CHECK-DAG: %[[STARTS:.*]] = graph.constant dense<[3, 0]>
  // CHECK-DAG: %[[ENDS:.*]] = graph.constant dense<[6, 7]>
  // CHECK-DAG: %[[STEPS:.*]] = graph.constant dense<2>
  // CHECK: %[[R:.*]] = graph.slice(%[[X]], %[[STARTS]], %[[ENDS]], %[[STEPS]]) {axes = array<i64: 0, 1>}
  // CHECK-NEXT: return %[[R]]
  %c0 = graph.constant dense<0> : tensor<1xi64>
  %c1 = graph.constant dense<1> : tensor<1xi64>
  %c2 = graph.constant dense<2> : tensor<1xi64>
  %c3 = graph.constant dense<3> : tensor<1xi64>
  %c8 = graph.constant dense<8> : tensor<1xi64>
  %a = graph.slice(%x, %c1, %c8, %c2) {axes = array<i64: 0>} : (tensor<8x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<4x8xf32>
  %b = graph.slice(%a, %c0, %c8, %c2) {axes = array<i64: 1>} : (tensor<4x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<4x4xf32>
  %c12 = graph.constant dense<12> : tensor<1xi64>
  %j = graph.concat(%a, %b) {axis = 1 : i64} : (tensor<4x8xf32>, tensor<4x4xf32>) -> tensor<4x12xf32>
  %last = graph.slice(%j, %c8, %c12, %c1) {axes = array<i64: 1>} : (tensor<4x12xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<4x4xf32>
  %r = graph.slice(%last, %c1, %c3, %c1) {axes = array<i64: 0>} : (tensor<4x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x4xf32>
  return %r : tensor<2x4xf32>
}

// -----

// CHECK-LABEL: func.func @pad_into_conv(
// CHECK-SAME: %[[X:.*]]: tensor<1x2x4x4xf32>
// CHECK: graph.conv(%[[X]], %{{.*}}) {dilations = array<i64: 1, 1>, pads = array<i64: 1, 2, 0, 1>
func.func @pad_into_conv(%x: tensor<1x2x4x4xf32>, %w: tensor<1x2x3x3xf32>) -> tensor<1x1x3x5xf32> {
  %pads = graph.constant dense<[1, 1, 0, 0]> : tensor<4xi64>
  %zero = graph.constant dense<0.0> : tensor<f32>
  %p = graph.pad(%x, %pads, %zero) {mode = "constant", axes = array<i64: 2, 3>} : (tensor<1x2x4x4xf32>, tensor<4xi64>, tensor<f32>) -> tensor<1x2x5x5xf32>
  %r = graph.conv(%p, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 1, 0, 1>} : (tensor<1x2x5x5xf32>, tensor<1x2x3x3xf32>) -> tensor<1x1x3x5xf32>
  return %r : tensor<1x1x3x5xf32>
}

// -----

// CHECK-LABEL: func.func @pad_into_average(
// CHECK-NOT: graph.pad
// CHECK: graph.pool(%{{.*}}) {count_include_pad = true, {{.*}}pads = array<i64: 1, 1, 1, 1>
func.func @pad_into_average(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %pads = graph.constant dense<1> : tensor<4xi64>
  %p = graph.pad(%x, %pads) {mode = "constant", axes = array<i64: 2, 3>} : (tensor<1x2x4x4xf32>, tensor<4xi64>) -> tensor<1x2x6x6xf32>
  %r = graph.pool(%p) {kind = "average", kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x6x6xf32>) -> tensor<1x2x4x4xf32>
  return %r : tensor<1x2x4x4xf32>
}

// -----

// Zeros are no padding of a maximum, nor of a convolution when they are channels or anything but zeros.
// CHECK-LABEL: func.func @negative_pads(
// CHECK: graph.pad
// CHECK: graph.pool
// CHECK: graph.pad
// CHECK: graph.conv
// CHECK: graph.pad
// CHECK: graph.conv
func.func @negative_pads(%x: tensor<1x2x4x4xf32>, %w: tensor<1x3x3x3xf32>, %v: tensor<1x2x3x3xf32>) -> (tensor<1x2x4x4xf32>, tensor<1x1x2x2xf32>, tensor<1x1x4x4xf32>) {
  %pads = graph.constant dense<1> : tensor<4xi64>
  %channel = graph.constant dense<[1, 0]> : tensor<2xi64>
  %one = graph.constant dense<1.0> : tensor<f32>
  %p = graph.pad(%x, %pads) {mode = "constant", axes = array<i64: 2, 3>} : (tensor<1x2x4x4xf32>, tensor<4xi64>) -> tensor<1x2x6x6xf32>
  %a = graph.pool(%p) {kind = "max", kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x6x6xf32>) -> tensor<1x2x4x4xf32>
  %q = graph.pad(%x, %channel) {mode = "constant", axes = array<i64: 1>} : (tensor<1x2x4x4xf32>, tensor<2xi64>) -> tensor<1x3x4x4xf32>
  %b = graph.conv(%q, %w) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x3x4x4xf32>, tensor<1x3x3x3xf32>) -> tensor<1x1x2x2xf32>
  %o = graph.pad(%x, %pads, %one) {mode = "constant", axes = array<i64: 2, 3>} : (tensor<1x2x4x4xf32>, tensor<4xi64>, tensor<f32>) -> tensor<1x2x6x6xf32>
  %c = graph.conv(%o, %v) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x6x6xf32>, tensor<1x2x3x3xf32>) -> tensor<1x1x4x4xf32>
  return %a, %b, %c : tensor<1x2x4x4xf32>, tensor<1x1x2x2xf32>, tensor<1x1x4x4xf32>
}
