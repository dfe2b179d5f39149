// RUN: lambent-opt %s --cpu-select-algorithms=cpu=cascadelake --mlir-print-local-scope | FileCheck %s
// RUN: lambent-opt %s --cpu-select-algorithms="cpu=cascadelake strict=true" --mlir-print-local-scope | FileCheck %s --check-prefix=STRICT
// RUN: lambent-opt %s --cpu-select-algorithms=cpu=x86-64-v3 --mlir-print-local-scope | FileCheck %s --check-prefix=V3
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=cascadelake explain" -o /dev/null 2>&1 | FileCheck %s --check-prefix=WHY

// States become digits of 8 bits where an instruction multiplies these; bytes lie by fours along k.
// CHECK-LABEL: @bytes
// CHECK: lir.weight {{.*}} {packing = #lir.packing<(d0, d1, d2, d3, d4, d5) -> (d0, d2 * 6 + d1 * 16 + d4, d3 * 4 + d5)>} : memref<1x1x1x2x16x4xi8>
// CHECK: algorithm = #cpu.recurrent_panels<columns = 16, digits = true>
// STRICT-LABEL: @bytes
// STRICT: algorithm = #cpu.recurrent_panels<columns = 16>
// V3-LABEL: @bytes
// V3: memref<1x1x1x2x8x4xi8>
// V3: algorithm = #cpu.recurrent_panels<columns = 8>
func.func @bytes(%g: memref<5x2x6xf32>, %y: memref<5x1x2x6xf32>, %h: memref<2x1x2x6xf32>) {
  %r = lir.weight dense<1> : tensor<1x6x6xi8> : memref<1x6x6xi8>
  %s = lir.weight dense<1.0> : tensor<1x6xf32> : memref<1x6xf32>
  lir.recurrent ins(%g, %r : memref<5x2x6xf32>, memref<1x6x6xi8>) scales(%s : memref<1x6xf32>) sequence(%y : memref<5x1x2x6xf32>)
    hidden(%h : memref<2x1x2x6xf32>) {cell = "rnn", direction = "forward"} activations {
  ^bb0(%u: f32):
    %t = math.tanh %u : f32
    lir.yield %t : f32
  }
  return
}

// Bytes that a run gives are packed in front of the layer, each k of four by itself.
// CHECK-LABEL: @given
// CHECK: lir.alloc : memref<1x1x1x2x16x4xi8>
// CHECK-COUNT-2: lir.elementwise {{.*}} domain [1, 1, 2, 6]
// CHECK-COUNT-2: lir.elementwise {{.*}} domain [1, 1, 1, 6]
// CHECK: lir.recurrent
func.func @given(%g: memref<5x2x6xf32>, %r: memref<1x6x6xi8>, %s: memref<1x6xf32>, %y: memref<5x1x2x6xf32>, %h: memref<2x1x2x6xf32>) {
  lir.recurrent ins(%g, %r : memref<5x2x6xf32>, memref<1x6x6xi8>) scales(%s : memref<1x6xf32>) sequence(%y : memref<5x1x2x6xf32>)
    hidden(%h : memref<2x1x2x6xf32>) {cell = "rnn", direction = "forward"} activations {
  ^bb0(%u: f32):
    %t = math.tanh %u : f32
    lir.yield %t : f32
  }
  return
}

// WHY: digits: weights are no bytes
// CHECK-LABEL: @floats
// CHECK: algorithm = #cpu.recurrent_panels<columns = 16>
func.func @floats(%g: memref<5x2x6xf32>, %r: memref<1x6x6xf32>, %y: memref<5x1x2x6xf32>, %h: memref<2x1x2x6xf32>) {
  lir.recurrent ins(%g, %r : memref<5x2x6xf32>, memref<1x6x6xf32>) sequence(%y : memref<5x1x2x6xf32>)
    hidden(%h : memref<2x1x2x6xf32>) {cell = "rnn", direction = "forward"} activations {
  ^bb0(%u: f32):
    %t = math.tanh %u : f32
    lir.yield %t : f32
  }
  return
}
