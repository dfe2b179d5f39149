//===- Location.h - Where in the model an op came from ----------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_LOCATION_H
#define LAMBENT_LIB_GRAPH_IMPORT_LOCATION_H

#include "mlir/IR/Location.h"

namespace lambent::graph {

/// The place of what belongs to the model as a whole.
mlir::Location makeFileLocation(mlir::MLIRContext *context,
                                llvm::StringRef path);

/// The place of a node's ops.
mlir::Location makeNodeLocation(mlir::MLIRContext *context,
                                llvm::StringRef path, llvm::StringRef name,
                                llvm::StringRef op);

} // namespace lambent::graph

#endif
