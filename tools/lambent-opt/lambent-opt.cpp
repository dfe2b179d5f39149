//===- lambent-opt.cpp - Runs passes and pipelines on text ----------------===//

#include "lambent/Backends/CPU/CPUBackend.h"
#include "lambent/Compiler/Pipelines.h"
#include "lambent/Graph/IR/Graph.h"
#include "lambent/Graph/Transforms/Passes.h"
#include "lambent/Lowering/GraphToLIR/Passes.h"
#include "lambent/Lowering/IR/LIR.h"
#include "lambent/Lowering/Transforms/Passes.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<mlir::func::FuncDialect, mlir::arith::ArithDialect,
                  mlir::math::MathDialect, mlir::memref::MemRefDialect,
                  lambent::graph::GraphDialect, lambent::lir::LIRDialect>();
  // Kernels say which algorithms and layouts they have.
  lambent::cpu::registerKernels(registry);
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  lambent::registerGraphToLIRPasses();
  lambent::registerLoweringTransformsPasses();
  lambent::graph::registerGraphPasses();
  lambent::cpu::registerCPUPasses();
  lambent::registerPipelines();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "Runs passes of the Lambent compiler on textual IR\n",
      registry));
}
