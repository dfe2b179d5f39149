//===- SplitConvPlan.cpp - How a convolution on tiles is dealt out --------===//

#include "SplitConvPlan.h"
#include "AssumedSizes.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using llvm::divideCeil;

std::string SplitConvPlan::explainRefusal(lir::ConvOp op) {
  if (op.getGroup() != 1)
    return "there are several groups of channels";
  for (Value value : {op.getInput(), op.getOutput()})
    for (const Size &size : lir::getSizes(cast<MemRefType>(value.getType())))
      if (size.is(0))
        return "there is nothing to compute";
  if (llvm::is_contained(op.getFilterShape(), 0))
    return "the filter has no elements";
  return "";
}

std::string SplitConvPlan::explainWrongFilter(lir::ConvOp op,
                                              const TargetInfo &target,
                                              int64_t parts) {
  auto input = cast<MemRefType>(op.getInput().getType());
  if (parts == 1 &&
      !DotStep::takes(input.getElementType(), op.getAccumulatorType()))
    return DotStep::kWrongElements.str();
  if (input.getElementType().isF32() && parts != 2 && parts != 3)
    return "expected two or three parts of a constant filter";
  if (!input.getElementType().isF32() && parts != 1)
    return "expected one part of a constant filter";
  if (std::string why = explainRefusal(op); !why.empty())
    return "expected a convolution for tiles, but " + why;
  SplitConvPlan plan(op, target, parts);
  auto type = cast<MemRefType>(op.getFilter().getType());
  SmallVector<int64_t> wanted = plan.getPackedShape();
  if (type.getElementType() == plan.step.rhs &&
      type.getShape() == ArrayRef(wanted))
    return "";
  auto toText = [](int64_t size) { return std::to_string(size); };
  return "expected a filter packed as [" +
         llvm::join(llvm::map_range(wanted, toText), ", ") +
         (plan.step.rhs.isBF16() ? "] of bf16" : "] of i8");
}

/// A convolution of one spatial dim has one row.
static ConvDim getLines(ArrayRef<ConvDim> dims) {
  return dims.size() < 2 ? ConvDim() : dims[dims.size() - 2];
}

SplitConvPlan::SplitConvPlan(lir::ConvOp op, const TargetInfo &target,
                             int64_t parts)
    : SplitProduct(
          DotStep::get(
              cast<MemRefType>(op.getInput().getType()).getElementType()),
          target, parts),
      conv(op, target,
           {/*depthwise=*/false, /*packed=*/false,
            TileShape{DotStep::kRows, kPanelColumns}}),
      lines(getLines(conv.dims)),
      lineStride(conv.dims.size() < 2 ? Size(0) : conv.inputStrides.end()[-2]),
      channelSteps(divideCeil(conv.inputChannels, step.getDepth())) {
  steps = countTaps() * channelSteps;
  setColumns(conv.outputChannels);
  AssumedSizes assumed(op);
  double copies = assumed.getCount(conv.images);
  for (const ConvDim &dim : getPlanes())
    copies *= assumed.getLength(dim.output);
  int64_t height = assumed.getLength(lines.output),
          width = assumed.getLength(getColumns().output);
  chooseTile(target, height, width);
  cut(target, copies, height, width);
  chooseBlockSteps(target, chunkPairs);
}

int64_t SplitConvPlan::countPlaneTaps() const {
  int64_t taps = 1;
  for (const ConvDim &dim : getPlanes())
    taps *= dim.taps;
  return taps;
}

int64_t SplitConvPlan::getSlabColumns() const {
  const ConvDim &along = getColumns();
  return along.getWindow(isFlat ? along.output.getNumber() : chunkTiles * rows);
}

void SplitConvPlan::chooseTile(const TargetInfo &target, int64_t height,
                               int64_t width) {
  const TileSpeed &speed = target.description.tiles;
  auto getDot = [&](int64_t rows) {
    return std::max(speed.least, speed.base + speed.row * rows);
  };
  const ConvDim &along = getColumns();
  rows = DotStep::kRows;
  // Even tiles, for an instruction takes as long as it has rows.
  if (along.output.isNumber())
    rows = divideCeil(width, divideCeil(width, DotStep::kRows));
  if (!along.output.isNumber() || along.stride != 1 || lines.stride != 1)
    return;
  int64_t tiles =
      divideCeil((height - 1) * along.getWindow(width) + width, DotStep::kRows);
  isFlat = tiles * getDot(DotStep::kRows) <
           height * divideCeil(width, rows) * getDot(rows);
  if (isFlat)
    rows = DotStep::kRows;
}

int64_t SplitConvPlan::countTiles(int64_t outputRows, int64_t tiles) const {
  if (!isFlat)
    return outputRows * tiles;
  const ConvDim &along = getColumns();
  int64_t width = along.output.getNumber();
  return divideCeil((outputRows - 1) * along.getWindow(width) + width, rows);
}

/// The sizes of equal pieces that `count` can be cut into.
static SmallVector<int64_t> listPieces(int64_t count) {
  SmallVector<int64_t> sizes;
  for (int64_t pieces = 1; pieces <= count; ++pieces) {
    int64_t size = divideCeil(count, pieces);
    if (sizes.empty() || sizes.back() != size)
      sizes.push_back(size);
  }
  return sizes;
}

void SplitConvPlan::cut(const TargetInfo &target, double copies, int64_t height,
                        int64_t width) {
  SplitCosts costs(*this, target);
  int64_t rowTiles = isFlat ? 1 : divideCeil(width, rows);
  double room = target.description.l2Bytes / 4 * 3, best = 0;
  // Rows are cut where there is one of them, or a piece of one is all that L2
  // holds.
  SmallVector<int64_t> heights = listPieces(height),
                       widths = listPieces(rowTiles),
                       counts = listPieces(panels);
  for (int64_t w : widths) {
    for (int64_t h : heights) {
      if (w < rowTiles && h > 1)
        continue;
      double slab = double(countPlaneTaps()) * lines.getWindow(h) *
                    getColumns().getWindow(isFlat ? width : w * rows);
      bool isLeast = w == widths.back() && h == 1;
      if (slab * channelSteps * parts * DotStep::kRowBytes > room && !isLeast)
        continue;
      double pairs = divideCeil(countTiles(h, w), 2),
             splitting = costs.getSplitting(slab * getChannels());
      for (int64_t q : counts) {
        double chunk = costs.getChunk(pairs, q, splitting), sum = 0,
               number = copies * divideCeil(height, h) *
                        divideCeil(rowTiles, w) * divideCeil(panels, q);
        for (int64_t workers : kLikelyWorkers)
          sum += chunk * std::ceil(number / workers) * workers;
        if (best && sum >= best)
          continue;
        best = sum;
        chunkRows = h;
        chunkTiles = w;
        chunkPanels = q;
        cycles = costs.compareChunk(pairs, q, splitting) * number *
                 target.description.tiles.slowdown;
      }
    }
  }
  cutsRows =
      !isFlat && (!getColumns().output.isNumber() || chunkTiles < rowTiles);
  chunkPairs = divideCeil(countTiles(chunkRows, chunkTiles), 2);
}

Sizes SplitConvPlan::getChunkGrid() const {
  Sizes grid{conv.images};
  for (const ConvDim &dim : getPlanes())
    grid.push_back(dim.output);
  grid.push_back(lines.output.ceilDiv(chunkRows));
  grid.push_back(isFlat ? Size(1)
                        : getColumns().output.ceilDiv(chunkTiles * rows));
  grid.push_back(divideCeil(panels, chunkPanels));
  return grid;
}

SplitConvPlan::Scratch SplitConvPlan::getScratch() const {
  // Tiles that run on read as many pixels behind the last one.
  return SplitProduct::getScratch(countPlaneTaps() * getPlaneBytes() +
                                  DotStep::kRows * DotStep::kRowBytes);
}

SmallVector<int64_t> SplitConvPlan::getPackedShape() const {
  SmallVector<int64_t> shape{parts, panels};
  for (const ConvDim &dim : conv.dims)
    shape.push_back(dim.taps);
  shape.append({getChannels() / step.group, kPanelColumns, step.group});
  return shape;
}

AffineMap SplitConvPlan::getPackingMap(MLIRContext *context) const {
  unsigned next = 0;
  auto dim = [&] { return getAffineDimExpr(next++, context); };
  SmallVector<AffineExpr> results(conv.spatialRank + 2,
                                  getAffineConstantExpr(0, context));
  if (parts == 1)
    dim();
  AffineExpr panel = dim();
  for (unsigned position : conv.positions)
    results[position + 2] = dim();
  results[1] = dim();
  results[0] = panel * kPanelColumns + dim();
  if (parts == 1)
    results[1] = results[1] * step.group + dim();
  return AffineMap::get(next, 0, results, context);
}
