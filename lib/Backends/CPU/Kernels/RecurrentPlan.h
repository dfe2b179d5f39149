//===- RecurrentPlan.h - Panels, tiles and chunks of recurrent layers -----===//
//
// A vector holds neighbouring hidden units. The recurrent weights of one gate
// and one vector are a run over k, so that a tile may take any gates of any
// vectors side by side: [dirs, panels, gates, K, lanes]. RecurrentCodes says
// how bytes lie.
//
// How a layer is cut depends on the work of a step. Much work is shared: each
// step (of a gru that resets its hidden state: each half of it) is a stage, and
// its chunks are runs of hidden units. A barrier costs about a microsecond, so
// little work is not: then a chunk is a direction and a tile of sequences, and
// walks through all steps by itself.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_RECURRENTPLAN_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_RECURRENTPLAN_H

#include "TileChoice.h"
#include "lambent/Lowering/IR/LIR.h"

namespace lambent::cpu {

/// Gates that a step computes together.
struct RecurrentPhase {
  int64_t firstGate = 0, gates = 1;
  int64_t vectors = 1; ///< of hidden units in a tile
};

struct RecurrentPlan {
  RecurrentPlan(lir::RecurrentOp op, const TargetInfo &target, bool usesDigits);

  /// Why states of an op cannot be multiplied as digits, or nothing.
  static llvm::StringRef explainRejection(lir::RecurrentOp op);

  llvm::SmallVector<int64_t> getPackedShape() const;
  /// From a packed index to [dirs, gates * hidden, hidden].
  mlir::AffineMap getPackingMap(mlir::MLIRContext *context) const;
  /// Gives the op weights that are packed by copies in front of it.
  void packAtRunTime(lir::RecurrentOp op) const;

  Size getNumChunks() const { return getChunksPerDirection() * dirs; }
  Size getChunksPerDirection() const;
  Size getNumStages() const {
    return staged ? steps * int64_t(phases.size()) : Size(1);
  }
  std::string describe() const;
  double estimateCycles() const;
  /// Room for a tile's sums, and for the digits of its states.
  int64_t getScratchBytes() const;
  int64_t getStageBytes() const;
  int64_t getDigitBytes() const; ///< of a sequence
  /// What follows from all digits: their sums, and the scale.
  static constexpr int64_t factBytes = 64;
  /// Steps of four k.
  int64_t getCodeSteps() const { return llvm::divideCeil(hidden, 4); }

  llvm::StringRef cell;
  mlir::Type element;
  Size steps, batch;
  int64_t dirs, hidden, gates;
  int64_t lanes, panels;
  llvm::SmallVector<RecurrentPhase, 2> phases;
  RowSplit split; ///< of the sequences of a batch that is bound
  /// Sequences of a tile; of an open batch, what is left has tiles of one.
  int64_t rows = 1;
  Size tiles; ///< of `rows` sequences, or a part of them at the end
  bool staged = false;
  bool isCoded = false; ///< weights are bytes with scales
  bool usesDigits;      ///< and are multiplied as such
  double stepCost;      ///< of a direction, in nanoseconds
  /// Vectors that no chunk boundary cuts, and how many such blocks there are.
  int64_t blockVectors = 1, blocks = 1;
  int64_t blocksPerChunk = 1; ///< of a staged layer
  Size tilesPerChunk = 1;     ///< of the other
};

} // namespace lambent::cpu

#endif
