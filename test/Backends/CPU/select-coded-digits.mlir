// RUN: lambent-opt %s --cpu-select-algorithms=cpu=cascadelake --mlir-print-local-scope | FileCheck %s
// RUN: lambent-opt %s --cpu-select-algorithms="cpu=cascadelake strict=true" --mlir-print-local-scope | FileCheck %s --check-prefix=STRICT
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=cascadelake explain" -o /dev/null 2>&1 | FileCheck %s --check-prefix=WHY

// Few rows become digits of 8 bits, which bytes multiply.
// CHECK-LABEL: @one_row
// CHECK: algorithm = #cpu.coded_digits<rows = 1, columns = 48>
// STRICT-LABEL: @one_row
// STRICT: algorithm = #cpu.coded_panels<rows = 1, columns = 48>
func.func @one_row(%lhs: memref<1x64xf32>, %output: memref<1x40xf32>) {
  %codes = lir.weight dense<1> : tensor<40x64xi8> : memref<40x64xi8>
  %scales = lir.weight dense<1.0> : tensor<40x2xf32> : memref<40x2xf32>
  lir.quantized_matmul ins(%lhs, %codes, %scales : memref<1x64xf32>, memref<40x64xi8>, memref<40x2xf32>) outs(%output : memref<1x40xf32>) domain [1, 40, 64]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps []
    attributes {bits = 4 : i64, block_size = 32 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @negative_bytes
// CHECK: algorithm = #cpu.coded_panels
// WHY: coded-digits: codes of 8 bits are as fast to decode
func.func @negative_bytes(%lhs: memref<1x64xf32>, %output: memref<1x40xf32>) {
  %codes = lir.weight dense<1> : tensor<40x64xi8> : memref<40x64xi8>
  %scales = lir.weight dense<1.0> : tensor<40x2xf32> : memref<40x2xf32>
  lir.quantized_matmul ins(%lhs, %codes, %scales : memref<1x64xf32>, memref<40x64xi8>, memref<40x2xf32>) outs(%output : memref<1x40xf32>) domain [1, 40, 64]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps []
    attributes {bits = 8 : i64, block_size = 32 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @negative_depth
// CHECK: algorithm = #cpu.coded_panels
// WHY: coded-digits: k or its blocks are no multiples of 16
func.func @negative_depth(%lhs: memref<1x40xf32>, %output: memref<1x40xf32>) {
  %codes = lir.weight dense<1> : tensor<40x40xi8> : memref<40x40xi8>
  %scales = lir.weight dense<1.0> : tensor<40x2xf32> : memref<40x2xf32>
  lir.quantized_matmul ins(%lhs, %codes, %scales : memref<1x40xf32>, memref<40x40xi8>, memref<40x2xf32>) outs(%output : memref<1x40xf32>) domain [1, 40, 40]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps []
    attributes {bits = 4 : i64, block_size = 32 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @negative_many_rows
// CHECK: algorithm = #cpu.coded_panels
// WHY: coded-digits: lhs has many rows, or its k do not lie side by side
func.func @negative_many_rows(%lhs: memref<20x64xf32>, %output: memref<20x40xf32>) {
  %codes = lir.weight dense<1> : tensor<40x64xi8> : memref<40x64xi8>
  %scales = lir.weight dense<1.0> : tensor<40x2xf32> : memref<40x2xf32>
  lir.quantized_matmul ins(%lhs, %codes, %scales : memref<20x64xf32>, memref<40x64xi8>, memref<40x2xf32>) outs(%output : memref<20x40xf32>) domain [20, 40, 64]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps []
    attributes {bits = 4 : i64, block_size = 32 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @negative_not_constant
// CHECK-NOT: coded_digits
// WHY: coded-digits: the weights are not constant
func.func @negative_not_constant(%lhs: memref<1x64xf32>, %codes: memref<40x64xi8>, %scales: memref<40x2xf32>, %output: memref<1x40xf32>) {
  lir.quantized_matmul ins(%lhs, %codes, %scales : memref<1x64xf32>, memref<40x64xi8>, memref<40x2xf32>) outs(%output : memref<1x40xf32>) domain [1, 40, 64]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps []
    attributes {bits = 4 : i64, block_size = 32 : i64} {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}
