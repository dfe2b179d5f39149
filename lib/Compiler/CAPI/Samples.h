//===- Samples.h - Shows a model the samples of a caller --------*- C++ -*-===//

#ifndef LAMBENT_COMPILER_CAPI_SAMPLES_H
#define LAMBENT_COMPILER_CAPI_SAMPLES_H

#include "lambent-c/quantize.h"
#include "lambent/Compiler/Compiler.h"
#include <memory>

namespace lambent::capi {

struct DestroyStatus {
  void operator()(LambentStatus *status) const {
    lambent_status_destroy(status);
  }
};
using StatusHandle = std::unique_ptr<LambentStatus, DestroyStatus>;

/// The samples of a caller for a model, or null without any. Why reading one
/// failed is in `failure`, which says more than an error does.
LambentStatus *readSamples(const LambentSampleSet *given,
                           const ModelSource &source,
                           std::shared_ptr<quantization::SampleRunner> &samples,
                           StatusHandle &failure);

/// A failure with the sample that it is about; null and cancellation stay.
LambentStatus *nameSample(LambentStatus *status, const char *name);

/// The samples of a caller, who gives them in the order of the inputs of
/// `source`.
class CallerSamples final : public quantization::SampleRunner {
public:
  /// Why it failed is in `failure`, too, which says more than an error does.
  CallerSamples(const ModelSource &source, const LambentSampleSet &samples,
                StatusHandle &failure);
  llvm::Error readDims(SeeDims see) override;
  llvm::Error run(const ModelSource &piece, llvm::ArrayRef<std::string> tensors,
                  Give give, See see) override;
  void forEach(int64_t count, llvm::function_ref<void(int64_t)> body) override;

private:
  using Use = llvm::function_ref<LambentStatus *(uint64_t index,
                                                 const LambentSample &sample)>;
  /// Reads all samples; what is wrong with one is told with its name.
  llvm::Error readAll(Use use);
  llvm::Error readNames(const ModelSource &model,
                        std::vector<std::string> &names);

  const ModelSource source;
  const LambentSampleSet samples;
  StatusHandle &failure;
  std::vector<std::string> names; ///< of the inputs of samples
  /// Pieces with other weights have the same kernels.
  const std::shared_ptr<KernelCache> kernels = createKernelCache();
};

} // namespace lambent::capi

#endif
