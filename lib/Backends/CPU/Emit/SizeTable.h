//===- SizeTable.h - The values that a run computes its sizes as *- C++ -*-===//
//
// See lambent-c/model.h: value i is symbol i, and what follows from symbols
// comes behind them.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_EMIT_SIZETABLE_H
#define LAMBENT_LIB_BACKENDS_CPU_EMIT_SIZETABLE_H

#include "lambent/Sizes/Size.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/IR/Function.h"

namespace lambent::cpu {

class SizeTable {
public:
  SizeTable(unsigned numSymbols, mlir::MLIRContext *context);

  /// The number of the value that is `size`.
  int32_t add(const Size &size);
  /// The number of the value that is the largest of `sizes`.
  int32_t addLargest(llvm::ArrayRef<Size> sizes);
  int64_t size() const { return entries.size(); }

  /// `void name(int64_t *values, int64_t epoch)`, which computes all that are
  /// no symbols. What does not fit is INT64_MAX.
  llvm::Function *build(llvm::StringRef name, llvm::Module &module) const;

private:
  struct Entry {
    llvm::SmallVector<mlir::AffineExpr> expressions; ///< the largest counts
  };
  unsigned numSymbols;
  mlir::MLIRContext *context;
  std::vector<Entry> entries;
  llvm::DenseMap<mlir::AffineExpr, int32_t> numbers;
};

} // namespace lambent::cpu

#endif
