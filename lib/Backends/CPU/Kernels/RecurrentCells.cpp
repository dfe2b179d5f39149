//===- RecurrentCells.cpp - What the cells of RNN, GRU and LSTM compute ---===//
//
// From the sums of a hidden unit's gates to its new state, in registers.
//
//===----------------------------------------------------------------------===//

#include "RecurrentEmitter.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

Value RecurrentEmitter::apply(int64_t index, Value argument) {
  if (op.getClip()) {
    double limit = op.getClipAttr().getValueAsDouble();
    argument = builder.create<arith::MinimumFOp>(
        builder.create<arith::MaximumFOp>(argument, number(-limit)),
        number(limit));
  }
  FailureOr<SmallVector<Value>> result = builder.applyRegion(
      op.getActivation(index, activationsOf), argument, plan.lanes);
  if (failed(result)) {
    status = failure();
    return argument;
  }
  return builder.broadcast(result->front(), plan.lanes);
}

Value RecurrentEmitter::getOldStates() {
  Value old = getHalf(builder.getBuffer(op.getHiddenMutable()),
                      builder.remUnsigned(builder.add(step, 1), 2));
  if (!op.getInitialHidden())
    return old;
  return select(isEqual(step, 0), getBuffer(op.getInitialHiddenMutable()), old);
}

Value RecurrentEmitter::loadState(Value buffer, MutableOperandRange initial,
                                  const Unit &unit) {
  Value isFirst = isEqual(step, 0);
  if (!buffer) // the hidden states
    buffer = getOldStates();
  else if (!initial.empty())
    buffer = select(isFirst, getBuffer(initial), buffer);
  Value value = load(buffer, unit.state, unit);
  return initial.empty() ? select(isFirst, number(0), value) : value;
}

void RecurrentEmitter::store(const Unit &unit, Value result, Value old) {
  Value state = unit.isValid ? select(unit.isValid, result, old) : result;
  builder.storeVector(state, getNewStates(), unit.state, unit.count);
  if (op.getSequence()) {
    Value shown =
        unit.isValid ? select(unit.isValid, result, number(0)) : result;
    Value position = builder.add(
        builder.mul(unit.time, plan.batch * (plan.dirs * plan.hidden)),
        unit.state);
    builder.storeVector(shown, getBuffer(op.getSequenceMutable()), position,
                        unit.count);
  }
  if (op.getLastHidden()) {
    Value last = builder.sub(builder.getSize(op.getGates(), 0), builder.i64(1));
    Value isLast = builder.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq,
                                                       step, last);
    builder.ifThen(isLast, [&] {
      builder.storeVector(state, getBuffer(op.getLastHiddenMutable()),
                          unit.state, unit.count);
    });
  }
}

void RecurrentEmitter::emitRNN(const Unit &unit, ArrayRef<Value> sums) {
  Value old = unit.isValid
                  ? loadState(nullptr, op.getInitialHiddenMutable(), unit)
                  : Value();
  store(unit, apply(0, add(sums[0], loadGate(unit, 0))), old);
}

void RecurrentEmitter::emitLSTM(const Unit &unit, ArrayRef<Value> sums) {
  enum { Input, Output, Forget, Candidate };
  Value cells = getBuffer(op.getStateMutable());
  Value old = loadState(cells, op.getInitialCellMutable(), unit);
  auto sum = [&](int64_t gate) {
    return add(sums[gate], loadGate(unit, gate));
  };
  // Peepholes come in the order input, output, forget.
  auto peep = [&](int64_t gate, Value argument, Value state) {
    if (!op.getPeepholes())
      return argument;
    Value position = builder.add(builder.mul(direction, 3 * plan.hidden),
                                 builder.add(unit.column, gate * plan.hidden));
    return builder.fma(
        load(getBuffer(op.getPeepholesMutable()), position, unit), state,
        argument);
  };
  Value input = apply(0, peep(Input, sum(Input), old));
  Value forget = op.getInputForget() ? sub(number(1), input)
                                     : apply(0, peep(Forget, sum(Forget), old));
  Value candidate = apply(1, sum(Candidate));
  Value state = builder.fma(forget, old, mul(input, candidate));
  Value output = apply(0, peep(Output, sum(Output), state));
  Value result = mul(output, apply(2, state));
  Value kept = unit.isValid ? select(unit.isValid, state, old) : state;
  builder.storeVector(kept, cells, unit.state, unit.count);
  Value oldHidden = unit.isValid
                        ? loadState(nullptr, op.getInitialHiddenMutable(), unit)
                        : Value();
  store(unit, result, oldHidden);
}

void RecurrentEmitter::emitGRUGates(const Unit &unit, ArrayRef<Value> sums) {
  enum { Update, Reset, Candidate };
  Value old = loadState(nullptr, op.getInitialHiddenMutable(), unit);
  Value update = apply(0, add(sums[Update], loadGate(unit, Update))),
        reset = apply(0, add(sums[Reset], loadGate(unit, Reset)));
  if (op.resetsHidden()) {
    Value state = getBuffer(op.getStateMutable());
    builder.storeVector(mul(reset, old), state, unit.state, unit.count);
    builder.storeVector(update, getHalf(state, builder.i64(1)), unit.state,
                        unit.count);
    return;
  }
  Value linear = sums[Candidate];
  if (op.getCandidateBias())
    linear =
        add(linear,
            load(getBuffer(op.getCandidateBiasMutable()),
                 builder.add(builder.mul(direction, plan.hidden), unit.column),
                 unit));
  emitGRUCandidate(unit, mul(reset, linear), update, old);
}

void RecurrentEmitter::emitGRUCandidate(const Unit &unit, Value sum,
                                        Value update, Value old) {
  Value candidate = apply(1, add(sum, loadGate(unit, 2)));
  Value result =
      builder.fma(update, old, mul(sub(number(1), update), candidate));
  store(unit, result, old);
}
