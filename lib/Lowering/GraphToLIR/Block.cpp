//===- Block.cpp - Numbers in blocks that share an exponent ---------------===//

#include "GraphLowering.h"

using namespace mlir;
using namespace lambent;

static LogicalResult lowerRoundBlocks(graph::RoundBlocksOp op,
                                      GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput()),
        output = lowering.createResult(op.getResult());
  lir::RoundBlocksOp::create(lowering.builder, lowering.loc, input, output,
                             op.getFormat(), op.getAxis(), op.getScale(),
                             op.getGroups());
  return success();
}

void lambent::addBlockLowerings(LoweringTable &table) {
  table.add(lowerRoundBlocks);
}
