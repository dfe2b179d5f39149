//===- LibraryEntry.cpp - How a library artefact makes its sessions -------===//
//
// A file of its own: only a link that defines lambent_linked_model may take it
// out of the archive.
//
//===----------------------------------------------------------------------===//

#include "../Aot.h"
#include "LinkedModel.h"
#include "lambent-c/aot.h"

using namespace lambent::runtime;

LambentSession *lambent_library_create(unsigned threads, char *error,
                                       size_t errorSize) {
  LambentModule *module = nullptr;
  LambentStatus *status = openLinkedModel(&module);
  return createSession(status, module, threads, error, errorSize);
}
