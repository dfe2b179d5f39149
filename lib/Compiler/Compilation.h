//===- Compilation.h - One model on its way through the stages ------------===//

#ifndef LAMBENT_LIB_COMPILER_COMPILATION_H
#define LAMBENT_LIB_COMPILER_COMPILATION_H

#include "Diagnostics.h"
#include "WeightMemory.h"
#include "lambent/Backends/Backend.h"
#include "lambent/Backends/CompilerThreads.h"
#include "lambent/Graph/IR/Evaluator.h"
#include "mlir/IR/OwningOpRef.h"

namespace lambent {

/// Owns a model's context and module and takes it from stage to stage. Every
/// method reports failure as a CompileError (or another llvm::Error for the
/// machine's own troubles). In a borrowed context the messages go to the
/// handler that is there already, and the CompileError has none.
class Compilation {
public:
  /// With `borrowed` it works in a context that has all dialects loaded, as
  /// when a pass compiles a part of a model.
  static llvm::Expected<std::unique_ptr<Compilation>>
  create(const CompileOptions &options, mlir::MLIRContext *borrowed = nullptr);
  /// Reads the model.
  llvm::Error import(ModelSource source);
  /// Takes a graph function (as constant folding does) instead.
  void adopt(mlir::OwningOpRef<mlir::ModuleOp> graph);
  /// `evaluator` computes what is constant; null: it stays as it is.
  llvm::Error optimizeGraph(graph::Evaluator *evaluator);
  /// Fails with the name of every open dim.
  llvm::Error requireBoundDims();
  /// Graph to planned lir.
  llvm::Error lower();
  /// Fails with every kernel whose loops can't be built. Makes no code.
  llvm::Error checkKernels();
  /// Packs the weights; the sources are released.
  llvm::Expected<std::unique_ptr<WeightMemory>> packWeights();
  llvm::Expected<EmittedModel> emitObjects(uint64_t weightHash);
  llvm::Expected<KernelCache::Code>
  emitSingleObject(uint64_t weightHash, llvm::StringRef weightsFile);
  /// Fails where the backend's code cannot be run yet; its text can be had.
  llvm::Error requireRunnable();
  /// Fails where the arena takes more memory than is allowed.
  llvm::Error requireArena();
  llvm::Error emitText(TextForm form, llvm::raw_ostream &os);

  mlir::ModuleOp getModule() { return *module; }
  mlir::MLIRContext &getContext() { return *context; }
  TargetFacts getTarget() const { return backend->getTargetFacts(); }
  std::string getMetadata();

private:
  explicit Compilation(const CompileOptions &options) : options(options) {}
  /// Fails where the compilation is to end.
  llvm::Error requireTime();
  /// Fails where `what` takes more memory than is allowed.
  llvm::Error requireMemory(uint64_t bytes, llvm::StringRef what);
  /// The bytes that a planned module says of itself.
  uint64_t getPlanned(llvm::StringRef attribute);
  /// Passes and patterns are skipped once the compilation is to end.
  void watchActions();
  llvm::Error runPasses(llvm::StringRef stage,
                        llvm::function_ref<void(mlir::OpPassManager &)> build);
  llvm::Expected<std::vector<graph::OfferedConstant>> getOfferedConstants();
  /// Fails where options name layers that there are not.
  llvm::Error requireLayers();
  void report(llvm::StringRef phase, unsigned done = 0, unsigned total = 0);
  EmitOptions getEmitOptions();
  /// Emits code in the way of `make`, whose failure was reported.
  llvm::Error emit(llvm::function_ref<mlir::LogicalResult(EmitOptions &)> make);
  /// Whether the module has versions for sizes that @main is not made for.
  bool hasVersions();
  void dropVersions();
  /// Runs a stage; where it fails, without them, which then are no more.
  llvm::Error withVersions(llvm::function_ref<llvm::Error()> stage);
  CompileOptions options;
  TargetOptions targetOptions;
  std::unique_ptr<CompilerThreads> ownThreads;
  std::unique_ptr<mlir::MLIRContext> ownContext;
  mlir::MLIRContext *context = nullptr;
  bool isPart = false; ///< of a compilation that the context belongs to
  std::unique_ptr<Backend> backend;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  /// What its constants refer to.
  std::vector<std::shared_ptr<llvm::MemoryBuffer>> files;
};

} // namespace lambent

#endif
