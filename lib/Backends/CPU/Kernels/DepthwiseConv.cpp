//===- DepthwiseConv.cpp - Convolution of each channel by itself ----------===//
//
// A tile is one vector of channels times neighbouring pixels of a row. A row of
// the filter's taps lies in registers; each input vector is loaded once per row
// of taps and serves all the pixels whose windows it is in.
//
//===----------------------------------------------------------------------===//

#include "ConvRows.h"
#include "PanelPacking.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class DepthwiseConv : public ConvRows {
public:
  using ConvRows::ConvRows;

private:
  void accumulate(RegisterTile &registers, const TapRow &row) override;
  bool hasWholeTiles() const override { return true; }
  void packFilter(Value packed, Value group, Value panel,
                  int64_t channels) override;
  /// Whether input column `column` of a tile of an open row is in the image and
  /// in the window of a pixel that exists.
  Value isRead(const TapRow &row, int64_t column);
};

} // namespace

void DepthwiseConv::accumulate(RegisterTile &registers, const TapRow &row) {
  const ConvDim &along = plan.getColumns();
  Value first = getFirstColumn(row.firstPixel);
  // Input columns relative to the tile's first window, in order.
  llvm::MapVector<int64_t, SmallVector<std::pair<int64_t, int64_t>>> uses;
  SmallVector<int64_t> columns;
  for (int64_t tap = 0; tap < along.taps; ++tap)
    for (int64_t p = row.columns.taps[tap].begin; p < row.columns.taps[tap].end;
         ++p)
      uses[p * along.stride + tap * along.dilation].push_back({p, tap});
  for (auto &[column, products] : uses)
    columns.push_back(column);
  llvm::sort(columns);

  for (int64_t v = 0; v < registers.getVectors(); ++v) {
    int64_t left = row.channels - v * plan.lanes;
    Value count = left < plan.lanes ? builder.i64(left) : Value();
    SmallVector<TileProduct::Parts> weights(along.taps);
    for (int64_t tap = 0; tap < along.taps; ++tap)
      weights[tap] = product.loadRhs(builder, row.filter,
                                     tap * plan.tile.columns + v * plan.lanes,
                                     nullptr, plan.lanes);
    for (int64_t column : columns) {
      Value at = builder.mul(builder.add(first, column), getPixelStride());
      Value pixel = elementPtr(row.input, builder.add(at, row.channel));
      SmallVector<Value> sums;
      for (auto [p, tap] : uses[column])
        sums.push_back(registers.at(p, v));
      auto add = [&] {
        TileProduct::Parts input =
            product.loadRhs(builder, pixel, v * plan.lanes, count, plan.lanes);
        SmallVector<Value> next(sums);
        for (auto [sum, use] : llvm::zip_equal(next, uses[column]))
          sum = product.multiplyAdd(builder, input, weights[use.second], sum);
        return next;
      };
      sums = row.columns.isOpen ? builder.select(isRead(row, column), add,
                                                 [&] { return sums; })
                                : add();
      for (auto [sum, use] : llvm::zip_equal(sums, uses[column]))
        registers.at(use.first, v) = sum;
    }
  }
}

Value DepthwiseConv::isRead(const TapRow &row, int64_t column) {
  Value first = getFirstColumn(row.firstPixel);
  Value end = builder.min(row.open.window,
                          builder.sub(builder.value(plan.getColumns().input),
                                      first));
  Value isBefore = builder.lessThan(builder.i64(column), end);
  const Size &pad = plan.getColumns().pad;
  if (pad.isNumber() && column >= pad.getNumber())
    return builder.likely(isBefore);
  Value isBehind =
      builder.lessThan(builder.i64(-1), builder.add(first, column));
  return builder.likely(
      arith::AndIOp::create(builder, isBefore, isBehind));
}

void DepthwiseConv::packFilter(Value packed, Value group, Value panel,
                               int64_t channels) {
  int64_t taps = 1;
  for (const ConvDim &dim : plan.dims)
    taps *= dim.taps;
  Value source = elementPtr(builder.getBuffer(op.getFilterMutable()),
                            builder.mul(panel, plan.tile.columns * taps));
  packMatrix(builder, {plan.element, source, 1, taps}, taps,
             builder.i64(channels),
             llvm::alignTo(channels, plan.lanes), plan.lanes, packed,
             plan.tile.columns);
}

LogicalResult cpu::emitDepthwiseConv(lir::ConvOp op, KernelBuilder &builder,
                                     const ConvPlan::Form &form) {
  return DepthwiseConv(op, builder, form).emit();
}
