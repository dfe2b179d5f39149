//===- ModelFiles.h - Files of a model that outputs must not replace ------===//

#ifndef LAMBENT_LIB_COMPILER_MODELFILES_H
#define LAMBENT_LIB_COMPILER_MODELFILES_H

#include "Artefact/OutputPlan.h"

namespace lambent {

/// Fails where an output would replace the model or a file with its weights.
llvm::Error checkModelSurvives(const OutputPlan &plan,
                               const ModelSource &source);

} // namespace lambent

#endif
