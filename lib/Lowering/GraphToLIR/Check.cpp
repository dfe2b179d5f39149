//===- Check.cpp - graph.check to lir.check -------------------------------===//

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

void lambent::addCheckLowerings(LoweringTable &table) { table.add(lowerCheck); }
