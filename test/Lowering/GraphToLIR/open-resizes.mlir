// RUN: lambent-opt --graph-to-lir --split-input-file --verify-diagnostics %s | FileCheck %s
// Tables of open dims are computed by kernels, for each run.

// CHECK-LABEL: @linear
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

func.func @refused(%x: tensor<?x4xf32, #graph.sizes<[s0, 4]>>) -> (tensor<?x4xf32, #graph.sizes<[s0 * 2, 4]>>, tensor<?x4xf32, #graph.sizes<[s1, 4]>>) attributes {graph.symbols = ["n", "m"]} {
  %roi = graph.constant dense<[0.0, 0.0, 0.5, 1.0]> : tensor<4xf32>
  %s = graph.constant dense<[2.0, 1.0]> : tensor<2xf32>
  // expected-error @+1 {{resizing a region, or to given sizes with antialiasing, is not supported with open dims: bind them}}
  %a = graph.resize(%x roi %roi : tensor<4xf32> scales %s : tensor<2xf32>) {mode = "linear", coordinate_transformation_mode = "tf_crop_and_resize"} : tensor<?x4xf32, #graph.sizes<[s0, 4]>> -> tensor<?x4xf32, #graph.sizes<[s0 * 2, 4]>>
  %m = graph.sizes <[s1, 4]> : tensor<2xi64>
  // expected-error @+1 {{keeping the aspect ratio is not supported with open dims: bind them}}
  %b = graph.resize(%x sizes %m : tensor<2xi64>) {mode = "linear", keep_aspect_ratio_policy = "not_larger"} : tensor<?x4xf32, #graph.sizes<[s0, 4]>> -> tensor<?x4xf32, #graph.sizes<[s1, 4]>>
  return %a, %b : tensor<?x4xf32, #graph.sizes<[s0 * 2, 4]>>, tensor<?x4xf32, #graph.sizes<[s1, 4]>>
}
