// RUN: lambent-opt %s --split-input-file --verify-diagnostics

func.func @count_block(%x: memref<8xf32>, %y: memref<1xi64>) {
  // expected-error @+1 {{expected a positive block, but got 0}}
  lir.count_nonzero ins(%x : memref<8xf32>) outs(%y : memref<1xi64>) {block = 0 : i64}
  return
}

// -----

func.func @count_c1(%x: memref<8xf32>, %y: memref<1xi64>) {
  // expected-error @+1 {{expected an output of 'memref<2xi64>', but got 'memref<1xi64>'}}
  lir.count_nonzero ins(%x : memref<8xf32>) outs(%y : memref<1xi64>) {block = 4 : i64}
  return
}

// -----

func.func @nonzero_block(%x: memref<8xf32>, %s: memref<2xi64>, %y: memref<1x3xi64>) {
  // expected-error @+1 {{expected a positive block, but got 0}}
  lir.nonzero ins(%x, %s : memref<8xf32>, memref<2xi64>) outs(%y : memref<1x3xi64>) {block = 0 : i64}
  return
}

// -----

func.func @nonzero_c1(%x: memref<8xf32>, %s: memref<2xi64>, %y: memref<2x3xi64>) {
  // expected-error @+1 {{expected an output of 'memref<1x3xi64>', but got 'memref<2x3xi64>'}}
  lir.nonzero ins(%x, %s : memref<8xf32>, memref<2xi64>) outs(%y : memref<2x3xi64>) {block = 4 : i64}
  return
}

// -----

func.func @nonzero_c2(%x: memref<8xf32>, %s: memref<3xi64>, %y: memref<1x3xi64>) {
  // expected-error @+1 {{expected starts of 'memref<2xi64>', but got 'memref<3xi64>'}}
  lir.nonzero ins(%x, %s : memref<8xf32>, memref<3xi64>) outs(%y : memref<1x3xi64>) {block = 4 : i64}
  return
}

// -----

func.func @sort_rows_c1_input(%x: memref<8xf32>, %y: memref<8xi64>) {
  // expected-error @+1 {{expected a matrix, but got 'memref<8xf32>'}}
  lir.sort_rows ins(%x : memref<8xf32>) outs(%y : memref<8xi64>)
  return
}

// -----

func.func @sort_rows_c1_output(%x: memref<8x2xf32>, %y: memref<8xi32>) {
  // expected-error @+1 {{expected an output of 'memref<8xi64>', but got 'memref<8xi32>'}}
  lir.sort_rows ins(%x : memref<8x2xf32>) outs(%y : memref<8xi32>)
  return
}

// -----

func.func @boxes(%b: memref<1x9x3xf32>, %s: memref<1x2x9xf32>, %n: memref<1xi64>, %t: memref<1xf32>, %y: memref<1x2x9xi64>, %c: memref<1x2xi64>) {
  // expected-error @+1 {{expected boxes [batch, boxes, 4] and scores [batch, classes, boxes] in f32, but got 'memref<1x9x3xf32>' and 'memref<1x2x9xf32>'}}
  lir.non_max_suppression ins(%b, %s, %n, %t : memref<1x9x3xf32>, memref<1x2x9xf32>, memref<1xi64>, memref<1xf32>) outs(%y, %c : memref<1x2x9xi64>, memref<1x2xi64>) {center_point_box = false}
  return
}

// -----

func.func @boxes_c1_counts(%b: memref<1x9x4xf32>, %s: memref<1x2x9xf32>, %n: memref<1xi64>, %t: memref<1xf32>, %y: memref<1x2x9xi64>, %c: memref<2xi64>) {
  // expected-error @+1 {{expected an output of 'memref<1x2xi64>', but got 'memref<2xi64>'}}
  lir.non_max_suppression ins(%b, %s, %n, %t : memref<1x9x4xf32>, memref<1x2x9xf32>, memref<1xi64>, memref<1xf32>) outs(%y, %c : memref<1x2x9xi64>, memref<2xi64>) {center_point_box = false}
  return
}

// -----

func.func @boxes_c2_limit(%b: memref<1x9x4xf32>, %s: memref<1x2x9xf32>, %n: memref<2xi64>, %t: memref<1xf32>, %y: memref<1x2x9xi64>, %c: memref<1x2xi64>) {
  // expected-error @+1 {{expected a limit of one i64, but got 'memref<2xi64>'}}
  lir.non_max_suppression ins(%b, %s, %n, %t : memref<1x9x4xf32>, memref<1x2x9xf32>, memref<2xi64>, memref<1xf32>) outs(%y, %c : memref<1x2x9xi64>, memref<1x2xi64>) {center_point_box = false}
  return
}

// -----

func.func @boxes_c2_threshold(%b: memref<1x9x4xf32>, %s: memref<1x2x9xf32>, %n: memref<1xi64>, %t: memref<1xf32>, %u: memref<1xf64>, %y: memref<1x2x9xi64>, %c: memref<1x2xi64>) {
  // expected-error @+1 {{expected a threshold of one f32, but got 'memref<1xf64>'}}
  lir.non_max_suppression ins(%b, %s, %n, %t : memref<1x9x4xf32>, memref<1x2x9xf32>, memref<1xi64>, memref<1xf32>) score_threshold(%u : memref<1xf64>) outs(%y, %c : memref<1x2x9xi64>, memref<1x2xi64>) {center_point_box = false}
  return
}
