//===- ResampleOps.cpp - Checks and facts of lir.resample -----------------===//

#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

LogicalResult lir::ResampleOp::verify() {
  auto input = cast<MemRefType>(getInput().getType()),
       indices = cast<MemRefType>(getIndices().getType()),
       weights = cast<MemRefType>(getWeights().getType()),
       output = cast<MemRefType>(getOutput().getType());
  int64_t axis = getAxis();
  if (axis < 0 || axis >= input.getRank())
    return emitOpError() << "expected an axis from 0 to " << input.getRank() - 1
                         << ", but got " << axis;
  if (indices.getRank() != 2 || !indices.getElementType().isInteger(64))
    return emitOpError() << "expected indices [size, taps] of i64, but got "
                         << indices;
  if (getSizes(weights) != getSizes(indices) ||
      !weights.getElementType().isF32())
    return emitOpError()
           << "expected weights of the indices' shape in f32, but got "
           << weights;
  Sizes expected = getSizes(input);
  expected[axis] = getSizes(indices)[0];
  if (!areAlike(output, makeBufferType(expected, input.getElementType())))
    return emitOpError() << "expected an output of "
                         << makeBufferType(expected, input.getElementType())
                         << ", but got " << output;
  return success();
}

unsigned lir::ResampleOp::getNumReads() { return 3; }

Size lir::ResampleOp::getFlops() {
  return productOf(getSizes(getOutput())) * 2 * getSizes(getIndices())[1];
}

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/ResampleOps.cpp.inc"
