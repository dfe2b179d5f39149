//===- Check.cpp - graph.check and graph.decide to lir --------------------===//

#include "GraphLowering.h"

using namespace mlir;
using namespace lambent;

static LogicalResult lowerCheck(graph::CheckOp op, GraphLowering &lowering) {
  Value values = lowering.getBuffer(op.getValues());
  if (llvm::is_contained(getShape(values), 0))
    return success();
  OpBuilder &builder = lowering.builder;
  Value fault = lir::FaultOp::create(
      builder, lowering.loc, MemRefType::get({2}, builder.getI64Type()));
  lir::CheckOp::create(builder, lowering.loc, values, fault, op.getLow(),
                       op.getHigh(), op.getExcluded(), op.getExpected(),
                       op.getFirst(), op.getStep());
  return success();
}

static LogicalResult lowerDecide(graph::DecideOp op, GraphLowering &lowering) {
  lir::DecideOp::create(lowering.builder, lowering.loc,
                        lowering.getBuffer(op.getSizes()), op.getFirst());
  return success();
}

void lambent::addCheckLowerings(LoweringTable &table) {
  table.add(lowerCheck);
  table.add(lowerDecide);
}
