//===- NormOps.cpp - Checks and facts of softmax and normalisations -------===//

#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

static LogicalResult verifySameType(Operation *op, Value input, Value output) {
  if (!lir::areAlike(input.getType(), output.getType()))
    return op->emitOpError() << "expected an output of " << input.getType()
                             << ", but got " << output.getType();
  return success();
}

static LogicalResult verifyAxis(Operation *op, int64_t axis, int64_t rank) {
  if (axis < 0 || axis >= rank)
    return op->emitOpError()
           << "expected an axis from 0 to " << rank - 1 << ", but got " << axis;
  return success();
}

/// `perElement` operations on each element of a buffer.
static Size countFlops(Value buffer, int64_t perElement) {
  return productOf(lir::getSizes(buffer)) * perElement;
}

LogicalResult lir::SoftmaxOp::verify() {
  if (failed(verifySameType(*this, getInput(), getOutput())))
    return failure();
  return verifyAxis(*this, getAxis(),
                    cast<MemRefType>(getInput().getType()).getRank());
}

unsigned lir::SoftmaxOp::getNumReads() { return 1; }
bool lir::SoftmaxOp::mayShareBuffer(unsigned index) { return index == 0; }
Size lir::SoftmaxOp::getFlops() { return countFlops(getInput(), 4); }

LogicalResult lir::NormalizeOp::verify() {
  auto input = cast<MemRefType>(getInput().getType());
  if (failed(verifySameType(*this, getInput(), getOutput())) ||
      failed(verifyAxis(*this, getAxis(), input.getRank())))
    return failure();
  Sizes sizes = getSizes(input),
        normalized(ArrayRef(sizes).drop_front(getAxis()));
  for (Value operand : {getScale(), getBias()})
    if (operand && getSizes(operand) != normalized)
      return emitOpError() << "expected scale and bias of "
                           << makeBufferType(normalized,
                                           input.getElementType())
                           << ", but got " << operand.getType();
  return success();
}

unsigned lir::NormalizeOp::getNumReads() { return getNumOperands() - 1; }
bool lir::NormalizeOp::mayShareBuffer(unsigned index) { return index == 0; }
Size lir::NormalizeOp::getFlops() { return countFlops(getInput(), 7); }

LogicalResult lir::LRNOp::verify() {
  if (failed(verifySameType(*this, getInput(), getOutput())))
    return failure();
  if (static_cast<int64_t>(getSize()) <= 0)
    return emitOpError() << "expected a positive size, but got " << getSize();
  return success();
}

unsigned lir::LRNOp::getNumReads() { return 1; }
Size lir::LRNOp::getFlops() { return countFlops(getInput(), getSize() + 4); }

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/NormOps.cpp.inc"
