//===- WinogradPlan.h - How a Winograd convolution is cut up ----*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_WINOGRADPLAN_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_WINOGRADPLAN_H

#include "TileChoice.h"
#include "lambent/Backends/CPU/Algorithms.h"
#include "lambent/Lowering/IR/LIR.h"
#include "lambent/Lowering/Kernels/Winograd.h"

namespace lambent::cpu {

class KernelBuilder;

/// One spatial dim, in elements.
struct WinogradDim {
  int64_t input = 1, output = 1, pad = 0;
  int64_t inputStride = 0; ///< of the input's elements
  int64_t tiles = 1;
};

/// Everything that follows from a convolution's sizes, a form and the target.
///
/// Tiles of all images are numbered. `split` makes rows of products of them:
/// register tiles of `split.rows` tiles or one less. A block is `blockTiles`
/// register tiles, whose inputs are transformed to V [point][tile][IC]; then
/// each panel of output channels is multiplied, to M [point][tile][column], and
/// transformed back. A chunk is a block times some panels.
struct WinogradPlan {
  /// Why `op` is not such a convolution, whatever the form; empty where it is.
  static std::string explainRefusal(lir::ConvOp op);
  /// The forms that `op`, which is not refused, may take.
  static llvm::SmallVector<kernels::WinogradForms> getForms(lir::ConvOp op);

  WinogradPlan(lir::ConvOp op, const kernels::WinogradForms &forms,
               const TargetInfo &target);
  /// The plan of an op that has this algorithm.
  WinogradPlan(lir::ConvOp op, WinogradAttr algorithm,
               const TargetInfo &target);

  /// What stands on the op, and on its weight.
  WinogradAttr getAlgorithm(mlir::MLIRContext *context) const;
  lir::WinogradPackingAttr getPacking(mlir::MLIRContext *context) const;
  /// [panel, point, IC, column].
  llvm::SmallVector<int64_t> getPackedShape() const;

  int64_t getPoints() const { return kernels::getNumPoints(forms); }
  int64_t getNumTiles() const { return images * dims[0].tiles * dims[1].tiles; }
  int64_t getNumBlocks() const;
  Sizes getChunkGrid() const;
  int64_t getNumChunks() const;
  /// Elements between neighbouring tiles of V, and between points of V and M.
  /// Steps are odd numbers of cache lines where many are in use at once.
  int64_t getTileStep() const;
  int64_t getInputStep() const;
  int64_t getProductStep() const;
  /// Scratch memory: V, M, the input of a tile at an edge, a tile's results.
  int64_t getInputBytes() const;
  int64_t getProductBytes() const;
  int64_t getPatchBytes() const;
  int64_t getStageBytes() const;
  int64_t getScratchBytes() const;
  /// Channels of a pixel in the input of a tile at an edge.
  int64_t getPatchChannels() const;
  std::string describe() const;
  /// Cycles of a core with two multiply-adds and two loads a cycle, as
  /// estimateDirectCycles.
  double estimateCycles(const TargetInfo &target) const;

  kernels::WinogradForms forms;
  int64_t images = 1, imageStride = 0;
  int64_t inputChannels = 1, outputChannels = 1;
  std::array<WinogradDim, 2> dims; ///< y, x
  mlir::Type element;
  int64_t lanes = 1;
  TileShape tile; ///< tiles x output channels of a register tile
  RowSplit split;
  int64_t panels = 1;
  int64_t blockTiles = 1;
  int64_t chunkPanels = 1;

private:
  void readSizes(lir::ConvOp op);
  void cut(const TargetInfo &target);
  double estimateBlocks(const TargetInfo &target) const;
  double estimateTransforms() const;
};

/// What the direct convolution takes, in the same unit.
double estimateDirectCycles(lir::ConvOp op, const TargetInfo &target);

/// Emits a convolution that has this algorithm.
llvm::LogicalResult emitWinogradConv(lir::ConvOp op, WinogradAttr algorithm,
                                     KernelBuilder &builder);

} // namespace lambent::cpu

#endif
