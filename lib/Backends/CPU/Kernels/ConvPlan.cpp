//===- ConvPlan.cpp - How a lir.conv is tiled, packed and dealt out -------===//

#include "ConvPlan.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using llvm::divideCeil;

ConvPlan::ConvPlan(lir::ConvOp op, const TargetInfo &target) {
  auto input = cast<MemRefType>(op.getInput().getType());
  auto output = cast<MemRefType>(op.getOutput().getType());
  ArrayRef<int64_t> filter = op.getFilterShape();
  unsigned rank = filter.size() - 2;
  element = input.getElementType();
  accumulator = lir::getAccumulatorType(element);
  lanes = target.getLanes(accumulator);
  images = input.getDimSize(0);
  spatialRank = rank;
  group = op.getGroup();
  inputChannels = filter[1];
  outputChannels = filter[0] / group;
  SmallVector<int64_t> strides = getNumbers(lir::getStrides(input));
  imageStride = strides.front();
  for (unsigned d = 0; d < rank; ++d) {
    ConvDim dim{input.getDimSize(d + 1), output.getDimSize(d + 1),
                filter[d + 2],           op.getStrides()[d],
                op.getDilations()[d],    op.getPads()[d]};
    // A dim of one element says nothing; without it the last dim that is left
    // makes the rows.
    bool trivial = dim.input == 1 && dim.output == 1 && dim.taps == 1;
    if (trivial && (d + 1 < rank || !dims.empty()))
      continue;
    dims.push_back(dim);
    positions.push_back(d);
    inputStrides.push_back(strides[d + 1]);
  }
  depthwise = inputChannels == 1 && outputChannels == 1 && group > 1;
  packed = bool(op.getAlgorithm());

  int64_t taps = 1;
  for (const ConvDim &dim : dims)
    taps *= dim.taps;
  int64_t bytes = std::max<int64_t>(1, element.getIntOrFloatBitWidth() / 8);
  int64_t width = getColumns().output;
  if (depthwise) {
    tile = chooseDepthwiseTile(TileLimits(target, accumulator), width, group,
                               getColumns().taps);
    split = RowSplit::create(width, tile.rows);
    panels = divideCeil(group, tile.columns);
    // It runs at a quarter of a product's speed.
    chunk = chooseChunk(1, getNumRows(), panels, {4 * width, tile.columns},
                        taps, taps * tile.columns * bytes, target.l2Bytes);
    return;
  }
  int64_t pixelBytes = getColumns().stride * inputStrides.back() * bytes;
  auto chosen = op.getAlgorithmAttr();
  if (packed && chosen.getAs<IntegerAttr>("columns"))
    tile = {chosen.getAs<IntegerAttr>("rows").getInt(),
            chosen.getAs<IntegerAttr>("columns").getInt()};
  else
    tile = chooseTile(TileLimits(target, accumulator), width, outputChannels,
                      pixelBytes, taps * inputChannels * bytes);
  split = RowSplit::create(width, std::max<int64_t>(1, tile.rows));
  panels = divideCeil(outputChannels, tile.columns);
  chunk = chooseChunk(group, getNumRows(), panels, {width, tile.columns},
                      taps * inputChannels, getPanelElements() * bytes,
                      target.l2Bytes);
}

int64_t ConvPlan::getPanelElements() const {
  int64_t elements = inputChannels * tile.columns;
  for (const ConvDim &dim : dims)
    elements *= dim.taps;
  return elements;
}

SmallVector<int64_t> ConvPlan::getPackedShape() const {
  SmallVector<int64_t> shape{panels};
  if (!depthwise)
    shape.insert(shape.begin(), group);
  for (const ConvDim &dim : dims)
    shape.push_back(dim.taps);
  if (depthwise)
    shape.push_back(tile.columns);
  else
    shape.append({inputChannels, tile.columns});
  return shape;
}

AffineMap ConvPlan::getPackingMap(MLIRContext *context) const {
  unsigned next = 0;
  auto dim = [&] { return getAffineDimExpr(next++, context); };
  AffineExpr channel;
  if (depthwise) {
    channel = dim() * tile.columns;
  } else {
    AffineExpr g = dim();
    channel = g * outputChannels + dim() * tile.columns;
  }
  SmallVector<AffineExpr> results(spatialRank + 2,
                                  getAffineConstantExpr(0, context));
  for (unsigned position : positions)
    results[position + 2] = dim();
  results[1] = depthwise ? getAffineConstantExpr(0, context) : dim();
  results[0] = channel + dim();
  return AffineMap::get(next, 0, results, context);
}

DictionaryAttr ConvPlan::getAlgorithm(MLIRContext *context) const {
  Builder builder(context);
  StringRef kind = depthwise ? "depthwise" : "implicit-gemm";
  return builder.getDictionaryAttr(
      {builder.getNamedAttr("kind", builder.getStringAttr(kind)),
       builder.getNamedAttr("rows", builder.getI64IntegerAttr(tile.rows)),
       builder.getNamedAttr("columns",
                            builder.getI64IntegerAttr(tile.columns))});
}

int64_t ConvPlan::getNumRows() const {
  int64_t rows = images;
  for (const ConvDim &dim : getOuterDims())
    rows *= dim.output;
  return rows;
}

SmallVector<int64_t> ConvPlan::getChunkGrid() const {
  return {depthwise ? 1 : group,
          std::max<int64_t>(1, divideCeil(getNumRows(), chunk.tiles)),
          std::max<int64_t>(1, divideCeil(panels, chunk.panels))};
}

int64_t ConvPlan::getNumChunks() const {
  SmallVector<int64_t> grid = getChunkGrid();
  return grid[0] * grid[1] * grid[2];
}

int64_t ConvPlan::getFilterScratchBytes() const {
  if (packed)
    return 0;
  int64_t bytes = std::max<int64_t>(1, element.getIntOrFloatBitWidth() / 8);
  return llvm::alignTo(getPanelElements() * bytes, 64);
}

int64_t ConvPlan::getScratchBytes() const {
  int64_t bytes = accumulator.getIntOrFloatBitWidth() / 8;
  return getFilterScratchBytes() +
         llvm::alignTo(tile.rows * tile.columns * bytes, 64);
}

std::string ConvPlan::describe() const {
  return std::string("conv ") + (depthwise ? "depthwise " : "implicit-gemm ") +
         std::to_string(split.rows) + "x" + std::to_string(tile.columns);
}
