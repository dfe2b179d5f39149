//===- Samples.h - Shows a model the samples of a caller --------*- C++ -*-===//

#ifndef LAMBENT_COMPILER_CAPI_SAMPLES_H
#define LAMBENT_COMPILER_CAPI_SAMPLES_H

#include "lambent-c/quantize.h"
#include "lambent/Compiler/Compiler.h"

namespace lambent::capi {

/// A failure with the sample that it is about; null and cancellation stay.
LambentStatus *nameSample(LambentStatus *status, const char *name);

/// Runs the model on all samples and gathers the moments of the tensors named.
LambentStatus *gatherMoments(const ModelSource &source,
                             const LambentSampleSet &samples,
                             llvm::ArrayRef<std::string> tensors,
                             quantization::SecondMoments &moments);

} // namespace lambent::capi

#endif
