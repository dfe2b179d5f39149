//===- ExternalFile.h - Map model files and files beside them -------------===//
//
// A model is untrusted: the weight files that it names must lie in its own
// folder. A location is relative, never climbs out with "..", and no part of it
// may be a link; the file must be a regular one with no second name. Who trusts
// a model, as one in a hub's cache, may allow links and second names.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_GRAPH_IMPORT_EXTERNALFILE_H
#define LAMBENT_GRAPH_IMPORT_EXTERNALFILE_H

#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>

namespace lambent::graph {

/// Bytes of a mapped file or of memory that was handed in; whoever refers to
/// them keeps them alive.
using SharedBytes = std::shared_ptr<llvm::MemoryBuffer>;

/// Maps the model file itself.
llvm::Expected<SharedBytes> mapModelFile(llvm::StringRef path);

/// Maps the file `location` in the folder of the model file `modelPath`.
llvm::Expected<SharedBytes> mapExternalFile(llvm::StringRef modelPath,
                                            llvm::StringRef location,
                                            bool followLinks);

/// Checks a location without touching the file system.
llvm::Error checkExternalLocation(llvm::StringRef location);

} // namespace lambent::graph

#endif
