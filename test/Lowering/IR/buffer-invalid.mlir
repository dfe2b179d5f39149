// RUN: lambent-opt --split-input-file --verify-diagnostics %s

func.func @view_c1(%b: memref<4x8xf32>) {
  // expected-error @+1 {{expected equal sizes, but got 128 and 64 bytes}}
  %v = lir.view %b : memref<4x8xf32> -> memref<16xf32>
  return
}

// -----

func.func @view_c2_bounds(%b: memref<4x8xf32>) {
  // expected-error @+1 {{expected a part of 'memref<4x8xf32>', but got 'memref<4x2xf32, strided<[8, 1], offset: 7>>'}}
  %v = lir.view %b : memref<4x8xf32> -> memref<4x2xf32, strided<[8, 1], offset: 7>>
  return
}

// -----

func.func @view_c2_element_type(%b: memref<4x8xf32>) {
  // expected-error @+1 {{expected a part of 'memref<4x8xf32>', but got 'memref<4x2xi32, strided<[8, 1]>>'}}
  %v = lir.view %b : memref<4x8xf32> -> memref<4x2xi32, strided<[8, 1]>>
  return
}

// -----

func.func @view_c3(%b: memref<4x2xf32, strided<[8, 1]>>) {
  // expected-error @+1 {{expected a dense source, but got 'memref<4x2xf32, strided<[8, 1]>>'}}
  %v = lir.view %b : memref<4x2xf32, strided<[8, 1]>> -> memref<8xf32>
  return
}

// -----

// A part may begin where its buffer begins, also a vector: it is still a part.
func.func @view_c2_part_in_front(%b: memref<8xf32>) {
  %v = lir.view %b : memref<8xf32> -> memref<3xf32, strided<[1]>>
  // expected-error @+1 {{expected a dense source, but got 'memref<3xf32, strided<[1]>>'}}
  %w = lir.view %v : memref<3xf32, strided<[1]>> -> memref<3x1xf32>
  return
}

// -----

func.func @donate_c1_two_dims(%x: memref<2x4xf32>, %y: memref<3x5xf32>) {
  // expected-error @+1 {{expected dense buffers whose sizes differ along one dim, but got 'memref<2x4xf32>', 'memref<3x5xf32>' and 'memref<3x5xf32>'}}
  %m = lir.donate %x, %y : memref<2x4xf32>, memref<3x5xf32> -> memref<3x5xf32>
  return
}

// -----

func.func @donate_c1_grown(%x: memref<2x4xf32>, %y: memref<2x5xf32>) {
  // expected-error @+1 {{expected dense buffers whose sizes differ along one dim, but got 'memref<2x4xf32>', 'memref<2x5xf32>' and 'memref<2x9xf32>'}}
  %m = lir.donate %x, %y grown 0 : memref<2x4xf32>, memref<2x5xf32> -> memref<2x9xf32>
  return
}

// -----

func.func @donate_c2_input(%y: memref<2x4xf32>) {
  %x = lir.alloc : memref<2x4xf32>
  // expected-error @+1 {{expected an input that is an argument of the function, but got the result of lir.alloc}}
  %m = lir.donate %x, %y : memref<2x4xf32>, memref<2x4xf32> -> memref<2x4xf32>
  return
}

// -----

func.func @donate_c2_output(%x: memref<2x4xf32>) {
  %y = lir.alloc : memref<2x4xf32>
  // expected-error @+1 {{expected an output that is an argument of the function, but got the result of lir.alloc}}
  %m = lir.donate %x, %y : memref<2x4xf32>, memref<2x4xf32> -> memref<2x4xf32>
  return
}

// -----

func.func @kernel_reads_nothing(%x: memref<2x0xf32>, %y: memref<2xf32>) {
  // expected-error @+1 {{expected buffers that hold elements, but got 'memref<2x0xf32>'}}
  lir.reduce ins(%x : memref<2x0xf32>) outs(%y : memref<2xf32>) epilogue_maps []
    attributes {kind = "sum", dims = array<i64: 1>} {
  ^bb0(%a: f32):
    lir.yield %a : f32
  }
  return
}
