//===- Emission.h - What the code of a model is asked for as ----*- C++ -*-===//

#ifndef LAMBENT_BACKENDS_EMIT_EMISSION_H
#define LAMBENT_BACKENDS_EMIT_EMISSION_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"
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

struct EmitOptions {
  std::string name = "model"; ///< NAME_model is the exported symbol
  std::string cpu = "native"; ///< as the user said it, for messages
  std::string metadata;       ///< JSON of the ONNX model's properties
  uint64_t weightHash = 0;
  bool keepsDenormals = false; ///< else they are flushed while it runs
  unsigned threads = 0;        ///< 0: all cores
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

enum class TextForm { LLVM, Assembly };

/// Writes every lir.weight of a planned module, packed, to its offset in `blob`
/// (lir.weight_bytes long). Bytes between weights are zeroed. `release`, which
/// may be empty, is called from time to time while that goes on, by one thread
/// at a time: the sources so far are not read again.
mlir::LogicalResult packWeights(mlir::ModuleOp module,
                                llvm::MutableArrayRef<char> blob,
                                unsigned threads,
                                const std::function<void()> &release = {});

} // namespace lambent

#endif
