// RUN: lambent-opt --canonicalize %s | FileCheck %s


// CHECK-LABEL: @concat_of_one
func.func @concat_of_one(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  // CHECK-NEXT: return %arg0
  %0 = graph.concat(%x) {axis = 0 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// CHECK-LABEL: @concat_of_constants
func.func @concat_of_constants() -> tensor<2x3xi64> {
  // CHECK{LITERAL}: dense<[[1, 3, 3], [2, 4, 4]]> : tensor<2x3xi64>
  %a = graph.constant dense<[[1], [2]]> : tensor<2x1xi64>
  %b = graph.constant dense<[[3, 3], [4, 4]]> : tensor<2x2xi64>
  %0 = graph.concat(%a, %b) {axis = 1 : i64} : (tensor<2x1xi64>, tensor<2x2xi64>) -> tensor<2x3xi64>
  return %0 : tensor<2x3xi64>
}

// CHECK-LABEL: @slice_of_constant
func.func @slice_of_constant() -> (tensor<2xi64>, tensor<3xi64>) {
  %c = graph.constant dense<[1, 2, 3, 4, 5]> : tensor<5xi64>
  %one = graph.constant dense<1> : tensor<1xi64>
  %two = graph.constant dense<2> : tensor<1xi64>
  %end = graph.constant dense<9223372036854775807> : tensor<1xi64>
  // CHECK-DAG: dense<[2, 4]> : tensor<2xi64>
  %0 = graph.slice(%c, %one, %end, %two) {axes = array<i64: 0>} : (tensor<5xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  %last = graph.constant dense<-1> : tensor<1xi64>
  %begin = graph.constant dense<-9223372036854775808> : tensor<1xi64>
  %back = graph.constant dense<-2> : tensor<1xi64>
  // CHECK-DAG: dense<[5, 3, 1]> : tensor<3xi64>
  %1 = graph.slice(%c, %last, %begin, %back) {axes = array<i64: 0>} : (tensor<5xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<3xi64>
  return %0, %1 : tensor<2xi64>, tensor<3xi64>
}

// CHECK-LABEL: @slice_takes_all
func.func @slice_takes_all(%x: tensor<?x5xf32>) -> tensor<?x5xf32> {
  // CHECK-NEXT: return %arg0
  %zero = graph.constant dense<0> : tensor<2xi64>
  %one = graph.constant dense<1> : tensor<2xi64>
  %end = graph.constant dense<[9223372036854775807, 5]> : tensor<2xi64>
  %0 = graph.slice(%x, %zero, %end, %one) {axes = array<i64: 0, 1>} : (tensor<?x5xf32>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>) -> tensor<?x5xf32>
  return %0 : tensor<?x5xf32>
}

// CHECK-LABEL: @negative_slice_reverses
func.func @negative_slice_reverses(%x: tensor<5xf32>) -> tensor<5xf32> {
  // CHECK: graph.slice
  %last = graph.constant dense<-1> : tensor<1xi64>
  %end = graph.constant dense<-9223372036854775808> : tensor<1xi64>
  %0 = graph.slice(%x, %last, %end, %last) {axes = array<i64: 0>} : (tensor<5xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// CHECK-LABEL: @tile
func.func @tile(%x: tensor<2xi64>) -> (tensor<4xi64>, tensor<2xi64>) {
  // CHECK: dense<[1, 2, 1, 2]> : tensor<4xi64>
  // CHECK: return %{{.*}}, %arg0
  %c = graph.constant dense<[1, 2]> : tensor<2xi64>
  %n = graph.constant dense<2> : tensor<1xi64>
  %0 = graph.tile(%c, %n) : (tensor<2xi64>, tensor<1xi64>) -> tensor<4xi64>
  %m = graph.constant dense<1> : tensor<1xi64>
  %1 = graph.tile(%x, %m) : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi64>
  return %0, %1 : tensor<4xi64>, tensor<2xi64>
}

// CHECK-LABEL: @pad_by_nothing
func.func @pad_by_nothing(%x: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK-NEXT: return %arg0
  %n = graph.constant dense<0> : tensor<2xi64>
  %0 = graph.pad(%x, %n) {axes = array<i64: 0>} : (tensor<?xf32>, tensor<2xi64>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: @gather_of_one_index
func.func @gather_of_one_index(%x: tensor<3x4x5xf32>) -> tensor<3x5xf32> {
  // CHECK-DAG: %[[BEGIN:.*]] = graph.constant dense<2> : tensor<1xi64>
  // CHECK-DAG: %[[END:.*]] = graph.constant dense<3> : tensor<1xi64>
  // CHECK: graph.slice(%arg0, %[[BEGIN]], %[[END]], %{{.*}}) {axes = array<i64: 1>} : {{.*}} -> tensor<3x1x5xf32>
  // CHECK: graph.reshape
  %i = graph.constant dense<-2> : tensor<i64>
  %0 = graph.gather(%x, %i) {axis = 1 : i64} : (tensor<3x4x5xf32>, tensor<i64>) -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}

// CHECK-LABEL: @gather
func.func @gather() -> tensor<4xi64> {
  // CHECK: dense<[1, 3, 3, 1]> : tensor<4xi64>
  %c = graph.constant dense<[1, 2, 3]> : tensor<3xi64>
  %i = graph.constant dense<[0, -1, 2, -3]> : tensor<4xi64>
  %0 = graph.gather(%c, %i) {axis = 0 : i64} : (tensor<3xi64>, tensor<4xi64>) -> tensor<4xi64>
  return %0 : tensor<4xi64>
}

// What leads out of the data is left to graph-check-values.
// CHECK-LABEL: @negative_gather_out_of_range
func.func @negative_gather_out_of_range(%x: tensor<3x4xf32>) -> (tensor<1xi64>, tensor<4xf32>, tensor<1x1xi64>) {
  %c = graph.constant dense<[1, 2, 3]> : tensor<3xi64>
  %i = graph.constant dense<3> : tensor<1xi64>
  // CHECK: graph.gather(
  %0 = graph.gather(%c, %i) {axis = 0 : i64} : (tensor<3xi64>, tensor<1xi64>) -> tensor<1xi64>
  %j = graph.constant dense<-4> : tensor<i64>
  // CHECK: graph.gather(
  %1 = graph.gather(%x, %j) {axis = 0 : i64} : (tensor<3x4xf32>, tensor<i64>) -> tensor<4xf32>
  %d = graph.constant dense<[[1, 2]]> : tensor<1x2xi64>
  %k = graph.constant dense<2> : tensor<1x1xi64>
  // CHECK: graph.gather_elements(
  %2 = graph.gather_elements(%d, %k) {axis = 1 : i64} : (tensor<1x2xi64>, tensor<1x1xi64>) -> tensor<1x1xi64>
  return %0, %1, %2 : tensor<1xi64>, tensor<4xf32>, tensor<1x1xi64>
}

// CHECK-LABEL: @gather_elements
func.func @gather_elements() -> tensor<2x2xi64> {
  // CHECK{LITERAL}: dense<[[2, 1], [4, 4]]> : tensor<2x2xi64>
  %c = graph.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi64>
  %i = graph.constant dense<[[1, 0], [1, -1]]> : tensor<2x2xi64>
  %0 = graph.gather_elements(%c, %i) {axis = 1 : i64} : (tensor<2x2xi64>, tensor<2x2xi64>) -> tensor<2x2xi64>
  return %0 : tensor<2x2xi64>
}

// CHECK-LABEL: @range
func.func @range() -> (tensor<3xi32>, tensor<2xf32>) {
  %a = graph.constant dense<5> : tensor<i32>
  %b = graph.constant dense<0> : tensor<i32>
  %d = graph.constant dense<-2> : tensor<i32>
  // CHECK-DAG: dense<[5, 3, 1]> : tensor<3xi32>
  %0 = graph.range(%a, %b, %d) : (tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<3xi32>
  %e = graph.constant dense<0.5> : tensor<f32>
  %f = graph.constant dense<2.0> : tensor<f32>
  %g = graph.constant dense<1.0> : tensor<f32>
  // CHECK-DAG: dense<[5.000000e-01, 1.500000e+00]> : tensor<2xf32>
  %1 = graph.range(%e, %f, %g) : (tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2xf32>
  return %0, %1 : tensor<3xi32>, tensor<2xf32>
}

// CHECK-LABEL: @gather_nd
func.func @gather_nd() -> tensor<2x2xi64> {
  // CHECK{LITERAL}: dense<[[3, 4], [1, 2]]> : tensor<2x2xi64>
  %c = graph.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi64>
  %i = graph.constant dense<[[1], [-2]]> : tensor<2x1xi64>
  %0 = graph.gather_nd(%c, %i) {batch_dims = 0 : i64} : (tensor<2x2xi64>, tensor<2x1xi64>) -> tensor<2x2xi64>
  return %0 : tensor<2x2xi64>
}

// CHECK-LABEL: @gather_nd_of_batches
func.func @gather_nd_of_batches() -> tensor<2xi64> {
  // CHECK: dense<[2, 3]> : tensor<2xi64>
  %c = graph.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi64>
  %i = graph.constant dense<[[1], [-2]]> : tensor<2x1xi64>
  %0 = graph.gather_nd(%c, %i) {batch_dims = 1 : i64} : (tensor<2x2xi64>, tensor<2x1xi64>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}

// Of two updates the later one stays.
// CHECK-LABEL: @scatter_nd
func.func @scatter_nd() -> tensor<2x2xi64> {
  // CHECK{LITERAL}: dense<[[7, 8], [3, 4]]> : tensor<2x2xi64>
  %c = graph.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi64>
  %i = graph.constant dense<[[0], [-2]]> : tensor<2x1xi64>
  %u = graph.constant dense<[[5, 6], [7, 8]]> : tensor<2x2xi64>
  %0 = graph.scatter_nd(%c, %i, %u) : (tensor<2x2xi64>, tensor<2x1xi64>, tensor<2x2xi64>) -> tensor<2x2xi64>
  return %0 : tensor<2x2xi64>
}

// CHECK-LABEL: @scatter_elements
func.func @scatter_elements() -> tensor<2x2xi64> {
  // CHECK{LITERAL}: dense<[[1, 6], [7, 4]]> : tensor<2x2xi64>
  %c = graph.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi64>
  %i = graph.constant dense<[[1, -1], [0, 0]]> : tensor<2x2xi64>
  %u = graph.constant dense<[[5, 6], [8, 7]]> : tensor<2x2xi64>
  %0 = graph.scatter_elements(%c, %i, %u) {axis = 1 : i64} : (tensor<2x2xi64>, tensor<2x2xi64>, tensor<2x2xi64>) -> tensor<2x2xi64>
  return %0 : tensor<2x2xi64>
}

// CHECK-LABEL: @scatter_of_nothing
// CHECK-SAME: %[[X:.*]]: tensor<2x2xf32>,
func.func @scatter_of_nothing(%x: tensor<2x2xf32>, %i: tensor<0x1xi64>, %u: tensor<0x2xf32>) -> tensor<2x2xf32> {
  // CHECK-NEXT: return %[[X]]
  %0 = graph.scatter_nd(%x, %i, %u) {kind = "sum"} : (tensor<2x2xf32>, tensor<0x1xi64>, tensor<0x2xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// What leads out of the data, and what is combined, stays.
// CHECK-LABEL: @negative_scatter
func.func @negative_scatter() -> (tensor<2xi64>, tensor<2xi64>, tensor<1xi64>) {
  %c = graph.constant dense<[1, 2]> : tensor<2xi64>
  %i = graph.constant dense<2> : tensor<1x1xi64>
  %j = graph.constant dense<1> : tensor<1xi64>
  // CHECK: graph.scatter_nd(
  %0 = graph.scatter_nd(%c, %i, %j) : (tensor<2xi64>, tensor<1x1xi64>, tensor<1xi64>) -> tensor<2xi64>
  // CHECK: graph.scatter_elements(
  %1 = graph.scatter_elements(%c, %j, %j) {axis = 0 : i64, kind = "sum"} : (tensor<2xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  // CHECK: graph.gather_nd(
  %2 = graph.gather_nd(%c, %i) {batch_dims = 0 : i64} : (tensor<2xi64>, tensor<1x1xi64>) -> tensor<1xi64>
  return %0, %1, %2 : tensor<2xi64>, tensor<2xi64>, tensor<1xi64>
}

// The least number is one like others.
// CHECK-LABEL: @slice_from_the_least
func.func @slice_from_the_least() -> tensor<2xi64> {
  // CHECK: dense<[1, 2]> : tensor<2xi64>
  %c = graph.constant dense<[1, 2, 3, 4]> : tensor<4xi64>
  %a = graph.constant dense<-9223372036854775808> : tensor<1xi64>
  %b = graph.constant dense<-2> : tensor<1xi64>
  %d = graph.constant dense<1> : tensor<1xi64>
  %0 = graph.slice(%c, %a, %b, %d) {axes = array<i64: 0>} : (tensor<4xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}
