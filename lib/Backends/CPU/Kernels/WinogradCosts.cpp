//===- WinogradCosts.cpp - What a Winograd convolution should take --------===//

#include "ConvPlan.h"
#include "WinogradPlan.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using namespace lambent::kernels;
using llvm::divideCeil;
using llvm::divideCeilSigned;

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

double WinogradPlan::estimateBlocks(const TargetInfo &target) const {
  double filterBytes = double(panels) * getPoints() * inputChannels *
                       tile.columns * sizeof(float);
  return divideCeil(split.tiles, blockTiles) *
         (estimateReading(target, filterBytes) +
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
  return split.getRow(split.tiles) *
         (divideCeil(inputChannels, lanes) * perInput +
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
  AssumedSizes assumed(op);
  ConvPlan plan(op, target, {/*depthwise=*/false, /*packed=*/true, {}});
  TileLimits limits(target, plan.accumulator,
                    StepCosts::find(plan.types, target));
  int64_t taps = 1;
  double rows = assumed.getCount(plan.images);
  double used = 1; // the part of the taps that is not in padding
  for (const ConvDim &dim : plan.dims) {
    int64_t outputs = assumed.getLength(dim.output),
            inputs = assumed.getLength(dim.input),
            pad = assumed.getLength(dim.pad);
    double inside = 0;
    for (int64_t tap = 0; tap < dim.taps; ++tap) {
      // Outputs from the first one whose input is not before the image to the
      // first one whose input lies behind it.
      int64_t before = pad - tap * dim.dilation;
      auto getFirst = [&](int64_t at) {
        return std::clamp<int64_t>(divideCeilSigned(at, dim.stride), 0,
                                   outputs);
      };
      inside += getFirst(before + inputs) - getFirst(before);
    }
    used *= inside / (double(outputs) * dim.taps);
    taps *= dim.taps;
    if (&dim != &plan.getColumns())
      rows *= outputs;
  }
  int64_t depth = taps * plan.inputChannels / plan.getStepChannels(),
          panelBytes = depth * plan.tile.columns * sizeof(float);
  RowSplit split = RowSplit::create(assumed.getLength(plan.getColumns().output),
                                    std::max<int64_t>(1, plan.tile.rows));
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
      rows * used * depth *
      (whole * row(plan.tile.columns / plan.lanes) + (tail ? row(tail) : 0));
  double filterBytes = double(plan.panels) * panelBytes;
  return overlap(products, estimateReading(target, filterBytes));
}
