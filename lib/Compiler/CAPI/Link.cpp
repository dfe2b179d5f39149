//===- Link.cpp - The C API for objects that were compiled before ---------===//

#include "Convert.h"
#include "lambent/Runtime/Artefact.h"
#include "lambent/Runtime/OwnedModule.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <unistd.h>

using namespace lambent;
using namespace lambent::capi;
using namespace lambent::runtime;

static LambentStatus *linkModule(const char *path,
                                 const LambentLoadOptions &options,
                                 LambentModule **module) {
  ArtefactTrailer trailer;
  int file;
  if (LambentStatus *status = openArtefact(path, trailer, file))
    return status;
  // What was checked is linked: the path may lead to another file by now.
  auto object = llvm::MemoryBuffer::getOpenFile(
      file, path, /*FileSize=*/-1, /*RequiresNullTerminator=*/false);
  close(file);
  if (!object)
    return makeError("cannot read '%s': %s", path,
                     object.getError().message().c_str());
  if (trailer.kind != ArtefactKind::Object)
    return makeError("'%s' is not an object artefact", path);
  llvm::Expected<std::unique_ptr<JITModel>> linked =
      linkObject(std::move(*object), trailer.model);
  if (!linked)
    return makeError("'%s': %s", path,
                     llvm::toString(linked.takeError()).c_str());
  JITModel *owner = linked->get();
  const LambentModel &model = owner->getModel();
  auto release = [](void *owner) { delete static_cast<JITModel *>(owner); };
  LambentStatus *status;
  if (model.weights || model.weight_bytes == 0) {
    status = createOwnedModule(model, path, model.weights, options, owner,
                               release, module);
  } else {
    llvm::SmallString<256> weights(path);
    llvm::sys::path::replace_extension(weights, ".weights");
    status = createOwnedModuleWithFile(model, weights.c_str(), options, owner,
                                       release, module);
  }
  if (!status)
    linked->release();
  return status;
}

LambentStatus *lambent_module_link(const char *path,
                                   const LambentLoadOptions *options,
                                   LambentModule **module) {
  if (LambentStatus *status =
          requireArguments(__func__, {{"path", path}, {"module", module}}))
    return status;
  *module = nullptr;
  LambentLoadOptions given;
  if (LambentStatus *status = readLoadOptions(options, given))
    return status;
  return protect([&] { return linkModule(path, given, module); });
}
