//===- ControlFlowRest.cpp - What follows where data decide on a rank -----===//
//
// A rank is known when a model is compiled. Where data decide it, all nodes
// from the one on whose rank they decide are imported twice, for either answer,
// into functions of which a run calls one: what both of them result in has one
// rank again.
//
//===----------------------------------------------------------------------===//

#include "ControlFlow.h"
#include "HeldDiagnostics.h"
#include "Importer.h"
#include "Lists.h"
#include "Node.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

/// The nodes as a graph of their own, with those of `outputs` that they
/// produce.
static std::unique_ptr<onnx::GraphProto>
makeRest(ArrayRef<const onnx::NodeProto *> nodes,
         ArrayRef<std::string> outputs) {
  auto graph = std::make_unique<onnx::GraphProto>();
  llvm::StringSet<> produced;
  for (const onnx::NodeProto *node : nodes) {
    *graph->add_node() = *node;
    for (const std::string &output : node->output())
      produced.insert(output);
  }
  for (const std::string &output : outputs)
    if (produced.erase(output))
      graph->add_output()->set_name(output);
  return graph;
}

std::optional<bool> Importer::chooseRest(Node &node, Value condition,
                                         unsigned question, StringRef what,
                                         StringRef advice,
                                         std::optional<bool> usual) {
  // Each may double what there is to compile.
  constexpr unsigned mostChoices = 3;
  Scope &scope = node.getScope();
  SmallVector<bool> known = answers.lookup(scope.rest.front());
  if (question < known.size())
    return known[question];
  std::string help = askFor(condition);
  if (help.empty())
    help = advice.str();
  // A run in which it is another one ends.
  auto take = [&](bool answer) -> std::optional<bool> {
    known.push_back(answer);
    answers[scope.rest.front()] = known;
    Value number =
        node.cast(condition, IntegerType::get(node.getContext(), 64));
    if (failed(demand(node,
                      {number, answer, answer, /*isExcluded=*/false,
                       ("data for which a condition is " + Twine(answer) +
                        ", as the model is compiled for those (" + what + ")")
                           .str()})))
      return std::nullopt;
    return answer;
  };
  auto refuse = [&](const Twine &reason) -> std::optional<bool> {
    (void)node.unsupported(what + reason +
                           ": what decides that must be known at compile time" +
                           help);
    return std::nullopt;
  };
  if (isOffered(condition))
    return refuse("");
  if (numChoices == mostChoices && usual)
    return take(*usual);
  if (numChoices == mostChoices)
    return refuse(", as do more than " + Twine(mostChoices) +
                  " others before them");

  onnx::GraphProto &graph =
      *rests.emplace_back(makeRest(scope.rest, scope.outputs));
  Captures captures;
  unsigned errorsBefore = errors, numWrong = 0, bodiesBefore = countBodies();
  bool rightAnswer = false; // where one is wrong
  size_t unsupportedBefore = unsupported.size();
  FailureOr<Body> bodies[] = {failure(), failure()};
  ++numChoices;
  for (auto [index, body] : enumerate(bodies)) {
    bool answer = index == 0;
    SmallVector<bool> &told = answers[&graph.node(0)];
    told = known;
    told.push_back(answer);
    HeldDiagnostics diagnostics(*context);
    body = importBody(scope, {graph, answer ? "then" : "else"}, node.getLoc(),
                      captures);
    bool isWrong = errors != errorsBefore;
    numWrong += isWrong;
    rightAnswer = isWrong ? !answer : rightAnswer;
    // What is wrong for either answer is wrong.
    if (!isWrong || numWrong == 2)
      diagnostics.release();
    if (numWrong < 2)
      errors = errorsBefore;
    if (failed(body) && !isWrong)
      break; // or what is not supported would be reported twice
  }
  --numChoices;
  if (numWrong == 1 && unsupported.size() == unsupportedBefore) {
    eraseBodies(bodiesBefore);
    return take(rightAnswer); // what follows allows no other one
  }
  Value scalar = node.reshape(condition, {});
  if (failed(bodies[0]) || failed(bodies[1])) {
    (void)node.abandon();
    return std::nullopt;
  }
  for (FailureOr<Body> &body : bodies)
    body->complete();
  if (usual && haveOtherRanks(bodies[0]->getResultTypes(),
                              bodies[1]->getResultTypes())) {
    eraseBodies(bodiesBefore);
    return take(*usual);
  }
  ResultSizes sizes(*this);
  SmallVector<Type> types;
  for (auto [output, thenType, elseType] :
       zip_equal(graph.output(), bodies[0]->getResultTypes(),
                 bodies[1]->getResultTypes()))
    types.push_back(mergeTypes(node, "output '" + output.name() + "'", thenType,
                               elseType, sizes, help));
  scope.restResults.emplace();
  // Null, as the results of a node that is not supported, until they are there.
  for (const onnx::ValueInfoProto &output : graph.output())
    (*scope.restResults)[output.name()] = Value();
  if (node.hasFailed())
    return std::nullopt;
  (void)node.abandon();
  auto op =
      IfOp::create(builder, node.getLoc(), types, scalar,
                   captures.values.getArrayRef(), bodies[0]->getName(),
                   bodies[1]->getName(), sizes.getFirst(), sizes.getCount());
  for (auto [output, result] : zip_equal(graph.output(), op.getResults()))
    (*scope.restResults)[output.name()] = result;
  return std::nullopt;
}

} // namespace lambent::graph
