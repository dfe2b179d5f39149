//===- Check.cpp - graph.check and graph.decide to lir --------------------===//

#include "GraphLowering.h"

using namespace mlir;
using namespace lambent;

/// Demands it of sizes, before the run: nothing has to look at a buffer.
static bool demandOfSizes(graph::CheckOp op, GraphLowering &lowering) {
  FailureOr<Sizes> sizes = graph::getKnownSizes(op.getValues());
  if (op.getExcluded() || failed(sizes) || !areKnown(*sizes))
    return false;
  for (size_t i = op.getFirst(); i < sizes->size(); i += op.getStep()) {
    const Size &size = (*sizes)[i];
    if (op.getLow() == op.getHigh()) {
      lowering.requireEqual(size, int64_t(op.getLow()), op.getExpected());
      continue;
    }
    // What is beyond every number bounds no size.
    for (const Size &distance :
         {size - int64_t(op.getLow()), int64_t(op.getHigh()) - size})
      if (distance.isKnown())
        lowering.requireNotNegative(distance, op.getExpected());
  }
  return true;
}

static LogicalResult lowerCheck(graph::CheckOp op, GraphLowering &lowering) {
  if (demandOfSizes(op, lowering))
    return success();
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
