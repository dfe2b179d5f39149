//===- SizeTable.h - The values that a run computes its sizes as *- C++ -*-===//
//
// See lambent-c/model.h: value i is symbol i, and what follows from symbols
// comes behind them.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_EMIT_SIZETABLE_H
#define LAMBENT_LIB_BACKENDS_EMIT_SIZETABLE_H

#include "lambent/Sizes/Size.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/IR/Function.h"

namespace lambent::emit {

class ExpressionWriter;

class SizeTable {
public:
  /// `symbolEpochs` says in which epoch each symbol is known.
  SizeTable(llvm::ArrayRef<unsigned> symbolEpochs, mlir::MLIRContext *context);

  /// The number of the value that is `size`.
  int32_t add(const Size &size);
  /// The number of the value that is, in every epoch, the largest of those of
  /// `sizes` that are known.
  int32_t addLargest(llvm::ArrayRef<Size> sizes);
  int64_t size() const { return entries.size(); }
  /// The epoch in which a size is known.
  unsigned getEpoch(const Size &size) const;

  /// `void name(int64_t *values, int64_t epoch)`, which computes those of an
  /// epoch that are no symbols. What does not fit is INT64_MAX.
  llvm::Function *build(llvm::StringRef name, llvm::Module &module) const;

private:
  struct Entry {
    llvm::SmallVector<mlir::AffineExpr> expressions; ///< the largest counts
    /// Computed anew in every epoch, of what is known by then.
    bool isRenewed = false;
  };
  llvm::Value *writeEntry(const Entry &entry, unsigned epoch,
                          ExpressionWriter &writer) const;

  llvm::SmallVector<unsigned> symbolEpochs;
  mlir::MLIRContext *context;
  std::vector<Entry> entries;
  llvm::DenseMap<mlir::AffineExpr, int32_t> numbers;
};

} // namespace lambent::emit

#endif
