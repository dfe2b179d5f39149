// RUN: lambent-opt %s | lambent-opt | FileCheck %s
// RUN: lambent-opt --mlir-print-op-generic %s | lambent-opt | FileCheck %s

// CHECK-LABEL: @rnn
func.func @rnn(%g: tensor<5x2x4xf32>, %r: tensor<1x4x4xf32>, %n: tensor<2xi32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>) {
  // CHECK: graph.recurrent(%{{.*}}, %{{.*}} lengths %{{.*}}) {activations = ["Tanh"], alphas = array<f32: 0.000000e+00>, betas = array<f32: 0.000000e+00>, cell = "rnn", direction = "reverse"} :
  %y, %h = graph.recurrent(%g, %r lengths %n) {cell = "rnn", direction = "reverse", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xf32>, tensor<2xi32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return %y, %h : tensor<5x1x2x4xf32>, tensor<1x2x4xf32>
}

// CHECK-LABEL: @gru
func.func @gru(%g: tensor<5x2x12xf32>, %r: tensor<1x12x4xf32>, %b: tensor<1x4xf32>) -> tensor<5x1x2x4xf32> {
  // CHECK: graph.recurrent(%{{.*}}, %{{.*}} candidate_bias %{{.*}}) {{{.*}} linear_before_reset = true} :
  %y, %h = graph.recurrent(%g, %r candidate_bias %b) {cell = "gru", direction = "forward", linear_before_reset = true,
    activations = ["Sigmoid", "Tanh"], alphas = array<f32: 0.0, 0.0>, betas = array<f32: 0.0, 0.0>}
    : (tensor<5x2x12xf32>, tensor<1x12x4xf32>, tensor<1x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return %y : tensor<5x1x2x4xf32>
}

// CHECK-LABEL: @bytes
func.func @bytes(%g: tensor<5x2x4xf32>, %r: tensor<1x4x4xi8>, %s: tensor<1x4xf32>) -> tensor<5x1x2x4xf32> {
  // CHECK: graph.recurrent(%{{.*}}, %{{.*}} scales %{{.*}}) {{{.*}}} : (tensor<5x2x4xf32>, tensor<1x4x4xi8>, tensor<1x4xf32>)
  %y, %h = graph.recurrent(%g, %r scales %s) {cell = "rnn", direction = "forward", activations = ["Tanh"], alphas = array<f32: 0.0>, betas = array<f32: 0.0>}
    : (tensor<5x2x4xf32>, tensor<1x4x4xi8>, tensor<1x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return %y : tensor<5x1x2x4xf32>
}

// CHECK-LABEL: @lstm
func.func @lstm(%g: tensor<5x2x16xf32>, %r: tensor<1x16x4xf32>, %h: tensor<1x2x4xf32>, %c: tensor<1x2x4xf32>, %p: tensor<1x12xf32>) -> tensor<1x2x4xf32> {
  // CHECK: graph.recurrent(%{{.*}}, %{{.*}} hidden %{{.*}} cell %{{.*}} peepholes %{{.*}}) {{{.*}} clip = 3.000000e+00 : f32, {{.*}} input_forget = true} :
  %y, %l, %s = graph.recurrent(%g, %r hidden %h cell %c peepholes %p) {cell = "lstm", direction = "forward", clip = 3.0 : f32, input_forget = true,
    activations = ["Sigmoid", "Tanh", "Tanh"], alphas = array<f32: 0.0, 0.0, 0.0>, betas = array<f32: 0.0, 0.0, 0.0>}
    : (tensor<5x2x16xf32>, tensor<1x16x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x12xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  return %s : tensor<1x2x4xf32>
}
