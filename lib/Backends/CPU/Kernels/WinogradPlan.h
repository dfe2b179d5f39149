//===- WinogradPlan.h - How a Winograd convolution is cut up ----*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_WINOGRADPLAN_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_WINOGRADPLAN_H

#include "AssumedSizes.h"
#include "TileChoice.h"
#include "lambent/Backends/CPU/Algorithms.h"
#include "lambent/Lowering/Kernels/SparseWinograd.h"

namespace lambent::cpu {

class KernelBuilder;
struct ConvPlan;

/// One spatial dim, in elements.
struct WinogradDim {
  Size input = 1, output = 1, pad = 0;
  Size inputStride = 0; ///< of the input's elements
  Size tiles = 1;
};

/// Everything that follows from a convolution's sizes, a form and the target.
///
/// Tiles of all images are numbered. `split` makes rows of products of them:
/// register tiles of `split.rows` tiles or one less. A block is `blockTiles`
/// register tiles, whose inputs are transformed to V [point][tile][IC]; then
/// each panel of output channels is multiplied, to M [point][tile][column], and
/// transformed back. A chunk is a block times some panels. Where many chunks
/// share a block and the op has a workspace, V of all blocks lies there, and a
/// first stage transforms the input: of a block each of its chunks some tiles.
///
/// Of an open number of tiles a block has as many as any other, or one more,
/// and at most `blockTiles` register tiles of at most `split.rows`; it splits
/// them evenly when it runs.
struct WinogradPlan {
  /// Why `op` is not such a convolution, whatever the form; empty where it is.
  static std::string explainRefusal(lir::ConvOp op);
  /// The forms that `op`, which is not refused, may take.
  static llvm::SmallVector<kernels::WinogradForms> getForms(lir::ConvOp op);

  /// What its algorithm says.
  struct Shape {
    kernels::WinogradForms forms;
    std::optional<TileShape> tile; ///< none: the best
    int64_t keptSteps = 0; ///< of a sparse panel, at most; 0: they are dense
  };
  /// With `assumed`, that of the op with these sizes instead of open ones.
  WinogradPlan(lir::ConvOp op, const Shape &shape, const TargetInfo &target,
               const AssumedSizes *assumed = nullptr);

  /// What stands on the op, and on its weight, where panels are dense.
  WinogradAttr getAlgorithm(mlir::MLIRContext *context) const;
  lir::WinogradPackingAttr getPacking(mlir::MLIRContext *context) const;
  /// [panel, point, IC, column], or of sparse panels [panel, words].
  llvm::SmallVector<int64_t> getPackedShape() const;
  /// A section is a point.
  kernels::SparsePanel getSparsePanel() const {
    return {getPoints(), inputChannels, tile.columns, keptSteps};
  }

  int64_t getPoints() const { return kernels::getNumPoints(forms); }
  /// Whether a run decides how many tiles there are.
  bool isOpen() const { return !numTiles.isNumber(); }
  Size getNumBlocks() const;
  /// Chunks along blocks and panels.
  Sizes getChunkGrid() const;
  Size getNumChunks() const { return productOf(getChunkGrid()); }
  /// 2 where the op has a workspace for V of all blocks.
  Size getNumStages() const { return staged ? 2 : 1; }
  /// V of all blocks, where enough chunks share each to be worth a stage; else
  /// 0.
  int64_t getWorkspaceElements() const;
  /// Elements of a block's V.
  int64_t getBlockElements() const { return getPoints() * getInputStep(); }
  /// Elements between neighbouring tiles of V, and between points of V and M.
  /// Steps are odd numbers of cache lines where many are in use at once.
  int64_t getTileStep() const;
  int64_t getInputStep() const;
  int64_t getProductStep() const;
  /// Scratch memory: V, unless it is in the workspace, M, the input of a tile
  /// at an edge, a tile's results.
  int64_t getInputBytes() const;
  int64_t getProductBytes() const;
  int64_t getPatchBytes() const;
  int64_t getStageBytes() const;
  int64_t getScratchBytes() const;
  /// Channels of a pixel in the input of a tile at an edge.
  int64_t getPatchChannels() const;
  std::string describe() const;
  /// Cycles of a core with two multiply-adds and two loads a cycle, as
  /// estimateDirectCycles; the sizes are bound.
  double estimateCycles(const TargetInfo &target) const;
  /// The same of sparse panels which keep the part `share` of their steps.
  double estimateListed(const TargetInfo &target, double share) const;

  kernels::WinogradForms forms;
  Size images = 1, imageStride = 0;
  int64_t inputChannels = 1, outputChannels = 1;
  std::array<WinogradDim, 2> dims; ///< y, x
  Size numTiles = 1;               ///< of all images
  mlir::Type element;
  int64_t lanes = 1;
  TileShape tile; ///< tiles x output channels of a register tile
  RowSplit split; ///< of an open number of tiles only `rows` is known
  int64_t keptSteps = 0;
  int64_t panels = 1;
  int64_t blockTiles = 1;
  bool staged = false;
  Size chunkPanels = 1;

private:
  int64_t getSharedElements() const; ///< of V of all blocks
  void readSizes(lir::ConvOp op, const AssumedSizes *assumed);
  void cut(const TargetInfo &target);
  void chooseBlock(const TargetInfo &target);
  /// Steps of a product at one point, as far as the algorithm tells.
  int64_t getPointSteps() const;
  double estimateBlocks(const TargetInfo &target, double steps) const;
  double estimateProducts(
      llvm::function_ref<double(int64_t rows, int64_t vectors)> cycles) const;
  double estimateTransforms() const;
};

/// What the direct convolution takes, in the same unit, with assumed sizes
/// where they are open.
double estimateDirectCycles(lir::ConvOp op, const TargetInfo &target);

/// The same with what tiles take beside their steps, and that of sparse panels
/// which keep the part `share` of theirs.
double estimateDirectTiles(lir::ConvOp op, const TargetInfo &target);
double estimateListedTiles(lir::ConvOp op, const ConvPlan &plan,
                           const TargetInfo &target, double share);

/// What algorithms say of `op`.
WinogradPlan::Shape getShape(lir::ConvOp op, WinogradAttr algorithm);
WinogradPlan::Shape getShape(lir::ConvOp op, SparseWinogradAttr algorithm);

/// Emits a convolution of this shape.
llvm::LogicalResult emitWinogradConv(lir::ConvOp op,
                                     const WinogradPlan::Shape &shape,
                                     KernelBuilder &builder);

} // namespace lambent::cpu

#endif
