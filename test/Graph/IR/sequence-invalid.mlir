// RUN: lambent-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{expected a tensor<i64> to be the handle of '!graph.sequence<tensor<*xf32>>'}}
func.func @handle(%s: tensor<2xi64, #graph.handle<!graph.sequence<tensor<*xf32>>>>)

// -----

// expected-error @+2 {{expected an optional of a tensor or a sequence, but got 'f32'}}
// expected-error @+1 {{failed to parse}}
func.func @optional_type(%o: tensor<i64, #graph.handle<!graph.optional<f32>>>)

// -----

!s = tensor<i64, #graph.handle<!graph.sequence<tensor<?x3xf32>>>>
func.func @sequence_c1(%a: tensor<2x4xf32>) -> !s {
  // expected-error @+1 {{expected a tensor to be 'tensor<?x3xf32>', but got 'tensor<2x4xf32>'}}
  %s = graph.sequence(%a) : (tensor<2x4xf32>) -> !s
  return %s : !s
}

// -----

!s = tensor<i64, #graph.handle<!graph.sequence<tensor<?x3xf32>>>>
func.func @sequence_insert_c1(%s: !s, %a: tensor<3xf32>) -> !s {
  // expected-error @+1 {{expected the tensor to be 'tensor<?x3xf32>', but got 'tensor<3xf32>'}}
  %r = graph.sequence_insert(%s, %a) : (!s, tensor<3xf32>) -> !s
  return %r : !s
}

// -----

!s = tensor<i64, #graph.handle<!graph.sequence<tensor<?x3xf32>>>>
!e = tensor<i64, #graph.handle<!graph.sequence<tensor<*xf32>, empty = true>>>
func.func @sequence_insert_c1_empty(%s: !s, %a: tensor<2x3xf32>) -> !e {
  // expected-error @+1 {{expected the sequence to be '!graph.sequence<tensor<*xf32>, empty = true>', but got '!graph.sequence<tensor<?x3xf32>>'}}
  %r = graph.sequence_insert(%s, %a) : (!s, tensor<2x3xf32>) -> !e
  return %r : !e
}

// -----

!s = tensor<i64, #graph.handle<!graph.sequence<tensor<?x3xf32>>>>
!t = tensor<i64, #graph.handle<!graph.sequence<tensor<2x3xf32>>>>
func.func @sequence_erase_c1(%s: !s) -> !t {
  // expected-error @+1 {{expected the sequence to be '!graph.sequence<tensor<2x3xf32>>', but got '!graph.sequence<tensor<?x3xf32>>'}}
  %r = graph.sequence_erase(%s) : (!s) -> !t
  return %r : !t
}

// -----

!s = tensor<i64, #graph.handle<!graph.sequence<tensor<*xf32>>>>
func.func @sequence_shape_c1(%s: !s) -> tensor<2xi64> {
  // expected-error @+1 {{expected the dims of 'tensor<*xf32>', but got 'tensor<2xi64>'}}
  %d = graph.sequence_shape(%s) : (!s) -> tensor<2xi64>
  return %d : tensor<2xi64>
}

// -----

!s = tensor<i64, #graph.handle<!graph.sequence<tensor<?x3xf32>>>>
func.func @sequence_at_c1(%s: !s) -> tensor<2x4xf32> {
  // expected-error @+1 {{expected the tensor to be 'tensor<?x3xf32>', but got 'tensor<2x4xf32>'}}
  %x = graph.sequence_at(%s) : (!s) -> tensor<2x4xf32>
  return %x : tensor<2x4xf32>
}

// -----

!s = tensor<i64, #graph.handle<!graph.sequence<tensor<?x3xf32>>>>
func.func @sequence_concat_shape_c1(%s: !s) -> tensor<2xi64> {
  // expected-error @+1 {{expected an axis in [0, 2), but got 2}}
  %d = graph.sequence_concat_shape(%s) {axis = 2 : i64, new_axis = false} : (!s) -> tensor<2xi64>
  return %d : tensor<2xi64>
}

// -----

!s = tensor<i64, #graph.handle<!graph.sequence<tensor<?x3xf32>>>>
func.func @sequence_concat_c1(%s: !s) -> tensor<?x3xf32> {
  // expected-error @+1 {{expected a tensor of 'tensor<?x3xf32>', but got 'tensor<?x3xf32>'}}
  %x = graph.sequence_concat(%s) {axis = 0 : i64, new_axis = true} : (!s) -> tensor<?x3xf32>
  return %x : tensor<?x3xf32>
}

// -----

!s = tensor<i64, #graph.handle<!graph.sequence<tensor<*xf32>>>>
func.func @sequence_split_c1(%x: tensor<5x3xf32>, %n: tensor<i64>) -> !s {
  // expected-error @+1 {{expected an axis in [0, 2), but got -1}}
  %s = graph.sequence_split(%x, %n) {axis = -1 : i64, keep_dim = true} : (tensor<5x3xf32>, tensor<i64>) -> !s
  return %s : !s
}

// -----

!o = tensor<i64, #graph.handle<!graph.optional<tensor<4xf32>>>>
func.func @optional_c1(%x: tensor<5xf32>) -> !o {
  // expected-error @+1 {{expected the value to be 'tensor<4xf32>', but got 'tensor<5xf32>'}}
  %o = graph.optional(%x) : (tensor<5xf32>) -> !o
  return %o : !o
}

// -----

!o = tensor<i64, #graph.handle<!graph.optional<tensor<4xf32>>>>
!s = tensor<i64, #graph.handle<!graph.sequence<tensor<*xf32>>>>
func.func @optional_sequence_c1(%o: !o) -> !s {
  // expected-error @+1 {{expected the sequence to be '!graph.sequence<tensor<*xf32>>', but got 'tensor<4xf32>'}}
  %s = graph.optional_sequence(%o) : (!o) -> !s
  return %s : !s
}

// -----

func.func @number(%x: tensor<i64>) -> tensor<i64> {
  // expected-error @+1 {{must be sequence or optional}}
  %n = graph.sequence_length(%x) : (tensor<i64>) -> tensor<i64>
  return %n : tensor<i64>
}
