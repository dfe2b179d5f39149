//===- SizesCheck.h - Does what a model says of sizes hold? -----*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_SIZESCHECK_H
#define LAMBENT_RUNTIME_SIZESCHECK_H

#include "lambent-c/model.h"

namespace lambent::runtime {

/// Whether every number of a value, epoch, input or layer in the tables of open
/// sizes is one that there is, and open dims are those that have a value. The
/// tables are there; `evaluate` is not looked at. Of a body, the first
/// `numGiven` symbols may be the caller's.
bool areSizesSound(const LambentModel &model, uint32_t numGiven = 0);

} // namespace lambent::runtime

#endif
