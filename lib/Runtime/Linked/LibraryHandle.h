//===- LibraryHandle.h - A library artefact's hold on itself ----*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_LIBRARYHANDLE_H
#define LAMBENT_RUNTIME_LIBRARYHANDLE_H

namespace lambent::runtime {

/// One more user of the library that this code is in, for dlclose; null where
/// the loader does not find it.
void *openOwnLibrary();

} // namespace lambent::runtime

#endif
