//===- Elementwise.cpp - graph.elementwise to lir.elementwise -------------===//

#include "GraphLowering.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace lambent;

static LogicalResult lowerElementwise(graph::ElementwiseOp op,
                                      GraphLowering &lowering) {
  Value output = lowering.createResult(op.getResult());
  Sizes domain = getSizes(output);
  SmallVector<BufferAccess> inputs;
  for (Value input : op.getInputs()) {
    inputs.push_back({lowering.getBuffer(input),
                      lowering.getBroadcastTerms(getSizes(input), domain)});
  }
  auto cloneBody = [&](OpBuilder &builder, Location, ValueRange scalars) {
    IRMapping mapping;
    Block &body = op.getBody().front();
    mapping.map(body.getArguments(), scalars);
    for (Operation &inner : body.without_terminator())
      builder.clone(inner, mapping);
    return mapping.lookupOrDefault(body.getTerminator()->getOperand(0));
  };
  lowering.createElementwise(
      domain, inputs, {output, getIdentityTerms(domain.size())}, cloneBody);
  return success();
}

void lambent::addElementwiseLowerings(LoweringTable &table) {
  table.add(lowerElementwise);
}
