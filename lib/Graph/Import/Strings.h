//===- Strings.h - The strings of a model's constants -----------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_STRINGS_H
#define LAMBENT_LIB_GRAPH_IMPORT_STRINGS_H

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringMap.h"

namespace lambent::graph {

/// Numbers the strings of constants, in the order in which they are read. All
/// versions of a model count together. Number 0 is the empty string.
class Strings {
public:
  int64_t add(llvm::StringRef text);
  /// A constant of strings, as many as the shape has elements.
  mlir::ElementsAttr makeConstant(mlir::MLIRContext *context,
                                  llvm::ArrayRef<llvm::StringRef> texts,
                                  llvm::ArrayRef<int64_t> shape,
                                  llvm::StringRef name);
  /// `graph.strings` of the module; null where there is no constant of strings.
  mlir::ArrayAttr describe(mlir::MLIRContext *context) const;

private:
  llvm::StringMap<int64_t> numbers;
  llvm::SmallVector<llvm::StringRef> texts; ///< keys of `numbers`
};

} // namespace lambent::graph

#endif
