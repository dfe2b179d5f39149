//===- Pad.cpp - graph.pad as element-wise copies -------------------------===//
//
// Each padded dim falls into runs of output positions whose sources are equally
// spaced: the inside (step 1), an edge (step 0), a reflection (step -1), or no
// source at all (the constant). The output is the product of these runs over
// all dims; each box of it is one copy or fill.
//
//===----------------------------------------------------------------------===//

#include "GraphLowering.h"
#include "lambent/Diagnostics/Unsupported.h"

using namespace mlir;
using namespace lambent;
using lir::IndexTerm;

namespace {
/// `size` output positions from `begin`, read at source, source + step, ... or
/// filled when source is -1.
struct Run {
  int64_t begin, size, source, step;
};
} // namespace

/// More boxes than this are no padding that a model means, but take minutes.
static constexpr int64_t mostBoxes = 10000;

/// The source of output position `position` (0 at the input's first) of a dim
/// of `size`, and how far the sources go on from there in steps of one, or, in
/// `step` 0, are the same one.
static Run getStretch(StringRef mode, int64_t position, int64_t size) {
  constexpr int64_t endless = std::numeric_limits<int64_t>::max();
  if (position >= 0 && position < size)
    return {position, size - position, position, 1};
  int64_t outside = position < 0 ? -position : endless;
  if (mode == "constant" || size == 0)
    return {position, outside, -1, 0};
  if (mode == "edge")
    return {position, outside, std::clamp<int64_t>(position, 0, size - 1), 0};
  if (size == 1)
    return {position, endless, 0, 0};
  auto phaseIn = [&](int64_t period) {
    return ((position % period) + period) % period;
  };
  if (mode == "wrap")
    return {position, size - phaseIn(size), phaseIn(size), 1};
  int64_t period = 2 * (size - 1), phase = phaseIn(period);
  return phase < size - 1 ? Run{position, size - 1 - phase, phase, 1}
                          : Run{position, period - phase, period - phase, -1};
}

/// Whether a run goes on with an element read at `source`; a run of one element
/// takes its step from the second.
static bool takes(Run &run, int64_t source) {
  if (run.source == -1 || source == -1)
    return run.source == source;
  if (run.size == 1 && std::abs(source - run.source) <= 1) {
    run.step = source - run.source;
    return true;
  }
  return run.size > 1 && source == run.source + run.step * run.size;
}

/// Fails where there are too many.
static FailureOr<SmallVector<Run>>
getRuns(StringRef mode, int64_t begin, int64_t inputSize, int64_t outputSize) {
  SmallVector<Run> runs;
  for (int64_t position = 0; position < outputSize;) {
    Run stretch = getStretch(mode, position - begin, inputSize);
    int64_t left = std::min(stretch.size, outputSize - position);
    for (int64_t source = stretch.source; left > 0;) {
      if (runs.empty() || !takes(runs.back(), source)) {
        if (static_cast<int64_t>(runs.size()) == mostBoxes)
          return failure();
        runs.push_back({position, 0, source, 0});
      }
      // From its second element on the run goes the stretch's way, or ends.
      Run &run = runs.back();
      bool along = run.size > 0 && run.step == stretch.step;
      int64_t count = along ? left : 1;
      run.size += count;
      position += count;
      source += count * stretch.step;
      left -= count;
    }
  }
  return runs;
}

namespace {
struct PadBoxes {
  GraphLowering &lowering;
  BufferAccess value; ///< no buffer: zero
  Value input, output;
  SmallVector<SmallVector<Run>> runs;

  /// Emits the boxes that continue `chosen`, the runs of the first dims. Once a
  /// dim is filled, the dims behind it need not be split.
  void emit(SmallVectorImpl<Run> &chosen, bool fill) {
    if (chosen.size() == runs.size())
      return emitBox(chosen, fill);
    if (fill) {
      chosen.push_back({0, getShape(output)[chosen.size()], -1, 0});
      emit(chosen, true);
      chosen.pop_back();
      return;
    }
    for (const Run &run : runs[chosen.size()]) {
      chosen.push_back(run);
      emit(chosen, run.source == -1);
      chosen.pop_back();
    }
  }

  void emitBox(ArrayRef<Run> box, bool fill) {
    Sizes domain;
    SmallVector<IndexTerm> from, to;
    for (auto [index, run] : llvm::enumerate(box)) {
      int64_t dim = index;
      domain.push_back(run.size);
      to.push_back({dim, 1, run.begin});
      from.push_back(run.step == 0 ? IndexTerm{-1, 0, run.source}
                                   : IndexTerm{dim, run.step, run.source});
    }
    if (!fill)
      return lowering.createCopy(domain, {input, from}, {output, to});
    if (value.buffer)
      return lowering.createCopy(domain, value, {output, to});
    lowering.createElementwise(
        domain, {}, {output, to},
        [&](OpBuilder &builder, Location loc, ValueRange) {
          return createScalar(builder, loc, getElementType(output), 0);
        });
  }
};
} // namespace

static LogicalResult lowerPad(graph::PadOp op, GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput()),
        output = lowering.createResult(op.getResult());
  FailureOr<SmallVector<int64_t>> pads = graph::getConstantInts(op.getPads());
  if (failed(pads))
    return emitUnsupported(op) << "pads that are computed from the model's "
                                  "inputs are not supported";
  unsigned rank = getShape(input).size(), numAxes = op.getAxes().size();
  SmallVector<int64_t> begins(rank, 0);
  for (auto [index, axis] : llvm::enumerate(op.getAxes()))
    begins[axis] = (*pads)[index];
  if (pads->size() != 2 * numAxes)
    return op.emitError() << "expected " << 2 * numAxes << " pads, but got "
                          << pads->size();
  PadBoxes boxes{lowering, {}, input, output, {}};
  if (Value value = lowering.getBuffer(op.getValue()))
    boxes.value = {value, SmallVector<IndexTerm>(getShape(value).size())};
  int64_t numBoxes = 1;
  for (unsigned dim = 0; dim < rank; ++dim) {
    FailureOr<SmallVector<Run>> runs = getRuns(
        op.getMode(), begins[dim], getShape(input)[dim], getShape(output)[dim]);
    if (succeeded(runs))
      numBoxes *= std::max<int64_t>(1, runs->size());
    if (failed(runs) || numBoxes > mostBoxes)
      return emitUnsupported(op) << "padding that takes more than " << mostBoxes
                                 << " copies of its input is not supported";
    boxes.runs.push_back(std::move(*runs));
  }
  SmallVector<Run> chosen;
  boxes.emit(chosen, false);
  return success();
}

void lambent::addPadLowerings(LoweringTable &table) { table.addBound(lowerPad); }
