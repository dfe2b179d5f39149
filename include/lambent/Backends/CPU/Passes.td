//===- Passes.td - The CPU backend's passes on lir ------------------------===//

#ifndef LAMBENT_BACKENDS_CPU_PASSES_TD
#define LAMBENT_BACKENDS_CPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def SelectAlgorithms : Pass<"cpu-select-algorithms", "::mlir::func::FuncOp"> {
  let summary = "Choose the algorithm and tile of products and convolutions and pack their constant weights";
  let description = [{
    Sets `algorithm` on lir.matmul and lir.conv, and gives the lir.weight behind a constant right-hand side or filter
    the `packing` that the algorithm reads: the map from a packed index to the model's, elements outside being 0.
    A filter for Winograd is packed for its form: `packing = {winograd = array<i64: 4, 4>}`, the outputs of a tile.

    ```mlir
    %w = lir.weight dense<1.0> : tensor<8x40xf32> : memref<8x40xf32>
    lir.matmul ins(%a, %w ...) ...
    // becomes
    %w = lir.weight dense<1.0> : tensor<8x40xf32> {packing = {map = affine_map<(p, k, j) -> (k, p * 32 + j)>}} : memref<2x8x32xf32>
    lir.matmul ins(%a, %w ...) ... {algorithm = {kind = "panels", rows = 14, columns = 32}}
    ```
  }];
  let options = [
    Option<"cpu", "cpu", "std::string", "\"native\"", "CPU to choose for, as --cpu">,
    Option<"strict", "strict", "bool", "false", "As --accuracy=strict: no Winograd">,
  ];
  let dependentDialects = ["::lambent::lir::LIRDialect"];
}

#endif
