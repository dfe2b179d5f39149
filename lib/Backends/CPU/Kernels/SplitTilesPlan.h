//===- SplitTilesPlan.h - How a product of bf16 parts is dealt out -*- C++ -*-//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITTILESPLAN_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITTILESPLAN_H

#include "DotStep.h"
#include "MatmulPlan.h"

namespace lambent::cpu {

/// One product of parts: which of lhs with which of rhs.
struct PartProduct {
  int64_t lhs, rhs;
};

/// The products that a sum is made of, so that each part is loaded seldom and
/// small ones come first: the three largest of two parts, the six largest of
/// three.
llvm::ArrayRef<PartProduct> getPartProducts(int64_t parts);

/// Everything that follows from an op's sizes, its parts and the target.
struct SplitTilesPlan {
  SplitTilesPlan(lir::MatmulOp op, const TargetInfo &target, int64_t parts);

  /// Two tiles side by side.
  static constexpr int64_t kPanelColumns = 2 * DotStep::kColumns;

  /// Why these tiles can't compute the op; empty when they can.
  static std::string explainRefusal(lir::MatmulOp op, const TargetInfo &target);

  /// Why its rhs isn't one that is split into so many parts; empty when it is.
  static std::string explainWrongRhs(lir::MatmulOp op, int64_t parts);

  DotStep step;
  MatmulPlan product; ///< what is multiplied, and how it lies
  int64_t parts;
  int64_t rows = 1;  ///< of a tile of lhs; all have as many, but for the last
  int64_t steps = 1; ///< tiles along K
  Size tiles = 1;    ///< of lhs
  int64_t panels = 1;
  /// Of a chunk: pairs of tiles of lhs, and panels.
  int64_t chunkPairs = 1, chunkPanels = 1;
  /// Of one core, for the sizes that are likely.
  double cycles = 0;

  int64_t getChunkRows() const { return chunkPairs * 2 * rows; }
  Size getChunkGrid(unsigned which) const;
  Size getNumChunks() const;
  /// Bytes of a tile of lhs, packed.
  int64_t getLhsTileBytes() const { return rows * DotStep::kRowBytes; }
  /// Bytes of a panel of one part of rhs.
  int64_t getPanelBytes() const {
    return steps * 2 * DotStep::kRows * DotStep::kRowBytes;
  }

  /// Bytes of a block of sums.
  int64_t getStageBytes() const {
    return 4 * DotStep::kRows * DotStep::kRowBytes;
  }

  /// Scratch memory: what the unit needs, three blocks of sums, lhs in parts
  /// and a panel in f32.
  struct Scratch {
    int64_t stage, lhs, panel, bytes;
  };
  Scratch getScratch() const;
  Size getScratchBytes() const { return getScratch().bytes; }
  std::string describe() const;

private:
  void cut(const TargetInfo &target);

  int64_t unitBytes;
};

} // namespace lambent::cpu

#endif
