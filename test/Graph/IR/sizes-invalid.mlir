// RUN: lambent-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{expected 1 sizes, but got 2}}
func.func @too_many(%x: tensor<?xf32, #graph.sizes<[s0, 3]>>) {
  return
}

// -----

// expected-error @+1 {{expected sizes of ?x4, but got}}
func.func @other_number(%x: tensor<?x4xf32, #graph.sizes<[s0, 3]>>) {
  return
}

// -----

func.func @sizes_of_nothing_known() {
  // expected-error @+1 {{expected known sizes, but got}}
  %r = graph.sizes <[s0, ?]> : tensor<2xi64>
  return
}

// -----

func.func @too_few_elements() {
  // expected-error @+1 {{expected 2 elements, but got 'tensor<3xi64>'}}
  %r = graph.sizes <[s0, 4]> : tensor<3xi64>
  return
}
