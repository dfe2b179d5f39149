//===- CheckOps.cpp - What is done for what values say, at run time -------===//

#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

LogicalResult lir::CheckOp::verify() {
  auto type = cast<MemRefType>(getValues().getType());
  Type values = type.getElementType();
  if (!isa<IntegerType>(values) || values.getIntOrFloatBitWidth() > 64)
    return emitOpError() << "expected integers of at most 64 bits, but got "
                         << values;
  auto fault = cast<MemRefType>(getFault().getType());
  if (fault.getShape() != ArrayRef<int64_t>{2} ||
      !fault.getElementType().isInteger(64))
    return emitOpError() << "expected a fault of memref<2xi64>, but got "
                         << fault;
  // C3
  int64_t first = getFirst(), step = getStep();
  if (step < 1 || first < 0 ||
      (type.hasStaticShape() && first >= type.getNumElements()))
    return emitOpError() << "expected first to be the position of a value and "
                            "step to be 1 or more, but got "
                         << first << " and " << step;
  return success();
}

LogicalResult lir::DecideOp::verify() {
  auto type = cast<MemRefType>(getSizes().getType());
  if (!type.getElementType().isInteger(64) || type.getRank() != 1 ||
      !type.hasStaticShape() || !type.getLayout().isIdentity() ||
      int64_t(getFirst()) < 0)
    return emitOpError() << "expected a dense list of i64 of a known size, but "
                            "got "
                         << type;
  return success();
}

unsigned lir::DecideOp::getNumReads() { return 1; }
Size lir::DecideOp::getFlops() { return 0; }
lir::DecidedSymbols lir::DecideOp::getDecidedSymbols() {
  return {int64_t(getFirst()),
          cast<MemRefType>(getSizes().getType()).getNumElements()};
}

unsigned lir::CheckOp::getNumReads() { return 1; }
Size lir::CheckOp::getFlops() { return 0; }

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/CheckOps.cpp.inc"
