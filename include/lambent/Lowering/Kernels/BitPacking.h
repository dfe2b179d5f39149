//===- BitPacking.h - Constants of few bits, several in a byte --*- C++ -*-===//

#ifndef LAMBENT_LOWERING_KERNELS_BITPACKING_H
#define LAMBENT_LOWERING_KERNELS_BITPACKING_H

#include "lambent/Lowering/Kernels/Packing.h"

namespace lambent::kernels {

/// Carries out #lir.bit_packing: bytes in the order that `map` says, of which
/// the lowest `bits` are kept, 8 / bits neighbours in a byte.
class BitPacking : public lir::Packer {
public:
  /// `packedShape` counts bytes as they are packed.
  static llvm::Expected<BitPacking> create(mlir::AffineMap map,
                                           llvm::ArrayRef<int64_t> packedShape,
                                           llvm::ArrayRef<int64_t> sourceShape,
                                           int64_t bits);

  /// What pack's range counts: the packed array's last dim.
  int64_t getNumRows() const override { return elements.getNumRows(); }
  bool pack(const char *source, char *packed, int64_t begin, int64_t end,
            bool splat) const override;

private:
  explicit BitPacking(Packing elements) : elements(std::move(elements)) {}

  Packing elements; ///< a byte each
  int64_t bits = 8, rowElements = 1;
};

} // namespace lambent::kernels

#endif
