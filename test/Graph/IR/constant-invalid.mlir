// RUN: lambent-opt %s --split-input-file --verify-diagnostics

func.func @constant_of_wrong_size() {
  // expected-error @+1 {{expected 16 bytes, but got 8}}
  %0 = graph.constant dense_resource<ints> : tensor<2xi64>
  return
}

{-# dialect_resources: { builtin: { ints: "0x040000000102030405060708" } } #-}
