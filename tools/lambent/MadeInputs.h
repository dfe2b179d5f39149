//===- MadeInputs.h - Inputs for models that nobody gave any ----*- C++ -*-===//

#ifndef LAMBENT_TOOLS_MADEINPUTS_H
#define LAMBENT_TOOLS_MADEINPUTS_H

#include "Handles.h"
#include "Options.h"

namespace lambent::driver {

/// Makes seeded inputs; those with a default keep it. --dim and --shape say
/// what open dims are. Prints what is wrong; returns an exit status.
int makeInputs(const LambentModel &model, const ModelOptions &options,
               TensorSet &inputs);

} // namespace lambent::driver

#endif
