//===- ControlFlow.cpp - graph.if and graph.loop to lir -------------------===//

#include "GraphLowering.h"

using namespace mlir;
using namespace lambent;

static SmallVector<Value> getBuffers(ValueRange tensors,
                                     GraphLowering &lowering) {
  return llvm::map_to_vector(
      tensors, [&](Value tensor) { return lowering.getBuffer(tensor); });
}

/// A slot for each result, which holds it.
static SmallVector<Value> createSlots(Operation *op, GraphLowering &lowering) {
  SmallVector<Value> slots;
  for (Value result : op->getResults()) {
    slots.push_back(lir::SlotOp::create(lowering.builder, lowering.loc,
                                        getBufferType(result.getType())));
    lowering.bind(result, slots.back());
  }
  return slots;
}

static LogicalResult lowerIf(graph::IfOp op, GraphLowering &lowering) {
  SmallVector<Value> captures = getBuffers(op.getCaptures(), lowering),
                     slots = createSlots(op, lowering);
  lir::IfOp::create(lowering.builder, lowering.loc,
                    lowering.getBuffer(op.getCondition()), captures, slots,
                    op.getThenBranchAttr(), op.getElseBranchAttr(),
                    op.getFirstSymbolAttr(), op.getNumSymbolsAttr());
  return success();
}

static LogicalResult lowerLoop(graph::LoopOp op, GraphLowering &lowering) {
  SmallVector<Value> carried = getBuffers(op.getCarried(), lowering),
                     captures = getBuffers(op.getCaptures(), lowering),
                     slots = createSlots(op, lowering);
  lir::LoopOp::create(
      lowering.builder, lowering.loc, lowering.getBuffer(op.getTrip()),
      lowering.getBuffer(op.getCondition()), carried, captures, slots,
      op.getBodyAttr(), op.getFirstSymbolAttr(), op.getNumSymbolsAttr());
  return success();
}

void lambent::addControlFlowLowerings(LoweringTable &table) {
  table.add(lowerIf);
  table.add(lowerLoop);
}
