// RUN: lambent-opt --graph-to-lir --split-input-file --verify-diagnostics %s | FileCheck %s
// Tables of open dims are computed by kernels, for each run.

// Where f32 rounds the product otherwise, the quotient does not stand for the scale.
// CHECK-LABEL: @linear
// CHECK-SAME: expected = "at most 5592405 positions to scale", is_zero = false, loc = {{.*}}, size = #lir.sizes<[-s0 + 5592405]>
func.func @linear(%x: tensor<?x4xf32, #graph.sizes<[s0, 4]>>) -> tensor<?x4xf32, #graph.sizes<[(s0 * 3) floordiv 2, 4]>> attributes {graph.symbols = ["n"]} {
  %s = graph.constant dense<[1.5, 1.0]> : tensor<2xf32>
  // CHECK: lir.elementwise outs(%[[I:[0-9]+]] : memref<?x2xi64, {{.*}}>) domain [(s0 * 3) floordiv 2, 2]
  // CHECK: math.floor
  // CHECK: lir.elementwise outs(%[[W:[0-9]+]] : memref<?x2xf32, {{.*}}>) domain [(s0 * 3) floordiv 2, 2]
  // CHECK: arith.maximumf
  // CHECK: lir.resample ins(%{{.*}}, %[[I]], %[[W]] :
  %r = graph.resize(%x scales %s : tensor<2xf32>) {mode = "linear"} : tensor<?x4xf32, #graph.sizes<[s0, 4]>> -> tensor<?x4xf32, #graph.sizes<[(s0 * 3) floordiv 2, 4]>>
  return %r : tensor<?x4xf32, #graph.sizes<[(s0 * 3) floordiv 2, 4]>>
}

// -----

// CHECK-LABEL: @nearest_repeats
func.func @nearest_repeats(%x: tensor<?x4xf32, #graph.sizes<[s0, 4]>>) -> tensor<?x4xf32, #graph.sizes<[s0 * 2, 4]>> attributes {graph.symbols = ["n"]} {
  %s = graph.constant dense<[2.0, 1.0]> : tensor<2xf32>
  // CHECK-NOT: lir.gather
  // CHECK: lir.elementwise {{.*}} domain [s0, 2, 4]
  %r = graph.resize(%x scales %s : tensor<2xf32>) {mode = "nearest"} : tensor<?x4xf32, #graph.sizes<[s0, 4]>> -> tensor<?x4xf32, #graph.sizes<[s0 * 2, 4]>>
  return %r : tensor<?x4xf32, #graph.sizes<[s0 * 2, 4]>>
}

// -----

// Quotients of sizes are exact.
// CHECK-LABEL: @nearest_to_sizes
// CHECK-SAME: expected = "elements to resample along dim 0"
func.func @nearest_to_sizes(%x: tensor<?xf32, #graph.sizes<[s0]>>) -> tensor<?xf32, #graph.sizes<[s1]>> attributes {graph.symbols = ["n", "m"]} {
  %s = graph.sizes <[s1]> : tensor<1xi64>
  // CHECK: arith.floordivsi
  // CHECK: lir.gather
  %r = graph.resize(%x sizes %s : tensor<1xi64>) {mode = "nearest"} : tensor<?xf32, #graph.sizes<[s0]>> -> tensor<?xf32, #graph.sizes<[s1]>>
  return %r : tensor<?xf32, #graph.sizes<[s1]>>
}

// -----

// Scales and regions are read where the tables are made.
// CHECK-LABEL: @given
// CHECK-SAME: (%[[X:[a-z0-9]+]]: memref<8xf32>{{.*}}, %[[S:[a-z0-9]+]]: memref<1xf32>{{.*}}, %[[ROI:[a-z0-9]+]]: memref<2xf32>
func.func @given(%x: tensor<8xf32>, %scale: tensor<1xf32>, %roi: tensor<2xf32>) -> tensor<?xf32, #graph.sizes<[s0]>> attributes {graph.symbols = ["n"]} {
  %s = graph.sizes <[s0]> : tensor<1xi64>
  // CHECK: lir.elementwise ins(%[[S]], %[[ROI]], %[[ROI]] : {{.*}}) outs(%[[OUTSIDE:[0-9]+]] : memref<?xi1
  // CHECK: lir.elementwise ins(%[[S]], %[[ROI]], %[[ROI]] : {{.*}}) outs(%[[I:[0-9]+]] : memref<?xi64
  // CHECK: lir.gather ins(%[[X]], %[[I]] :
  // CHECK: lir.elementwise ins(%{{.*}}, %[[OUTSIDE]] :
  %r = graph.resize(%x roi %roi : tensor<2xf32> scales %scale : tensor<1xf32> sizes %s : tensor<1xi64>) {mode = "nearest", coordinate_transformation_mode = "tf_crop_and_resize"} : tensor<8xf32> -> tensor<?xf32, #graph.sizes<[s0]>>
  return %r : tensor<?xf32, #graph.sizes<[s0]>>
}

// -----

// The number of taps follows from the sizes; their weights are made to sum to 1.
// CHECK-LABEL: @smooth
func.func @smooth(%x: tensor<?xf32, #graph.sizes<[s0]>>) -> tensor<?xf32, #graph.sizes<[s1]>> attributes {graph.symbols = ["n", "m"]} {
  %s = graph.sizes <[s1]> : tensor<1xi64>
  // CHECK: lir.elementwise {{.*}} domain [s1, ((s0 * 4) floordiv (s1 + 1)) * 2 + 4]
  // CHECK: lir.reduce {{.*}}kind = "sum"
  // CHECK: arith.divf
  // CHECK: lir.resample
  %r = graph.resize(%x sizes %s : tensor<1xi64>) {mode = "linear", antialias = true} : tensor<?xf32, #graph.sizes<[s0]>> -> tensor<?xf32, #graph.sizes<[s1]>>
  return %r : tensor<?xf32, #graph.sizes<[s1]>>
}

// -----

func.func @refused(%x: tensor<?x4xf32, #graph.sizes<[s0, 4]>>) -> tensor<?x4xf32, #graph.sizes<[s1, 4]>> attributes {graph.symbols = ["n", "m"]} {
  %m = graph.sizes <[s1, 4]> : tensor<2xi64>
  // expected-error @+1 {{keeping the aspect ratio is not supported with open dims: bind them}}
  %b = graph.resize(%x sizes %m : tensor<2xi64>) {mode = "linear", keep_aspect_ratio_policy = "not_larger"} : tensor<?x4xf32, #graph.sizes<[s0, 4]>> -> tensor<?x4xf32, #graph.sizes<[s1, 4]>>
  return %b : tensor<?x4xf32, #graph.sizes<[s1, 4]>>
}
