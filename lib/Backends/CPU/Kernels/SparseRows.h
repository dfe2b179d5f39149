//===- SparseRows.h - Loops over weights that are not zero ------*- C++ -*-===//
//
// The loops that products and convolutions share: rows of packed weights times
// a tile of pixels, whose values lie as words (SparseWord) [channels][pixel] in
// scratch memory and whose sums [output][pixel], and the way of these sums to
// the output, where channels are side by side.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPARSEROWS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPARSEROWS_H

#include "SparseTile.h"
#include "TileOutput.h"

namespace lambent::cpu {

class SparseRowsEmitter {
public:
  /// Scratch memory for a group's sums, of `sumPixels` pixels an output, and
  /// for a vector of outputs of as many pixels as it has lanes.
  struct Scratch {
    mlir::Value sums;
    int64_t sumPixels;
    mlir::Value stage;
  };
  SparseRowsEmitter(mlir::Operation *op, KernelBuilder &builder,
                    const SparseTile &tile, const kernels::SparseRows &rows,
                    mlir::Value weights, const Scratch &scratch)
      : op(op), builder(builder), tile(tile), rows(rows), weights(weights),
        scratch(scratch) {}

  /// Calls `add` with each section; sums begin with the first one.
  void
  forSections(llvm::function_ref<void(mlir::Value section, bool isFirst)> add);

  /// Some of the words that are added up, of `channels` in all.
  struct Section {
    mlir::Value begin, end;
    int64_t channels;
  };
  /// A section is `size` words, the last one those that are left.
  Section getSection(mlir::Value section, int64_t size, int64_t channels);
  /// Calls `read` with the first word of each vector in a section, and how many
  /// channels that has: null for all of its lanes, as all but the last
  /// section's do.
  void forVectors(
      const Section &section,
      llvm::function_ref<void(mlir::Value word, mlir::Value count)> read);

  /// Adds a section's products to a group's sums of the tile whose first pixel
  /// is `pixel`; sums begin with the first section. `values` are what its
  /// offsets are from.
  void addSection(mlir::Value group, mlir::Value section, mlir::Value pixel,
                  mlir::Value values, bool isFirst);

  /// Some pixels, no more than a vector has lanes, and where they go.
  struct Pixels {
    mlir::Value first; ///< among those of the sums
    mlir::Value count; ///< of those that exist; null for all of a vector
    /// The output's index of a pixel's output `column`.
    llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value pixel,
                                                      mlir::Value column)>
        getIndex;
  };
  /// Takes a group's sums of some pixels through the epilogue to `output`,
  /// which has `outputs` channels. Failure was reported on the op.
  llvm::LogicalResult store(mlir::Value output, mlir::Value group,
                            int64_t outputs, const Pixels &pixels);

  /// Writes pixels of `count` channels (at most `lanes` words; null for as
  /// many), from the places in `pixels`, as words of `lanes` pixels; those
  /// beyond are 0. Of `existing` pixels (null: all) only these are written.
  void transpose(mlir::ValueRange pixels, mlir::Value count, mlir::Value to,
                 int64_t wordBytes, mlir::Value existing = nullptr);

private:
  /// The entries from byte `begin` to `end`, added to `sums`.
  llvm::SmallVector<mlir::Value> addEntries(mlir::Value begin, mlir::Value end,
                                            mlir::Value values,
                                            mlir::ValueRange sums);
  llvm::SmallVector<mlir::Value> addEntry(mlir::Value entry, mlir::Value values,
                                          mlir::ValueRange sums);
  mlir::Value loadOffset(mlir::Value from, int64_t bytes);
  llvm::LogicalResult storeColumns(mlir::Value output, mlir::Value column,
                                   mlir::Value first, mlir::Value columns,
                                   const Pixels &pixels);

  mlir::Operation *op;
  KernelBuilder &builder;
  const SparseTile &tile;
  const kernels::SparseRows &rows;
  mlir::Value weights;
  Scratch scratch;
};

/// Emits an op, which `kind` says, whose `weights` are packed as rows, by an
/// EmitterT of the algorithm's plan. What does not fit is an error on it.
template <typename EmitterT, typename AlgorithmT, typename OpT>
llvm::LogicalResult emitSparseRows(AlgorithmT algorithm, OpT op,
                                   mlir::Value weights, llvm::StringRef kind,
                                   KernelBuilder &builder) {
  const TargetInfo &target = builder.getTarget();
  using PlanT = decltype(planKernel(algorithm, op, target));
  std::string why = PlanT::explainRefusal(op, target);
  if (!why.empty())
    return op->emitOpError("expected a ")
           << kind << " for sparse rows, but " << why;
  PlanT plan = planKernel(algorithm, op, target);
  why = explainWrongRows(weights, plan.rows, algorithm.getEntries());
  if (!why.empty())
    return op->emitOpError(why);
  return EmitterT(op, builder, plan).emit();
}

} // namespace lambent::cpu

#endif
