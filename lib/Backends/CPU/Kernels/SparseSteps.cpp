//===- SparseSteps.cpp - The steps that a sparse panel keeps --------------===//

#include "SparseSteps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

Value SparseSteps::wordPtr(Value index) {
  return builder.elementPtr(panel, builder.getI32Type(), index);
}

Value SparseSteps::getBegin(Value section) {
  Value word = builder.add(section, layout.getSectionsOffset());
  return arith::ExtUIOp::create(
      builder, builder.getI64Type(),
      builder.load(builder.getI32Type(), panel, word));
}

void SparseSteps::select(TileOperands &operands, Value first, Value end) {
  Value begin = getBegin(first);
  operands.depth = builder.sub(getBegin(end), begin);
  operands.rhs = wordPtr(builder.mul(begin, layout.columns));
  operands.rhsStep = layout.columns;
  operands.lhsOffsets = wordPtr(builder.add(begin, layout.getStepsOffset()));
}
