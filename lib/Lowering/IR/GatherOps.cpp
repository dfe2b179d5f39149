//===- GatherOps.cpp - Checks and facts of look-ups -----------------------===//

#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

/// What both look-ups ask of their types.
static LogicalResult verifyLookup(Operation *op, MemRefType data,
                                  MemRefType indices, MemRefType output,
                                  int64_t axis) {
  if (!indices.getElementType().isInteger(32) &&
      !indices.getElementType().isInteger(64))
    return op->emitOpError() << "expected indices of i32 or i64, but got "
                             << indices.getElementType();
  if (axis < 0 || axis >= data.getRank())
    return op->emitOpError() << "expected an axis from 0 to "
                             << data.getRank() - 1 << ", but got " << axis;
  if (data.getElementType() != output.getElementType())
    return op->emitOpError()
           << "expected an output of " << data.getElementType() << ", but got "
           << output.getElementType();
  return success();
}

LogicalResult lir::GatherOp::verify() {
  auto data = cast<MemRefType>(getData().getType()),
       indices = cast<MemRefType>(getIndices().getType()),
       output = cast<MemRefType>(getOutput().getType());
  if (failed(verifyLookup(*this, data, indices, output, getAxis())))
    return failure();
  SmallVector<int64_t> expected(data.getShape().take_front(getAxis()));
  llvm::append_range(expected, indices.getShape());
  llvm::append_range(expected, data.getShape().drop_front(getAxis() + 1));
  if (output.getShape() != ArrayRef(expected))
    return emitOpError() << "expected an output of "
                         << MemRefType::get(expected, data.getElementType())
                         << ", but got " << output;
  return success();
}

unsigned lir::GatherOp::getNumReads() { return 2; }
uint64_t lir::GatherOp::getFlops() { return 0; }

LogicalResult lir::GatherElementsOp::verify() {
  auto data = cast<MemRefType>(getData().getType()),
       indices = cast<MemRefType>(getIndices().getType()),
       output = cast<MemRefType>(getOutput().getType());
  if (failed(verifyLookup(*this, data, indices, output, getAxis())))
    return failure();
  if (data.getRank() != indices.getRank())
    return emitOpError() << "expected indices of rank " << data.getRank()
                         << ", but got " << indices.getRank();
  for (int64_t dim = 0; dim < data.getRank(); ++dim)
    if (dim != int64_t(getAxis()) &&
        indices.getDimSize(dim) > data.getDimSize(dim))
      return emitOpError() << "expected indices of at most "
                           << data.getDimSize(dim) << " in dim " << dim
                           << ", but got " << indices.getDimSize(dim);
  if (output.getShape() != indices.getShape())
    return emitOpError() << "expected an output of the indices' shape, but got "
                         << output << " for " << indices;
  return success();
}

unsigned lir::GatherElementsOp::getNumReads() { return 2; }
uint64_t lir::GatherElementsOp::getFlops() { return 0; }

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/GatherOps.cpp.inc"
