//===- Recurrent.cpp - Steps of RNN, GRU and LSTM layers ------------------===//
//
// A tile is some sequences of the batch times some vectors of hidden units, all
// gates of a unit side by side: the products of the hidden state with the
// recurrent weights end in registers, and what the cell makes of them follows
// there. RecurrentPlan says how tiles and steps are cut.
//
// Weights that do not fit L2 pass by in every step. Every other step of a
// staged layer walks through its units backwards, so that it begins with those
// that the step before has left in L2.
//
//===----------------------------------------------------------------------===//

#include "AlgorithmKernel.h"
#include "AlgorithmPlans.h"
#include "RecurrentEmitter.h"
#include "WeightPacker.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

//===-- Steps and chunks --------------------------------------------------===//

LogicalResult RecurrentEmitter::emit() {
  plan.staged ? emitStage() : emitSteps();
  return status;
}

/// `body` for a direction: once, or for each with its own activations.
void RecurrentEmitter::emitDirections(Value index, function_ref<void()> body) {
  direction = index;
  activationsOf = 0;
  bool areShared = int64_t(op.getActivations().size()) == op.getNumFunctions();
  if (areShared || plan.dirs == 1)
    return body();
  builder.ifThen(isEqual(index, 0), body, [&] {
    activationsOf = 1;
    body();
  });
}

/// A chunk is a direction and some tiles of sequences, and takes all steps.
void RecurrentEmitter::emitSteps() {
  Value tilesPerChunk = builder.value(plan.tilesPerChunk),
        tiles = builder.value(plan.tiles);
  builder.forLoop(builder.getBegin(), builder.getEnd(), 1, [&](Value chunk) {
    SmallVector<Value> place = builder.delinearize(
        chunk, {plan.dirs, plan.getChunksPerDirection()});
    Value first = builder.mul(place[1], tilesPerChunk);
    Value last = builder.min(builder.add(first, tilesPerChunk), tiles);
    emitDirections(place[0], [&] {
      builder.forLoop(
          builder.i64(0), builder.getSize(op.getGates(), 0), 1, [&](Value at) {
            step = at;
            for (const RecurrentPhase &phase : plan.phases)
              emitPhase(phase, builder.i64(0), builder.i64(plan.blocks), first,
                        last, nullptr);
          });
    });
  });
}

/// A chunk is a direction and some blocks of hidden units in one phase of one
/// step.
void RecurrentEmitter::emitStage() {
  int64_t phases = plan.phases.size();
  step = builder.divUnsigned(builder.getStage(), phases);
  Value phase = builder.remUnsigned(builder.getStage(), phases);
  Value isOdd = isEqual(builder.remUnsigned(step, 2), 1);
  int64_t chunks = plan.getNumChunks().getNumber();
  Value begin = builder.getBegin(), end = builder.getEnd();
  // A worker takes chunks from either end towards the middle: backwards it goes
  // from the middle to its end. Who has all chunks goes from the last to the
  // first.
  Value hasAll = isEqual(builder.sub(end, begin), chunks);
  builder.forLoop(begin, end, 1, [&](Value chunk) {
    Value backwards =
        builder.sub(builder.add(begin, end), builder.add(chunk, 1));
    Value isFront = builder.lessThan(chunk, builder.i64(chunks / 2));
    Value mirrored =
        select(isFront, builder.sub(builder.i64(chunks / 2 - 1), chunk),
               builder.sub(builder.i64(chunks / 2 + chunks - 1), chunk));
    Value own = select(isOdd, select(hasAll, backwards, mirrored), chunk);
    SmallVector<Value> place =
        builder.delinearize(own, {plan.dirs, chunks / plan.dirs});
    Value first = builder.mul(place[1], plan.blocksPerChunk);
    Value last = builder.min(builder.add(first, plan.blocksPerChunk),
                             builder.i64(plan.blocks));
    auto emit = [&](const RecurrentPhase &phase) {
      emitPhase(phase, first, last, builder.i64(0), builder.value(plan.tiles),
                isOdd);
    };
    emitDirections(place[0], [&] {
      if (phases == 1)
        return emit(plan.phases[0]);
      builder.ifThen(
          isEqual(phase, 0), [&] { emit(plan.phases[0]); },
          [&] { emit(plan.phases[1]); });
    });
  });
}

//===-- Tiles -------------------------------------------------------------===//

void RecurrentEmitter::emitPhase(const RecurrentPhase &phase, Value firstBlock,
                                 Value lastBlock, Value firstTile,
                                 Value lastTile, Value isBackward) {
  auto forEachGroup = [&](function_ref<void(Value, int64_t)> body) {
    int64_t perBlock = plan.blockVectors / phase.vectors;
    int64_t columns = phase.vectors * plan.lanes;
    int64_t whole = plan.hidden / columns, tail = plan.hidden % columns;
    Value begin = builder.mul(firstBlock, perBlock),
          end = builder.mul(lastBlock, perBlock);
    if (whole) {
      Value wholeEnd = builder.min(end, builder.i64(whole));
      builder.forLoop(begin, wholeEnd, 1, [&](Value group) {
        if (isBackward)
          group = select(
              isBackward,
              builder.sub(builder.add(begin, wholeEnd), builder.add(group, 1)),
              group);
        body(group, columns);
      });
    }
    if (tail)
      builder.ifThen(builder.lessThan(builder.i64(whole), end),
                     [&] { body(builder.i64(whole), tail); });
  };
  if (!plan.isCoded)
    return forEachGroup([&](Value group, int64_t columns) {
      forEachTile(firstTile, lastTile, [&](Value row, int64_t rows) {
        emitTile(phase, group, columns, row, rows);
      });
    });
  // Digits of states serve all units. A sequence's sums take longer than its
  // weights need to pass by.
  forEachTile(firstTile, lastTile, [&](Value row, int64_t rows) {
    haveDigits = RecurrentCodes(builder, plan, skipsProduct())
                     .prepare(getStates(phase, row), rows);
    forEachGroup([&](Value group, int64_t columns) {
      emitTile(phase, group, columns, row, rows);
    });
  });
}

void RecurrentEmitter::forEachTile(Value firstTile, Value lastTile,
                                   function_ref<void(Value, int64_t)> body) {
  if (!plan.batch.isNumber())
    return forEachOpenTile(firstTile, lastTile, body);
  const RowSplit &split = plan.split;
  auto emit = [&](Value from, Value to, int64_t rows) {
    builder.forLoop(from, to, 1, [&](Value tile) {
      Value small = builder.max(builder.sub(tile, builder.i64(split.bigTiles)),
                                builder.i64(0));
      body(builder.sub(builder.mul(tile, split.rows), small), rows);
    });
  };
  Value big = builder.i64(split.bigTiles);
  emit(firstTile, builder.min(lastTile, big), split.rows);
  if (split.bigTiles < split.tiles)
    emit(builder.max(firstTile, big), lastTile, split.rows - 1);
}

/// Whole tiles, and what is left of the batch row by row.
void RecurrentEmitter::forEachOpenTile(
    Value firstTile, Value lastTile, function_ref<void(Value, int64_t)> body) {
  Value batch = builder.value(plan.batch),
        whole = builder.value(plan.batch.floorDiv(plan.rows));
  builder.forLoop(firstTile, builder.min(lastTile, whole), 1, [&](Value tile) {
    body(builder.mul(tile, plan.rows), plan.rows);
  });
  if (plan.batch.isMultipleOf(plan.rows))
    return;
  Value rest = builder.mul(builder.max(firstTile, whole), plan.rows),
        end = builder.min(builder.mul(lastTile, plan.rows), batch);
  builder.forLoop(rest, end, 1, [&](Value row) { body(row, 1); });
}

Value RecurrentEmitter::getStates(const RecurrentPhase &phase, Value firstRow) {
  // The candidate of a gru that resets its hidden state is made of what the
  // phase before left.
  bool isCandidate = phase.firstGate > 0;
  Value states = isCandidate ? getBuffer(op.getStateMutable()) : getOldStates();
  Value row = builder.add(builder.mul(direction, plan.batch), firstRow);
  return builder.elementPtr(states, plan.element,
                            builder.mul(row, plan.hidden));
}

Value RecurrentEmitter::skipsProduct() {
  return op.getInitialHidden() ? Value() : isEqual(step, 0);
}

SmallVector<Value> RecurrentEmitter::emitProducts(const RecurrentPhase &phase,
                                                  Value group, int64_t vectors,
                                                  Value firstRow,
                                                  int64_t rows) {
  int64_t lanes = plan.lanes, run = plan.isCoded
                                        ? plan.getCodeSteps() * 4 * lanes
                                        : plan.hidden * lanes;
  TileOperands operands;
  for (int64_t vector = 0; vector < vectors; ++vector)
    for (int64_t gate = 0; gate < phase.gates; ++gate)
      operands.vectorOffsets.push_back((vector * plan.gates + gate) * run);
  Value panel = builder.add(builder.mul(direction, plan.panels),
                            builder.mul(group, phase.vectors));
  Value first =
      builder.add(builder.mul(panel, plan.gates * run), phase.firstGate * run);
  Value weights = builder.getBuffer(op.getWeightsMutable());
  operands.lhs = getStates(phase, firstRow);
  if (plan.isCoded)
    return RecurrentCodes(builder, plan, skipsProduct())
        .multiply(operands.lhs, rows, builder.bytePtr(weights, first),
                  operands.vectorOffsets, haveDigits);
  operands.rhs = builder.elementPtr(weights, plan.element, first);
  operands.rhsStep = lanes;
  for (int64_t r = 0; r < rows; ++r)
    operands.rowOffsets.push_back(builder.i64(r * plan.hidden));
  operands.depth = builder.i64(plan.hidden);
  if (Value skips = skipsProduct())
    operands.depth = select(skips, builder.i64(0), operands.depth);
  RegisterTile tile(builder, product, rows, vectors * phase.gates);
  tile.accumulate(operands);
  SmallVector<Value> sums;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t v = 0; v < tile.getVectors(); ++v)
      sums.push_back(tile.at(r, v));
  return sums;
}

void RecurrentEmitter::emitTile(const RecurrentPhase &phase, Value group,
                                int64_t columns, Value firstRow, int64_t rows) {
  int64_t lanes = plan.lanes, vectors = llvm::divideCeil(columns, lanes);
  SmallVector<Value> products =
      emitProducts(phase, group, vectors, firstRow, rows);
  Value column = builder.mul(group, phase.vectors * lanes);
  if (rows == 1)
    return emitRow(phase, firstRow, column, columns, products);
  // The cell's functions are long: one copy for all rows.
  int64_t width = vectors * phase.gates;
  Value stage = builder.getScratch();
  for (auto [place, sum] : llvm::enumerate(products))
    builder.storeVector(sum, stage, builder.i64(int64_t(place) * lanes));
  builder.forLoop(builder.i64(0), builder.i64(rows), 1, [&](Value r) {
    SmallVector<Value> sums;
    for (int64_t v = 0; v < width; ++v)
      sums.push_back(builder.loadVector(
          plan.element, lanes, stage,
          builder.add(builder.mul(r, width * lanes), v * lanes)));
    emitRow(phase, builder.add(firstRow, r), column, columns, sums);
  });
}

void RecurrentEmitter::emitRow(const RecurrentPhase &phase, Value row,
                               Value column, int64_t columns,
                               ArrayRef<Value> sums) {
  for (int64_t first = 0; first < columns; first += plan.lanes) {
    int64_t left = columns - first;
    Unit unit = locate(row, builder.add(column, first),
                       left < plan.lanes ? builder.i64(left) : Value());
    SmallVector<Value> own(sums.take_front(phase.gates));
    sums = sums.drop_front(phase.gates);
    if (op.getScales())
      for (auto [gate, sum] : llvm::enumerate(own))
        sum = mul(sum, loadScale(unit, phase.firstGate + int64_t(gate)));
    if (op.getCell() == "rnn")
      emitRNN(unit, own);
    else if (op.getCell() == "lstm")
      emitLSTM(unit, own);
    else if (phase.firstGate == 0)
      emitGRUGates(unit, own);
    else
      emitGRUCandidate(
          unit, own[0],
          load(getHalf(getBuffer(op.getStateMutable()), builder.i64(1)),
               unit.state, unit),
          loadState(nullptr, op.getInitialHiddenMutable(), unit));
  }
}

RecurrentEmitter::Unit RecurrentEmitter::locate(Value row, Value column,
                                                Value count) {
  Unit unit{row, column, count, nullptr, nullptr, nullptr, nullptr};
  Value steps = builder.getSize(op.getGates(), 0), length = steps;
  if (op.getLengths()) {
    Value stored = builder.load(builder.getI32Type(),
                                getBuffer(op.getLengthsMutable()), row);
    length = builder.min(
        builder.create<arith::ExtSIOp>(builder.getI64Type(), stored), steps);
    unit.isValid = builder.lessThan(step, length);
  }
  // What follows a sequence is the same place in both directions.
  Value fromEnd = builder.sub(builder.sub(length, builder.i64(1)), step);
  if (unit.isValid)
    fromEnd = select(unit.isValid, fromEnd, step);
  unit.time = op.getDirection() == "forward" ? step
              : op.getDirection() == "reverse"
                  ? fromEnd
                  : select(isEqual(direction, 0), step, fromEnd);
  unit.state = builder.add(
      builder.mul(builder.add(builder.mul(direction, plan.batch), row),
                  plan.hidden),
      column);
  Value place = builder.add(
      builder.mul(builder.add(builder.mul(unit.time, plan.batch), row),
                  plan.dirs),
      direction);
  unit.gates =
      builder.add(builder.mul(place, plan.gates * plan.hidden), column);
  return unit;
}

//===-- The algorithm -----------------------------------------------------===//

static Proposal proposePanels(Operation *op, const Selection &selection) {
  if (!selection.packsConstants)
    return Proposal::reject("weights are packed by cpu-select-algorithms");
  RecurrentPlan plan(cast<lir::RecurrentOp>(op), selection.target,
                     /*usesDigits=*/false);
  return {RecurrentPanelsAttr::get(op->getContext(), plan.lanes, false), "",
          plan.estimateCycles()};
}

static bool knowsDigits(const TargetInfo &target) { return target.hasVNNI; }

static Proposal proposeDigits(Operation *op, const Selection &selection) {
  auto layer = cast<lir::RecurrentOp>(op);
  if (!selection.packsConstants)
    return Proposal::reject("weights are packed by cpu-select-algorithms");
  if (selection.strict)
    return Proposal::reject("it rounds otherwise than strict accuracy allows");
  StringRef rejection = RecurrentPlan::explainRejection(layer);
  if (!rejection.empty())
    return Proposal::reject(rejection);
  RecurrentPlan plan(layer, selection.target, /*usesDigits=*/true);
  return {RecurrentPanelsAttr::get(op->getContext(), plan.lanes, true), "",
          plan.estimateCycles()};
}

ArrayRef<Variant> cpu::getRecurrentVariants() {
  static constexpr Variant variants[] = {
      {"digits", proposeDigits, nullptr, knowsDigits},
      {"panels", proposePanels},
  };
  return variants;
}

RecurrentPlan cpu::planKernel(RecurrentPanelsAttr algorithm, Operation *op,
                              const TargetInfo &target) {
  return RecurrentPlan(cast<lir::RecurrentOp>(op), target,
                       algorithm.getDigits());
}

LogicalResult RecurrentPanelsAttr::emitKernel(Operation *op,
                                              KernelBuilder &builder) const {
  return RecurrentEmitter(cast<lir::RecurrentOp>(op), builder, getDigits())
      .emit();
}

Size RecurrentPanelsAttr::getNumStages(Operation *op,
                                       const TargetInfo &target) const {
  return planKernel(*this, op, target).getNumStages();
}

/// Where weights are not constant they are packed in front of the layer.
void RecurrentPanelsAttr::packConstants(Operation *op, const TargetInfo &target,
                                        WeightPacker &packer) const {
  auto layer = cast<lir::RecurrentOp>(op);
  RecurrentPlan plan = planKernel(*this, op, target);
  if (lir::WeightOp weight = getUnpackedWeight(layer.getWeights()))
    packer.pack(layer.getWeightsMutable(), weight, plan.getPackedShape(),
                lir::PackingAttr::get(plan.getPackingMap(op->getContext())));
  else
    plan.packAtRunTime(layer);
}

//===-- The interface -----------------------------------------------------===//

namespace {
struct RecurrentKernel
    : AlgorithmKernel<RecurrentKernel, lir::RecurrentOp, getRecurrentVariants> {
  bool takesOpenSizes(Operation *op) const {
    return cast<MemRefType>(cast<lir::RecurrentOp>(op).getHidden().getType())
               .getDimSize(3) != ShapedType::kDynamic;
  }
};
} // namespace

void cpu::attachRecurrentKernels(MLIRContext &context) {
  lir::RecurrentOp::attachInterface<RecurrentKernel>(context);
}
