// RUN: lambent-opt %s --graph-tabulate-bytes --verify-diagnostics
// TabulateBytesTest.cpp tests the pass with an evaluator.

// expected-error@+1 {{graph-tabulate-bytes was given no evaluator}}
func.func @no_evaluator(%x: tensor<2xf32>) -> tensor<2xf32> {
  return %x : tensor<2xf32>
}
