//===- WeightPacker.cpp - Packed versions of constants --------------------===//

#include "WeightPacker.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

lir::WeightOp cpu::getUnpackedWeight(Value value) {
  auto weight = value.getDefiningOp<lir::WeightOp>();
  return weight && !weight.getPacking() ? weight : nullptr;
}

void WeightPacker::pack(OpOperand &operand, lir::WeightOp weight,
                        ArrayRef<int64_t> shape, Attribute packing,
                        Type element) {
  Operation *view = operand.get().getDefiningOp<lir::ViewOp>();
  OpBuilder builder(weight);
  builder.setInsertionPointAfter(weight);
  auto type = MemRefType::get(
      shape, element ? element : weight.getType().getElementType());
  lir::WeightOp &packed = made[{weight, type, packing}];
  if (!packed) {
    packed = lir::WeightOp::create(builder, weight.getLoc(), type,
                                   weight.getValue(), packing, IntegerAttr());
    for (NamedAttribute attr : weight->getDiscardableAttrs())
      packed->setDiscardableAttr(attr.getName(), attr.getValue());
  }
  operand.set(packed);
  if (view && view->use_empty())
    view->erase();
  used.insert(weight);
}

void WeightPacker::eraseUnused() {
  for (lir::WeightOp weight : used)
    if (weight->use_empty())
      weight->erase();
}
