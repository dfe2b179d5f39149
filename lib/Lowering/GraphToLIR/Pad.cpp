//===- Pad.cpp - graph.pad as element-wise copies -------------------------===//
//
// Each padded dim falls into runs of output positions whose sources are equally
// spaced: the inside (step 1), an edge (step 0), a reflection (step -1), or no
// source at all (the constant). The output is the product of these runs over
// all dims; each box of it is one copy or fill. A dim of an open size has a run
// for what is in front, the inside, and a run for what is behind.
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

/// A run of sizes that may be open, from `begin` on.
struct Piece {
  Size begin, size, source;
  int64_t step;
  bool isFilled = false; ///< there is no source
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

/// The pieces of a dim whose size or pads are open. What is in front and what is
/// behind is one piece each: a run in which they need several is refused.
static SmallVector<Piece> getOpenPieces(StringRef mode, const Size &front,
                                        const Size &size, const Size &back,
                                        GraphLowering &lowering) {
  // Negative pads cut.
  auto split = [](const Size &pad) {
    bool cuts = pad.isNumber() && pad.getNumber() < 0;
    return cuts ? std::pair(Size(0), Size(0) - pad) : std::pair(pad, Size(0));
  };
  auto [before, cutBefore] = split(front);
  auto [after, cutAfter] = split(back);
  lowering.requireNotNegative(before, "a pad that is at least 0");
  lowering.requireNotNegative(after, "a pad that is at least 0");
  Size inside = size - cutBefore - cutAfter;
  lowering.requireNotNegative(inside, "pads that cut off at most a whole dim");
  // The positions that a piece outside takes its elements from.
  Piece first{0, before, 0, 0}, last{before + inside, after, 0, 0};
  auto require = [&](const Size &least) {
    for (const Size &pad : {before, after})
      if (!pad.is(0))
        lowering.requireNotNegative(size - pad - least,
                                    "a dim that is not smaller than what is "
                                    "repeated of it");
  };
  if (mode == "constant") {
    first.isFilled = last.isFilled = true;
  } else if (mode == "edge") {
    last.source = size - 1;
    if (!before.is(0) || !after.is(0))
      lowering.requireNotNegative(size - 1, "a dim that holds elements");
  } else if (mode == "reflect") {
    first.source = before;
    last.source = size - 2;
    first.step = last.step = -1;
    require(1);
  } else {
    first.source = size - before;
    first.step = last.step = 1;
    require(0);
  }
  SmallVector<Piece> pieces;
  for (const Piece &piece :
       {first, Piece{before, inside, cutBefore, 1}, last})
    if (!piece.size.is(0))
      pieces.push_back(piece);
  return pieces;
}

/// The pieces of a dim. Fails where there are too many.
static FailureOr<SmallVector<Piece>>
getPieces(StringRef mode, const Size &front, const Size &size, const Size &back,
          GraphLowering &lowering) {
  if (!areNumbers({front, size, back}))
    return getOpenPieces(mode, front, size, back, lowering);
  FailureOr<SmallVector<Run>> runs =
      getRuns(mode, front.getNumber(), size.getNumber(),
              (front + size + back).getNumber());
  if (failed(runs))
    return failure();
  return llvm::map_to_vector(*runs, [](const Run &run) {
    return Piece{run.begin, run.size, run.source, run.step, run.source == -1};
  });
}

namespace {
struct PadBoxes {
  GraphLowering &lowering;
  BufferAccess value; ///< no buffer: zero
  Value input, output;
  SmallVector<SmallVector<Piece>> pieces;

  /// Emits the boxes that continue `chosen`, the pieces of the first dims. Once
  /// a dim is filled, the dims behind it need not be split.
  void emit(SmallVectorImpl<Piece> &chosen, bool fill) {
    if (chosen.size() == pieces.size())
      return emitBox(chosen, fill);
    if (fill) {
      chosen.push_back({0, getSizes(output)[chosen.size()], 0, 0, true});
      emit(chosen, true);
      chosen.pop_back();
      return;
    }
    for (const Piece &piece : pieces[chosen.size()]) {
      chosen.push_back(piece);
      emit(chosen, piece.isFilled);
      chosen.pop_back();
    }
  }

  void emitBox(ArrayRef<Piece> box, bool fill) {
    Sizes domain;
    SmallVector<IndexTerm> from, to;
    for (auto [index, piece] : llvm::enumerate(box)) {
      int64_t dim = index;
      domain.push_back(piece.size);
      to.push_back({dim, 1, piece.begin});
      from.push_back(piece.step == 0
                         ? IndexTerm{-1, 0, piece.source}
                         : IndexTerm{dim, piece.step, piece.source});
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
  FailureOr<Sizes> pads = graph::getKnownSizes(op.getPads());
  if (failed(pads) || !areKnown(*pads))
    return emitUnsupported(op) << "pads that are computed from the model's "
                                  "inputs are not supported";
  Sizes sizes = getSizes(input);
  unsigned rank = sizes.size(), numAxes = op.getAxes().size();
  if (pads->size() != 2 * numAxes)
    return op.emitError() << "expected " << 2 * numAxes << " pads, but got "
                          << pads->size();
  Sizes fronts(rank, 0), backs(rank, 0);
  for (auto [index, axis] : llvm::enumerate(op.getAxes())) {
    fronts[axis] = (*pads)[index];
    backs[axis] = (*pads)[index + numAxes];
  }
  PadBoxes boxes{lowering, {}, input, output, {}};
  if (Value value = lowering.getBuffer(op.getValue()))
    boxes.value = {value, SmallVector<IndexTerm>(getShape(value).size())};
  int64_t numBoxes = 1;
  for (unsigned dim = 0; dim < rank; ++dim) {
    FailureOr<SmallVector<Piece>> pieces = getPieces(
        op.getMode(), fronts[dim], sizes[dim], backs[dim], lowering);
    if (succeeded(pieces))
      numBoxes *= std::max<int64_t>(1, pieces->size());
    if (failed(pieces) || numBoxes > mostBoxes)
      return emitUnsupported(op) << "padding that takes more than " << mostBoxes
                                 << " copies of its input is not supported";
    boxes.pieces.push_back(std::move(*pieces));
  }
  SmallVector<Piece> chosen;
  boxes.emit(chosen, false);
  return success();
}

void lambent::addPadLowerings(LoweringTable &table) { table.add(lowerPad); }
