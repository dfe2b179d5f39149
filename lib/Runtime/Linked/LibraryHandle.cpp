//===- LibraryHandle.cpp - A library artefact's hold on itself ------------===//
//
// The threads of a session run code of the library. So that a dlclose does not
// take it from under them, every session counts as one of its users.
//
//===----------------------------------------------------------------------===//

#include "LibraryHandle.h"
#include "LinkedModel.h"
#include <dlfcn.h>

void *lambent::runtime::openOwnLibrary() {
  Dl_info self;
  if (!dladdr(&lambent_linked_model, &self) || !self.dli_fname)
    return nullptr;
  // The loader compares names first, and no two libraries have one: this is
  // ours, also when its file has moved since.
  return dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD);
}
