// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v3 prefer=sparse-winograd winograd-zeros=75" --mlir-print-local-scope | FileCheck %s
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v3 prefer=sparse-winograd" --mlir-print-local-scope | FileCheck %s --check-prefix=DENSE
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v3 prefer=sparse-winograd winograd-zeros-of=three=75" --mlir-print-local-scope | FileCheck %s
// RUN: lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v3 prefer=sparse-winograd winograd-zeros=75 winograd-zeros-of=relu=20,three=0" --mlir-print-local-scope | FileCheck %s --check-prefix=DENSE
// RUN: not lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v3 winograd-zeros=101" -o /dev/null 2>&1 | FileCheck %s --check-prefix=ERROR
// RUN: not lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v3 winograd-zeros-of=three" -o /dev/null 2>&1 | FileCheck %s --check-prefix=UNNAMED
// RUN: not lambent-opt %s "--cpu-select-algorithms=cpu=x86-64-v3 winograd-zeros-of=three=-1" -o /dev/null 2>&1 | FileCheck %s --check-prefix=SHARE

// ERROR: error: expected winograd-zeros to be a percentage, but got 101
// UNNAMED: error: expected winograd-zeros-of to be NAME=PERCENT, but got 'three'
// SHARE: error: expected winograd-zeros to be a percentage, but got -1

// Of a filter without zeros a quarter of the vectors is kept, those of most importance: a threshold says which.
// CHECK: lir.weight {{.*}} {packing = #lir.sparse_winograd_packing<tileHeight = {{[24]}}, tileWidth = {{[24]}}, columns = [[C:[0-9]+]], threshold = {{[0-9.e+-]+}} : f64, keptSteps = [[KEPT:[0-9]+]]>}
// CHECK: algorithm = #cpu.sparse_winograd<{{.*}}columns = [[C]], {{.*}}keptSteps = [[KEPT]]
// Nothing is left out without being asked for.
// DENSE-NOT: sparse_winograd
func.func @leaves_out_what_matters_least(%x: memref<1x28x28x16xf32>, %y: memref<1x28x28x16xf32>) {
  %w = lir.weight dense<1.5> : tensor<16x16x3x3xf32> : memref<16x16x3x3xf32>
  lir.conv ins(%x, %w : memref<1x28x28x16xf32>, memref<16x16x3x3xf32>) outs(%y : memref<1x28x28x16xf32>) epilogue_maps [] attributes {filter_shape = array<i64: 16, 16, 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>, group = 1 : i64} {
  ^bb0(%a: f32):
    lir.yield %a : f32
  } loc(fused["three"("Conv"), "relu"("Relu")])
  return
}
