// RUN: lambent-opt %s | lambent-opt | FileCheck %s
// Every op prints and parses.

// CHECK-LABEL: func @buffers
func.func @buffers(%past: memref<4x7xf32>, %present: memref<4x8xf32>) {
  // CHECK: lir.alloc {offset = 256 : i64} : memref<4x8xf32>
  %b = lir.alloc {offset = 256 : i64} : memref<4x8xf32>
  // CHECK: lir.weight dense<1.000000e+00> : tensor<8x16xf32> : memref<8x16xf32>
  %w = lir.weight dense<1.0> : tensor<8x16xf32> : memref<8x16xf32>
  // CHECK: lir.weight dense<1.000000e+00> : tensor<8x16xf32> {packing = #lir.packing<(d0, d1, d2) -> (d1, d0 * 16 + d2)>} : memref<1x8x16xf32>
  %p = lir.weight dense<1.0> : tensor<8x16xf32> {packing = #lir.packing<(d0, d1, d2) -> (d1, d0 * 16 + d2)>} : memref<1x8x16xf32>
  // CHECK: lir.weight dense<1.000000e+00> : tensor<8x16xf32> {packing = #lir.split_packing<(d0, d1, d2) -> (d1, d0 * 32 + d2)>} : memref<2x1x16x32x2xbf16>
  %s = lir.weight dense<1.0> : tensor<8x16xf32> {packing = #lir.split_packing<(d0, d1, d2) -> (d1, d0 * 32 + d2)>} : memref<2x1x16x32x2xbf16>
  // CHECK: lir.weight dense<1> : tensor<64x32xi8> {packing = #lir.short_packing<(d0, d1, d2, d3) -> (d1 * 4 + d3, d0 * 16 + d2), panel = [16, 16, 4], taps = 0, chain = 2, extra_steps = 1>} : memref<2x1152xi8>
  %c = lir.weight dense<1> : tensor<64x32xi8> {packing = #lir.short_packing<(p, k, j, i) -> (k * 4 + i, p * 16 + j), panel = [16, 16, 4], taps = 0, chain = 2, extra_steps = 1>} : memref<2x1152xi8>
  // CHECK: lir.view %{{.*}} : memref<4x8xf32> -> memref<32xf32>
  %v = lir.view %b : memref<4x8xf32> -> memref<32xf32>
  // CHECK: lir.donate %{{.*}}, %{{.*}} grown 1 : memref<4x7xf32>, memref<4x8xf32> -> memref<4x9xf32>
  %m = lir.donate %past, %present grown 1 : memref<4x7xf32>, memref<4x8xf32> -> memref<4x9xf32>
  // CHECK: lir.view %{{.*}} : memref<4x8xf32> -> memref<4x2xf32, strided<[8, 1], offset: 6>>
  %part = lir.view %b : memref<4x8xf32> -> memref<4x2xf32, strided<[8, 1], offset: 6>>
  return
}

// CHECK-LABEL: func @elementwise
func.func @elementwise(%x: memref<4x8xf32>, %b: memref<8xf32>, %y: memref<4x8xf32>, %z: memref<8x8xf32>) {
  // CHECK: lir.elementwise ins(%{{.*}}, %{{.*}} : memref<4x8xf32>, memref<8xf32>) outs(%{{.*}} : memref<4x8xf32>) domain [4, 8] maps
  lir.elementwise ins(%x, %b : memref<4x8xf32>, memref<8xf32>) outs(%y : memref<4x8xf32>) domain [4, 8]
    maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>] {
  ^bb0(%s: f32, %t: f32):
    %0 = arith.addf %s, %t : f32
    lir.yield %0 : f32
  }
  // CHECK: lir.elementwise outs
  lir.elementwise outs(%z : memref<8x8xf32>) domain [4, 8] maps [affine_map<(i, j) -> (i * -2 + 7, j)>] {
    // CHECK: lir.index 1
    %0 = lir.index 1
    %1 = arith.sitofp %0 : i64 to f32
    lir.yield %1 : f32
  }
  return
}

// CHECK-LABEL: func @conv
func.func @conv(%x: memref<1x8x8x3xf32>, %w: memref<4x3x3x3xf32>, %b: memref<4xf32>, %y: memref<1x8x8x4xf32>) {
  // CHECK: lir.conv ins({{.*}}) with({{.*}}) outs({{.*}}) epilogue_maps
  lir.conv ins(%x, %w : memref<1x8x8x3xf32>, memref<4x3x3x3xf32>) with(%b : memref<4xf32>) outs(%y : memref<1x8x8x4xf32>)
    epilogue_maps [affine_map<(n, h, w, c) -> (c)>] attributes {filter_shape = array<i64: 4, 3, 3, 3>,
      strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32, %bias: f32):
    %0 = arith.addf %acc, %bias : f32
    lir.yield %0 : f32
  }
  // CHECK: lir.conv ins({{.*}}) outs({{.*}}) workspace(%{{.*}} : memref<48xf32>) epilogue_maps []
  %workspace = lir.alloc : memref<48xf32>
  lir.conv ins(%x, %w : memref<1x8x8x3xf32>, memref<4x3x3x3xf32>) outs(%y : memref<1x8x8x4xf32>) workspace(%workspace : memref<48xf32>)
    epilogue_maps [] attributes {filter_shape = array<i64: 4, 3, 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: func @matmul
func.func @matmul(%a: memref<4x8xf32>, %b: memref<16x8xf32>, %packed: memref<1x8x16xf32>, %c: memref<4x16xf32>) {
  // CHECK: lir.matmul
  lir.matmul ins(%a, %b : memref<4x8xf32>, memref<16x8xf32>) outs(%c : memref<4x16xf32>) domain [4, 16, 8]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
    epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  // CHECK: lir.matmul
  lir.matmul ins(%a, %packed : memref<4x8xf32>, memref<1x8x16xf32>) outs(%c : memref<4x16xf32>) domain [4, 16, 8]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> ()>, affine_map<(m, n, k) -> (m, n)>]
    epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: func @quantized_matmul
func.func @quantized_matmul(%a: memref<4x40xf32>, %q: memref<6x40xi8>, %s: memref<6x3xf32>, %z: memref<6x3xi8>, %c: memref<4x6xf32>) {
  // CHECK: lir.quantized_matmul ins({{.*}}) outs({{.*}}) domain [4, 6, 40] maps {{.*}} attributes {bits = 4 : i64, block_size = 16 : i64}
  lir.quantized_matmul ins(%a, %q, %s : memref<4x40xf32>, memref<6x40xi8>, memref<6x3xf32>) outs(%c : memref<4x6xf32>) domain [4, 6, 40]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
    epilogue_maps [] attributes {bits = 4 : i64, block_size = 16 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  // CHECK: lir.quantized_matmul ins({{.*}}) centered(%{{.*}} : memref<6x3xi8>) outs
  lir.quantized_matmul ins(%a, %q, %s : memref<4x40xf32>, memref<6x40xi8>, memref<6x3xf32>) centered(%z : memref<6x3xi8>)
    outs(%c : memref<4x6xf32>) domain [4, 6, 40]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
    epilogue_maps [] attributes {bits = 4 : i64, block_size = 16 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: func @block_matmul
func.func @block_matmul(%a: memref<4x64xf32>, %q: memref<6x64xi8>, %e: memref<6x2xi8>, %c: memref<4x6xf32>) {
  // CHECK: lir.block_matmul ins({{.*}}) outs({{.*}}) domain [4, 6, 64] maps {{.*}} attributes {format = "mxint8", scale = "down", table = array<i8>}
  lir.block_matmul ins(%a, %q, %e : memref<4x64xf32>, memref<6x64xi8>, memref<6x2xi8>) outs(%c : memref<4x6xf32>) domain [4, 6, 64]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] attributes {format = "mxint8", scale = "down", table = array<i8>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: func @attention
func.func @attention(%q: memref<1x2x4x8xf32>, %m: memref<1x1x1x4xf32>, %o: memref<1x2x4x8xf32>) {
  // CHECK: lir.attention ins({{.*}}) mask({{.*}}) outs({{.*}}) domain [1, 2, 4, 4, 8, 8]
  lir.attention ins(%q, %q, %q : memref<1x2x4x8xf32>, memref<1x2x4x8xf32>, memref<1x2x4x8xf32>)
    mask(%m : memref<1x1x1x4xf32>) outs(%o : memref<1x2x4x8xf32>) domain [1, 2, 4, 4, 8, 8]
    maps [affine_map<(b, h, s, t, d, e) -> (b, h, s, d)>, affine_map<(b, h, s, t, d, e) -> (b, h, t, d)>,
      affine_map<(b, h, s, t, d, e) -> (b, h, t, e)>, affine_map<(b, h, s, t, d, e) -> (b, h, s, e)>,
      affine_map<(b, h, s, t, d, e) -> (b, 0, 0, t)>] {scale = 0.125 : f32}
  // CHECK: lir.attention ins({{.*}}) outs({{.*}}) partials(%{{.*}} : memref<48xf32>) domain [1, 2, 4, 4, 8, 8]
  %p = lir.alloc : memref<48xf32>
  lir.attention ins(%q, %q, %q : memref<1x2x4x8xf32>, memref<1x2x4x8xf32>, memref<1x2x4x8xf32>)
    outs(%o : memref<1x2x4x8xf32>) partials(%p : memref<48xf32>) domain [1, 2, 4, 4, 8, 8]
    maps [affine_map<(b, h, s, t, d, e) -> (b, h, s, d)>, affine_map<(b, h, s, t, d, e) -> (b, h, t, d)>,
      affine_map<(b, h, s, t, d, e) -> (b, h, t, e)>, affine_map<(b, h, s, t, d, e) -> (b, h, s, e)>] {scale = 0.125 : f32}
  return
}

// CHECK-LABEL: func @rows
func.func @rows(%x: memref<4x8xf32>, %s: memref<8xf32>, %y: memref<4x8xf32>, %r: memref<4xf32>, %a: memref<4xi64>,
                %i: memref<2x3xi64>, %g: memref<2x3x8xf32>, %p: memref<16x2xi64>, %w: memref<16x2xf32>, %z: memref<4x16xf32>,
                %e: memref<2x3xf32>) {
  // CHECK: lir.softmax
  lir.softmax ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {axis = 1 : i64}
  // CHECK: lir.normalize ins({{.*}}) scale({{.*}}) outs
  lir.normalize ins(%x : memref<4x8xf32>) scale(%s : memref<8xf32>) outs(%y : memref<4x8xf32>)
    {axis = 1 : i64, epsilon = 1.0e-5 : f32}
  // CHECK: lir.lrn
  lir.lrn ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>)
    {size = 5 : i64, alpha = 1.0e-4 : f32, beta = 0.75 : f32, bias = 1.0 : f32}
  // CHECK: lir.reduce
  lir.reduce ins(%x : memref<4x8xf32>) outs(%r : memref<4xf32>) epilogue_maps []
    attributes {kind = "sum", dims = array<i64: 1>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  // CHECK: lir.arg_reduce
  lir.arg_reduce ins(%x : memref<4x8xf32>) outs(%a : memref<4xi64>) {kind = "max", axis = 1 : i64}
  // CHECK: lir.cumsum
  lir.cumsum ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {axis = 1 : i64}
  // CHECK: lir.round_blocks ins(%{{.*}} : memref<4x8xf32>) outs(%{{.*}} : memref<4x8xf32>) {axis = 1 : i64, format = "mxfp8", scale = "up"}
  lir.round_blocks ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {format = "mxfp8", axis = 1 : i64, scale = "up"}
  // CHECK: lir.topk ins(%{{.*}} : memref<4x8xf32>) values(%{{.*}} : memref<4x3xf32>) positions(%{{.*}} : memref<4x3xi64>) {axis = 1 : i64}
  %tv = lir.alloc : memref<4x3xf32>
  %tp = lir.alloc : memref<4x3xi64>
  lir.topk ins(%x : memref<4x8xf32>) values(%tv : memref<4x3xf32>) positions(%tp : memref<4x3xi64>) {axis = 1 : i64}
  // CHECK: lir.count_nonzero ins(%{{.*}} : memref<4x8xf32>) outs(%{{.*}} : memref<2xi64>) {block = 16 : i64}
  %zc = lir.alloc : memref<2xi64>
  lir.count_nonzero ins(%x : memref<4x8xf32>) outs(%zc : memref<2xi64>) {block = 16 : i64}
  // CHECK: lir.nonzero ins(%{{.*}}, %{{.*}} : memref<4x8xf32>, memref<2xi64>) outs(%{{.*}} : memref<2x5xi64>) {block = 16 : i64}
  %zp = lir.alloc : memref<2x5xi64>
  lir.nonzero ins(%x, %zc : memref<4x8xf32>, memref<2xi64>) outs(%zp : memref<2x5xi64>) {block = 16 : i64}
  // CHECK: lir.sort_rows ins(%{{.*}} : memref<4x8xf32>) outs(%{{.*}} : memref<4xi64>)
  %so = lir.alloc : memref<4xi64>
  lir.sort_rows ins(%x : memref<4x8xf32>) outs(%so : memref<4xi64>)
  // CHECK: lir.non_max_suppression ins(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : memref<1x9x4xf32>, memref<1x2x9xf32>, memref<1xi64>, memref<1xf32>) score_threshold(%{{.*}} : memref<1xf32>) outs(%{{.*}}, %{{.*}} : memref<1x2x9xi64>, memref<1x2xi64>) {center_point_box = false}
  %nb = lir.weight dense<0.5> : tensor<1x9x4xf32> : memref<1x9x4xf32>
  %ns = lir.weight dense<0.5> : tensor<1x2x9xf32> : memref<1x2x9xf32>
  %nl = lir.weight dense<3> : tensor<1xi64> : memref<1xi64>
  %nt = lir.weight dense<0.5> : tensor<1xf32> : memref<1xf32>
  %ny = lir.alloc : memref<1x2x9xi64>
  %nc = lir.alloc : memref<1x2xi64>
  lir.non_max_suppression ins(%nb, %ns, %nl, %nt : memref<1x9x4xf32>, memref<1x2x9xf32>, memref<1xi64>, memref<1xf32>) score_threshold(%nt : memref<1xf32>) outs(%ny, %nc : memref<1x2x9xi64>, memref<1x2xi64>) {center_point_box = false}
  // CHECK: lir.recurrent ins(%{{.*}}, %{{.*}} : memref<5x2x4xf32>, memref<1x4x4xf32>) lengths(%{{.*}} : memref<2xi32>) sequence(%{{.*}} : memref<5x1x2x4xf32>) hidden(%{{.*}} : memref<2x1x2x4xf32>) {cell = "rnn", direction = "forward"} activations {
  // CHECK: math.tanh
  %rg = lir.alloc : memref<5x2x4xf32>
  %rw = lir.alloc : memref<1x4x4xf32>
  %rn = lir.alloc : memref<2xi32>
  %ry = lir.alloc : memref<5x1x2x4xf32>
  %rh = lir.alloc : memref<2x1x2x4xf32>
  lir.recurrent ins(%rg, %rw : memref<5x2x4xf32>, memref<1x4x4xf32>) lengths(%rn : memref<2xi32>) sequence(%ry : memref<5x1x2x4xf32>)
    hidden(%rh : memref<2x1x2x4xf32>) {cell = "rnn", direction = "forward"} activations {
  ^bb0(%u: f32):
    %t = math.tanh %u : f32
    lir.yield %t : f32
  }
  // CHECK: lir.recurrent ins(%{{.*}}, %{{.*}} : memref<5x2x4xf32>, memref<1x4x4xi8>) scales(%{{.*}} : memref<1x4xf32>) sequence(
  %rb = lir.alloc : memref<1x4x4xi8>
  %rs = lir.alloc : memref<1x4xf32>
  lir.recurrent ins(%rg, %rb : memref<5x2x4xf32>, memref<1x4x4xi8>) scales(%rs : memref<1x4xf32>) sequence(%ry : memref<5x1x2x4xf32>)
    hidden(%rh : memref<2x1x2x4xf32>) {cell = "rnn", direction = "forward"} activations {
  ^bb0(%u: f32):
    %t = math.tanh %u : f32
    lir.yield %t : f32
  }
  // CHECK: %[[F:.*]] = lir.fault : memref<2xi64>
  %f = lir.fault : memref<2xi64>
  // CHECK: lir.check ins(%{{.*}} : memref<2x3xi64>) outs(%[[F]] : memref<2xi64>) {excluded = false, expected = "an index from -4 to 3", high = 3 : i64, low = -4 : i64}
  lir.check ins(%i : memref<2x3xi64>) outs(%f : memref<2xi64>) {low = -4 : i64, high = 3 : i64, excluded = false, expected = "an index from -4 to 3"}
  // CHECK: lir.gather
  lir.gather ins(%x, %i : memref<4x8xf32>, memref<2x3xi64>) outs(%g : memref<2x3x8xf32>) {axis = 0 : i64}
  // CHECK: lir.gather_elements
  lir.gather_elements ins(%x, %i : memref<4x8xf32>, memref<2x3xi64>) outs(%e : memref<2x3xf32>) {axis = 0 : i64}
  // CHECK: lir.check {{.*}} {excluded = false, expected = "an index from -4 to 3", first = 1 : i64, high = 3 : i64, low = -4 : i64, step = 3 : i64}
  lir.check ins(%i : memref<2x3xi64>) outs(%f : memref<2xi64>) {low = -4 : i64, high = 3 : i64, excluded = false, expected = "an index from -4 to 3", first = 1 : i64, step = 3 : i64}
  %gd = lir.alloc : memref<2x3x8x5x4xf32>
  %gi = lir.alloc : memref<2x3xi64>
  %gn = lir.alloc : memref<2x4xf32>
  // CHECK: lir.gather_nd {{.*}} {batch_dims = 1 : i64}
  lir.gather_nd ins(%gd, %gi : memref<2x3x8x5x4xf32>, memref<2x3xi64>) outs(%gn : memref<2x4xf32>) {batch_dims = 1 : i64}
  // CHECK: lir.scatter_elements {{.*}} {axis = 0 : i64, kind = "max", unsigned_elements = true}
  lir.scatter_elements ins(%x, %i, %e : memref<4x8xf32>, memref<2x3xi64>, memref<2x3xf32>) outs(%y : memref<4x8xf32>) {axis = 0 : i64, kind = "max", unsigned_elements = true}
  // CHECK: lir.scatter_nd ins({{.*}}) outs({{.*}} : memref<4x8xf32>){{$}}
  %su = lir.alloc : memref<2x8xf32>
  %si = lir.alloc : memref<2x1xi64>
  lir.scatter_nd ins(%x, %si, %su : memref<4x8xf32>, memref<2x1xi64>, memref<2x8xf32>) outs(%y : memref<4x8xf32>)
  // CHECK: lir.decide ins(%{{.*}} : memref<2xi64>) {first = 3 : i64}
  lir.decide ins(%f : memref<2xi64>) {first = 3 : i64}
  %h = lir.alloc : memref<i64>
  // CHECK: lir.sequence "construct" ins() outs(%[[H:.*]] : memref<i64>) {sizes = [#lir.sizes<[]>], types = [i64]}
  lir.sequence "construct" ins() outs(%h : memref<i64>) {types = [i64], sizes = [#lir.sizes<[]>]}
  // CHECK: lir.sequence "insert" ins(%[[H]], %{{.*}} : memref<i64>, memref<4x8xf32>) outs(%{{.*}} : memref<i64>) {sizes = [#lir.sizes<[]>, #lir.sizes<[4, 8]>, #lir.sizes<[]>], types = [i64, f32, i64]}
  %h2 = lir.alloc : memref<i64>
  lir.sequence "insert" ins(%h, %x : memref<i64>, memref<4x8xf32>) outs(%h2 : memref<i64>) {types = [i64, f32, i64], sizes = [#lir.sizes<[]>, #lir.sizes<[4, 8]>, #lir.sizes<[]>]}
  // CHECK: lir.resample
  lir.resample ins(%x, %p, %w : memref<4x8xf32>, memref<16x2xi64>, memref<16x2xf32>) outs(%z : memref<4x16xf32>) {axis = 1 : i64}
  return
}

// CHECK-LABEL: func @pool
func.func @pool(%x: memref<1x8x8x4xf32>, %y: memref<1x4x4x4xf32>) {
  // CHECK: lir.pool
  lir.pool ins(%x : memref<1x8x8x4xf32>) outs(%y : memref<1x4x4x4xf32>) epilogue_maps [] attributes {kind = "max",
    kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: func @pool_regions
func.func @pool_regions(%x: memref<1x8x8x4xf32>, %c: memref<5x4xf32>, %b: memref<5xi64>, %y: memref<5x2x3x4xf32>) {
  // CHECK: lir.pool_regions ins(%{{.*}}, %{{.*}}, %{{.*}} : memref<1x8x8x4xf32>, memref<5x4xf32>, memref<5xi64>) outs(%{{.*}} : memref<5x2x3x4xf32>)
  lir.pool_regions ins(%x, %c, %b : memref<1x8x8x4xf32>, memref<5x4xf32>, memref<5xi64>) outs(%y : memref<5x2x3x4xf32>)
    {kind = "max", samples = 2 : i64, scale = 0.5 : f64, half_pixel = true}
  return
}

// CHECK-LABEL: func @deform_columns
func.func @deform_columns(%x: memref<1x8x8x4xf32>, %o: memref<1x8x7x7xf32>, %m: memref<1x4x7x7xf32>, %y: memref<1x7x7x16xf32>) {
  // CHECK: lir.deform_columns ins(%{{.*}}, %{{.*}} : memref<1x8x8x4xf32>, memref<1x8x7x7xf32>) mask(%{{.*}} : memref<1x4x7x7xf32>) outs
  lir.deform_columns ins(%x, %o : memref<1x8x8x4xf32>, memref<1x8x7x7xf32>) mask(%m : memref<1x4x7x7xf32>) outs(%y : memref<1x7x7x16xf32>)
    {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>, group = 1 : i64, offset_groups = 1 : i64}
  return
}
