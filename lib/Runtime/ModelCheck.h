//===- ModelCheck.h - May this model's code run here? -----------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_MODELCHECK_H
#define LAMBENT_RUNTIME_MODELCHECK_H

#include "ThreadPool.h"

namespace lambent::runtime {

/// Checks magic, ABI, size and the CPU's features. `origin` names the model in
/// messages.
LambentStatus *checkModel(const LambentModel &model, const char *origin);

/// Whether all that the runtime reads of a model is there, but for its calls.
/// The caller of a body has `numGiven` values.
bool isDescribed(const LambentModel &model, uint32_t numGiven = 0);

/// Checks that `weights` are the model's: their size, alignment and, unless
/// skipped, their hash.
LambentStatus *checkWeights(const LambentModel &model, const char *origin,
                            const void *weights, uint64_t bytes,
                            const LambentLoadOptions &options);

} // namespace lambent::runtime

#endif
