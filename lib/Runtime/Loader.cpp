//===- Loader.cpp - Load a library artefact -------------------------------===//
//
// A file of its own, since programs that link their models in need no dlopen.
//
//===----------------------------------------------------------------------===//

#include "ArtefactFile.h"
#include "Module.h"
#include "lambent/Runtime/Arguments.h"
#include "lambent/Runtime/OwnedModule.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

using namespace lambent;
using namespace lambent::runtime;

static LambentStatus *checkKind(const char *path, ArtefactKind kind) {
  switch (kind) {
  case ArtefactKind::Library:
    return nullptr;
  case ArtefactKind::Executable:
    return makeError("'%s' is an executable artefact: run it as a program, or "
                     "compile the model as a library",
                     path);
  case ArtefactKind::Object:
    return makeError("'%s' is an object artefact: link it into a program, or "
                     "compile the model as a library",
                     path);
  case ArtefactKind::Weights:
    return makeError("'%s' holds the weights of a bundle: link the bundle's "
                     "object into a program, or compile the "
                     "model as a library",
                     path);
  }
  return makeError("'%s' is an artefact of an unknown kind, %u", path,
                   static_cast<unsigned>(kind));
}

/// Opens a library; a path without a slash means a file here, not one on the
/// loader's search path.
static LambentStatus *openLibrary(const char *path, void **library) {
  char *local = nullptr;
  if (!strchr(path, '/') && asprintf(&local, "./%s", path) < 0)
    return makeOutOfMemory("a path", strlen(path));
  *library = dlopen(local ? local : path, RTLD_NOW | RTLD_LOCAL);
  free(local);
  return *library ? nullptr
                  : makeError("cannot load '%s': %s", path, dlerror());
}

LambentStatus *lambent_module_load(const char *path,
                                   const LambentLoadOptions *options,
                                   LambentModule **module) {
  if (LambentStatus *status =
          requireArguments(__func__, {{"path", path}, {"module", module}}))
    return status;
  *module = nullptr;
  LambentLoadOptions given;
  if (LambentStatus *status = readLoadOptions(options, given))
    return status;
  ArtefactFile artefact;
  if (LambentStatus *status = artefact.open(path))
    return status;
  if (LambentStatus *status = checkKind(path, artefact.getTrailer().kind))
    return status;
  Mapping weights;
  if (LambentStatus *status = artefact.mapWeights(weights))
    return status;
  void *library;
  if (LambentStatus *status = openLibrary(path, &library))
    return status;
  const char *symbol = artefact.getTrailer().model;
  auto *model = static_cast<const LambentModel *>(dlsym(library, symbol));
  const char *data = weights.data();
  uint64_t bytes = weights.size();
  Module *created = nullptr;
  LambentStatus *status =
      model ? Module::create(
                  *model, path, data, bytes, given,
                  static_cast<Mapping &&>(weights), library,
                  [](void *library) { dlclose(library); }, &created)
            : makeError("'%s' is damaged: it has no symbol '%s'", path, symbol);
  if (status) {
    dlclose(library);
    return status;
  }
  *module = wrap(created);
  return nullptr;
}
