//===- LibraryEntry.cpp - How a library artefact makes its sessions -------===//
//
// A file of its own: only a link that defines lambent_linked_model may take it
// out of the archive.
//
//===----------------------------------------------------------------------===//

#include "../Aot.h"
#include "LibraryHandle.h"
#include "LinkedModel.h"
#include "lambent-c/aot.h"
#include "lambent/Runtime/Status.h"
#include <dlfcn.h>

using namespace lambent::runtime;

LambentSession *lambent_library_create(unsigned threads, char *error,
                                       size_t errorSize) {
  LambentModule *module = nullptr;
  // Given back by lambent_library_destroy.
  void *library = openOwnLibrary();
  LambentStatus *status =
      library ? openLinkedModel(&module)
              : makeError("the loader does not know the library of model '%s'",
                          lambent_linked_model.name);
  LambentSession *session =
      createSession(status, module, threads, error, errorSize);
  if (!session && library)
    dlclose(library);
  return session;
}
