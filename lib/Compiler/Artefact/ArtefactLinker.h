//===- ArtefactLinker.h - From an object to a library or executable -------===//

#ifndef LAMBENT_LIB_COMPILER_ARTEFACT_ARTEFACTLINKER_H
#define LAMBENT_LIB_COMPILER_ARTEFACT_ARTEFACTLINKER_H

#include "OutputPlan.h"
#include "StagedFiles.h"

namespace lambent {

/// Writes one artefact from a model's object code, which defines NAME_model,
/// and its packed weights:
/// - Library, Executable: `object` linked with the runtime, and the weights
///   behind it; a library comes with a header;
/// - Object: `object`, in which the weights lie, and a header;
/// - Bundle: `object`, a header and a weights file.
/// Files take the places of `plan` when all are complete, so that a failure
/// leaves nothing behind.
llvm::Error writeArtefactFiles(OutputForm form, llvm::StringRef name,
                               llvm::MemoryBufferRef object,
                               llvm::ArrayRef<char> weights,
                               uint64_t weightHash, llvm::StringRef header,
                               const OutputPlan &plan, StagedFiles &files);

/// Fails for code that is not for this machine's architecture: it can be linked
/// neither with its runtime nor into this process.
llvm::Error checkArchitecture(llvm::MemoryBufferRef object);

/// Whether `form` keeps weights outside the object.
inline bool hasWeightsOutside(OutputForm form) {
  return form == OutputForm::Library || form == OutputForm::Executable ||
         form == OutputForm::Bundle;
}

} // namespace lambent

#endif
