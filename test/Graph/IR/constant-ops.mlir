// RUN: lambent-opt %s | lambent-opt | FileCheck %s
// RUN: lambent-opt --mlir-print-op-generic %s | lambent-opt | FileCheck %s


// CHECK-LABEL: @constants
func.func @constants() -> (tensor<2xi64>, tensor<3xf32>) {
  // CHECK: graph.constant dense<[1, 2]> : tensor<2xi64>
  %0 = graph.constant dense<[1, 2]> : tensor<2xi64>
  // CHECK: graph.constant dense_resource<weights> : tensor<3xf32>
  %1 = graph.constant dense_resource<weights> : tensor<3xf32>
  return %0, %1 : tensor<2xi64>, tensor<3xf32>
}

{-# dialect_resources: { builtin: { weights: "0x040000000000803F0000004000004040" } } #-}
