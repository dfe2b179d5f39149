//===- OwnedModule.h - A module over code that someone keeps alive --------===//

#ifndef LAMBENT_RUNTIME_OWNEDMODULE_H
#define LAMBENT_RUNTIME_OWNEDMODULE_H

#include "lambent-c/runtime.h"

namespace lambent::runtime {

/// What a caller gave, checked.
LambentStatus *readLoadOptions(const LambentLoadOptions *given,
                               LambentLoadOptions &options);

/// Makes a module of a model whose code lives as long as `owner`:
/// `release(owner)` is called once, when the last user of the module has gone.
/// On failure `owner` stays the caller's. `origin` names the model in messages.
/// Weights must be 64-byte aligned; `options.skip_weight_hash` suits weights
/// that were made in this process.
LambentStatus *createOwnedModule(const LambentModel &model, const char *origin,
                                 const void *weights,
                                 const LambentLoadOptions &options, void *owner,
                                 void (*release)(void *owner),
                                 LambentModule **module);

/// The same with weights that lie in a file of their own, a bundle's.
LambentStatus *
createOwnedModuleWithFile(const LambentModel &model, const char *weightsPath,
                          const LambentLoadOptions &options, void *owner,
                          void (*release)(void *owner), LambentModule **module);

} // namespace lambent::runtime

#endif
