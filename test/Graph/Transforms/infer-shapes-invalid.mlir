// RUN: lambent-opt %s --graph-infer-shapes --split-input-file --verify-diagnostics

// What fits while dims are open need not fit once they are known.
func.func @contradiction(%x: tensor<2x3xf32>, %y: tensor<2x4xf32>) -> tensor<?x?xf32> {
  %p = graph.transpose(%x) {perm = array<i64: 0, 1>} : (tensor<2x3xf32>) -> tensor<?x?xf32>
  %q = graph.transpose(%y) {perm = array<i64: 0, 1>} : (tensor<2x4xf32>) -> tensor<?x?xf32>
  // expected-error @+2 {{expected K to agree, but got 3 and 2}}
  // expected-error @+1 {{has operands of shapes that don't fit}}
  %r = graph.matmul(%p, %q) : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}
