//===- LibraryEntry.cpp - How a library artefact makes its sessions -------===//
//
// A file of its own: only a link that defines lambent_linked_model may take it
// out of the archive.
//
// The weights of a session lie in the library's file, which by then may be
// replaced or gone. So it is mapped when the library is loaded. No descriptor
// is kept: programs that close all that they have would close it.
//
//===----------------------------------------------------------------------===//

#include "../Aot.h"
#include "LibraryHandle.h"
#include "LinkedModel.h"
#include "lambent-c/aot.h"
#include "lambent/Runtime/Status.h"
#include <dlfcn.h>
#include <new>
#include <stdlib.h>

using namespace lambent::runtime;

// Written by the system's loader alone, before any other code can call the
// library and after all have.
static OwnFile *ownFile;
static LambentStatus *failure; ///< why it could not be mapped

__attribute__((constructor)) static void mapOwnFile() {
  void *memory = malloc(sizeof(OwnFile));
  if (!memory)
    return;
  ownFile = new (memory) OwnFile();
  const char *path = findOwnPath();
  failure = ownFile->open(path, path);
}

__attribute__((destructor)) static void unmapOwnFile() {
  if (ownFile)
    ownFile->~OwnFile();
  free(ownFile);
  lambent_status_destroy(failure);
}

static LambentStatus *openModel(LambentModule **module) {
  if (!ownFile)
    return makeOutOfMemory("a model", sizeof(OwnFile));
  return failure ? makeError("%s", lambent_status_message(failure))
                 : openLinkedModel(*ownFile, module);
}

LambentSession *lambent_library_create(unsigned threads, char *error,
                                       size_t errorSize) {
  LambentModule *module = nullptr;
  // Given back by lambent_library_destroy.
  void *library = openOwnLibrary();
  LambentStatus *status =
      library ? openModel(&module)
              : makeError("the loader does not know the library of model '%s'",
                          lambent_linked_model.name);
  LambentSession *session =
      createSession(status, module, threads, error, errorSize);
  if (!session && library)
    dlclose(library);
  return session;
}
