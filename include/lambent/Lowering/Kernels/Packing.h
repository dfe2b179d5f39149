//===- Packing.h - Carries out the packing of a constant --------*- C++ -*-===//
//
// packed[i] = source[map(i)] for every index i of the packed array, and 0 where
// map(i) lies outside the source. This is what a lir.weight says with
//
//   packing = #lir.packing<(packed dims) -> (source dims)>
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LOWERING_KERNELS_PACKING_H
#define LAMBENT_LOWERING_KERNELS_PACKING_H

#include "lambent/Lowering/IR/Packer.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/DialectRegistry.h"
#include "llvm/Support/Error.h"
#include <vector>

namespace lambent::kernels {

class Packing : public lir::Packer {
public:
  /// Expects one map dim per packed dim and one result per source dim, each
  /// result a sum of dims times constants and a constant.
  static llvm::Expected<Packing> create(mlir::AffineMap map,
                                        llvm::ArrayRef<int64_t> packedShape,
                                        llvm::ArrayRef<int64_t> sourceShape,
                                        unsigned elementBytes);

  /// The packed array as rows, its last dim; what pack's range counts.
  int64_t getNumRows() const override { return rows; }
  int64_t getPackedBytes() const { return rows * columns * elementBytes; }

  bool pack(const char *source, char *packed, int64_t begin, int64_t end,
            bool splat) const override;
  /// The same rows, written from `target` on.
  void packInto(const char *source, char *target, int64_t begin, int64_t end,
                bool splat) const;

private:
  /// One source dim: the index is a constant plus a coefficient times each
  /// packed dim.
  struct SourceDim {
    int64_t size = 0;
    int64_t constant = 0;
    std::vector<int64_t> coefficients;
  };
  struct Row;

  template <typename T>
  void packRows(const char *source, char *target, int64_t begin, int64_t end,
                bool splat) const;

  unsigned elementBytes = 1;
  int64_t rows = 1, columns = 1;
  /// All packed dims but the last.
  std::vector<int64_t> outerSizes;
  std::vector<SourceDim> dims;
  /// Source elements per step of each packed dim.
  std::vector<int64_t> offsetSteps;
  int64_t offset = 0;
};

/// Gives each of lir's packings what carries it out.
void registerPackings(mlir::DialectRegistry &registry);

} // namespace lambent::kernels

#endif
