//===- RowTile.h - Short rows, one a lane -----------------------*- C++ -*-===//
//
// Rows that fill no vector are worked on together: lane i of a vector belongs
// to row i. Loads and stores move pieces of rows and transpose them in
// registers; no element is touched twice with different values, and none
// beyond the rows.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_ROWTILE_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_ROWTILE_H

#include "lambent/Backends/CPU/KernelBuilder.h"

namespace lambent::cpu {

/// `rows` neighbouring rows of `size` elements, in vectors of `lanes` lanes;
/// lanes beyond the rows read as 0.
class RowTile {
public:
  using Convert = llvm::function_ref<mlir::Value(mlir::Value)>;

  /// `bits` are those of an element as it is shuffled. The lanes are a power of
  /// two and fill at least 128 bits.
  RowTile(KernelBuilder &builder, int64_t lanes, unsigned bits, int64_t size,
          int64_t rows);

  /// The lanes of a vector of full width for elements of `bits`, or 0 if it has
  /// fewer than two.
  static int64_t getLanes(const TargetInfo &target, unsigned bits);

  /// Columns that `loadGroup` reads.
  int64_t groupSize() const { return group; }

  /// The columns of the rows from `position` on, each as one vector. `convert`
  /// is applied to pieces of rows before they are shuffled: shuffles of
  /// elements below 32 bits are long, and LLVM 22 gets some of them wrong.
  llvm::SmallVector<mlir::Value> load(mlir::Type elementType, mlir::Value base,
                                      mlir::Value position, Convert convert);
  /// groupSize() neighbouring columns; `position` is that of the first row's
  /// element in the first of them. The size is at least groupSize().
  llvm::SmallVector<mlir::Value> loadGroup(mlir::Type elementType,
                                           mlir::Value base,
                                           mlir::Value position,
                                           Convert convert);
  /// The inverse of `load`; `convert` is applied after shuffling.
  void store(llvm::ArrayRef<mlir::Value> columns, mlir::Value base,
             mlir::Value position, Convert convert);

private:
  using Values = llvm::SmallVector<mlir::Value>;
  mlir::Value shuffle(mlir::Value a, mlir::Value b,
                      llvm::function_ref<int64_t(int64_t)> source);
  mlir::Value concatenate(Values pieces);
  Values transpose(Values vectors);
  /// Lanes of vectors that are `sources` one after the other, `part` elements
  /// of each in turn: element i of a part is `from(i)` of the sources' parts.
  mlir::Value pick(llvm::ArrayRef<mlir::Value> sources,
                   llvm::function_ref<int64_t(int64_t)> from);

  KernelBuilder &builder;
  int64_t lanes, size, rows;
  int64_t group; ///< elements of 128 bits
  bool flat;     ///< rows are read as they lie, across their ends
  int64_t part;  ///< elements of a vector that flat rows are neighbours in
};

} // namespace lambent::cpu

#endif
