// RUN: lambent-opt %s --cpu-select-algorithms=cpu=graniterapids --mlir-print-local-scope | FileCheck %s
// RUN: lambent-opt %s --cpu-select-algorithms="cpu=graniterapids strict=true" --mlir-print-local-scope | FileCheck %s --check-prefix=STRICT
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=graniterapids explain" -o /dev/null 2>&1 | FileCheck %s --check-prefix=WHY
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v4:graniterapids explain" 2>&1 | FileCheck %s --check-prefix=OTHER

// CPUs without tiles don't hear of them.
// OTHER-NOT: {{remark: split|split_attention}}

// Two parts of each operand. Six products of three parts don't pay for so few keys.
// CHECK-LABEL: @splits_both_products
// CHECK: lir.attention
// CHECK-SAME: algorithm = #cpu.split_attention<parts = 2>
// CHECK-SAME: chosen, cycles = {{[0-9]+}} : i64, variant = "split-tiles"}
// STRICT-LABEL: @splits_both_products
// STRICT-NOT: #cpu.split_attention
func.func @splits_both_products(%q: memref<1x12x128x64xf32>, %k: memref<1x12x128x64xf32>, %v: memref<1x12x128x64xf32>, %o: memref<1x12x128x64xf32>) {
  lir.attention ins(%q, %k, %v : memref<1x12x128x64xf32>, memref<1x12x128x64xf32>, memref<1x12x128x64xf32>) outs(%o : memref<1x12x128x64xf32>)
    domain [1, 12, 128, 128, 64, 64] maps [affine_map<(b, h, s, t, d, e) -> (b, h, s, d)>, affine_map<(b, h, s, t, d, e) -> (b, h, t, d)>,
      affine_map<(b, h, s, t, d, e) -> (b, h, t, e)>, affine_map<(b, h, s, t, d, e) -> (b, h, s, e)>] {scale = 0.125 : f32}
  return
}

// Three parts where results are to be as exact as in f32.
// CHECK-LABEL: @many_keys
// CHECK: #cpu.split_attention<parts = 2>
// STRICT-LABEL: @many_keys
// STRICT: #cpu.split_attention<parts = 3>
func.func @many_keys(%q: memref<1x12x1024x256xf32>, %k: memref<1x12x1024x256xf32>, %v: memref<1x12x1024x256xf32>, %o: memref<1x12x1024x256xf32>) {
  lir.attention ins(%q, %k, %v : memref<1x12x1024x256xf32>, memref<1x12x1024x256xf32>, memref<1x12x1024x256xf32>) outs(%o : memref<1x12x1024x256xf32>)
    domain [1, 12, 1024, 1024, 256, 256] maps [affine_map<(b, h, s, t, d, e) -> (b, h, s, d)>, affine_map<(b, h, s, t, d, e) -> (b, h, t, d)>,
      affine_map<(b, h, s, t, d, e) -> (b, h, t, e)>, affine_map<(b, h, s, t, d, e) -> (b, h, s, e)>] {scale = 0.125 : f32}
  return
}

// WHY: remark: split-tiles: there are few queries
// CHECK-LABEL: @few_queries
// CHECK: lir.attention
// CHECK-NOT: split_attention
func.func @few_queries(%q: memref<1x12x1x64xf32>, %k: memref<1x12x128x64xf32>, %v: memref<1x12x128x64xf32>, %o: memref<1x12x1x64xf32>) {
  lir.attention ins(%q, %k, %v : memref<1x12x1x64xf32>, memref<1x12x128x64xf32>, memref<1x12x128x64xf32>) outs(%o : memref<1x12x1x64xf32>)
    domain [1, 12, 1, 128, 64, 64] maps [affine_map<(b, h, s, t, d, e) -> (b, h, s, d)>, affine_map<(b, h, s, t, d, e) -> (b, h, t, d)>,
      affine_map<(b, h, s, t, d, e) -> (b, h, t, e)>, affine_map<(b, h, s, t, d, e) -> (b, h, s, e)>] {scale = 0.125 : f32}
  return
}

// WHY: remark: split-tiles: the operands are not f32
// CHECK-LABEL: @doubles
// CHECK: lir.attention
// CHECK-NOT: split_attention
func.func @doubles(%q: memref<1x2x64x16xf64>, %k: memref<1x2x64x16xf64>, %v: memref<1x2x64x16xf64>, %o: memref<1x2x64x16xf64>) {
  lir.attention ins(%q, %k, %v : memref<1x2x64x16xf64>, memref<1x2x64x16xf64>, memref<1x2x64x16xf64>) outs(%o : memref<1x2x64x16xf64>)
    domain [1, 2, 64, 64, 16, 16] maps [affine_map<(b, h, s, t, d, e) -> (b, h, s, d)>, affine_map<(b, h, s, t, d, e) -> (b, h, t, d)>,
      affine_map<(b, h, s, t, d, e) -> (b, h, t, e)>, affine_map<(b, h, s, t, d, e) -> (b, h, s, e)>] {scale = 0.25 : f32}
  return
}

// Transposed keys.
// WHY: remark: split-tiles: rows of query or key do not lie side by side
// CHECK-LABEL: @transposed_keys
// CHECK: lir.attention
// CHECK-NOT: split_attention
func.func @transposed_keys(%q: memref<1x2x64x16xf32>, %k: memref<1x2x16x64xf32>, %v: memref<1x2x64x16xf32>, %o: memref<1x2x64x16xf32>) {
  lir.attention ins(%q, %k, %v : memref<1x2x64x16xf32>, memref<1x2x16x64xf32>, memref<1x2x64x16xf32>) outs(%o : memref<1x2x64x16xf32>)
    domain [1, 2, 64, 64, 16, 16] maps [affine_map<(b, h, s, t, d, e) -> (b, h, s, d)>, affine_map<(b, h, s, t, d, e) -> (b, h, d, t)>,
      affine_map<(b, h, s, t, d, e) -> (b, h, t, e)>, affine_map<(b, h, s, t, d, e) -> (b, h, s, e)>] {scale = 0.25 : f32}
  return
}
