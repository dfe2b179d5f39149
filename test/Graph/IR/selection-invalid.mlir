// RUN: lambent-opt %s --split-input-file --verify-diagnostics

func.func @count_c1_block(%x: tensor<8xf32>) {
  // expected-error @+1 {{expected a positive block, but got 0}}
  %r = graph.count_nonzero(%x) {block = 0 : i64} : (tensor<8xf32>) -> tensor<1xi64>
  return
}

// -----

func.func @nonzero_c1_block(%x: tensor<8xf32>, %s: tensor<1xi64>) {
  // expected-error @+1 {{expected a positive block, but got -4}}
  %r = graph.nonzero(%x, %s, %s) {block = -4 : i64} : (tensor<8xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<1x?xi64>
  return
}

// -----

func.func @nonzero_c2_starts(%x: tensor<8xf32>, %s: tensor<1xi64>) {
  // expected-error @+1 {{expected a start for each of 2 blocks, but got 'tensor<1xi64>'}}
  %r = graph.nonzero(%x, %s, %s) {block = 4 : i64} : (tensor<8xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<1x?xi64>
  return
}

// -----

func.func @nonzero_c3_list(%x: tensor<8xf32>, %s: tensor<2xi64>) {
  // expected-error @+1 {{expected count to be one number, but got 'tensor<2xi64>'}}
  %r = graph.nonzero(%x, %s, %s) {block = 4 : i64} : (tensor<8xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<1x?xi64>
  return
}

// -----

func.func @nonzero_c3_negative(%x: tensor<8xf32>, %s: tensor<2xi64>) {
  %n = graph.constant dense<-1> : tensor<1xi64>
  // expected-error @+1 {{expected count between 0 and 1099511627776, but got -1}}
  %r = graph.nonzero(%x, %s, %n) {block = 4 : i64} : (tensor<8xf32>, tensor<2xi64>, tensor<1xi64>) -> tensor<1x?xi64>
  return
}

// -----

func.func @nonzero_c3_large(%x: tensor<8xf32>, %s: tensor<2xi64>) {
  %n = graph.constant dense<9> : tensor<1xi64>
  // expected-error @+1 {{expected a count of at most 8, but got 9}}
  %r = graph.nonzero(%x, %s, %n) {block = 4 : i64} : (tensor<8xf32>, tensor<2xi64>, tensor<1xi64>) -> tensor<1x?xi64>
  return
}

// -----

func.func @nonzero_c4_scalar(%x: tensor<f32>, %s: tensor<1xi64>) {
  // expected-error @+1 {{expected an input with dims, but got 'tensor<f32>'}}
  %r = graph.nonzero(%x, %s, %s) {block = 4 : i64} : (tensor<f32>, tensor<1xi64>, tensor<1xi64>) -> tensor<0x?xi64>
  return
}

// -----

func.func @sort_rows_c1(%x: tensor<8xf32>) {
  // expected-error @+1 {{expected a matrix, but got 'tensor<8xf32>'}}
  %r = graph.sort_rows(%x) : (tensor<8xf32>) -> tensor<8xi64>
  return
}

// -----

func.func @boxes_c1_rank(%b: tensor<9x4xf32>, %s: tensor<1x2x9xf32>, %n: tensor<1xi64>, %t: tensor<1xf32>) {
  // expected-error @+1 {{expected boxes [batch, boxes, 4] and scores [batch, classes, boxes] in f32, but got 'tensor<9x4xf32>' and 'tensor<1x2x9xf32>'}}
  %y, %c = graph.non_max_suppression(%b, %s, %n, %t) {center_point_box = true} : (tensor<9x4xf32>, tensor<1x2x9xf32>, tensor<1xi64>, tensor<1xf32>) -> (tensor<1x2x9xi64>, tensor<1x2xi64>)
  return
}

// -----

func.func @boxes_c1_sizes(%b: tensor<1x9x4xf32>, %s: tensor<1x2x8xf32>, %n: tensor<1xi64>, %t: tensor<1xf32>) {
  // expected-error @+1 {{expected boxes [batch, boxes, 4] and scores [batch, classes, boxes], but got 'tensor<1x9x4xf32>' and 'tensor<1x2x8xf32>'}}
  %y, %c = graph.non_max_suppression(%b, %s, %n, %t) {center_point_box = true} : (tensor<1x9x4xf32>, tensor<1x2x8xf32>, tensor<1xi64>, tensor<1xf32>) -> (tensor<1x2x9xi64>, tensor<1x2xi64>)
  return
}

// -----

func.func @boxes_c2_type(%b: tensor<1x9x4xf32>, %s: tensor<1x2x9xf32>, %n: tensor<1xi64>, %t: tensor<1xf64>) {
  // expected-error @+1 {{expected iou_threshold to be one f32, but got 'tensor<1xf64>'}}
  %y, %c = graph.non_max_suppression(%b, %s, %n, %t) {center_point_box = true} : (tensor<1x9x4xf32>, tensor<1x2x9xf32>, tensor<1xi64>, tensor<1xf64>) -> (tensor<1x2x9xi64>, tensor<1x2xi64>)
  return
}

// -----

func.func @boxes_c3_limit(%b: tensor<1x9x4xf32>, %s: tensor<1x2x9xf32>, %t: tensor<1xf32>) {
  %n = graph.constant dense<-1> : tensor<1xi64>
  // expected-error @+1 {{expected limit between 0 and 1099511627776, but got -1}}
  %y, %c = graph.non_max_suppression(%b, %s, %n, %t) {center_point_box = true} : (tensor<1x9x4xf32>, tensor<1x2x9xf32>, tensor<1xi64>, tensor<1xf32>) -> (tensor<1x2x9xi64>, tensor<1x2xi64>)
  return
}

// -----

func.func @boxes_c3_threshold(%b: tensor<1x9x4xf32>, %s: tensor<1x2x9xf32>, %n: tensor<1xi64>, %t: tensor<1xf32>, %u: tensor<2xf32>) {
  // expected-error @+1 {{expected score_threshold to be one f32, but got 'tensor<2xf32>'}}
  %y, %c = graph.non_max_suppression(%b, %s, %n, %t, %u) {center_point_box = true} : (tensor<1x9x4xf32>, tensor<1x2x9xf32>, tensor<1xi64>, tensor<1xf32>, tensor<2xf32>) -> (tensor<1x2x9xi64>, tensor<1x2xi64>)
  return
}
