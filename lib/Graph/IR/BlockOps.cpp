//===- BlockOps.cpp - Numbers in blocks that share an exponent ------------===//

#include "Permute.h"
#include "lambent/ElementTypes/BlockFormat.h"

using namespace mlir;

namespace lambent::graph {

FailureOr<RankedTensorType> RoundBlocksOp::inferType(Adaptor op,
                                                     EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  SmallVector<StringRef> names;
  for (const BlockFormat &format : blockFormats)
    names.push_back(format.name);
  if (failed(checkChoice("format", op.getFormat(), names, emitError)) ||
      failed(checkAxis(op.getAxis(), type.getRank(), emitError)) ||
      failed(checkChoice("scale", op.getScale(), {"down", "up"}, emitError)))
    return failure();
  int64_t groups = op.getGroups(), size = type.getDimSize(op.getAxis());
  if (groups < 1 || (!isOpen(size) && size % groups != 0))
    return emitError() << "expected groups that divide " << describeShape(size)
                       << ", but got " << groups;
  return type;
}

FailureOr<SmallVector<Value>>
RoundBlocksOp::buildPermuted(OpBuilder &builder, ValueRange inputs,
                             ArrayRef<bool> permuted, ArrayRef<int64_t> perm) {
  Value input = permuteOperand(builder, getLoc(), inputs[0], permuted[0], perm);
  return SmallVector<Value>{RoundBlocksOp::create(
      builder, getLoc(), permuteType(getResult().getType(), perm), input,
      getFormat(), permutedAxis(getAxis(), perm), getScale(), getGroups())};
}

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/BlockOps.cpp.inc"
