//===- Passes.td - From graph to lir --------------------------------------===//

include "mlir/Pass/PassBase.td"

def GraphToLIR : Pass<"graph-to-lir", "::mlir::ModuleOp"> {
  let summary = "Lower functions of graph ops on static tensors to kernels on buffers";
  let description = [{
    Every function on tensors becomes one on memrefs: the inputs, then the outputs, each named by `lir.name`, its
    original type kept as `lir.type`; `lir.num_inputs` counts the inputs. Results that are arguments, constants or
    views are copied to their outputs. The strings of the module's constants, `graph.strings`, become `lir.strings`.

    An open dim is an error that names the argument or op and the dim. Every op that has no lowering is reported, all
    in one run.

    ```mlir
    func.func @main(%x: tensor<4xf32> {graph.name = "x"}) -> (tensor<4xf32> {graph.name = "y"}) {
      %r = graph.softmax(%x) {axis = 0 : i64} : (tensor<4xf32>) -> tensor<4xf32>
      return %r : tensor<4xf32>
    }
    // becomes
    func.func @main(%x: memref<4xf32> {lir.name = "x", lir.type = tensor<4xf32>},
                    %y: memref<4xf32> {lir.name = "y", lir.type = tensor<4xf32>}) attributes {lir.num_inputs = 1 : i64} {
      lir.softmax ins(%x : memref<4xf32>) outs(%y : memref<4xf32>) {axis = 0 : i64}
      return
    }
    ```
  }];
  let dependentDialects = ["::lambent::lir::LIRDialect"];
}
