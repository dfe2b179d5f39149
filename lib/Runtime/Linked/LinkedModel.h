//===- LinkedModel.h - A model in the same file as the runtime ------------===//
//
// In an executable and in a library artefact the runtime is linked in beside
// one model. The linker is told which:
// --defsym=lambent_linked_model=NAME_model.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_LINKEDMODEL_H
#define LAMBENT_RUNTIME_LINKEDMODEL_H

#include "../Mapping.h"

extern "C" __attribute__((visibility("hidden")))
const LambentModel lambent_linked_model;

namespace lambent::runtime {

/// The file that this code was loaded from, mapped while its name leads to it:
/// later it may be replaced or gone. Stays mapped for as long as the code does.
struct OwnFile {
  const char *shown = nullptr; ///< its name in messages
  Mapping bytes;

  LambentStatus *open(const char *path, const char *shown);
};

/// The name by which the loader knows this code's file.
const char *findOwnPath();

/// Checks the file that this code was loaded from, and makes a module of the
/// model and the weights in it.
LambentStatus *openLinkedModel(const OwnFile &file, LambentModule **module);

} // namespace lambent::runtime

#endif
