//===- LibraryExit.cpp - How a library artefact ends its sessions ---------===//
//
// A session may be the last user of the library that this very code is in. So
// the last thing that is done is a jump to dlclose, which returns to our caller
// and not to code that it has just unmapped. A test destroys sessions that way.
//
//===----------------------------------------------------------------------===//

#include "LibraryHandle.h"
#include "lambent-c/aot.h"
#include <dlfcn.h>

void lambent_library_destroy(LambentSession *session) {
  if (!session)
    return;
  lambent_aot_destroy(session);
  // The handle that lambent_library_create was given, and one use more.
  void *library = lambent::runtime::openOwnLibrary();
  if (!library)
    return;
  dlclose(library);
  dlclose(library);
}
