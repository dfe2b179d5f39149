//===- Names.h - Short names that LLVM and MLIR both have -------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_NAMES_H
#define LAMBENT_LIB_GRAPH_IMPORT_NAMES_H

#include "mlir/IR/Value.h"

namespace lambent::graph {

using llvm::function_ref;
using mlir::Attribute;
using mlir::Type;
using mlir::Value;

} // namespace lambent::graph

#endif
