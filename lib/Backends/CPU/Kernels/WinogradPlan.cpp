//===- WinogradPlan.cpp - How a Winograd convolution is cut up ------------===//

#include "WinogradPlan.h"
#include "ConvPlan.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using namespace lambent::kernels;
using llvm::divideCeil;

/// Elements of f32 in a cache line.
constexpr int64_t kLine = 16;

/// The least odd number of cache lines that holds `elements`.
static int64_t alignToOddLines(int64_t elements) {
  return (divideCeil(elements, kLine) | 1) * kLine;
}

//===-- What it takes -----------------------------------------------------===//

static bool areOnes(ArrayRef<int64_t> values) {
  return llvm::all_of(values, [](int64_t value) { return value == 1; });
}

std::string WinogradPlan::explainRefusal(lir::ConvOp op) {
  auto input = cast<MemRefType>(op.getInput().getType());
  if (!input.getElementType().isF32())
    return "expected elements of f32";
  if (op.getFilterShape().size() != 4)
    return "expected two spatial dims";
  if (op.getGroup() != 1)
    return "expected one group";
  if (!areOnes(op.getStrides()) || !areOnes(op.getDilations()))
    return "expected strides and dilations of 1";
  Sizes outputs = lir::getSizes(cast<MemRefType>(op.getOutput().getType()));
  Sizes all = lir::getSizes(input);
  all.append(lir::getStrides(input));
  all.append(outputs);
  llvm::append_range(all, op.getPads());
  if (!areNumbers(all))
    return "expected sizes that are bound";
  if (productOf(outputs).is(0))
    return "expected an output that is not empty";
  if (getForms(op).empty())
    return "expected taps of a known form";
  return "";
}

SmallVector<WinogradForms> WinogradPlan::getForms(lir::ConvOp op) {
  int64_t y = op.getFilterShape()[2], x = op.getFilterShape()[3];
  if (y == 3 && x == 3)
    return {{{{4, 3}, {4, 3}}}, {{{2, 3}, {2, 3}}}};
  return {};
}

//===-- Sizes -------------------------------------------------------------===//

void WinogradPlan::readSizes(lir::ConvOp op) {
  auto input = cast<MemRefType>(op.getInput().getType());
  Sizes inputs = lir::getSizes(input), strides = lir::getStrides(input),
        outputs = lir::getSizes(cast<MemRefType>(op.getOutput().getType()));
  element = input.getElementType();
  images = inputs[0].getNumber();
  imageStride = strides[0].getNumber();
  outputChannels = op.getFilterShape()[0];
  inputChannels = op.getFilterShape()[1];
  for (auto [d, dim] : llvm::enumerate(dims)) {
    dim.input = inputs[d + 1].getNumber();
    dim.output = outputs[d + 1].getNumber();
    dim.pad = op.getPads()[d].getNumber();
    dim.inputStride = strides[d + 1].getNumber();
    dim.tiles = divideCeil(dim.output, forms[d].outputs);
  }
}

WinogradPlan::WinogradPlan(lir::ConvOp op, const WinogradForms &forms,
                           const TargetInfo &target)
    : forms(forms) {
  readSizes(op);
  lanes = target.getLanes(element);
  tile =
      chooseTile(TileLimits(target, element), getNumTiles(), outputChannels,
                 getTileStep() * sizeof(float), inputChannels * sizeof(float));
  cut(target);
}

static WinogradForms readForms(lir::ConvOp op, WinogradAttr algorithm) {
  ArrayRef<int64_t> filter = op.getFilterShape();
  return {{{algorithm.getTileHeight(), filter[2]},
           {algorithm.getTileWidth(), filter[3]}}};
}

WinogradPlan::WinogradPlan(lir::ConvOp op, WinogradAttr algorithm,
                           const TargetInfo &target)
    : forms(readForms(op, algorithm)) {
  readSizes(op);
  lanes = target.getLanes(element);
  tile = {algorithm.getRows(), algorithm.getColumns()};
  cut(target);
}

WinogradAttr WinogradPlan::getAlgorithm(MLIRContext *context) const {
  return WinogradAttr::get(context, tile.rows, tile.columns, forms[0].outputs,
                           forms[1].outputs);
}

lir::WinogradPackingAttr WinogradPlan::getPacking(MLIRContext *context) const {
  return lir::WinogradPackingAttr::get(context, forms[0].outputs,
                                       forms[1].outputs);
}

SmallVector<int64_t> WinogradPlan::getPackedShape() const {
  return {panels, getPoints(), inputChannels, tile.columns};
}

int64_t WinogradPlan::getNumBlocks() const {
  return divideCeil(split.tiles, blockTiles);
}

Sizes WinogradPlan::getChunkGrid() const {
  return {getNumBlocks(), int64_t(divideCeil(panels, chunkPanels))};
}

int64_t WinogradPlan::getNumChunks() const {
  return getNumBlocks() * divideCeil(panels, chunkPanels);
}

int64_t WinogradPlan::getTileStep() const {
  int64_t step = llvm::alignTo(inputChannels, kLine);
  // Neighbouring rows of a product should not share cache sets.
  return step % (8 * kLine) == 0 ? step + kLine : step;
}

int64_t WinogradPlan::getInputStep() const {
  return alignToOddLines(blockTiles * split.rows * getTileStep());
}

int64_t WinogradPlan::getProductStep() const {
  return alignToOddLines(blockTiles * split.rows * tile.columns);
}

int64_t WinogradPlan::getInputBytes() const {
  return getPoints() * getInputStep() * sizeof(float);
}

int64_t WinogradPlan::getProductBytes() const {
  return getPoints() * getProductStep() * sizeof(float);
}

int64_t WinogradPlan::getPatchChannels() const {
  return llvm::alignTo(inputChannels, kLine);
}

int64_t WinogradPlan::getPatchBytes() const {
  return getPoints() * getPatchChannels() * sizeof(float);
}

int64_t WinogradPlan::getStageBytes() const {
  return llvm::alignTo(
      forms[0].outputs * forms[1].outputs * lanes * sizeof(float), 64);
}

int64_t WinogradPlan::getScratchBytes() const {
  return getInputBytes() + getProductBytes() + getPatchBytes() +
         getStageBytes();
}

std::string WinogradPlan::describe() const {
  return "conv winograd " + std::to_string(forms[0].outputs) + "x" +
         std::to_string(forms[1].outputs) + " " + std::to_string(split.rows) +
         "x" + std::to_string(tile.columns);
}

//===-- Cutting and costs -------------------------------------------------===//

/// Cycles that reading `bytes` once takes where they are used again and again:
/// from L2, from L3, or from memory, which is all that a model's other weights
/// leave for them.
static double estimateReading(const TargetInfo &target, double bytes) {
  if (bytes <= 0.375 * target.description.l2Bytes)
    return bytes / 64;
  return bytes <= 2.0 * target.description.l2Bytes ? bytes / 16 : bytes / 8;
}

/// Arithmetic and reading overlap in part.
static double overlap(double arithmetic, double reading) {
  return std::max(arithmetic, reading) + 0.3 * std::min(arithmetic, reading);
}

void WinogradPlan::cut(const TargetInfo &target) {
  split = RowSplit::create(getNumTiles(), tile.rows);
  panels = divideCeil(outputChannels, tile.columns);
  // More register tiles in a block read U less often, until V lies far away or
  // too little is left to share.
  constexpr int64_t mostTiles = 8, leastChunks = 8, wantedChunks = 24;
  double best = 0;
  int64_t bestTiles = 1;
  for (int64_t count = 1; count <= std::min(mostTiles, split.tiles); ++count) {
    blockTiles = count;
    if (count > 1 && getNumBlocks() * panels < leastChunks)
      break;
    double cycles = estimateCycles(target);
    if (count == 1 || cycles < 0.98 * best) {
      best = cycles;
      bestTiles = count;
    }
  }
  blockTiles = divideCeil(split.tiles, divideCeil(split.tiles, bestTiles));
  // Enough chunks for some workers, of enough work each. The chunks of a block
  // transform its input once where one worker takes them one after the other.
  int64_t work =
      blockTiles * split.rows * getPoints() * inputChannels * tile.columns;
  int64_t least = divideCeil(kChunkWork, std::max<int64_t>(1, work));
  int64_t groups = std::max<int64_t>(1, wantedChunks / getNumBlocks());
  chunkPanels =
      std::min(panels, std::max<int64_t>(divideCeil(panels, groups), least));
  chunkPanels = divideCeil(panels, divideCeil(panels, chunkPanels));
}

double WinogradPlan::estimateBlocks(const TargetInfo &target) const {
  double filterBytes = double(panels) * getPoints() * inputChannels *
                       tile.columns * sizeof(float);
  return getNumBlocks() * (estimateReading(target, filterBytes) +
                           panels * estimateReading(target, getInputBytes()));
}

double WinogradPlan::estimateTransforms() const {
  // Steps of vectors along one dim for each line of the other; a load and a
  // store for each point, of which one a cycle.
  auto count = [&](auto matrix, int64_t firstLines, int64_t secondLines) {
    WinogradMatrices y(forms[0]), x(forms[1]);
    return LinearTransform(matrix(y)).getNumSteps() * firstLines +
           LinearTransform(matrix(x)).getNumSteps() * secondLines;
  };
  int64_t ay = forms[0].getPoints(), ax = forms[1].getPoints();
  double inputSteps =
      count([](WinogradMatrices &m) { return m.input; }, ax, ay);
  double outputSteps =
      count([](WinogradMatrices &m) { return m.output; }, ax, forms[0].outputs);
  double memory = 1.5 * getPoints();
  double perInput = 0.5 * inputSteps + memory,
         perOutput = 0.5 * outputSteps + memory;
  return getNumTiles() * (divideCeil(inputChannels, lanes) * perInput +
                          divideCeil(outputChannels, lanes) * perOutput);
}

double WinogradPlan::estimateCycles(const TargetInfo &target) const {
  TileLimits limits(target, element);
  int64_t vectors = tile.columns / lanes,
          panelBytes = inputChannels * tile.columns * sizeof(float);
  auto product = [&](int64_t rows, int64_t vectors) {
    // Setting up and storing the accumulators.
    return inputChannels * limits.getStepCycles(rows, vectors, panelBytes) +
           rows * vectors + 20;
  };
  auto panel = [&](int64_t vectors) {
    double small = split.rows > 1 ? product(split.rows - 1, vectors) : 0;
    return split.bigTiles * product(split.rows, vectors) +
           (split.tiles - split.bigTiles) * small;
  };
  int64_t whole = outputChannels / tile.columns,
          tail = divideCeil(outputChannels - whole * tile.columns, lanes);
  double products =
      getPoints() * (whole * panel(vectors) + (tail ? panel(tail) : 0));
  return overlap(products, estimateBlocks(target)) + estimateTransforms();
}

double cpu::estimateDirectCycles(lir::ConvOp op, const TargetInfo &target) {
  ConvPlan plan(op, target, {/*depthwise=*/false, /*packed=*/true, {}});
  TileLimits limits(target, plan.accumulator);
  int64_t taps = 1;
  double used = 1; // the part of the taps that is not in padding
  for (const ConvDim &dim : plan.dims) {
    int64_t inside = 0, outputs = dim.output.getNumber();
    for (int64_t o = 0; o < outputs; ++o)
      for (int64_t tap = 0; tap < dim.taps; ++tap) {
        int64_t at = o * dim.stride + tap * dim.dilation - dim.pad.getNumber();
        inside += at >= 0 && at < dim.input.getNumber();
      }
    used *= double(inside) / (outputs * dim.taps);
    taps *= dim.taps;
  }
  int64_t depth = taps * plan.inputChannels,
          panelBytes = depth * plan.tile.columns * sizeof(float);
  const RowSplit &split = plan.split;
  auto row = [&](int64_t vectors) {
    auto step = [&](int64_t rows) {
      return rows ? limits.getStepCycles(rows, vectors, panelBytes) : 0;
    };
    return split.bigTiles * step(split.rows) +
           (split.tiles - split.bigTiles) * step(split.rows - 1);
  };
  int64_t whole = plan.outputChannels / plan.tile.columns,
          tail = divideCeil(plan.outputChannels - whole * plan.tile.columns,
                            plan.lanes);
  double products =
      plan.getNumRows().getNumber() * used * depth *
      (whole * row(plan.tile.columns / plan.lanes) + (tail ? row(tail) : 0));
  double filterBytes = double(plan.panels) * panelBytes;
  return overlap(products, estimateReading(target, filterBytes));
}
