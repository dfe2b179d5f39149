//===- SampleRunner.h - Runs models on samples ------------------*- C++ -*-===//

#ifndef LAMBENT_QUANTIZATION_SAMPLERUNNER_H
#define LAMBENT_QUANTIZATION_SAMPLERUNNER_H

#include "lambent/Quantization/TensorView.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <string>

namespace lambent {
struct ModelSource;
}

namespace lambent::quantization {

/// Samples of what a model reads, and what runs pieces of that model on them.
class SampleRunner {
public:
  virtual ~SampleRunner() = default;

  using SeeDims = llvm::function_ref<void(
      uint64_t sample, llvm::StringRef input, llvm::ArrayRef<int64_t> dims)>;
  /// Hands out the dims of all inputs of all samples.
  virtual llvm::Error readDims(SeeDims see) = 0;

  /// A tensor that a piece reads instead of an input of the model, or nothing.
  using Give = llvm::function_ref<std::optional<TensorView>(
      uint64_t sample, llvm::StringRef name)>;
  using See =
      llvm::function_ref<llvm::Error(uint64_t sample, const TensorView &)>;
  /// Runs a piece on all samples and shows those of its tensors named that hold
  /// floats. An error of `see` ends it and is told with the sample's name.
  virtual llvm::Error run(const ModelSource &piece,
                          llvm::ArrayRef<std::string> tensors, Give give,
                          See see) = 0;

  /// Calls `body` with all numbers below `count`, in any order, on the threads
  /// that pieces run on.
  virtual void forEach(int64_t count,
                       llvm::function_ref<void(int64_t)> body) = 0;
};

} // namespace lambent::quantization

#endif
