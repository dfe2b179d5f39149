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
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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

namespace {

/// A name of an open file that no library was ever loaded under. The loader
/// takes a library for the one that was wanted where the name is the same,
/// whatever file the name leads to by now; only of names that it does not know
/// does it compare the files. So the time is spelled into the path: the kernel
/// reads "/." and "/" alike, and two calls that have the same descriptor follow
/// each other.
class UnusedName {
public:
  explicit UnusedName(int file) {
    timespec now = {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t bits = static_cast<uint64_t>(now.tv_sec) * 1000000000u +
                    static_cast<uint64_t>(now.tv_nsec);
    char *end = stpcpy(text, "/proc/self/fd");
    for (; bits; bits >>= 1)
      end = stpcpy(end, bits & 1 ? "/." : "/");
    snprintf(end, sizeof(text) - static_cast<size_t>(end - text), "/%d", file);
  }
  const char *c_str() const { return text; }

private:
  char text[192];
};

} // namespace

/// Loads the very file that was checked: its path may lead to another by now.
static LambentStatus *openLibrary(const ArtefactFile &artefact,
                                  void **library) {
  UnusedName name(artefact.descriptor());
  if (access(name.c_str(), F_OK) != 0)
    return makeError("cannot load '%s': it is loaded through /proc/self/fd, "
                     "which is not there: %s",
                     artefact.path(), strerror(errno));
  *library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (*library)
    return nullptr;
  const char *reason = dlerror();
  size_t length = strlen(name.c_str());
  if (strncmp(reason, name.c_str(), length) == 0 &&
      strncmp(reason + length, ": ", 2) == 0)
    reason += length + 2;
  return makeError("cannot load '%s': %s", artefact.path(), reason);
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
  if (LambentStatus *status = openLibrary(artefact, &library))
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
