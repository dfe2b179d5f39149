//===- SparseTile.h - Registers of a product of few weights -----*- C++ -*-===//
//
// Where many weights are zero, vectors run along pixels (rows of a product),
// and a weight that is not zero is multiplied by vectors of what it is
// multiplied by for each pixel: one output, or a block of outputs that share a
// pattern, times some vectors of pixels are in registers.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPARSETILE_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPARSETILE_H

#include "SparseWord.h"
#include "lambent/Lowering/Kernels/SparseRowPacking.h"
#include "mlir/IR/Value.h"

namespace lambent::cpu {

/// What an algorithm says (CPU_SparseRowsAlgorithm).
struct SparseShape {
  int64_t block = 1, vectors = 1, section = 1, groups = 1, entries = 0;

  template <typename AlgorithmT> static SparseShape of(AlgorithmT algorithm) {
    return {algorithm.getBlock(), algorithm.getVectors(),
            algorithm.getSection(), algorithm.getGroups(),
            algorithm.getEntries()};
  }
};

struct SparseTile {
  int64_t lanes = 1, vectors = 1, block = 1;
  SparseWord word;

  /// Of a word and of a sum.
  static constexpr int64_t kElementBytes = 4;
  int64_t getPixels() const { return lanes * vectors; }
  /// Of one output's sums, or of a word of channels for all pixels.
  int64_t getRowBytes() const { return getPixels() * kElementBytes; }

  /// The most vectors of which no register is spilled.
  static int64_t getMaxVectors(const TargetInfo &target, const SparseWord &word,
                               int64_t block);
};

/// Cycles of the parts of a kernel.
struct SparseCosts {
  SparseCosts(const SparseTile &tile, const TargetInfo &target);

  double entry;     ///< a weight, or a block of them, times a tile
  double row;       ///< a row of a section, besides its entries
  double transpose; ///< a word or a sum of what is read or written
};

/// Why `weights` are not packed as such rows; empty when they are.
std::string explainWrongRows(mlir::Value weights,
                             const kernels::SparseRows &rows, int64_t entries);

/// Words of a section that are read again and again, so that they stay in
/// L1.
int64_t getSectionElements(const TargetInfo &target);

} // namespace lambent::cpu

#endif
