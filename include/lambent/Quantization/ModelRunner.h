//===- ModelRunner.h - Runs of a model on samples ---------------*- C++ -*-===//

#ifndef LAMBENT_QUANTIZATION_MODELRUNNER_H
#define LAMBENT_QUANTIZATION_MODELRUNNER_H

#include "lambent/Graph/Import/Model.h"
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
  /// Runs a model, the one that the samples are for or another with its inputs,
  /// on all samples, one after the other, and hands out the float tensors
  /// named, of the model's graph, as they are in each: (sample, tensor). A name
  /// that is no float tensor of the graph is left out. The first error that the
  /// callback returns ends the runs. The source stays as it is.
  virtual llvm::Error
  run(const ModelSource &model, llvm::ArrayRef<std::string> tensors,
      llvm::function_ref<llvm::Error(size_t sample, const TensorView &)>
          see) = 0;
};

} // namespace lambent::quantization

#endif
