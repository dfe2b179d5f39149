//===- GatherOps.cpp - Checks and facts of look-ups -----------------------===//

#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

/// What all look-ups ask of their element types.
static LogicalResult verifyElements(Operation *op, MemRefType data,
                                    MemRefType indices, MemRefType output) {
  if (!indices.getElementType().isInteger(32) &&
      !indices.getElementType().isInteger(64))
    return op->emitOpError() << "expected indices of i32 or i64, but got "
                             << indices.getElementType();
  if (data.getElementType() != output.getElementType())
    return op->emitOpError()
           << "expected an output of " << data.getElementType() << ", but got "
           << output.getElementType();
  return success();
}

/// What look-ups along an axis ask.
static LogicalResult verifyLookup(Operation *op, MemRefType data,
                                  MemRefType indices, MemRefType output,
                                  int64_t axis) {
  if (failed(verifyElements(op, data, indices, output)))
    return failure();
  if (axis < 0 || axis >= data.getRank())
    return op->emitOpError() << "expected an axis from 0 to "
                             << data.getRank() - 1 << ", but got " << axis;
  return success();
}

LogicalResult lir::GatherOp::verify() {
  auto data = cast<MemRefType>(getData().getType()),
       indices = cast<MemRefType>(getIndices().getType()),
       output = cast<MemRefType>(getOutput().getType());
  if (failed(verifyLookup(*this, data, indices, output, getAxis())))
    return failure();
  Sizes sizes = getSizes(data), expected(ArrayRef(sizes).take_front(getAxis()));
  llvm::append_range(expected, getSizes(indices));
  llvm::append_range(expected, ArrayRef(sizes).drop_front(getAxis() + 1));
  if (getSizes(output) != expected)
    return emitOpError() << "expected an output of "
                         << makeBufferType(expected, data.getElementType())
                         << ", but got " << output;
  return success();
}

unsigned lir::GatherOp::getNumReads() { return 2; }
Size lir::GatherOp::getFlops() { return 0; }

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
        !data.isDynamicDim(dim) &&
        indices.getDimSize(dim) > data.getDimSize(dim))
      return emitOpError() << "expected indices of at most "
                           << data.getDimSize(dim) << " in dim " << dim
                           << ", but got " << indices.getDimSize(dim);
  if (getSizes(output) != getSizes(indices))
    return emitOpError() << "expected an output of the indices' shape, but got "
                         << output << " for " << indices;
  return success();
}

unsigned lir::GatherElementsOp::getNumReads() { return 2; }
Size lir::GatherElementsOp::getFlops() { return 0; }

LogicalResult lir::GatherNDOp::verify() {
  auto data = cast<MemRefType>(getData().getType()),
       indices = cast<MemRefType>(getIndices().getType()),
       output = cast<MemRefType>(getOutput().getType());
  if (failed(verifyElements(*this, data, indices, output)))
    return failure();
  // C1
  int64_t batch = getBatchDims();
  if (batch < 0 || batch >= std::min(data.getRank(), indices.getRank()))
    return emitOpError() << "expected batch_dims to be less than the ranks of "
                         << data << " and " << indices << ", but got " << batch;
  // C2
  int64_t depth = indices.getShape().back();
  if (depth < 1 || depth > data.getRank() - batch)
    return emitOpError() << "expected tuples of 1 to " << data.getRank() - batch
                         << " indices, but got " << indices;
  // C3
  Sizes of = getSizes(data), at = getSizes(indices);
  if (ArrayRef(at).take_front(batch) != ArrayRef(of).take_front(batch))
    return emitOpError() << "expected indices with the first " << batch
                         << " dims of " << data << ", but got " << indices;
  // C4
  Sizes expected(ArrayRef(at).drop_back());
  llvm::append_range(expected, ArrayRef(of).drop_front(batch + depth));
  if (getSizes(output) != expected)
    return emitOpError() << "expected an output of "
                         << makeBufferType(expected, data.getElementType())
                         << ", but got " << output;
  return success();
}

unsigned lir::GatherNDOp::getNumReads() { return 2; }
Size lir::GatherNDOp::getFlops() { return 0; }

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/GatherOps.cpp.inc"
