//===- ModelDescription.h - What an artefact says of its model --*- C++ -*-===//

#ifndef LAMBENT_LIB_COMPILER_ARTEFACT_MODELDESCRIPTION_H
#define LAMBENT_LIB_COMPILER_ARTEFACT_MODELDESCRIPTION_H

#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace lambent {

/// The LambentModel that a relocatable object defines as `symbol`, in the form
/// that artefacts have it (lambent/Runtime/Artefact.h), so that it can be read
/// without loading code, on any machine.
llvm::Expected<std::string> describeModel(llvm::MemoryBufferRef object,
                                          llvm::StringRef symbol);

} // namespace lambent

#endif
