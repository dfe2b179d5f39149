// RUN: lambent-opt %s --cpu-select-algorithms=cpu=x86-64-v4 --mlir-print-local-scope | FileCheck %s
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v4 explain" -o /dev/null 2>&1 | FileCheck %s --check-prefix=WHY

// The constant is laid out as panels of the tile's columns.
// CHECK-LABEL: @packs_constant_rhs
// WHY: remark: register-tiles: would take
// CHECK: %[[W:.*]] = lir.weight {{.*}} : tensor<8x40xf32> {packing = #lir.packing<(d0, d1, d2) -> (d1, d0 * [[NR:[0-9]+]] + d2)>} : memref<1x8x[[NR]]xf32>
// CHECK: lir.matmul ins(%{{.*}}, %[[W]] :
// CHECK-SAME: affine_map<(d0, d1, d2) -> ()>
// CHECK-SAME: algorithm = #cpu.panels<rows = 4, columns = [[NR]]>
// CHECK-SAME: lir.considered = [{rejection = "0.0 % of the weights are zero, and leaving them out never pays below 10 %", variant = "sparse-rows"}, {rejection = "the operands are not bytes", variant = "short-panels"}, {rejection = "0.0 % of the weights are zero, and leaving them out never pays below 10 %", variant = "sparse-panels"}, {algorithm = #cpu.panels<rows = 4, columns = [[NR]]>, chosen, cycles = {{[0-9]+}} : i64, variant = "panels"}, {algorithm = #cpu.register_tiles<{{.*}}>, cycles = {{[0-9]+}} : i64, variant = "register-tiles"}, {algorithm = #cpu.scalar, cycles = {{[0-9]+}} : i64, variant = "scalar"}]
func.func @packs_constant_rhs(%lhs: memref<4x8xf32>, %output: memref<4x40xf32>) {
  %rhs = lir.weight dense<1.0> : tensor<8x40xf32> : memref<8x40xf32>
  lir.matmul ins(%lhs, %rhs : memref<4x8xf32>, memref<8x40xf32>) outs(%output : memref<4x40xf32>) domain [4, 40, 8]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @rhs_is_not_constant
// WHY: remark: panels: the rhs is not constant
// CHECK: algorithm = #cpu.register_tiles<
// CHECK-SAME: lir.considered = [{rejection = "the weights are not constant", variant = "sparse-rows"}, {rejection = "the operands are not bytes", variant = "short-panels"}, {rejection = "the weights are not constant", variant = "sparse-panels"}, {rejection = "the rhs is not constant", variant = "panels"}, {algorithm = #cpu.register_tiles<{{.*}}>, chosen,
func.func @rhs_is_not_constant(%lhs: memref<4x8xf32>, %rhs: memref<8x40xf32>, %output: memref<4x40xf32>) {
  lir.matmul ins(%lhs, %rhs : memref<4x8xf32>, memref<8x40xf32>) outs(%output : memref<4x40xf32>) domain [4, 40, 8]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @packs_filter
// WHY: remark: depthwise: channels are not each by themselves
// CHECK: lir.weight {{.*}} {packing = #lir.packing<(d0, d1, d2, d3, d4, d5) -> (d0 * 32 + d1 * 32 + d5, d4, d2, d3)>} : memref<1x1x3x3x3x32xf32>
// CHECK: lir.conv
// CHECK-SAME: #cpu.implicit_gemm<{{.*}}, packed = true>
func.func @packs_filter(%input: memref<1x8x8x3xf32>, %output: memref<1x8x8x32xf32>) {
  %filter = lir.weight dense<1.0> : tensor<32x3x3x3xf32> : memref<32x3x3x3xf32>
  lir.conv ins(%input, %filter : memref<1x8x8x3xf32>, memref<32x3x3x3xf32>) outs(%output : memref<1x8x8x32xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 32, 3, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @packs_depthwise_filter
// CHECK: lir.weight {{.*}} {packing = #lir.packing<(d0, d1, d2, d3) -> (d0 * 32 + d3, 0, d1, d2)>} : memref<1x3x3x32xf32>
// CHECK: #cpu.depthwise<{{.*}}, packed = true>
func.func @packs_depthwise_filter(%input: memref<1x8x8x32xf32>, %output: memref<1x8x8x32xf32>) {
  %filter = lir.weight dense<1.0> : tensor<32x1x3x3xf32> : memref<32x1x3x3xf32>
  lir.conv ins(%input, %filter : memref<1x8x8x32xf32>, memref<32x1x3x3xf32>) outs(%output : memref<1x8x8x32xf32>) epilogue_maps []
    attributes {filter_shape = array<i64: 32, 1, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 32 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// One tap without stride or padding: a product of 64 pixels, with its residual.
// CHECK-LABEL: @makes_pointwise_convolution_a_product
// CHECK-NOT: lir.conv
// CHECK: lir.view %{{.*}} : memref<1x8x8x16xf32> -> memref<64x16xf32>
// CHECK: lir.matmul
// CHECK-SAME: domain [64, 16, 8]
// CHECK-SAME: epilogue_maps [affine_map<(d0, d1) -> (d0, d1)>]
func.func @makes_pointwise_convolution_a_product(%input: memref<1x8x8x8xf32>, %residual: memref<1x8x8x16xf32>, %output: memref<1x8x8x16xf32>) {
  %filter = lir.weight dense<1.0> : tensor<16x8x1x1xf32> : memref<16x8x1x1xf32>
  lir.conv ins(%input, %filter : memref<1x8x8x8xf32>, memref<16x8x1x1xf32>) with(%residual : memref<1x8x8x16xf32>) outs(%output : memref<1x8x8x16xf32>)
    epilogue_maps [affine_map<(n, h, w, c) -> (n, h, w, c)>]
    attributes {filter_shape = array<i64: 16, 8, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%acc: f32, %r: f32):
    %0 = arith.addf %acc, %r : f32
    lir.yield %0 : f32
  }
  return
}

// A row's own bias cannot be read by pixel number.
// CHECK-LABEL: @negative_epilogue_reads_by_row
// CHECK: lir.conv
func.func @negative_epilogue_reads_by_row(%input: memref<1x8x8x8xf32>, %bias: memref<8xf32>, %output: memref<1x8x8x16xf32>) {
  %filter = lir.weight dense<1.0> : tensor<16x8x1x1xf32> : memref<16x8x1x1xf32>
  lir.conv ins(%input, %filter : memref<1x8x8x8xf32>, memref<16x8x1x1xf32>) with(%bias : memref<8xf32>) outs(%output : memref<1x8x8x16xf32>)
    epilogue_maps [affine_map<(n, h, w, c) -> (h)>]
    attributes {filter_shape = array<i64: 16, 8, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, 0, 0]>, group = 1 : i64} {
  ^bb0(%acc: f32, %b: f32):
    %0 = arith.addf %acc, %b : f32
    lir.yield %0 : f32
  }
  return
}

// The order of k that lir-permute-weights gives a weight and the panels become one packing.
// CHECK-LABEL: @packs_permuted_rhs
// CHECK: lir.weight {{.*}} : tensor<40x24xf32> {packing = #lir.packing<(d0, d1, d2, d3, d4) -> (d0 * [[NR:[0-9]+]] + d4, d1 * 3 + d2 + d3 * 6)>} : memref<1x2x3x4x[[NR]]xf32>
// CHECK-NOT: lir.view
// CHECK: lir.matmul
// CHECK-SAME: #cpu.panels<
func.func @packs_permuted_rhs(%lhs: memref<5x24xf32>, %output: memref<5x40xf32>) {
  %w = lir.weight dense<1.0> : tensor<40x24xf32> {packing = #lir.packing<(n, i, j, c) -> (n, i * 3 + j + c * 6)>} : memref<40x2x3x4xf32>
  %rhs = lir.view %w : memref<40x2x3x4xf32> -> memref<40x24xf32>
  lir.matmul ins(%lhs, %rhs : memref<5x24xf32>, memref<40x24xf32>) outs(%output : memref<5x40xf32>) domain [5, 40, 24]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// A filter is packed for a tile that no run's sizes change.
// CHECK-LABEL: @packs_filter_of_open_image
// CHECK: lir.weight {{.*}} : memref<1x1x3x3x3x32xf32>
// CHECK: lir.conv
// CHECK-SAME: algorithm = #cpu.implicit_gemm<rows = 14, columns = 32, packed = true>
func.func @packs_filter_of_open_image(%input: memref<?x?x?x3xf32, #lir.layout<[s0, s1, s2, 3]>>, %output: memref<?x?x?x32xf32, #lir.layout<[s0, s1, s2, 32]>>) {
  %filter = lir.weight dense<1.0> : tensor<32x3x3x3xf32> : memref<32x3x3x3xf32>
  lir.conv ins(%input, %filter : memref<?x?x?x3xf32, #lir.layout<[s0, s1, s2, 3]>>, memref<32x3x3x3xf32>) outs(%output : memref<?x?x?x32xf32, #lir.layout<[s0, s1, s2, 32]>>) epilogue_maps []
    attributes {filter_shape = array<i64: 32, 3, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// Keys that few queries read in place are cut into parts: of 300 there are 3, each with [3, 64 + 16] numbers a head.
// CHECK-LABEL: @parts_of_keys
// CHECK: %[[P:.*]] = lir.alloc : memref<1440xf32>
// CHECK: lir.attention {{.*}} partials(%[[P]] : memref<1440xf32>)
func.func @parts_of_keys(%q: memref<1x2x3x64xf32>, %k: memref<1x2x300x64xf32>, %o: memref<1x2x3x64xf32>) {
  lir.attention ins(%q, %k, %k : memref<1x2x3x64xf32>, memref<1x2x300x64xf32>, memref<1x2x300x64xf32>)
    outs(%o : memref<1x2x3x64xf32>) domain [1, 2, 3, 300, 64, 64] maps [affine_map<(b, h, s, t, d, e) -> (b, h, s, d)>,
      affine_map<(b, h, s, t, d, e) -> (b, h, t, d)>, affine_map<(b, h, s, t, d, e) -> (b, h, t, e)>,
      affine_map<(b, h, s, t, d, e) -> (b, h, s, e)>] {scale = 0.125 : f32}
  return
}

// How many queries and keys there are is known when it runs.
// CHECK-LABEL: @parts_of_open_keys
// CHECK: lir.alloc : memref<?xf32, #lir.layout<[{{.*}}]>>
// CHECK: lir.attention {{.*}} partials(
func.func @parts_of_open_keys(%q: memref<1x2x?x64xf32, #lir.layout<[1, 2, s0, 64]>>,
    %k: memref<1x2x?x64xf32, #lir.layout<[1, 2, s1, 64]>>, %o: memref<1x2x?x64xf32, #lir.layout<[1, 2, s0, 64]>>) {
  lir.attention ins(%q, %k, %k : memref<1x2x?x64xf32, #lir.layout<[1, 2, s0, 64]>>,
    memref<1x2x?x64xf32, #lir.layout<[1, 2, s1, 64]>>, memref<1x2x?x64xf32, #lir.layout<[1, 2, s1, 64]>>)
    outs(%o : memref<1x2x?x64xf32, #lir.layout<[1, 2, s0, 64]>>) domain [1, 2, s0, s1, 64, 64] maps [affine_map<(b, h, s, t, d, e) -> (b, h, s, d)>,
      affine_map<(b, h, s, t, d, e) -> (b, h, t, d)>, affine_map<(b, h, s, t, d, e) -> (b, h, t, e)>,
      affine_map<(b, h, s, t, d, e) -> (b, h, s, e)>] {scale = 0.125 : f32}
  return
}

// CHECK-LABEL: @negative_many_queries
// CHECK-NOT: partials
func.func @negative_many_queries(%q: memref<1x2x9x64xf32>, %k: memref<1x2x300x64xf32>, %o: memref<1x2x9x64xf32>) {
  lir.attention ins(%q, %k, %k : memref<1x2x9x64xf32>, memref<1x2x300x64xf32>, memref<1x2x300x64xf32>)
    outs(%o : memref<1x2x9x64xf32>) domain [1, 2, 9, 300, 64, 64] maps [affine_map<(b, h, s, t, d, e) -> (b, h, s, d)>,
      affine_map<(b, h, s, t, d, e) -> (b, h, t, d)>, affine_map<(b, h, s, t, d, e) -> (b, h, t, e)>,
      affine_map<(b, h, s, t, d, e) -> (b, h, s, e)>] {scale = 0.125 : f32}
  return
}

// CHECK-LABEL: @negative_few_keys
// CHECK-NOT: partials
func.func @negative_few_keys(%q: memref<1x2x3x64xf32>, %k: memref<1x2x127x64xf32>, %o: memref<1x2x3x64xf32>) {
  lir.attention ins(%q, %k, %k : memref<1x2x3x64xf32>, memref<1x2x127x64xf32>, memref<1x2x127x64xf32>)
    outs(%o : memref<1x2x3x64xf32>) domain [1, 2, 3, 127, 64, 64] maps [affine_map<(b, h, s, t, d, e) -> (b, h, s, d)>,
      affine_map<(b, h, s, t, d, e) -> (b, h, t, d)>, affine_map<(b, h, s, t, d, e) -> (b, h, t, e)>,
      affine_map<(b, h, s, t, d, e) -> (b, h, s, e)>] {scale = 0.125 : f32}
  return
}

// Codes share bytes, and their scales lie beside one another as the columns do.
// CHECK-LABEL: @packs_codes
// CHECK-DAG: %[[Q:.*]] = lir.weight {{.*}} : tensor<40x36xi8> {packing = #lir.bit_packing<(d0, d1, d2, d3) -> (d0 * 48 + d2, d1 * 8 + d3), bits = 4>} : memref<1x5x48x4xi8>
// CHECK-DAG: %[[S:.*]] = lir.weight {{.*}} : tensor<40x3xf32> {packing = #lir.packing<(d0, d1, d2) -> (d0 * 48 + d2, d1)>} : memref<1x3x48xf32>
// CHECK: lir.quantized_matmul ins(%{{.*}}, %[[Q]], %[[S]] :
// CHECK-SAME: affine_map<(d0, d1, d2) -> ()>
// CHECK-SAME: algorithm = #cpu.coded_panels<rows = 1, columns = 48>
func.func @packs_codes(%lhs: memref<1x36xf32>, %output: memref<1x40xf32>) {
  %codes = lir.weight dense<1> : tensor<40x36xi8> : memref<40x36xi8>
  %scales = lir.weight dense<1.0> : tensor<40x3xf32> : memref<40x3xf32>
  lir.quantized_matmul ins(%lhs, %codes, %scales : memref<1x36xf32>, memref<40x36xi8>, memref<40x3xf32>) outs(%output : memref<1x40xf32>) domain [1, 40, 36]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps []
    attributes {bits = 4 : i64, block_size = 16 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}
