//===- ControlFlow.cpp - If with a condition that is known ----------------===//

#include "Importer.h"
#include "Node.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

static LogicalResult importIf(Node &node) {
  Value condition = node.input(0, "cond", BoolKind);
  const onnx::AttributeProto *branches[] = {
      node.findAttribute("else_branch", onnx::AttributeProto::GRAPH, true),
      node.findAttribute("then_branch", onnx::AttributeProto::GRAPH, true),
  };
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(condition);
  if (type.hasStaticShape() && type.getNumElements() != 1)
    return node.error("expected one condition, but got " +
                      Twine(type.getNumElements()));
  auto value = dyn_cast_or_null<DenseElementsAttr>(getConstantValue(condition));
  if (!value)
    return node.undetermined(
        "the condition", condition,
        ", since one branch is compiled, but it is computed from data; where "
        "both branches may be computed, Where chooses between their results");
  SmallVector<Value> results;
  bool taken = *value.getValues<bool>().begin();
  if (failed(node.getImporter().importSubgraph(
          node.getScope(), branches[taken]->g(), node.getLoc(), results)))
    return node.abandon();
  if (results.size() != node.getNumOutputs())
    return node.error("expected " + Twine(node.getNumOutputs()) +
                      " outputs of its branch, but got " +
                      Twine(results.size()));
  for (auto [index, result] : enumerate(results)) {
    // What failed inside has been reported.
    if (!result)
      return node.abandon();
    (void)node.result(index, result);
  }
  return success();
}

void addControlFlowRows(OpTable &table) { table.add("If", 1, importIf); }

} // namespace lambent::graph
