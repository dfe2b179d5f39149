//===- ConstantOps.cpp - Constants ----------------------------------------===//

#include "Elements.h"

#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

namespace lambent::graph {

void ConstantOp::build(OpBuilder &builder, OperationState &state,
                       ElementsAttr value) {
  build(builder, state, value.getType(), value);
}

bool ConstantOp::isBuildableWith(Attribute value, Type type) {
  auto elements = dyn_cast_or_null<ElementsAttr>(value);
  return elements && elements.getType() == type && isa<RankedTensorType>(type);
}

OpFoldResult ConstantOp::fold(FoldAdaptor adaptor) { return getValue(); }

LogicalResult ConstantOp::verify() {
  auto type = getResult().getType();
  if (failed(checkResult(type, [&] { return emitOpError(); })))
    return failure();
  auto resource = dyn_cast<DenseResourceElementsAttr>(getValue());
  if (!resource)
    return success();
  AsmResourceBlob *blob = resource.getRawHandle().getBlob();
  if (!blob) // Printed IR may leave the bytes of weights out.
    return success();
  size_t size = getByteSize(type);
  if (blob->getData().size() != size)
    return emitOpError("expected ")
           << size << " bytes, but got " << blob->getData().size();
  return success();
}

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/ConstantOps.cpp.inc"
