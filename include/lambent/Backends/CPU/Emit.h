//===- Emit.h - Machine code of a planned model -----------------*- C++ -*-===//

#ifndef LAMBENT_BACKENDS_CPU_EMIT_H
#define LAMBENT_BACKENDS_CPU_EMIT_H

#include "lambent/Backends/CPU/TargetInfo.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/MemoryBuffer.h"
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace lambent {

/// Compiled kernels of this process, by what they compute and for which target.
/// Shared by all compilations that are given it; safe from any thread.
class KernelCache {
public:
  using Code = std::shared_ptr<const llvm::MemoryBuffer>;
  Code lookup(llvm::StringRef key) const;
  void insert(llvm::StringRef key, Code code);
  size_t size() const;

private:
  mutable std::mutex mutex;
  llvm::StringMap<Code> entries;
};

} // namespace lambent

namespace lambent::cpu {

struct EmitOptions {
  std::string name = "model"; ///< NAME_model is the exported symbol
  std::string cpu = "native"; ///< as the user said it, for messages
  std::string metadata;       ///< JSON of the ONNX model's properties
  uint64_t weightHash = 0;
  bool keepsDenormals = false; ///< else they are flushed while it runs
  unsigned threads = 0; ///< 0: all cores
  std::shared_ptr<KernelCache> cache;
  std::function<void(unsigned done, unsigned total)> progress;
  /// Whether to give up, asked before each kernel by several threads; may be
  /// empty.
  std::function<bool()> isStopped;
};

/// Relocatable objects that together hold the model: the kernels', each
/// distinct kernel once, and last the model's own, which defines NAME_model.
struct EmittedModel {
  std::vector<KernelCache::Code> objects;
};

/// Compiles the kernels of a planned `module` in parallel. Failure was reported
/// on the op.
mlir::FailureOr<EmittedModel> emitObjects(mlir::ModuleOp module,
                                          const TargetInfo &target,
                                          const EmitOptions &options);

/// A single relocatable object in which all but NAME_model is local. Its
/// weights come from `weightsFile` (copied in by the assembler) when that is
/// not empty.
mlir::FailureOr<KernelCache::Code>
emitSingleObject(mlir::ModuleOp module, const TargetInfo &target,
                 const EmitOptions &options, llvm::StringRef weightsFile);

/// Builds the loops of every distinct kernel of a planned module and drops
/// them. Every kernel for which there are none was reported on its op.
mlir::LogicalResult checkKernels(mlir::ModuleOp module,
                                 const TargetInfo &target);

enum class TextForm { LLVM, Assembly };
/// The same model as text.
mlir::LogicalResult emitText(mlir::ModuleOp module, const TargetInfo &target,
                             const EmitOptions &options, TextForm form,
                             llvm::raw_ostream &os);

/// Writes every lir.weight of a planned module, packed, to its offset in `blob`
/// (lir.weight_bytes long). Bytes between weights are zeroed. Sources are
/// released as they are packed where `release` says so.
mlir::LogicalResult packWeights(mlir::ModuleOp module,
                                llvm::MutableArrayRef<char> blob,
                                unsigned threads);

} // namespace lambent::cpu

#endif
