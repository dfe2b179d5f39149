//===- ByteStores.h - Stores a tile's bytes, four registers at once -*- C++
//-*-===//
//
// What quantization makes of a register fills a quarter of one: four are packed
// together, and those that lie side by side are stored together.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_BYTESTORES_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_BYTESTORES_H

#include "lambent/Backends/CPU/ByteRounding.h"

namespace lambent::cpu {

/// Stores vectors to one buffer. Those of rounded bytes, or of a table's
/// entries at such, wait until there are four, or for `flush`, which must come
/// last.
class ByteStores {
public:
  ByteStores(KernelBuilder &builder, mlir::Value base)
      : builder(builder), base(base) {}

  /// Stores `vector` at element `row` + `column`; the first `count` of its
  /// elements, null for all.
  void store(mlir::Value vector, mlir::Value row, int64_t column,
             mlir::Value count);
  void flush();

private:
  struct Place {
    mlir::Value row;
    int64_t column;
    int64_t lanes; ///< to store
  };
  /// Stores the lanes [first, first + count) of `bytes`.
  void storePart(mlir::Value bytes, int64_t first, int64_t count,
                 const Place &place);

  KernelBuilder &builder;
  mlir::Value base;
  llvm::SmallVector<RoundedBytes, 4> waiting;
  mlir::DenseElementsAttr table; ///< where those that wait are places
  llvm::SmallVector<Place, 4> places;
};

} // namespace lambent::cpu

#endif
