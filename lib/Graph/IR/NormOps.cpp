//===- NormOps.cpp - Softmax and normalisations ---------------------------===//

#include "Permute.h"
#include "Window.h"

using namespace mlir;

namespace lambent::graph {

//===-- softmax -----------------------------------------------------------===//

FailureOr<RankedTensorType> SoftmaxOp::inferType(Adaptor op,
                                                 EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  if (failed(checkAxis(op.getAxis(), type.getRank(), emitError)))
    return failure();
  return type;
}

FailureOr<SmallVector<Value>> SoftmaxOp::buildPermuted(OpBuilder &builder,
                                                       ValueRange inputs,
                                                       ArrayRef<bool> permuted,
                                                       ArrayRef<int64_t> perm) {
  auto type = getResult().getType();
  Value input = permuteOperand(builder, getLoc(), inputs[0], permuted[0], perm);
  return SmallVector<Value>{SoftmaxOp::create(
      builder, getLoc(), permuteType(type, perm), input,
      permutedAxis(getAxis(), perm), getLog())};
}

//===-- layer_norm --------------------------------------------------------===//

FailureOr<RankedTensorType> LayerNormOp::inferType(Adaptor op,
                                                   EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  if (failed(checkAxis(op.getAxis(), type.getRank(), emitError)))
    return failure();
  for (Value operand : {op.getScale(), op.getBias()}) {
    if (!operand)
      continue;
    RankedTensorType small = typeOf(operand);
    auto shape = broadcastShapes({type.getShape(), small.getShape()});
    if (failed(shape) || failed(verifyCompatibleShape(*shape, type.getShape())))
      return emitError() << "expected scale and bias that broadcast to "
                         << describeShape(type.getShape()) << ", but got "
                         << small;
  }
  return type;
}

//===-- batch_norm --------------------------------------------------------===//

FailureOr<RankedTensorType> BatchNormOp::inferType(Adaptor op,
                                                   EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  if (type.getRank() < 2)
    return emitError() << "expected an input of rank 2 or more, but got "
                       << type;
  int64_t channels = type.getDimSize(1);
  for (Value operand : op.getOperands().drop_front()) {
    RankedTensorType vector = typeOf(operand);
    if (vector.getRank() != 1 || !dimsAgree(vector.getDimSize(0), channels))
      return emitError() << "expected vectors of " << describeShape(channels)
                         << ", but got " << vector;
    channels = mergeDims(channels, vector.getDimSize(0));
  }
  Sizes sizes = getSizes(type);
  sizes[1] = mergeDims(Size(channels), sizes[1]);
  return makeTensorType(sizes, type.getElementType());
}

//===-- lrn ---------------------------------------------------------------===//

FailureOr<RankedTensorType> LRNOp::inferType(Adaptor op, EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  if (type.getRank() < 2)
    return emitError() << "expected an input of rank 2 or more, but got "
                       << type;
  if (op.getSize() < 1)
    return emitError() << "expected a size of at least 1, but got "
                       << op.getSize();
  return type;
}

Value LRNOp::buildChannelsLast(OpBuilder &builder, ValueRange inputs) {
  return cloneChannelsLast(builder, *this, inputs);
}

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/NormOps.cpp.inc"
