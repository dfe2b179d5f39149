// RUN: lambent-opt %s | lambent-opt | FileCheck %s
// RUN: lambent-opt --mlir-print-op-generic %s | lambent-opt | FileCheck %s

// CHECK-LABEL: @round_blocks
func.func @round_blocks(%x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  // CHECK: %[[R:.*]] = graph.round_blocks(%{{.*}}) {axis = 1 : i64, format = "mxfp8"} :
  %0 = graph.round_blocks(%x) {format = "mxfp8", axis = 1 : i64} : (tensor<4x64xf32>) -> tensor<4x64xf32>
  // CHECK: graph.round_blocks(%[[R]]) {axis = 0 : i64, format = "mx9", groups = 2 : i64, scale = "up"} :
  %r = graph.round_blocks(%0) {format = "mx9", axis = 0 : i64, scale = "up", groups = 2 : i64} : (tensor<4x64xf32>) -> tensor<4x64xf32>
  return %r : tensor<4x64xf32>
}
