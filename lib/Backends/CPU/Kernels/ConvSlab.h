//===- ConvSlab.h - The padded image that a chunk reads ---------*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_CONVSLAB_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_CONVSLAB_H

#include "SplitConvPlan.h"
#include "lambent/Backends/CPU/KernelBuilder.h"

namespace lambent::cpu {

/// Pixels of the output.
struct ConvPiece {
  mlir::Value image;
  llvm::SmallVector<mlir::Value> planes; ///< indices of the outer dims
  mlir::Value rowBegin, rows;            ///< of the dim of rows
  mlir::Value columnBegin, columns;      ///< of each row
};

/// Writes what all taps of a piece read to scratch memory, with zeros for what
/// is outside the image.
class ConvSlab {
public:
  ConvSlab(lir::ConvOp op, KernelBuilder &builder, const SplitConvPlan &plan,
           const ConvPiece &piece, mlir::Value slab)
      : op(op), builder(builder), plan(plan), piece(piece), slab(slab) {}

  /// In parts; whether tiles are right for it, an i1. Each pixel is asked,
  /// though a tiny one beside others would do no harm: a window's largest
  /// number would take another pass.
  mlir::Value split(const SplitRange &range);
  /// Of narrow elements, as they are.
  void copyNarrow();
  /// In f32, the channels of a pixel filled up: [tap of outer dims][row]
  /// [column][channel].
  void copy();

private:
  /// What a tap of the outer dims, and what a pixel takes.
  struct Layout {
    int64_t planeBytes, pixelBytes;
  };
  using Fill = llvm::function_ref<mlir::Value(
      mlir::Value sofar, mlir::Value from, mlir::Value to)>;
  using Clear = llvm::function_ref<void(mlir::Value to)>;
  /// Visits the pixels in the image by `fill`, whose last value it returns, and
  /// others by `clear`.
  mlir::Value forEachPixel(const Layout &layout, Fill fill, Clear clear);
  mlir::Value forEachColumn(mlir::Value tap, mlir::Value line,
                            mlir::Value sofar, const Layout &layout, Fill fill,
                            Clear clear);
  /// An input row: its first element, and whether the image has it.
  struct Line {
    mlir::Value position, exists;
  };
  Line getLine(mlir::Value tap, mlir::Value line);

  lir::ConvOp op;
  KernelBuilder &builder;
  const SplitConvPlan &plan;
  const ConvPiece &piece;
  mlir::Value slab;
};

} // namespace lambent::cpu

#endif
