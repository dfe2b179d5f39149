//===- ScatterOps.cpp - Checks and facts of updates by index -------------===//

#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

/// What both ops ask, given the shape of their updates.
template <typename Op>
static LogicalResult verifyScatter(Op op, ArrayRef<Size> shape) {
  auto data = cast<MemRefType>(op.getData().getType()),
       indices = cast<MemRefType>(op.getIndices().getType()),
       updates = cast<MemRefType>(op.getUpdates().getType()),
       output = cast<MemRefType>(op.getOutput().getType());
  Type element = data.getElementType();
  if (!indices.getElementType().isInteger(32) &&
      !indices.getElementType().isInteger(64))
    return op.emitOpError() << "expected indices of i32 or i64, but got "
                            << indices.getElementType();
  // A run checks what it decides: that sizes of different forms are equal.
  Sizes found = lir::getSizes(updates);
  bool agree = found.size() == shape.size() &&
               llvm::all_of(llvm::zip(found, shape), [](auto pair) {
                 auto [a, b] = pair;
                 return a == b || !a.isNumber() || !b.isNumber();
               });
  if (!agree || updates.getElementType() != element)
    return op.emitOpError()
           << "expected updates of " << lir::makeBufferType(shape, element)
           << ", but got " << updates;
  if (!lir::areAlike(output, data))
    return op.emitOpError()
           << "expected an output like " << data << ", but got " << output;
  StringRef kind = op.getKind();
  bool ofBool = kind == "max" || kind == "min" || kind == "none";
  if (!ofBool && ((kind != "sum" && kind != "prod") || element.isInteger(1)))
    return op.emitOpError() << "expected a kind that combines " << element
                            << ", but got " << kind;
  return success();
}

LogicalResult lir::ScatterElementsOp::verify() {
  auto data = cast<MemRefType>(getData().getType()),
       indices = cast<MemRefType>(getIndices().getType());
  int64_t axis = getAxis();
  // C1
  if (axis < 0 || axis >= data.getRank())
    return emitOpError() << "expected an axis from 0 to " << data.getRank() - 1
                         << ", but got " << axis;
  // C2
  if (data.getRank() != indices.getRank())
    return emitOpError() << "expected indices of rank " << data.getRank()
                         << ", but got " << indices.getRank();
  for (int64_t dim = 0; dim < data.getRank(); ++dim)
    if (dim != axis && !data.isDynamicDim(dim) &&
        indices.getDimSize(dim) > data.getDimSize(dim))
      return emitOpError() << "expected indices of at most "
                           << data.getDimSize(dim) << " in dim " << dim
                           << ", but got " << indices.getDimSize(dim);
  // C3, C4, C5
  return verifyScatter(*this, getSizes(indices));
}

unsigned lir::ScatterElementsOp::getNumReads() { return 3; }
bool lir::ScatterElementsOp::mayShareBuffer(unsigned index) {
  return index == 0;
}
Size lir::ScatterElementsOp::getFlops() {
  return getKind() == "none"
             ? Size(0)
             : countElements(cast<MemRefType>(getUpdates().getType()));
}

LogicalResult lir::ScatterNDOp::verify() {
  auto data = cast<MemRefType>(getData().getType()),
       indices = cast<MemRefType>(getIndices().getType());
  // C1
  int64_t depth = indices.getRank() ? indices.getShape().back() : 0;
  if (depth < 1 || depth > data.getRank())
    return emitOpError() << "expected tuples of 1 to " << data.getRank()
                         << " indices, but got " << indices;
  // C2, C3, C4
  Sizes of = getSizes(data), at = getSizes(indices);
  Sizes shape(ArrayRef(at).drop_back());
  llvm::append_range(shape, ArrayRef(of).drop_front(depth));
  return verifyScatter(*this, shape);
}

unsigned lir::ScatterNDOp::getNumReads() { return 3; }
bool lir::ScatterNDOp::mayShareBuffer(unsigned index) { return index == 0; }
Size lir::ScatterNDOp::getFlops() {
  return getKind() == "none"
             ? Size(0)
             : countElements(cast<MemRefType>(getUpdates().getType()));
}

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/ScatterOps.cpp.inc"
