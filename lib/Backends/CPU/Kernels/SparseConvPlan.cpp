//===- SparseConvPlan.cpp - How a convolution of few weights is dealt out -===//

#include "SparseConvPlan.h"
#include "AssumedSizes.h"
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

std::string SparseConvPlan::explainRefusal(lir::ConvOp op,
                                           const TargetInfo &target) {
  auto input = cast<MemRefType>(op.getInput().getType());
  if (!input.getElementType().isF32() || !op.getAccumulatorType().isF32())
    return "the operands are not f32";
  if (op.getGroup() != 1)
    return "there are several groups of channels";
  if (llvm::is_contained(op.getFilterShape(), 0))
    return "the filter has no elements";
  ConvPlan conv = makeConv(op, target);
  if (conv.lanes < 4)
    return "vectors have fewer than four lanes";
  if (conv.dims.size() > 2)
    return "there are more than two spatial dims";
  for (auto [dim, stride] : llvm::zip_equal(conv.dims, conv.inputStrides)) {
    if (!areNumbers({dim.input, dim.output, dim.pad, dim.padEnd, stride}))
      return "the image's sizes are open";
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
      tile{conv.lanes, shape.vectors, shape.block} {
  // A convolution of one spatial dim has one line.
  if (conv.dims.size() == 2) {
    lines = conv.dims.front();
    lineStride = conv.inputStrides.front().getNumber();
  }
  int64_t width = columns.input.getNumber(), pad = columns.pad.getNumber(),
          outputs = columns.output.getNumber();
  // What the last column's taps read behind the image.
  int64_t behind = columns.getWindow(outputs) - pad - width;
  if (columns.stride == 1)
    lineElements =
        std::max({outputs, width + pad, width + std::max<int64_t>(0, behind)});
  else
    lineElements = divideCeil(columns.getWindow(outputs), columns.stride);
  int64_t depths[] = {conv.inputChannels};
  rows = getForm(depths, {}).getRows();
  cut(target, AssumedSizes(op).getCount(conv.images));
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
  return form;
}

void SparseConvPlan::setLines(int64_t count) {
  chunkLines = count;
  slabLines = divideCeil(lines.getWindow(count), lines.stride);
  int64_t pixels = (count - 1) * lineElements + columns.output.getNumber();
  tiles = divideCeil(pixels, tile.getPixels());
}

int64_t SparseConvPlan::getPhaseElements() const {
  // The last line's right padding, and the vector that its last pixels are
  // written by.
  return slabLines * lineElements + columns.pad.getNumber() +
         columns.taps * columns.dilation + tile.lanes;
}

SmallVector<int64_t> SparseConvPlan::getTapBytes() const {
  SmallVector<int64_t> offsets;
  for (int64_t i = 0; i < lines.taps; ++i)
    for (int64_t j = 0; j < columns.taps; ++j) {
      int64_t line = i * lines.dilation, column = j * columns.dilation,
              phase = line % lines.stride * columns.stride +
                      column % columns.stride;
      offsets.push_back((phase * getPhaseElements() +
                         line / lines.stride * lineElements +
                         column / columns.stride) *
                        SparseTile::kElementBytes);
    }
  return offsets;
}

int64_t SparseConvPlan::getSlabElements() const {
  int64_t channels = llvm::alignTo(shape.section, tile.lanes);
  // The last tile has more pixels than there are.
  return channels * getChannelElements() + getSumPixels();
}

double SparseConvPlan::estimateChunk(const TargetInfo &target) const {
  SparseCosts costs(tile, target);
  // Half of the vectors that are not at a multiple of their size lie on two
  // lines of L1.
  double entry = costs.entry;
  if (lines.taps * columns.taps > 1)
    entry += tile.vectors * 0.4 / target.description.loadsPerCycle;
  double entries = double(shape.entries) / rows.groups,
         channels = conv.inputChannels,
         written = channels * lines.stride * columns.stride * slabLines *
                   lineElements,
         stored = double(chunkLines) *
                  llvm::alignTo(columns.output.getNumber(), tile.lanes) *
                  rows.getGroupOutputs();
  return tiles *
             (entries * entry + double(rows.rows) * rows.sections * costs.row) +
         (written + stored) * costs.transpose;
}

void SparseConvPlan::cut(const TargetInfo &target, double images) {
  constexpr double begin = 500;
  int64_t height = lines.output.getNumber();
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
    int64_t chunks = std::max<int64_t>(
        1, int64_t(images * divideCeil(height, count) * rows.groups));
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
  return {conv.images, divideCeil(lines.output.getNumber(), chunkLines),
          rows.groups};
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
  for (int64_t vectors = 1; vectors <= SparseTile::getMaxVectors(target, block);
       ++vectors) {
    SparseShape shape{block, vectors, 1, 1, entries};
    SparseConvPlan any(op, target, shape);
    // What a tile reads of a channel.
    int64_t read = any.tile.getPixels() +
                   any.getTapBytes().back() / SparseTile::kElementBytes,
            channels = any.conv.inputChannels, lanes = any.tile.lanes,
            most = std::max<int64_t>(1, getSectionElements(target) / read),
            sections = divideCeil(channels, most);
    shape.section = llvm::alignTo(divideCeil(channels, sections), lanes);
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
