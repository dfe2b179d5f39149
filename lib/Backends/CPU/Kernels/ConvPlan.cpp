//===- ConvPlan.cpp - How a lir.conv is tiled, packed and dealt out -------===//

#include "ConvPlan.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using llvm::divideCeil;

ConvPlan::ConvPlan(lir::ConvOp op, const TargetInfo &target, const Form &form)
    : depthwise(form.depthwise), packed(form.packed), shortSums(form.shortSums),
      keptSteps(form.keptSteps) {
  auto input = cast<MemRefType>(op.getInput().getType());
  auto output = cast<MemRefType>(op.getOutput().getType());
  ArrayRef<int64_t> filter = op.getFilterShape();
  unsigned rank = filter.size() - 2;
  element = input.getElementType();
  accumulator = op.getAccumulatorType();
  inputChannels = filter[1];
  types = ProductTypes::find(element, accumulator, inputChannels, target);
  types.chain = shortSums.chain;
  lanes = target.getLanes(accumulator);
  spatialRank = rank;
  group = op.getGroup();
  outputChannels = filter[0] / group;
  Sizes strides = lir::getStrides(input), inputs = lir::getSizes(input),
        outputs = lir::getSizes(output);
  images = inputs[0];
  imageStride = strides.front();
  for (unsigned d = 0; d < rank; ++d) {
    ConvDim dim{inputs[d + 1],        outputs[d + 1],  filter[d + 2],
                op.getStrides()[d],   op.getDilations()[d], op.getPads()[d],
                op.getPads()[d + rank]};
    // A dim of one element says nothing, unless its only tap reads padding;
    // without it the last dim that is left makes the rows.
    bool trivial = dim.input.is(1) && dim.output.is(1) && dim.taps == 1 &&
                   op.getPads()[d].is(0);
    if (trivial && (d + 1 < rank || !dims.empty()))
      continue;
    dims.push_back(dim);
    positions.push_back(d);
    inputStrides.push_back(strides[d + 1]);
  }
  if (form.tile)
    tile = *form.tile;
  else
    chooseTile(target);
  int64_t most = std::max<int64_t>(1, tile.rows);
  if (hasOpenColumns())
    split.rows = most;
  else
    split = RowSplit::create(getColumns().output.getNumber(), most);
  panels = divideCeil(depthwise ? group : outputChannels, tile.columns);
  cutChunks(target);
}

int64_t ConvPlan::getElementBytes() const {
  return std::max<int64_t>(1, element.getIntOrFloatBitWidth() / 8);
}

int64_t ConvPlan::countTaps() const {
  int64_t taps = 1;
  for (const ConvDim &dim : dims)
    taps *= dim.taps;
  return taps;
}

int64_t ConvPlan::getTileableWidth() const {
  // As many as fill tiles well whatever the run's number is.
  constexpr int64_t many = 8192;
  return hasOpenColumns() ? many : getColumns().output.getNumber();
}

std::vector<TileShape>
ConvPlan::listOtherTiles(const TargetInfo &target) const {
  TileLimits limits = getLimits(target);
  if (depthwise && getStepChannels() > 1)
    return {};
  if (depthwise)
    return listDepthwiseTiles(limits, getTileableWidth(), group,
                              getColumns().taps);
  return cpu::listOtherTiles(limits, getTileableWidth(), outputChannels,
                             countTaps() * inputChannels * getElementBytes());
}

TileLimits ConvPlan::getLimits(const TargetInfo &target) const {
  return TileLimits(target, accumulator, StepCosts::find(types, target));
}

void ConvPlan::chooseTile(const TargetInfo &target) {
  int64_t width = getTileableWidth();
  TileLimits limits = getLimits(target);
  if (depthwise && getStepChannels() > 1) {
    // Of one vector: each pixel's bytes are interleaved once.
    constexpr int64_t most = 12;
    tile = {std::min(width, most), lanes};
    return;
  }
  if (depthwise) {
    tile = chooseDepthwiseTile(limits, width, group, getColumns().taps);
    return;
  }
  int64_t bytes = getElementBytes();
  int64_t pixelBytes =
      getColumns().stride * inputStrides.back().estimate() * bytes;
  tile = cpu::chooseTile(limits, width, outputChannels, pixelBytes,
                         countTaps() * inputChannels * bytes);
}

void ConvPlan::cutChunks(const TargetInfo &target) {
  int64_t copies = depthwise ? 1 : group, taps = countTaps(),
          width = getColumns().output.estimate();
  // A depthwise one runs at a quarter of a product's speed.
  TileShape row{depthwise ? 4 * width : width, tile.columns};
  int64_t depth = depthwise ? taps : taps * inputChannels / getStepChannels();
  if (keptSteps)
    depth = keptSteps;
  int64_t panelBytes = getPanelElements() * getElementBytes();
  auto choose = [&](int64_t rows) {
    return chooseChunk(copies, rows, panels, row, depth, panelBytes,
                       target.description);
  };
  Size rows = getNumRows();
  if (rows.isNumber() && !hasOpenColumns()) {
    ChunkShape chunk = choose(rows.getNumber());
    chunkRows = chunk.tiles;
    chunkPanels = chunk.panels;
    return;
  }
  // Panels as for one image. Rows follow the run's width: as many as are worth
  // a chunk, and of many rows more, for more than some 64 chunks balance no
  // better.
  constexpr int64_t mostChunks = 64;
  Size perImage = images.isNumber() ? images : Size(1);
  for (const ConvDim &dim : getOuterDims())
    perImage *= dim.output;
  chunkPanels = choose(std::max<int64_t>(1, perImage.estimate())).panels;
  int64_t others = copies * divideCeil(panels, chunkPanels);
  int64_t columnWork =
      std::max<int64_t>(1, tile.columns * depth * chunkPanels) *
      (depthwise ? 4 : 1);
  chunkRows =
      rows.floorDiv(std::max<int64_t>(1, mostChunks / others)) +
      Size(kChunkWork).floorDiv((getColumns().output + 1) * columnWork) + 1;
}

kernels::ShortPanel ConvPlan::getShortPanel() const {
  return {countTaps(), inputChannels / getStepChannels(), tile.columns,
          shortSums.extraSteps};
}

kernels::SparsePanel ConvPlan::getSparsePanel() const {
  return {countTaps(), inputChannels, tile.columns, keptSteps};
}

bool ConvPlan::joinsTapRows() const {
  return keptSteps && !hasOpenColumns() && dims.size() > 1 &&
         inputStrides[dims.size() - 2].isNumber();
}

SmallVector<int64_t> ConvPlan::getListedStrides() const {
  SmallVector<int64_t> strides(dims.size(), 0);
  strides.back() = getColumns().dilation * getPixelStride();
  if (joinsTapRows())
    strides[dims.size() - 2] = dims[dims.size() - 2].dilation *
                               inputStrides[dims.size() - 2].getNumber();
  strides.push_back(1);
  return strides;
}

int64_t ConvPlan::getPanelElements() const {
  if (keptSteps)
    return getSparsePanel().getWords();
  if (shortSums.chain)
    return getShortPanel().getBytes();
  if (!depthwise || getStepChannels() == 1)
    return inputChannels * tile.columns * countTaps();
  int64_t elements = getPanelStep();
  for (const ConvDim &dim : dims)
    elements *= countSteps(dim);
  return elements;
}

int64_t ConvPlan::countSteps(const ConvDim &dim) const {
  bool isRow = &dim == &dims.back();
  return isRow ? dim.taps : divideCeil(dim.taps, getStepChannels());
}

SmallVector<int64_t> ConvPlan::getPackedShape() const {
  SmallVector<int64_t> shape{panels};
  if (!depthwise)
    shape.insert(shape.begin(), group);
  for (const ConvDim &dim : dims)
    shape.push_back(depthwise ? countSteps(dim) : dim.taps);
  if (depthwise)
    shape.push_back(tile.columns);
  else
    shape.append({inputChannels / getStepChannels(), tile.columns});
  if (getStepChannels() > 1)
    shape.push_back(getStepChannels());
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
  bool stepsRows = depthwise && getStepChannels() > 1;
  results[1] =
      depthwise ? getAffineConstantExpr(0, context) : dim() * getStepChannels();
  results[0] = channel + dim();
  if (stepsRows && dims.size() == 2) {
    AffineExpr &row = results[positions.front() + 2];
    row = row * getStepChannels() + dim();
  } else if (getStepChannels() > 1) {
    results[1] = results[1] + dim();
  }
  return AffineMap::get(next, 0, results, context);
}

Size ConvPlan::getNumRows() const {
  Size rows = images;
  for (const ConvDim &dim : getOuterDims())
    rows *= dim.output;
  return rows;
}

Sizes ConvPlan::getChunkGrid() const {
  Size rows = (getNumRows() + chunkRows - 1).floorDiv(chunkRows);
  return {depthwise ? 1 : group, rows.is(0) ? Size(1) : rows,
          std::max<int64_t>(1, divideCeil(panels, chunkPanels))};
}

Size ConvPlan::getNumChunks() const { return productOf(getChunkGrid()); }

int64_t ConvPlan::getFilterScratchBytes() const {
  if (packed)
    return 0;
  return llvm::alignTo(getPanelElements() * getElementBytes(), 64);
}

int64_t ConvPlan::getStageBytes() const {
  int64_t bytes = accumulator.getIntOrFloatBitWidth() / 8;
  return llvm::alignTo(tile.rows * tile.columns * bytes, 64);
}

int64_t ConvPlan::getWindowBytes() const {
  if (depthwise || !hasOpenColumns() || !getColumns().mayLeaveImage())
    return 0;
  int64_t elements = getColumns().getWindow(split.rows) * getPixelStride();
  return llvm::alignTo(elements * getElementBytes(), 64);
}

int64_t ConvPlan::getScratchBytes() const {
  return getFilterScratchBytes() + getStageBytes() + getWindowBytes();
}

std::string ConvPlan::describe() const {
  return std::string("conv ") + (depthwise ? "depthwise " : "implicit-gemm ") +
         std::to_string(split.rows) + "x" + std::to_string(tile.columns) +
         (shortSums.chain ? shortSums.describe()
          : keptSteps     ? " sparse"
                          : "");
}

double ConvPlan::estimateCycles(const TargetInfo &target) const {
  TileLimits limits = getLimits(target);
  int64_t depth = countTaps() * inputChannels / getStepChannels(),
          vectors = divideCeil(tile.columns, lanes);
  double step = limits.getStepCycles(split.rows, vectors,
                                     getPanelElements() * getElementBytes());
  double tiles = double(getNumRows().estimate()) *
                 divideCeil(getColumns().output.estimate(),
                            std::max<int64_t>(1, split.rows));
  return tiles * panels * (depthwise ? 1 : group) * depth * step;
}
