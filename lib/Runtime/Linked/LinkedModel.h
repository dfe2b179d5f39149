//===- LinkedModel.h - A model in the same file as the runtime ------------===//
//
// In an executable and in a library artefact the runtime is linked in beside
// one model. The linker is told which:
// --defsym=lambent_linked_model=NAME_model.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_LINKEDMODEL_H
#define LAMBENT_RUNTIME_LINKEDMODEL_H

#include "lambent-c/runtime.h"

extern "C" __attribute__((visibility("hidden")))
const LambentModel lambent_linked_model;

namespace lambent::runtime {

/// Finds the file that this code was loaded from, checks it, and makes a module
/// of the model and the weights in it.
LambentStatus *openLinkedModel(LambentModule **module);

} // namespace lambent::runtime

#endif
