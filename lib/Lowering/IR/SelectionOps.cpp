//===- SelectionOps.cpp - Checks and facts of kernels that select ---------===//

#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

/// Fails unless `output` is of i64 and has these sizes; an unknown one is any.
static LogicalResult verifyPlaces(Operation *op, Value output,
                                  ArrayRef<Size> sizes) {
  auto type = cast<MemRefType>(output.getType());
  Sizes expected(sizes);
  if (type.getRank() == int64_t(expected.size()))
    for (auto [size, present] :
         llvm::zip_equal(expected, lir::getSizes(output)))
      if (!size.isKnown())
        size = present;
  auto wanted =
      lir::makeBufferType(expected, IntegerType::get(op->getContext(), 64));
  if (!lir::areAlike(type, wanted))
    return op->emitOpError()
           << "expected an output of " << wanted << ", but got " << type;
  return success();
}

static Size countBlocks(Value input, int64_t block) {
  return productOf(lir::getSizes(input)).ceilDiv(block);
}

LogicalResult lir::CountNonZeroOp::verify() {
  if (int64_t(getBlock()) < 1)
    return emitOpError() << "expected a positive block, but got " << getBlock();
  return verifyPlaces(*this, getOutput(), countBlocks(getInput(), getBlock()));
}

unsigned lir::CountNonZeroOp::getNumReads() { return 1; }
Size lir::CountNonZeroOp::getFlops() { return productOf(getSizes(getInput())); }

LogicalResult lir::NonZeroOp::verify() {
  if (int64_t(getBlock()) < 1)
    return emitOpError() << "expected a positive block, but got " << getBlock();
  auto starts = cast<MemRefType>(getStarts().getType());
  auto wanted = makeBufferType({countBlocks(getInput(), getBlock())},
                               IntegerType::get(getContext(), 64));
  if (!areAlike(starts, wanted))
    return emitOpError() << "expected starts of " << wanted << ", but got "
                         << starts;
  int64_t rank = cast<MemRefType>(getInput().getType()).getRank();
  return verifyPlaces(*this, getOutput(), {Size(rank), Size::unknown()});
}

unsigned lir::NonZeroOp::getNumReads() { return 2; }
Size lir::NonZeroOp::getFlops() { return productOf(getSizes(getInput())); }

LogicalResult lir::SortRowsOp::verify() {
  auto input = cast<MemRefType>(getInput().getType());
  if (input.getRank() != 2)
    return emitOpError() << "expected a matrix, but got " << input;
  return verifyPlaces(*this, getOutput(), getSizes(input)[0]);
}

unsigned lir::SortRowsOp::getNumReads() { return 1; }
Size lir::SortRowsOp::getFlops() { return productOf(getSizes(getInput())); }

LogicalResult lir::NonMaxSuppressionOp::verify() {
  auto boxes = cast<MemRefType>(getBoxes().getType()),
       scores = cast<MemRefType>(getScores().getType()),
       limit = cast<MemRefType>(getLimit().getType());
  Sizes sizes = getSizes(scores);
  if (boxes.getRank() != 3 || scores.getRank() != 3 ||
      !boxes.getElementType().isF32() || !scores.getElementType().isF32() ||
      boxes.getDimSize(2) != 4)
    return emitOpError() << "expected boxes [batch, boxes, 4] and scores "
                            "[batch, classes, boxes] in f32, but got "
                         << boxes << " and " << scores;
  auto isOne = [](MemRefType type) {
    return type.hasStaticShape() && type.getNumElements() == 1;
  };
  if (!isOne(limit) || !limit.getElementType().isInteger(64))
    return emitOpError() << "expected a limit of one i64, but got " << limit;
  for (Value threshold : {getIouThreshold(), getScoreThreshold()}) {
    auto type = threshold ? cast<MemRefType>(threshold.getType()) : MemRefType();
    if (type && (!isOne(type) || !type.getElementType().isF32()))
      return emitOpError() << "expected a threshold of one f32, but got "
                           << type;
  }
  if (failed(verifyPlaces(*this, getSelected(),
                          {sizes[0], sizes[1], Size::unknown()})))
    return failure();
  return verifyPlaces(*this, getCounts(), {sizes[0], sizes[1]});
}

unsigned lir::NonMaxSuppressionOp::getNumReads() {
  return getNumOperands() - 2;
}
Size lir::NonMaxSuppressionOp::getFlops() {
  return productOf(getSizes(getScores())) * 16;
}

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/SelectionOps.cpp.inc"
