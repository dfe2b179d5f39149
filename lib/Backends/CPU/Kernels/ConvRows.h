//===- ConvRows.h - The loops around a convolution's tiles ------*- C++ -*-===//
//
// What direct and depthwise convolutions share: chunks, panels, output rows,
// tiles of a row, and the range of taps that lie in the image along the dims
// around a row. What a tile does with one row of taps is the caller's.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_CONVROWS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_CONVROWS_H

#include "ConvPlan.h"
#include "RegisterTile.h"

namespace lambent::cpu {

class ConvRows {
public:
  ConvRows(lir::ConvOp op, KernelBuilder &builder, const ConvPlan::Form &form)
      : op(op), builder(builder), plan(op, builder.getTarget(), form),
        product(plan.types, builder.getTarget()) {}
  virtual ~ConvRows() = default;

  llvm::LogicalResult emit();

protected:
  /// What a run decides of a tile of an open row; else all is null.
  struct OpenTile {
    mlir::Value pixels; ///< that exist
    mlir::Value window; ///< input columns that their taps span
    /// Whether some of these are in padding; null where none can be.
    mlir::Value leavesImage;
  };
  /// A tile at a row of taps: `input` is the first element of the input's row,
  /// `filter` that of the filter's for the current panel.
  struct TapRow {
    const ColumnClass &columns;
    mlir::Value firstPixel; ///< of the tile, in the output row
    OpenTile open;
    mlir::Value input, filter;
    mlir::Value firstTap; ///< the row's first one, of all taps
    mlir::Value endTap;   ///< the first one behind it, or behind several rows
    /// Where the list of a sparse panel goes through rows of taps: what the
    /// first of all these rows is off `input`, which may be outside the image.
    mlir::Value rowOrigin;
    mlir::Value channel; ///< first output channel of this panel
    int64_t channels;    ///< how many it has
  };
  /// Adds the products of one row of taps.
  virtual void accumulate(RegisterTile &registers, const TapRow &row) = 0;
  /// Whether a tile of all pixels, none of their taps in padding, is worth code
  /// of its own where the rows are open.
  virtual bool hasWholeTiles() const { return false; }
  /// Packs a panel of a filter that is not constant.
  virtual void packFilter(mlir::Value packed, mlir::Value group,
                          mlir::Value panel, int64_t channels) = 0;

  /// The scratch memory for a piece of an input row.
  mlir::Value getWindow() const { return window; }
  /// The input's column that the tile's first tap is at: before 0 in padding.
  mlir::Value getFirstColumn(mlir::Value firstPixel) {
    const ConvDim &along = plan.getColumns();
    return builder.sub(builder.mul(firstPixel, along.stride),
                       builder.value(along.pad));
  }

  /// What the current tile fetches of the panel behind this one, while it takes
  /// `depth` steps on the filter at `filter`.
  PanelPrefetch prefetchNext(mlir::Value filter, int64_t depth) const;
  /// The current panel of the filter.
  mlir::Value getPanel() const { return filter; }
  /// The current group.
  mlir::Value getGroup() const { return group; }
  /// Distance of neighbouring pixels in the input, in elements.
  int64_t getPixelStride() const { return plan.getPixelStride(); }
  mlir::Value elementPtr(mlir::Value base, mlir::Value index) {
    return builder.elementPtr(base, plan.element, index);
  }

  lir::ConvOp op;
  KernelBuilder &builder;
  ConvPlan plan;
  TileProduct product;

private:
  void emitChunk(mlir::Value chunk);
  /// Visit the chunk's panels, its rows, and the tiles of a row.
  void forEachPanel(
      llvm::function_ref<void(mlir::Value panel, int64_t channels)> body);
  void forEachRow(llvm::function_ref<void()> body);
  using TileBody = llvm::function_ref<void(
      const ColumnClass &columns, mlir::Value firstPixel, const OpenTile &)>;
  void forEachTile(TileBody body);
  void forEachBoundTile(TileBody body);
  void forEachOpenTile(TileBody body);
  /// Finds a panel's filter, or packs it.
  void selectPanel(mlir::Value panel, int64_t channels);
  /// Finds the taps of each outer dim that lie in the image.
  void boundTaps();
  void emitTile(const ColumnClass &columns, mlir::Value firstPixel,
                const OpenTile &open, mlir::Value panel, int64_t channels);
  /// Fetches what the next tile of a row is the first one to read, where the
  /// image comes from memory: no prefetcher of a CPU foresees pixels that are
  /// taken by panels.
  void fetchNextTile(const ColumnClass &columns, mlir::Value firstPixel,
                     int64_t channels);
  /// Adds the products of the rows of taps along the last outer dim by a list
  /// that goes through them.
  void emitJoinedRows(RegisterTile &registers, const ColumnClass &columns,
                      mlir::Value firstPixel, int64_t channels,
                      mlir::Value position, mlir::Value tap);
  /// Loops over the taps of outer dim `dim` and those inside it, from the
  /// input's element `position` on.
  void emitTaps(RegisterTile &registers, const ColumnClass &columns,
                mlir::Value firstPixel, const OpenTile &open, int64_t channels,
                unsigned dim, mlir::Value position, mlir::Value tap);

  llvm::LogicalResult status = llvm::success();
  llvm::SmallVector<ColumnClass> classes;
  mlir::Value stage, packedFilter, window;
  // Of the current chunk, panel and row.
  mlir::Value group, rowBegin, rowEnd, panelBegin, panelEnd, filter, channel;
  mlir::Value tile; ///< its number on this panel; null where rows are open
  llvm::SmallVector<mlir::Value> rowIndices; ///< image, outer output indices
  llvm::SmallVector<mlir::Value> tapBegin, tapEnd, inputBegin;
};

/// The output's index of a row [image, outer dims...], a column and a channel.
llvm::SmallVector<mlir::Value>
indexOutput(KernelBuilder &builder, const ConvPlan &plan, mlir::ValueRange row,
            mlir::Value column, mlir::Value channel);

/// What emits a convolution of this form.
llvm::LogicalResult emitDirectConv(lir::ConvOp op, KernelBuilder &builder,
                                   const ConvPlan::Form &form);
llvm::LogicalResult emitDepthwiseConv(lir::ConvOp op, KernelBuilder &builder,
                                      const ConvPlan::Form &form);

/// The same of 8-bit integers, each channel by itself.
llvm::LogicalResult emitDepthwiseBytes(lir::ConvOp op, KernelBuilder &builder,
                                       const ConvPlan::Form &form);
/// Why it can't compute a depthwise convolution of bytes, if so; else empty.
std::string explainDepthwiseBytes(lir::ConvOp op);

} // namespace lambent::cpu

#endif
