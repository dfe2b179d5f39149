//===- Sequence.cpp - Sequences and optionals to lir.sequence -------------===//

#include "GraphLowering.h"
#include "lambent/ElementTypes/MLIRType.h"

using namespace mlir;
using namespace lambent;

namespace {

/// What an op does besides what its operands say.
struct Details {
  int64_t axis = 0;
  bool flag = false;
};

/// The buffer of an operand for the runtime to read: dense, and one of some
/// elements where the tensor has none.
Value getReadable(Value tensor, GraphLowering &lowering) {
  if (llvm::is_contained(getShape(tensor), 0))
    return lowering.createIndexTable({1}, {0});
  return lowering.getBuffer(tensor);
}

Type getStoredType(Value tensor) {
  Type element = getElementType(tensor);
  Type scalar = graph::getScalarType(element);
  // Narrow elements are their codes here, and strings their numbers.
  if (isString(element))
    return scalar;
  return scalar.isInteger(8) && !element.isInteger(8) &&
                 !element.isUnsignedInteger(8)
             ? scalar
             : element;
}

LogicalResult lower(Operation *op, StringRef action, GraphLowering &lowering,
                    Details details = {}) {
  OpBuilder &builder = lowering.builder;
  SmallVector<Value> inputs;
  SmallVector<Attribute> types, sizes;
  auto describe = [&](Value tensor) {
    types.push_back(TypeAttr::get(getStoredType(tensor)));
    sizes.push_back(
        lir::SizesAttr::get(builder.getContext(), getSizes(tensor)));
  };
  for (Value operand : op->getOperands()) {
    inputs.push_back(getReadable(operand, lowering));
    describe(operand);
  }
  describe(op->getResult(0));
  lir::SequenceOp::create(
      builder, lowering.loc, inputs, lowering.createResult(op->getResult(0)),
      action, builder.getArrayAttr(types), builder.getArrayAttr(sizes),
      details.axis, details.flag);
  return success();
}

LogicalResult lowerSequence(graph::SequenceOp op, GraphLowering &lowering) {
  return lower(op, "construct", lowering);
}
LogicalResult lowerInsert(graph::SequenceInsertOp op, GraphLowering &lowering) {
  return lower(op, "insert", lowering);
}
LogicalResult lowerErase(graph::SequenceEraseOp op, GraphLowering &lowering) {
  return lower(op, "erase", lowering);
}
LogicalResult lowerLength(graph::SequenceLengthOp op, GraphLowering &lowering) {
  return lower(op, "length", lowering);
}
LogicalResult lowerShape(graph::SequenceShapeOp op, GraphLowering &lowering) {
  return lower(op, "shape", lowering);
}
LogicalResult lowerAt(graph::SequenceAtOp op, GraphLowering &lowering) {
  return lower(op, "at", lowering);
}
LogicalResult lowerConcatShape(graph::SequenceConcatShapeOp op,
                               GraphLowering &lowering) {
  return lower(op, "concat_shape", lowering,
               {int64_t(op.getAxis()), op.getNewAxis()});
}
LogicalResult lowerConcat(graph::SequenceConcatOp op, GraphLowering &lowering) {
  return lower(op, "concat", lowering,
               {int64_t(op.getAxis()), op.getNewAxis()});
}
LogicalResult lowerSplit(graph::SequenceSplitOp op, GraphLowering &lowering) {
  return lower(op, "split", lowering, {int64_t(op.getAxis()), op.getKeepDim()});
}
LogicalResult lowerOptional(graph::OptionalOp op, GraphLowering &lowering) {
  bool isOfSequence =
      op.getValue() &&
      isa<graph::SequenceType>(graph::getMeaning(op.getValue().getType()));
  return lower(op, isOfSequence ? "wrap" : "construct", lowering);
}
LogicalResult lowerOptionalSequence(graph::OptionalSequenceOp op,
                                    GraphLowering &lowering) {
  return lower(op, "unwrap", lowering);
}

} // namespace

void lambent::addSequenceLowerings(LoweringTable &table) {
  table.add(lowerSequence);
  table.add(lowerInsert);
  table.add(lowerErase);
  table.add(lowerLength);
  table.add(lowerShape);
  table.add(lowerAt);
  table.add(lowerConcatShape);
  table.add(lowerConcat);
  table.add(lowerSplit);
  table.add(lowerOptional);
  table.add(lowerOptionalSequence);
}
