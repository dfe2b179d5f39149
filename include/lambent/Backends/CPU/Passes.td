//===- Passes.td - The CPU backend's passes on lir ------------------------===//

#ifndef LAMBENT_BACKENDS_CPU_PASSES_TD
#define LAMBENT_BACKENDS_CPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def SelectAlgorithms : Pass<"cpu-select-algorithms", "::mlir::func::FuncOp"> {
  let summary = "Choose the algorithm and tile of products and convolutions and pack their constant weights";
  let description = [{
    Sets `algorithm` on the ops that can be computed in several ways: of an op's variants the one that should take the
    least time. Gives the lir.weight behind a constant right-hand side or filter the `packing` that the algorithm reads.
    What a search measured (`tuned-choices`) comes before estimates; what is not among an op's candidates any more is
    ignored with a remark. With a `candidate` every op takes that one of its candidates, or its best where it has fewer.
    With `prefer`, the name of a variant, ops take that one wherever it is proposed, as tests want it.
    An attention of few queries, which cuts its keys into parts, gets a buffer for its `partials`, and a
    convolution whose chunks share what they make of the input one for its `workspace`.

    ```mlir
    %w = lir.weight dense<1.0> : tensor<8x40xf32> : memref<8x40xf32>
    lir.matmul ins(%a, %w ...) ...
    // becomes
    %w = lir.weight dense<1.0> : tensor<8x40xf32> {packing = #lir.packing<(p, k, j) -> (k, p * 32 + j)>} : memref<2x8x32xf32>
    lir.matmul ins(%a, %w ...) ... {algorithm = #cpu.panels<rows = 14, columns = 32>}
    ```
  }];
  let options = [
    Option<"cpu", "cpu", "std::string", "\"native\"", "CPU to choose for, as --cpu">,
    Option<"cpuDescription", "cpu-description", "std::string", "\"\"", "Text of a description of the CPU">,
    Option<"tunedChoices", "tuned-choices", "std::string", "\"\"", "Text of choices that were measured">,
    Option<"candidate", "candidate", "unsigned", "0", "Number of the candidate that every op takes">,
    Option<"prefer", "prefer", "std::string", "\"\"", "Name of the variant to take wherever it is proposed">,
    Option<"strict", "strict", "bool", "false", "No algorithm that reassociates beyond FMA">,
    Option<"winogradZeros", "winograd-zeros", "double", "0",
           "Percent of the vectors of a Winograd filter that may be left out though they are not zero">,
    ListOption<"winogradLayers", "winograd-zeros-of", "std::string",
               "Other percentages of single ops, by the names of their locations: NAME=PERCENT">,
    Option<"explain", "explain", "bool", "false", "Remark on each op why its other variants were not chosen">,
  ];
  let dependentDialects = ["::lambent::lir::LIRDialect", "::lambent::cpu::CPUDialect"];
}

#endif
