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
    Sizes sizes = getSizes(input);
    int64_t missing = domain.size() - sizes.size();
    for (auto [dim, size] : llvm::enumerate(sizes))
      if (!size.is(1))
        lowering.requireEqual(size, domain[dim + missing],
                              "operands whose sizes agree");
    inputs.push_back(
        {lowering.getBuffer(input), getBroadcastTerms(sizes, domain)});
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
