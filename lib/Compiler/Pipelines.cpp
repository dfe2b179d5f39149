//===- Pipelines.cpp - The order of all passes ----------------------------===//

#include "lambent/Compiler/Pipelines.h"
#include "lambent/Backends/CPU/CPUBackend.h"
#include "lambent/Graph/Transforms/Passes.h"
#include "lambent/Lowering/GraphToLIR/Passes.h"
#include "lambent/Lowering/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace lambent;
using mlir::func::FuncOp;

void lambent::buildGraphPipeline(mlir::OpPassManager &passes,
                                 const Backend &backend,
                                 const TargetOptions &options,
                                 graph::Evaluator *evaluator) {
  auto foldConstants = [&] {
    if (evaluator)
      passes.addPass(graph::createGraphFoldConstants(*evaluator));
  };
  passes.addNestedPass<FuncOp>(graph::createGraphInferShapes());
  passes.addNestedPass<FuncOp>(graph::createGraphCheckValues());
  passes.addNestedPass<FuncOp>(mlir::createCanonicalizerPass());
  passes.addNestedPass<FuncOp>(mlir::createCSEPass());
  passes.addNestedPass<FuncOp>(graph::createGraphSimplify({options.strict}));
  // Patterns are matched before constants are folded into forms that hide them.
  // What is found in its pieces does not round as the pieces do.
  if (!options.strict) {
    if (backend.supports("lir.normalize"))
      passes.addNestedPass<FuncOp>(graph::createGraphRecognizeLayerNorm());
    if (backend.supports("lir.softmax"))
      passes.addNestedPass<FuncOp>(graph::createGraphRecognizeSoftmax());
    // Attention as one op would keep its products to itself.
    if (backend.supports("lir.attention") && options.blockFormat.empty())
      passes.addNestedPass<FuncOp>(graph::createGraphRecognizeAttention());
  }
  // A product with a code rounds otherwise than one with code * scale.
  if (backend.supports("lir.quantized_matmul") && !options.strict &&
      !options.keepFloatWeights && options.blockFormat.empty())
    passes.addNestedPass<FuncOp>(graph::createGraphRecognizeLatticeWeights());
  if (backend.multipliesBytes()) {
    passes.addNestedPass<FuncOp>(
        graph::createGraphNarrowProducts({options.strict}));
    if (evaluator)
      passes.addPass(graph::createGraphTabulateBytes(*evaluator));
  }
  // Weights that are to be rounded must be numbers.
  if (backend.supports("lir.quantized_matmul") && options.blockFormat.empty())
    passes.addNestedPass<FuncOp>(graph::createGraphRecognizeQuantizedWeights());
  // New weights are ops on constants until they are folded.
  passes.addNestedPass<FuncOp>(
      graph::createGraphFoldBatchNorm({options.strict}));
  passes.addNestedPass<FuncOp>(graph::createGraphDecomposeConvTranspose());
  // Of the weights as they are multiplied.
  if (!options.blockFormat.empty())
    passes.addNestedPass<FuncOp>(graph::createGraphBlockProducts(
        {options.blockFormat, options.blockScale}));
  passes.addNestedPass<FuncOp>(mlir::createCanonicalizerPass());
  foldConstants();
  // Of weights as numbers; sums are rounded in another order.
  if (!options.blockFormat.empty() && !options.strict &&
      backend.supports("lir.block_matmul"))
    passes.addNestedPass<FuncOp>(graph::createGraphMultiplyBlocks());
  graph::GraphCheckValuesOptions checks{
      /*final=*/true, options.checkValues && backend.supports("lir.check")};
  passes.addNestedPass<FuncOp>(
      evaluator ? graph::createGraphCheckValues(checks, *evaluator)
                : graph::createGraphCheckValues(checks));
  if (backend.prefersChannelsLast())
    passes.addNestedPass<FuncOp>(graph::createGraphAssignLayout());
  // Last, so that no other pass meets conversions between ops.
  bool hasBF16 = backend.multipliesBF16();
  if (!options.productType.empty())
    passes.addNestedPass<FuncOp>(
        graph::createGraphRoundProducts({hasBF16, /*marked=*/false}));
  else if (hasBF16 && !options.strict && options.blockFormat.empty())
    passes.addNestedPass<FuncOp>(
        graph::createGraphRoundProducts({/*narrow=*/true, /*marked=*/true}));
  passes.addNestedPass<FuncOp>(mlir::createCanonicalizerPass());
  passes.addNestedPass<FuncOp>(mlir::createCSEPass());
  // Constants that the layout permuted, or that are rounded.
  foldConstants();
}

#ifdef NDEBUG
static constexpr bool isChecked = false;
#else
static constexpr bool isChecked = true;
#endif

/// In a checked build: that the passes so far keep what lir asks of buffers.
static void checkBuffers(mlir::OpPassManager &passes) {
  if (isChecked)
    passes.addNestedPass<FuncOp>(createCheckBuffers());
}

void lambent::buildLoweringPipeline(mlir::OpPassManager &passes,
                                    const Backend &backend) {
  // Bodies that nothing calls any more.
  passes.addPass(mlir::createSymbolDCEPass());
  passes.addPass(createGraphToLIR());
  checkBuffers(passes);
  passes.addNestedPass<FuncOp>(mlir::createCSEPass());
  passes.addNestedPass<FuncOp>(createFoldPermutations());
  passes.addNestedPass<FuncOp>(createFuseElementwise());
  passes.addNestedPass<FuncOp>(createFuseEpilogues());
  passes.addNestedPass<FuncOp>(createRemoveCopies());
  checkBuffers(passes);
  backend.addLoweringPasses(passes);
  checkBuffers(passes);
  passes.addNestedPass<FuncOp>(createGroupIndependent());
  passes.addPass(createPlanMemory());
  if (isChecked)
    passes.addPass(createCheckPlan());
}

namespace {

struct PipelineOptions : mlir::PassPipelineOptions<PipelineOptions> {
  Option<std::string> cpu{*this, "cpu", llvm::cl::desc("CPU, as --cpu"),
                          llvm::cl::init("native")};
  Option<bool> strict{*this, "strict", llvm::cl::desc("As --accuracy=strict"),
                      llvm::cl::init(false)};
};

} // namespace

using PipelineBuilder = void (*)(mlir::OpPassManager &, const Backend &,
                                 const TargetOptions &);
using PipelineErrorHandler =
    llvm::function_ref<mlir::LogicalResult(const llvm::Twine &)>;

/// Adds a pipeline for the CPU backend where a text asks for it. It runs on
/// modules: MLIR ends the process when the passes of a module are added to a
/// pass manager that runs on other ops. An unknown CPU is left to the backend's
/// passes to report.
static mlir::LogicalResult
addPipeline(mlir::OpPassManager &passes, llvm::StringRef name,
            llvm::StringRef text, PipelineErrorHandler error,
            PipelineBuilder build) {
  if (passes.getOpAnchorName() != mlir::ModuleOp::getOperationName())
    return error("expected '" + name + "' to be nested in '" +
                 mlir::ModuleOp::getOperationName() + "', but got '" +
                 passes.getOpAnchorName() + "'");
  PipelineOptions from;
  if (mlir::failed(from.parseFromString(text)))
    return mlir::failure();
  TargetOptions options{from.cpu, from.strict, /*checkValues=*/from.strict};
  std::unique_ptr<Backend> backend = cpu::createCPUBackend(options);
  build(passes, *backend, options);
  return mlir::success();
}

/// Registers a pipeline for texts under `name`.
static void registerPipeline(llvm::StringRef name, llvm::StringRef description,
                             PipelineBuilder build) {
  mlir::registerPassPipeline(
      name, description,
      [=](mlir::OpPassManager &passes, llvm::StringRef text,
          PipelineErrorHandler error) {
        return addPipeline(passes, name, text, error, build);
      },
      [](llvm::function_ref<void(const mlir::detail::PassOptions &)> visit) {
        visit(PipelineOptions());
      });
}

void lambent::registerPipelines() {
  registerPipeline("lambent-graph", "Optimize an imported graph",
                   [](mlir::OpPassManager &passes, const Backend &backend,
                      const TargetOptions &options) {
                     buildGraphPipeline(passes, backend, options,
                                        /*evaluator=*/nullptr);
                   });
  registerPipeline("lambent-lower", "Lower an optimized graph to planned lir",
                   [](mlir::OpPassManager &passes, const Backend &backend,
                      const TargetOptions &) {
                     buildLoweringPipeline(passes, backend);
                   });
}
