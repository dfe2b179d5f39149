// RUN: lambent-opt %s --graph-fold-constants --verify-diagnostics
// FoldConstantsTest.cpp tests the pass with an evaluator.

// expected-error@+1 {{graph-fold-constants was given no evaluator}}
func.func @no_evaluator(%x: tensor<2xf32>) -> tensor<2xf32> {
  return %x : tensor<2xf32>
}
