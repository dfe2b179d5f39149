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

double WinogradPlan::estimateBlocks(const TargetInfo &target,
                                    double steps) const {
  double filterBytes =
      panels * getPoints() * steps * tile.columns * sizeof(float);
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

double WinogradPlan::estimateProducts(
    llvm::function_ref<double(int64_t rows, int64_t vectors)> cycles) const {
  auto panel = [&](int64_t vectors) {
    double small = split.rows > 1 ? cycles(split.rows - 1, vectors) : 0;
    return split.bigTiles * cycles(split.rows, vectors) +
           (split.tiles - split.bigTiles) * small;
  };
  int64_t whole = outputChannels / tile.columns,
          tail = divideCeil(outputChannels - whole * tile.columns, lanes);
  return getPoints() *
         (whole * panel(tile.columns / lanes) + (tail ? panel(tail) : 0));
}

double WinogradPlan::estimateCycles(const TargetInfo &target) const {
  TileLimits limits(target, element);
  int64_t panelBytes = inputChannels * tile.columns * sizeof(float);
  double products = estimateProducts([&](int64_t rows, int64_t vectors) {
    return inputChannels * limits.getStepCycles(rows, vectors, panelBytes) +
           limits.getTileCycles(rows, vectors);
  });
  return overlap(products, estimateBlocks(target, inputChannels)) +
         estimateTransforms();
}

double WinogradPlan::estimateListed(const TargetInfo &target,
                                    double share) const {
  TileLimits limits(target, element);
  double steps = share * inputChannels;
  double products = estimateProducts([&](int64_t rows, int64_t vectors) {
    return steps * limits.getListedStepCycles(rows, vectors) +
           limits.getTileCycles(rows, vectors);
  });
  return overlap(products, estimateBlocks(target, steps)) +
         estimateTransforms();
}

namespace {

/// What a direct convolution is made of, with assumed sizes where they are
/// open.
struct DirectTiles {
  DirectTiles(lir::ConvOp op, const ConvPlan &plan, const TargetInfo &target);
  /// What tiles take of which `cycles` says so, with these rows and vectors.
  double
  sum(llvm::function_ref<double(int64_t rows, int64_t vectors)> cycles) const;

  const ConvPlan &plan;
  TileLimits limits;
  double rows;     ///< of output pixels
  double used = 1; ///< the part of the taps that is not in padding
  int64_t depth;   ///< steps of a panel
  RowSplit split;
};

} // namespace

DirectTiles::DirectTiles(lir::ConvOp op, const ConvPlan &plan,
                         const TargetInfo &target)
    : plan(plan),
      limits(target, plan.accumulator, StepCosts::find(plan.types, target)) {
  AssumedSizes assumed(op);
  int64_t taps = 1;
  rows = assumed.getCount(plan.images);
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
  depth = taps * plan.inputChannels / plan.getStepChannels();
  split = RowSplit::create(assumed.getLength(plan.getColumns().output),
                           std::max<int64_t>(1, plan.tile.rows));
}

double DirectTiles::sum(
    llvm::function_ref<double(int64_t rows, int64_t vectors)> cycles) const {
  auto row = [&](int64_t vectors) {
    auto tile = [&](int64_t rows) { return rows ? cycles(rows, vectors) : 0; };
    return split.bigTiles * tile(split.rows) +
           (split.tiles - split.bigTiles) * tile(split.rows - 1);
  };
  int64_t whole = plan.outputChannels / plan.tile.columns,
          tail = divideCeil(plan.outputChannels - whole * plan.tile.columns,
                            plan.lanes);
  return rows *
         (whole * row(plan.tile.columns / plan.lanes) + (tail ? row(tail) : 0));
}

static double estimateDirect(lir::ConvOp op, const TargetInfo &target,
                             bool countsTiles) {
  ConvPlan plan(op, target, {/*depthwise=*/false, /*packed=*/true, {}});
  DirectTiles tiles(op, plan, target);
  int64_t panelBytes = tiles.depth * plan.tile.columns * sizeof(float);
  double products = tiles.sum([&](int64_t rows, int64_t vectors) {
    return tiles.used * tiles.depth *
               tiles.limits.getStepCycles(rows, vectors, panelBytes) +
           (countsTiles ? tiles.limits.getTileCycles(rows, vectors) : 0);
  });
  double filterBytes = double(plan.panels) * panelBytes;
  return overlap(products, estimateReading(target, filterBytes));
}

double cpu::estimateDirectCycles(lir::ConvOp op, const TargetInfo &target) {
  return estimateDirect(op, target, /*countsTiles=*/false);
}

double cpu::estimateDirectTiles(lir::ConvOp op, const TargetInfo &target) {
  return estimateDirect(op, target, /*countsTiles=*/true);
}

double cpu::estimateListedTiles(lir::ConvOp op, const ConvPlan &plan,
                                const TargetInfo &target, double share) {
  DirectTiles tiles(op, plan, target);
  double kept = share * tiles.depth;
  double products = tiles.sum([&](int64_t rows, int64_t vectors) {
    return tiles.used * kept * tiles.limits.getListedStepCycles(rows, vectors) +
           tiles.limits.getTileCycles(rows, vectors);
  });
  double filterBytes = plan.panels * kept * plan.tile.columns * sizeof(float);
  return overlap(products, estimateReading(target, filterBytes));
}
