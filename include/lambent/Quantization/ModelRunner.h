//===- ModelRunner.h - Runs of a model on samples ---------------*- C++ -*-===//

#ifndef LAMBENT_QUANTIZATION_MODELRUNNER_H
#define LAMBENT_QUANTIZATION_MODELRUNNER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include <string>

namespace lambent::quantization {

/// A dense f32 tensor of a run, row-major; valid during a callback.
struct TensorView {
  llvm::StringRef name;
  llvm::ArrayRef<int64_t> dims;
  llvm::ArrayRef<float> elements;
};

/// What runs a model on the user's samples. The compiler implements it, so that
/// calibration needs no code generator.
class ModelRunner {
public:
  virtual ~ModelRunner() = default;
  /// Runs all samples, one after the other, and hands out the float tensors
  /// named, of the model's graph, as they are in each: (sample, tensor). A name
  /// that is no float tensor of the graph is left out. What the callback
  /// returns ends the runs.
  virtual llvm::Error
  run(llvm::StringRef model, llvm::ArrayRef<std::string> tensors,
      llvm::function_ref<llvm::Error(size_t sample, const TensorView &)> see) = 0;
};

} // namespace lambent::quantization

#endif
