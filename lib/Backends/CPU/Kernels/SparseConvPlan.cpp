//===- SparseConvPlan.cpp - How a convolution of few weights is dealt out -===//

#include "SparseConvPlan.h"
#include "SplitProduct.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using llvm::divideCeil;

/// What ConvPlan is asked for is how the input lies; the tile is of no matter.
static ConvPlan makeConv(lir::ConvOp op, const TargetInfo &target) {
  return ConvPlan(
      op, target,
      {/*depthwise=*/false, /*packed=*/false,
       TileShape{1, target.getLanes(Float32Type::get(op.getContext()))}});
}

/// Where the taps of a dim begin, in strides' remainders.
static SmallVector<int64_t> getPhases(const ConvDim &dim) {
  SmallVector<int64_t> phases;
  for (int64_t tap = 0; tap < dim.taps; ++tap)
    if (int64_t phase = tap * dim.dilation % dim.stride;
        !llvm::is_contained(phases, phase))
      phases.push_back(phase);
  llvm::sort(phases);
  return phases;
}

std::string SparseConvPlan::explainRefusal(lir::ConvOp op,
                                           const TargetInfo &target) {
  auto input = cast<MemRefType>(op.getInput().getType());
  std::string why = SparseWord::explainRefusal(input.getElementType(),
                                               op.getAccumulatorType(), target);
  if (!why.empty())
    return why;
  if (op.getGroup() != 1)
    return "there are several groups of channels";
  if (llvm::is_contained(op.getFilterShape(), 0))
    return "the filter has no elements";
  ConvPlan conv = makeConv(op, target);
  if (conv.lanes < 4)
    return "vectors have fewer than four lanes";
  if (conv.dims.size() > 2)
    return "there are more than two spatial dims";
  if (!conv.inputStrides.back().isNumber())
    return "the distance of neighbouring pixels is open";
  for (const ConvDim &dim : conv.dims) {
    if (!dim.pad.isNumber())
      return "the pads are open";
    if (dim.input.is(0) || dim.output.is(0))
      return "there is nothing to compute";
    if (dim.pad.getNumber() < 0)
      return "pads cut the image";
  }
  return "";
}

SparseConvPlan::SparseConvPlan(lir::ConvOp op, const TargetInfo &target,
                               const SparseShape &shape)
    : conv(makeConv(op, target)), columns(conv.dims.back()), shape(shape),
      tile{conv.lanes, shape.vectors, shape.block,
           SparseWord::find(conv.element, target)} {
  // A convolution of one spatial dim has one line.
  if (conv.dims.size() == 2) {
    lines = conv.dims.front();
    lineStride = conv.inputStrides.front();
  }
  linePhases = getPhases(lines);
  columnPhases = getPhases(columns);
  AssumedSizes assumed(op);
  // Few lines of a wide strip have few columns that are read twice.
  constexpr int64_t mostOpen = 48;
  int64_t outputs = assumed.getLength(columns.output);
  strip = outputs;
  if (hasOpenColumns())
    strip = divideCeil(outputs, divideCeil(outputs, mostOpen));
  lineElements = divideCeil(columns.getWindow(strip), columns.stride);
  if (!hasOpenColumns() && columns.stride == 1) {
    // What the last column's taps read behind the image.
    int64_t width = columns.input.getNumber(), pad = columns.pad.getNumber(),
            behind = columns.getWindow(outputs) - pad - width;
    lineElements =
        std::max({outputs, width + pad, width + std::max<int64_t>(0, behind)});
  }
  int64_t depths[] = {tile.word.countWords(conv.inputChannels)};
  rows = getForm(depths, {}).getRows();
  cut(target, assumed);
}

kernels::SparseRowPacking::Form
SparseConvPlan::getForm(ArrayRef<int64_t> depths,
                        ArrayRef<int64_t> tapBytes) const {
  kernels::SparseRowPacking::Form form;
  form.outputs = conv.outputChannels;
  form.depths = depths;
  form.channelBytes = getChannelElements() * SparseTile::kElementBytes;
  form.tapBytes = tapBytes;
  form.section = shape.section;
  form.block = shape.block;
  form.groups = shape.groups;
  form.sumBytes = getSumPixels() * SparseTile::kElementBytes;
  form.areBytes = tile.word.areBytes();
  return form;
}

void SparseConvPlan::setLines(int64_t count) {
  chunkLines = count;
  slabLines = divideCeil(lines.getWindow(count), lines.stride);
  int64_t pixels = (count - 1) * lineElements + strip;
  tiles = divideCeil(pixels, tile.getPixels());
}

int64_t SparseConvPlan::getPhaseElements() const {
  // The last line's right padding, and the vector that its last pixels are
  // written by.
  return slabLines * lineElements + columns.pad.getNumber() +
         columns.taps * columns.dilation + tile.lanes;
}

SmallVector<SparseConvPlan::TapPlace> SparseConvPlan::getTapPlaces() const {
  SmallVector<TapPlace> places;
  for (int64_t i = 0; i < lines.taps; ++i)
    for (int64_t j = 0; j < columns.taps; ++j) {
      int64_t line = i * lines.dilation, column = j * columns.dilation,
              linePhase = llvm::find(linePhases, line % lines.stride) -
                          linePhases.begin(),
              columnPhase = llvm::find(columnPhases, column % columns.stride) -
                            columnPhases.begin();
      places.push_back(
          {linePhase * int64_t(columnPhases.size()) + columnPhase,
           line / lines.stride * lineElements + column / columns.stride});
    }
  return places;
}

SmallVector<int64_t> SparseConvPlan::getTapBytes() const {
  SmallVector<int64_t> offsets;
  for (const TapPlace &tap : getTapPlaces())
    offsets.push_back((tap.phase * getPhaseElements() + tap.element) *
                      SparseTile::kElementBytes);
  return offsets;
}

int64_t SparseConvPlan::getTileElements() const {
  SmallVector<TapPlace> places = getTapPlaces();
  int64_t elements = 0;
  for (int64_t phase = 0; phase < getNumPhases(); ++phase) {
    SmallVector<int64_t> read;
    for (const TapPlace &tap : places)
      if (tap.phase == phase)
        read.push_back(tap.element);
    auto [first, last] = std::minmax_element(read.begin(), read.end());
    elements += tile.getPixels() + *last - *first;
  }
  return elements;
}

int64_t SparseConvPlan::getSlabElements() const {
  int64_t words = llvm::alignTo(shape.section, tile.lanes);
  // The last tile has more pixels than there are.
  return words * getChannelElements() + getSumPixels();
}

double SparseConvPlan::estimateChunk(const TargetInfo &target) const {
  SparseCosts costs(tile, target);
  // Half of the vectors that are not at a multiple of their size lie on two
  // lines of L1.
  double entry = costs.entry;
  if (lines.taps * columns.taps > 1)
    entry += tile.vectors * 0.4 / target.description.loadsPerCycle;
  double entries = double(shape.entries) / rows.groups,
         words = tile.word.countWords(conv.inputChannels),
         written = words * getNumPhases() * slabLines * lineElements,
         stored = double(chunkLines) * llvm::alignTo(strip, tile.lanes) *
                  rows.getGroupOutputs();
  return tiles *
             (entries * entry + double(rows.rows) * rows.sections * costs.row) +
         (written + stored) * costs.transpose;
}

void SparseConvPlan::cut(const TargetInfo &target,
                         const AssumedSizes &assumed) {
  constexpr double begin = 500;
  int64_t height = assumed.getLength(lines.output);
  double copies = double(assumed.getCount(conv.images)) * rows.groups *
                  divideCeil(assumed.getLength(columns.output), strip);
  // Lines that a chunk has in common with the next one are read twice.
  double best = 0;
  int64_t chosen = 1;
  for (int64_t parts = 1; parts <= height; ++parts) {
    int64_t count = divideCeil(height, parts);
    setLines(count);
    // Sums and slab stay in L2.
    int64_t bytes = getStageOffset();
    if (count > 1 && bytes > target.description.l2Bytes / 2)
      continue;
    double chunk = begin + estimateChunk(target), sum = 0;
    int64_t chunks =
        std::max<int64_t>(1, int64_t(copies * divideCeil(height, count)));
    for (int64_t workers : kLikelyWorkers)
      sum += chunk * divideCeil(chunks, workers) * workers;
    if (best && sum >= best)
      continue;
    best = sum;
    chosen = count;
    cycles = chunk * chunks;
  }
  setLines(chosen);
}

Sizes SparseConvPlan::getChunkGrid() const {
  return {conv.images, lines.output.ceilDiv(chunkLines),
          columns.output.ceilDiv(strip), rows.groups};
}

Size SparseConvPlan::getNumChunks() const {
  Size count = productOf(getChunkGrid());
  return count.is(0) ? Size(1) : count;
}

int64_t SparseConvPlan::getSumsOffset() const {
  return llvm::alignTo(getSlabElements() * SparseTile::kElementBytes, 64);
}

int64_t SparseConvPlan::getStageOffset() const {
  return getSumsOffset() +
         rows.getGroupOutputs() * getSumPixels() * SparseTile::kElementBytes;
}

int64_t SparseConvPlan::getScratchBytes() const {
  return getStageOffset() + tile.lanes * tile.lanes * SparseTile::kElementBytes;
}

std::string SparseConvPlan::describe() const {
  return "conv sparse " + std::to_string(tile.block) + "x" +
         std::to_string(tile.getPixels());
}

SparseShape cpu::chooseSparseConv(lir::ConvOp op, const TargetInfo &target,
                                  int64_t block, int64_t entries) {
  SparseShape best;
  double least = 0;
  SparseWord word = SparseWord::find(
      cast<MemRefType>(op.getInput().getType()).getElementType(), target);
  for (int64_t vectors = 1,
               last = SparseTile::getMaxVectors(target, word, block);
       vectors <= last; ++vectors) {
    SparseShape shape{block, vectors, 1, 1, entries};
    SparseConvPlan any(op, target, shape);
    int64_t read = any.getTileElements(),
            words = word.countWords(any.conv.inputChannels),
            lanes = any.tile.lanes,
            most = std::max<int64_t>(1, getSectionElements(target) / read),
            sections = divideCeil(words, most);
    shape.section = llvm::alignTo(divideCeil(words, sections), lanes);
    for (int64_t groups : {1, 2, 4, 8}) {
      if (groups > 1 && any.conv.outputChannels < groups * 32)
        break;
      shape.groups = groups;
      SparseConvPlan plan(op, target, shape);
      double sum = 0;
      int64_t chunks = std::max<int64_t>(1, plan.getNumChunks().estimate());
      for (int64_t workers : kLikelyWorkers)
        sum += plan.cycles / chunks * divideCeil(chunks, workers) * workers;
      if (least == 0 || sum < least) {
        least = sum;
        best = shape;
      }
    }
  }
  return best;
}
