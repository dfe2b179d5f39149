//===- BufferOps.cpp - Buffers, weights and views -------------------------===//

#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

int64_t lir::getBufferBytes(MemRefType type) {
  int64_t bits = type.getElementTypeBitWidth();
  return type.getNumElements() * ((bits + 7) / 8);
}

Type lir::getAccumulatorType(Type elementType) {
  auto floating = dyn_cast<FloatType>(elementType);
  if (floating && floating.getWidth() < 32)
    return Float32Type::get(elementType.getContext());
  return elementType;
}

Value lir::getRootBuffer(Value buffer) {
  while (auto view = buffer.getDefiningOp<ViewOp>())
    buffer = view.getSource();
  return buffer;
}

OperandRange lir::getReads(KernelOpInterface kernel) {
  return kernel->getOperands().take_front(kernel.getNumReads());
}

OperandRange lir::getWrites(KernelOpInterface kernel) {
  return kernel->getOperands().drop_front(kernel.getNumReads());
}

LogicalResult lir::ViewOp::verify() {
  auto source = cast<MemRefType>(getSource().getType()),
       result = cast<MemRefType>(getResult().getType());
  if (!source.hasStaticShape() || !result.hasStaticShape())
    return success();
  // C1
  if (getBufferBytes(source) != getBufferBytes(result))
    return emitOpError() << "expected equal sizes, but got "
                         << getBufferBytes(source) << " and "
                         << getBufferBytes(result) << " bytes";
  return success();
}

/// A view of a view is a view of the source; a view with the same type is its
/// source.
OpFoldResult lir::ViewOp::fold(FoldAdaptor) {
  if (getSource().getType() == getResult().getType())
    return getSource();
  auto inner = getSource().getDefiningOp<ViewOp>();
  if (!inner)
    return {};
  if (inner.getSource().getType() == getResult().getType())
    return inner.getSource();
  getSourceMutable().assign(inner.getSource());
  return getResult();
}

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/BufferOps.cpp.inc"
