//===- LinkedModel.cpp - A model in the same file as the runtime ----------===//

#include "LinkedModel.h"
#include "../ArtefactFile.h"
#include "../Module.h"
#include "lambent/Runtime/OwnedModule.h"
#include <dlfcn.h>

namespace lambent::runtime {

const char *findOwnPath() {
  Dl_info self;
  if (!dladdr(&lambent_linked_model, &self) || !self.dli_fname)
    return "";
  return self.dli_fname;
}

LambentStatus *OwnFile::open(const char *path, const char *shownAs) {
  shown = shownAs;
  File file;
  if (LambentStatus *status = file.open(path))
    return status;
  return Mapping::mapFile(file.descriptor(), shown, 0, file.size(), bytes);
}

LambentStatus *openLinkedModel(const OwnFile &file, LambentModule **module) {
  ArtefactTrailer trailer;
  if (LambentStatus *status = checkArtefact(file.shown, file.bytes.data(),
                                            file.bytes.size(), trailer))
    return status;
  file.bytes.willNeed();
  LambentLoadOptions options;
  if (LambentStatus *status = readLoadOptions(nullptr, options))
    return status;
  Module *created = nullptr;
  if (LambentStatus *status = Module::create(
          lambent_linked_model, file.shown,
          file.bytes.data() + trailer.weightOffset, trailer.weightBytes,
          options, Mapping(), nullptr, nullptr, &created))
    return status;
  *module = wrap(created);
  return nullptr;
}

} // namespace lambent::runtime
