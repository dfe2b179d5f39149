//===- BlockOps.cpp - Checks and facts of blocks of numbers ---------------===//

#include "lambent/ElementTypes/BlockFormat.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

LogicalResult lir::RoundBlocksOp::verify() {
  // C1
  if (!areAlike(getInput().getType(), getOutput().getType()))
    return emitOpError() << "expected an output of " << getInput().getType()
                         << ", but got " << getOutput().getType();
  // C2
  int64_t axis = getAxis(),
          rank = cast<MemRefType>(getInput().getType()).getRank();
  if (axis < 0 || axis >= rank)
    return emitOpError() << "expected an axis from 0 to " << rank - 1
                         << ", but got " << axis;
  // C3
  if (!findBlockFormat(getFormat().str().c_str()))
    return emitOpError() << "expected a format of blocks, but got "
                         << getFormat();
  // C4
  if (getScale() != "down" && getScale() != "up")
    return emitOpError() << "expected a scale that is rounded down or up, but "
                            "got "
                         << getScale();
  // C5
  int64_t groups = getGroups();
  Size size = getSizes(getInput())[axis];
  if (groups < 1 || !size.isMultipleOf(groups))
    return emitOpError() << "expected groups that divide " << size
                         << ", but got " << groups;
  return success();
}

unsigned lir::RoundBlocksOp::getNumReads() { return 1; }

/// A block is read before it is written.
bool lir::RoundBlocksOp::mayShareBuffer(unsigned index) { return index == 0; }

Size lir::RoundBlocksOp::getFlops() {
  constexpr int64_t perElement = 8;
  return productOf(getSizes(getInput())) * perElement;
}

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/BlockOps.cpp.inc"
