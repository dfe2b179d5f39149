// RUN: lambent-opt %s | lambent-opt | FileCheck %s
// RUN: lambent-opt --mlir-print-op-generic %s | lambent-opt | FileCheck %s


// CHECK-LABEL: @attention
func.func @attention(%q: tensor<1x2x4x64xf32>, %k: tensor<1x2x6x64xf32>, %v: tensor<1x2x6x32xf32>, %m: tensor<1x1x4x6xf32>) -> tensor<1x2x4x32xf32> {
  // CHECK: graph.attention(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) {scale = 1.250000e-01 : f32} :
  %r = graph.attention(%q, %k, %v, %m) {scale = 0.125 : f32}
    : (tensor<1x2x4x64xf32>, tensor<1x2x6x64xf32>, tensor<1x2x6x32xf32>, tensor<1x1x4x6xf32>) -> tensor<1x2x4x32xf32>
  return %r : tensor<1x2x4x32xf32>
}
