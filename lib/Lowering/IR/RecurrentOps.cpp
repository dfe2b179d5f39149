//===- RecurrentOps.cpp - Checks and facts of recurrent layers ------------===//

#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

int64_t lir::RecurrentOp::getNumGates() {
  return getCell() == "lstm" ? 4 : getCell() == "gru" ? 3 : 1;
}

int64_t lir::RecurrentOp::getNumFunctions() {
  return getCell() == "lstm" ? 3 : getCell() == "gru" ? 2 : 1;
}

int64_t lir::RecurrentOp::getNumDirections() {
  return getDirection() == "bidirectional" ? 2 : 1;
}

bool lir::RecurrentOp::resetsHidden() {
  return getCell() == "gru" && !getLinearBeforeReset();
}

Region &lir::RecurrentOp::getActivation(int64_t index, int64_t direction) {
  int64_t own = getNumFunctions();
  bool areShared = int64_t(getActivations().size()) == own;
  return getActivations()[areShared ? index : direction * own + index];
}

static LogicalResult verifyShape(lir::RecurrentOp op, StringRef name,
                                 Value buffer, ArrayRef<Size> shape,
                                 Type element) {
  auto expected = lir::makeBufferType(shape, element);
  if (!buffer || lir::areAlike(buffer.getType(), expected))
    return success();
  return op.emitOpError() << "expected " << name << " of " << expected
                          << ", but got " << buffer.getType();
}

LogicalResult lir::RecurrentOp::verify() {
  // C1
  if (!llvm::is_contained({"rnn", "gru", "lstm"}, getCell()))
    return emitOpError() << "expected cell rnn, gru or lstm, but got \""
                         << getCell() << "\"";
  if (!llvm::is_contained({"forward", "reverse", "bidirectional"},
                          getDirection()))
    return emitOpError() << "expected direction forward, reverse or "
                            "bidirectional, but got \""
                         << getDirection() << "\"";
  // C2
  auto gates = cast<MemRefType>(getGates().getType()),
       states = cast<MemRefType>(getHidden().getType());
  Type element = gates.getElementType();
  if (gates.getRank() != 3 || states.getRank() != 4)
    return emitOpError() << "expected gates of rank 3 and hidden states of "
                            "rank 4, but got "
                         << gates << " and " << states;
  int64_t dirs = getNumDirections(), hidden = states.getDimSize(3);
  Size steps = getSizes(gates)[0], batch = getSizes(gates)[1];
  int64_t rows = getNumGates() * hidden;
  Sizes last = {dirs, batch, hidden},
                       both = {2, dirs, batch, hidden};
  bool isLSTM = getCell() == "lstm";
  auto weights = cast<MemRefType>(getWeights().getType());
  Type weight = getScales() ? IntegerType::get(getContext(), 8) : element;
  if (weights.getRank() != (getScales() ? 6 : 5) &&
      failed(verifyShape(*this, "weights", getWeights(), {dirs, rows, hidden},
                         weight)))
    return failure();
  if (weights.getElementType() != weight)
    return emitOpError() << "expected weights of " << weight << ", but got "
                         << weights;
  if ((isLSTM || resetsHidden()) != bool(getState()))
    return emitOpError() << "expected a state of an lstm or a gru that resets "
                            "its hidden state, and of no other";
  Type i32 = IntegerType::get(getContext(), 32);
  if (failed(verifyShape(*this, "gates", getGates(),
                         {steps, batch, dirs * rows}, element)) ||
      failed(
          verifyShape(*this, "scales", getScales(), {dirs, rows}, element)) ||
      failed(verifyShape(*this, "a candidate's bias", getCandidateBias(),
                         {dirs, hidden}, element)) ||
      failed(verifyShape(*this, "lengths", getLengths(), {batch}, i32)) ||
      failed(verifyShape(*this, "initial hidden states", getInitialHidden(),
                         last, element)) ||
      failed(verifyShape(*this, "initial cell states", getInitialCell(), last,
                         element)) ||
      failed(verifyShape(*this, "peepholes", getPeepholes(), {dirs, 3 * hidden},
                         element)) ||
      failed(verifyShape(*this, "a sequence", getSequence(),
                         {steps, dirs, batch, hidden}, element)) ||
      failed(verifyShape(*this, "last hidden states", getLastHidden(), last,
                         element)) ||
      failed(verifyShape(*this, "hidden states", getHidden(), both, element)) ||
      failed(verifyShape(*this, "a state", getState(), isLSTM ? last : both,
                         element)))
    return failure();
  // C3
  int64_t own = getNumFunctions(), given = getActivations().size();
  if (given != own && given != own * dirs)
    return emitOpError() << "expected " << own
                         << " activations, or as many for each direction, but "
                            "got "
                         << given;
  // C4
  for (Region &region : getActivations()) {
    Block &block = region.front();
    auto yield = block.empty() ? YieldOp() : dyn_cast<YieldOp>(block.back());
    if (block.getArgumentTypes() != ArrayRef<Type>(element) || !yield ||
        yield.getOperandTypes() != ArrayRef<Type>(element))
      return emitOpError() << "expected activations from " << element << " to "
                           << element;
  }
  return success();
}

unsigned lir::RecurrentOp::getNumReads() {
  return getNumOperands() - bool(getSequence()) - bool(getLastHidden()) - 1 -
         bool(getState());
}

Size lir::RecurrentOp::getFlops() {
  auto gates = cast<MemRefType>(getGates().getType());
  return countElements(gates) * 2 * getSizes(getHidden())[3];
}

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/RecurrentOps.cpp.inc"
