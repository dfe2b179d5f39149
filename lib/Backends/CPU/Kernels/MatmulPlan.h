//===- MatmulPlan.h - How a lir.matmul is tiled, packed and dealt out -----===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_MATMULPLAN_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_MATMULPLAN_H

#include "TileChoice.h"
#include "lambent/Lowering/IR/LIR.h"

namespace lambent::cpu {

/// How tiles get at an operand.
enum class OperandAccess {
  /// Read where it is.
  InPlace,
  /// Packed at compile time: rhs as panels [N / columns][K][columns].
  Packed,
  /// Packed into scratch memory by each chunk.
  CopyInto,
};

/// Everything that follows from an op's sizes and the target. Rows are the
/// output's dim that lhs has, columns the output's last dim: where that is m,
/// lhs and rhs change places.
struct MatmulPlan {
  MatmulPlan(lir::MatmulOp op, const TargetInfo &target);

  /// One operand's step in elements per step of a domain dim.
  struct Strides {
    llvm::SmallVector<int64_t> batch;
    int64_t row = 0, column = 0, depth = 0;
  };

  /// Whether register tiles apply: the output's last dim is m or n.
  bool vectorized = false;
  bool swapped = false;
  llvm::SmallVector<int64_t> batch;
  int64_t rows = 1, columns = 1, depth = 1;
  Strides lhs, rhs;
  mlir::Type element, accumulator;
  int64_t lanes = 1;

  TileShape tile;
  RowSplit split;
  int64_t panels = 1;
  ChunkShape chunk;
  OperandAccess lhsAccess = OperandAccess::InPlace,
                rhsAccess = OperandAccess::InPlace;

  /// Products in the batch.
  int64_t getCopies() const;
  /// Chunks along rows (0) or columns (1).
  int64_t getChunkGrid(unsigned which) const;
  int64_t getNumChunks() const;
  /// Scratch memory: packed lhs, then a packed panel of rhs, then the
  /// accumulators of a tile.
  int64_t getLhsScratchBytes() const;
  int64_t getRhsScratchBytes() const;
  int64_t getScratchBytes() const;
  int64_t getElementBytes() const;
  /// Elements per step of k in a packed tile of lhs.
  int64_t getPackedLhsStep() const;
};

} // namespace lambent::cpu

#endif
