// What a search measures, and what it found, comes before estimates; only what is a candidate is taken.
// RUN: lambent-opt %s --cpu-select-algorithms=cpu=x86-64-v4 --mlir-print-local-scope -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v4 candidate=1" --mlir-print-local-scope | FileCheck %s --check-prefix=FIRST
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v4 candidate=99" --mlir-print-local-scope | FileCheck %s

// The usual one, which serves where there are not so many candidates.
// CHECK: algorithm = #cpu.panels<rows = 14, columns = 32>
// CHECK-SAME: lir.choice_key = "[[KEY:[0-9a-f]+]]"
// CHECK-SAME: lir.considered = [{rejection = "0.0 % of the weights are zero, and leaving them out never pays below 10 %", variant = "sparse-rows"}, {rejection = "the operands are not bytes", variant = "short-panels"}, {rejection = "0.0 % of the weights are zero, and leaving them out never pays below 10 %", variant = "sparse-panels"}, {algorithm = #cpu.panels<rows = 14, columns = 32>, chosen
// FIRST: algorithm = #cpu.register_tiles<rows = 14, columns = 32>
// FIRST-SAME: {algorithm = #cpu.panels<rows = 14, columns = 32>, cycles
// FIRST-SAME: {algorithm = #cpu.register_tiles<rows = 14, columns = 32>, chosen

// RUN: %python %S/Inputs/tuned_selection.py %s %t.mlir "panels<rows = 7, columns = 32>" cpu=x86-64-v4 | FileCheck %s --check-prefix=FITS
// RUN: %python %S/Inputs/tuned_selection.py %s %t.mlir "panels<rows = 29, columns = 32>" cpu=x86-64-v4 2>&1 | FileCheck %s --check-prefix=IGNORED
// RUN: %python %S/Inputs/tuned_selection.py %s %t.mlir "no algorithm" cpu=x86-64-v4 | FileCheck %s
// RUN: %python %S/Inputs/tuned_selection.py %s %t.mlir "panels<rows = 7, columns = 32>" "cpu=x86-64-v4 strict" | FileCheck %s --check-prefix=STRICT
// RUN: not lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v4 tuned-choices=none" 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v4 cpu-description=none" 2>&1 | FileCheck %s --check-prefix=NO-CPU
// IGNORED: remark: the measured choice '{{.+}}' does not fit any more and is ignored
// NONE: error: expected choices as 'lambent tune MODEL' writes them
// NO-CPU: error: expected a description of a CPU as 'lambent tune --cpu' writes it
// Strict kernels have keys of their own.
// STRICT: algorithm = #cpu.panels<rows = 14, columns = 32>
// FITS: algorithm = #cpu.panels<rows = 7, columns = 32>
func.func @main(%lhs: memref<28x64xf32>, %output: memref<28x64xf32>) {
  %rhs = lir.weight dense<1.0> : tensor<64x64xf32> : memref<64x64xf32>
  lir.matmul ins(%lhs, %rhs : memref<28x64xf32>, memref<64x64xf32>) outs(%output : memref<28x64xf32>) domain [28, 64, 64]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%acc: f32):
    lir.yield %acc : f32
  }
  return
}
