//===- ArtefactLinker.h - From an object to a library or executable -------===//

#ifndef LAMBENT_LIB_COMPILER_ARTEFACT_ARTEFACTLINKER_H
#define LAMBENT_LIB_COMPILER_ARTEFACT_ARTEFACTLINKER_H

#include "lambent/Compiler/Compiler.h"

namespace lambent {

/// Writes one artefact from a model's object code, which defines NAME_model,
/// and its packed weights:
///   Library, Executable  links `object` with the runtime and appends the
///   weights; a library comes with a header Object               writes
///   `object` (in which the weights lie) and OUTPUT's header Bundle writes
///   OUTPUT (the object), OUTPUT's header and OUTPUT's .weights file
/// A header or weights file takes OUTPUT's name with its extension replaced by
/// .h or .weights. Everything is written beside its place and moved there at
/// the end, so that a failure leaves nothing behind.
llvm::Error writeArtefactFiles(OutputForm form, llvm::StringRef name,
                               llvm::MemoryBufferRef object,
                               llvm::ArrayRef<char> weights,
                               uint64_t weightHash, llvm::StringRef header,
                               llvm::StringRef output);

/// Whether `form` keeps weights outside the object.
inline bool hasWeightsOutside(OutputForm form) {
  return form == OutputForm::Library || form == OutputForm::Executable ||
         form == OutputForm::Bundle;
}

} // namespace lambent

#endif
