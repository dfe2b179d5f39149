//===- AttentionOps.cpp - Scaled dot-product attention --------------------===//

#include "Shapes.h"

using namespace mlir;

namespace lambent::graph {

FailureOr<RankedTensorType> AttentionOp::inferType(Adaptor op,
                                                   EmitError emitError) {
  RankedTensorType query = typeOf(op.getQuery()), key = typeOf(op.getKey()),
                   value = typeOf(op.getValue());
  for (RankedTensorType type : {query, key, value})
    if (type.getRank() != 4 || type.getElementType() != query.getElementType())
      return emitError() << "expected query, key and value of rank 4 and one "
                            "element type, but got "
                         << type;
  Sizes sizes = getSizes(query);
  Size batch = sizes[0], heads = sizes[1];
  for (RankedTensorType type : {key, value}) {
    Sizes other = getSizes(type);
    if (!dimsAgree(batch, other[0]) || !dimsAgree(heads, other[1]))
      return emitError() << "expected the batch and heads of " << query
                         << ", but got " << type;
    batch = mergeDims(batch, other[0]);
    heads = mergeDims(heads, other[1]);
  }
  if (!dimsAgree(query.getDimSize(3), key.getDimSize(3)))
    return emitError() << "expected query and key to agree on dim 3, but got "
                       << query << " and " << key;
  if (!dimsAgree(key.getDimSize(2), value.getDimSize(2)))
    return emitError() << "expected key and value to agree on dim 2, but got "
                       << key << " and " << value;
  if (Value mask = op.getMask()) {
    int64_t scores[] = {batch.getNumber(), heads.getNumber(),
                        query.getDimSize(2),
                        mergeDims(key.getDimSize(2), value.getDimSize(2))};
    auto shape =
        broadcastShapes({ArrayRef<int64_t>(scores), typeOf(mask).getShape()});
    if (failed(shape) || shape->size() != 4 ||
        failed(verifyCompatibleShape(*shape, scores)))
      return emitError() << "expected a mask that broadcasts to "
                         << ArrayRef<int64_t>(scores) << ", but got "
                         << typeOf(mask);
  }
  return makeTensorType({batch, heads, sizes[2], getSizes(value)[3]},
                        query.getElementType());
}

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/AttentionOps.cpp.inc"
