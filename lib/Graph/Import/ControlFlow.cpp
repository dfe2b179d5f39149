//===- ControlFlow.cpp - If -----------------------------------------------===//
//
// With a condition that is known the branch is imported in place. Otherwise
// both become functions, of which a run calls one.
//
//===----------------------------------------------------------------------===//

#include "ControlFlow.h"
#include "Importer.h"
#include "Node.h"
#include "Offers.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

bool isSizeOutside(const Size &size, unsigned numSymbols) {
  bool isOutside = size.isKnown();
  if (AffineExpr expression = size.getExpression())
    expression.walk([&](AffineExpr part) {
      if (auto symbol = dyn_cast<AffineSymbolExpr>(part))
        isOutside &= symbol.getPosition() < numSymbols;
    });
  return isOutside;
}

Size ResultSizes::decide() {
  ++count;
  return importer.addSymbol();
}

Size ResultSizes::get(const Size &a, const Size &b) {
  if (a == b && isSizeOutside(a, numOuter))
    return a;
  for (auto &[key, size] : decided)
    if (key.first == a && key.second == b)
      return size;
  decided.push_back({{a, b}, decide()});
  return decided.back().second;
}

LogicalResult refuseConditions(Node &node, const Size &condition) {
  return node.unsupported(
      "more than " + Twine(SizeAssumptions::mostConditions) +
      " conditions on sizes decide on the ranks of results" +
      node.getImporter().askForDims(condition));
}

Type mergeTypes(Node &node, const Twine &what, Type thenType, Type elseType,
                ResultSizes &sizes, StringRef help) {
  auto first = cast<RankedTensorType>(thenType),
       second = cast<RankedTensorType>(elseType);
  Type joined = joinTypes(getMeaning(first), getMeaning(second));
  if (!joined) {
    (void)node.error("expected branches that agree on the type of " + what +
                     ", but got " + describeType(first) + " and " +
                     describeType(second));
    return {};
  }
  if (!isa<TensorType>(joined))
    return makeHandleType(joined);
  if (first.getRank() != second.getRank()) {
    (void)node.unsupported("data decide whether the rank of " + what + " is " +
                           Twine(first.getRank()) + " or " +
                           Twine(second.getRank()) +
                           ": it must be known at compile time" + help);
    return {};
  }
  Sizes merged;
  for (auto [a, b] : zip_equal(getSizes(first), getSizes(second)))
    merged.push_back(sizes.get(a, b));
  return makeTensorType(merged, first.getElementType());
}

static LogicalResult checkOutputCount(Node &node, size_t count) {
  if (count == node.getNumOutputs())
    return success();
  return node.error("expected " + Twine(node.getNumOutputs()) +
                    " outputs of its branch, but got " + Twine(count));
}

/// The branch that is taken whatever the inputs are.
static LogicalResult importTaken(Node &node, const onnx::GraphProto &branch) {
  SmallVector<Value> results;
  if (failed(node.getImporter().importSubgraph(node.getScope(), branch,
                                               node.getLoc(), results)))
    return node.abandon();
  if (failed(checkOutputCount(node, results.size())))
    return failure();
  for (auto [index, result] : enumerate(results)) {
    // What failed inside has been reported.
    if (!result)
      return node.abandon();
    (void)node.result(index, result);
  }
  return success();
}

bool haveOtherRanks(TypeRange thenTypes, TypeRange elseTypes) {
  auto getRank = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(getMeaning(type));
    return tensor ? tensor.getRank() : -1;
  };
  return any_of(zip(thenTypes, elseTypes), [&](auto types) {
    auto [first, second] = types;
    return getRank(first) != getRank(second);
  });
}

/// What a condition is that input sizes alone decide: 0 or 1, as an expression;
/// else unknown.
static Size getSizeCondition(Node &node, Value condition) {
  FailureOr<Sizes> known = getKnownSizes(condition);
  return succeeded(known) && known->size() == 1 &&
                 node.getImporter().isInputSize(known->front())
             ? known->front()
             : Size::unknown();
}

/// The branch that this version of the model is for, or this function.
static LogicalResult importChosen(Node &node, Value condition,
                                  const onnx::GraphProto &thenGraph,
                                  const onnx::GraphProto &elseGraph) {
  Importer &importer = node.getImporter();
  std::optional<bool> isTrue;
  if (Size size = getSizeCondition(node, condition); size.isKnown()) {
    constexpr StringLiteral reason =
        ", since the other branch gives a result of another rank";
    isTrue = importer.assumeCondition(
        node.getLoc(), size,
        ("sizes for which the condition is true" + reason).str(),
        ("sizes for which the condition is false" + reason).str());
    if (!isTrue)
      return refuseConditions(node, size);
  } else {
    isTrue = importer.chooseRest(
        node, condition, 0, "the branches give results of other ranks", "");
    if (!isTrue)
      return failure();
  }
  return importTaken(node, *isTrue ? thenGraph : elseGraph);
}

/// Both branches as functions.
static LogicalResult importBoth(Node &node, Value condition,
                                const onnx::GraphProto &thenGraph,
                                const onnx::GraphProto &elseGraph) {
  Importer &importer = node.getImporter();
  unsigned numBodies = importer.countBodies();
  Captures captures;
  auto import = [&](const onnx::GraphProto &graph, StringRef kind) {
    return importer.importBody(node.getScope(), {graph, kind}, node.getLoc(),
                               captures);
  };
  FailureOr<Body> taken = import(thenGraph, "then"),
                  other = import(elseGraph, "else");
  if (failed(taken) || failed(other)) {
    // Where the caller knows the condition, one branch will do.
    (void)importer.askFor(condition);
    return node.abandon();
  }
  taken->complete();
  other->complete();
  TypeRange thenTypes = taken->getResultTypes(),
            elseTypes = other->getResultTypes();
  if (failed(checkOutputCount(node, thenTypes.size())) ||
      failed(checkOutputCount(node, elseTypes.size())))
    return failure();
  if (haveOtherRanks(thenTypes, elseTypes)) {
    importer.eraseBodies(numBodies);
    return importChosen(node, condition, thenGraph, elseGraph);
  }
  ResultSizes sizes(importer);
  SmallVector<Type> types;
  for (auto [index, thenType, elseType] : enumerate(thenTypes, elseTypes))
    types.push_back(
        mergeTypes(node, "output " + Twine(index), thenType, elseType, sizes));
  // C1 of graph.if; an open size is checked when the model runs.
  condition = node.reshape(condition, {});
  if (node.hasFailed())
    return failure();
  auto op = IfOp::create(importer.getBuilder(), node.getLoc(), types, condition,
                         captures.values.getArrayRef(), taken->getName(),
                         other->getName(), sizes.getFirst(), sizes.getCount());
  for (auto [index, result] : enumerate(op.getResults()))
    (void)node.result(index, result);
  return success();
}

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
  if (auto value =
          dyn_cast_or_null<DenseElementsAttr>(getConstantValue(condition)))
    return importTaken(node, branches[*value.getValues<bool>().begin()]->g());
  return importBoth(node, condition, branches[1]->g(), branches[0]->g());
}

void addControlFlowRows(OpTable &table) { table.add("If", 1, importIf); }

} // namespace lambent::graph
