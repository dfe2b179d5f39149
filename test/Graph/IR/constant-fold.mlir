// RUN: lambent-opt --canonicalize %s | FileCheck %s

// A blob of weights may lie unaligned in its file; the first byte of this one only makes it so.
// CHECK-LABEL: @resource_elements
func.func @resource_elements() -> (tensor<2xi64>, tensor<1xf32>, tensor<2xi1>) {
  %axis = graph.constant dense<[1, 0]> : tensor<2xi64>
  %0 = graph.constant dense_resource<ints> : tensor<2xi64>
  // CHECK-DAG: dense<[513, -2]> : tensor<2xi64>
  %1 = graph.gather(%0, %axis) {axis = 0 : i64} : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi64>
  %2 = graph.constant dense_resource<floats> : tensor<2xf32>
  %i = graph.constant dense<-1> : tensor<1xi64>
  // CHECK-DAG: dense<2.000000e+00> : tensor<1xf32>
  %3 = graph.gather(%2, %i) {axis = 0 : i64} : (tensor<2xf32>, tensor<1xi64>) -> tensor<1xf32>
  // CHECK-DAG: dense<[false, true]> : tensor<2xi1>
  %4 = graph.constant dense_resource<bools> : tensor<2xi1>
  %5 = graph.gather(%4, %axis) {axis = 0 : i64} : (tensor<2xi1>, tensor<2xi64>) -> tensor<2xi1>
  return %1, %3, %5 : tensor<2xi64>, tensor<1xf32>, tensor<2xi1>
}

// Weights of any size only change their type.
// CHECK-LABEL: @reshaped_resource
func.func @reshaped_resource() -> tensor<1x2xf32> {
  %0 = graph.constant dense_resource<floats> : tensor<2xf32>
  // CHECK-NEXT: graph.constant dense_resource<floats> : tensor<1x2xf32>
  %1 = graph.unsqueeze(%0) {axes = array<i64: 0>} : (tensor<2xf32>) -> tensor<1x2xf32>
  return %1 : tensor<1x2xf32>
}

{-# dialect_resources: { builtin: {
  ints: "0x01000000FEFFFFFFFFFFFFFF0102000000000000",
  floats: "0x010000000000803F00000040",
  bools: "0x010000000100"
} } #-}
