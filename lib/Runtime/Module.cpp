//===- Module.cpp - Compiled code with its weights, checked ---------------===//

#include "Module.h"
#include "ArtefactFile.h"
#include "ModelCheck.h"
#include "lambent/Runtime/OwnedModule.h"
#include "lambent/Runtime/Arguments.h"
#include <new>
#include <stdlib.h>

namespace lambent::runtime {

LambentStatus *Module::create(const LambentModel &model, const char *origin,
                              const void *weights, uint64_t weightBytes,
                              const LambentLoadOptions &options, Mapping file,
                              void *owner, Release releaseOwner,
                              Module **result) {
  if (LambentStatus *status = checkModel(model, origin))
    return status;
  if (LambentStatus *status =
          checkWeights(model, origin, weights, weightBytes, options))
    return status;
  void *memory = malloc(sizeof(Module));
  if (!memory)
    return makeOutOfMemory("a module", sizeof(Module));
  auto *module = new (memory) Module();
  module->model = &model;
  module->weights = weights;
  module->file = static_cast<Mapping &&>(file);
  module->owner = owner;
  module->releaseOwner = releaseOwner;
  *result = module;
  return nullptr;
}

LambentStatus *readLoadOptions(const LambentLoadOptions *given,
                               LambentLoadOptions &options) {
  if (LambentStatus *status =
          readStructure(given, "LambentLoadOptions", options))
    return status;
  if (LambentStatus *status = requireFlag("LambentLoadOptions.skip_weight_hash",
                                          options.skip_weight_hash))
    return status;
  return requireZero("LambentLoadOptions.reserved", options.reserved);
}

void Module::release() {
  if (users.fetch_sub(1, std::memory_order_acq_rel) != 1)
    return;
  void *lastOwner = owner;
  Release lastRelease = releaseOwner;
  this->~Module();
  free(this);
  if (lastRelease)
    lastRelease(lastOwner);
}

LambentStatus *createOwnedModule(const LambentModel &model, const char *origin,
                                 const void *weights,
                                 const LambentLoadOptions &options, void *owner,
                                 void (*release)(void *owner),
                                 LambentModule **module) {
  Module *created = nullptr;
  if (LambentStatus *status =
          Module::create(model, origin, weights, model.weight_bytes, options,
                         Mapping(), owner, release, &created))
    return status;
  *module = wrap(created);
  return nullptr;
}

LambentStatus *createOwnedModuleWithFile(const LambentModel &model,
                                         const char *weightsPath,
                                         const LambentLoadOptions &options,
                                         void *owner,
                                         void (*release)(void *owner),
                                         LambentModule **module) {
  ArtefactFile artefact;
  if (LambentStatus *status = artefact.open(weightsPath))
    return status;
  Mapping weights;
  if (LambentStatus *status = artefact.mapWeights(weights))
    return status;
  const char *data = weights.data();
  uint64_t bytes = weights.size();
  Module *created = nullptr;
  if (LambentStatus *status = Module::create(
          model, weightsPath, data, bytes, options,
          static_cast<Mapping &&>(weights), owner, release, &created))
    return status;
  *module = wrap(created);
  return nullptr;
}

} // namespace lambent::runtime

//===----------------------------------------------------------------------===//
// The C API
//===----------------------------------------------------------------------===//

using namespace lambent::runtime;

LambentStatus *lambent_module_create(const LambentModel *model,
                                     const void *weights,
                                     const LambentLoadOptions *options,
                                     LambentModule **module) {
  if (LambentStatus *status =
          requireArguments(__func__, {{"model", model}, {"module", module}}))
    return status;
  *module = nullptr;
  LambentLoadOptions given;
  if (LambentStatus *status = readLoadOptions(options, given))
    return status;
  // The magic number first: nothing else of the structure may be believed
  // before.
  if (LambentStatus *status = checkModel(
          *model, model->magic == LAMBENT_MODEL_MAGIC && model->name
                      ? model->name
                      : "model"))
    return status;
  Module *created = nullptr;
  if (LambentStatus *status = Module::create(
          *model, model->name, weights ? weights : model->weights,
          model->weight_bytes, given, Mapping(), nullptr, nullptr, &created))
    return status;
  *module = wrap(created);
  return nullptr;
}

LambentStatus *lambent_module_create_with_file(
    const LambentModel *model, const char *weightsPath,
    const LambentLoadOptions *options, LambentModule **module) {
  if (LambentStatus *status = requireArguments(
          __func__,
          {{"model", model}, {"weights_path", weightsPath}, {"module", module}}))
    return status;
  *module = nullptr;
  LambentLoadOptions given;
  if (LambentStatus *status = readLoadOptions(options, given))
    return status;
  return createOwnedModuleWithFile(*model, weightsPath, given, nullptr, nullptr,
                                   module);
}

void lambent_module_destroy(LambentModule *module) {
  if (module)
    unwrap(module)->release();
}

const LambentModel *lambent_module_model(const LambentModule *module) {
  return module ? &reinterpret_cast<const Module *>(module)->getModel()
                : nullptr;
}
