//===- ModelBytes.h - All bytes that a model is made of ---------*- C++ -*-===//

#ifndef LAMBENT_GRAPH_IMPORT_MODELBYTES_H
#define LAMBENT_GRAPH_IMPORT_MODELBYTES_H

#include "lambent/Graph/Import/Model.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace lambent::graph {

/// Hands over all bytes that a model is made of, always in the same order: its
/// own, and its tensors' in other files. The source stays as it is.
llvm::Error
readModelBytes(const ModelSource &source,
               llvm::function_ref<void(llvm::StringRef bytes)> take);

/// The same source, whose bytes stay where they are.
ModelSource shareSource(const ModelSource &source);

} // namespace lambent::graph

#endif
