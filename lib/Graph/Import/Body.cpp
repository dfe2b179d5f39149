//===- Body.cpp - Subgraphs as functions of their own ---------------------===//
//
// A body knows the symbols of the function around it by the same numbers, so
// that a captured tensor has the same type inside, and adds symbols of its own
// behind them.
//
//===----------------------------------------------------------------------===//

#include "Body.h"
#include "Importer.h"
#include "lambent/Graph/IR/Graph.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/ScopeExit.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

void Body::addArguments() {
  Block &entry = function.getBody().front();
  for (size_t index = entry.getNumArguments() - ownNames.size();
       index < captures->values.size(); ++index) {
    Value outer = captures->values[index];
    entry.addArgument(outer.getType(), outer.getLoc());
  }
}

Value Body::rebuildList(Value outer, StringRef name) {
  Operation *source = outer.getDefiningOp();
  auto sequence = dyn_cast_or_null<SequenceOp>(source);
  if (sequence &&
      cast<SequenceType>(getMeaning(outer.getType())).getElement().hasRank())
    return {};
  if (!sequence && !isa_and_nonnull<OptionalOp>(source))
    return {};
  IRMapping mapping;
  for (auto [index, held] : enumerate(source->getOperands()))
    mapping.map(held, capture(held, (name + "." + Twine(index)).str()));
  OpBuilder inside = OpBuilder::atBlockEnd(&function.getBody().front());
  return inside.clone(*source, mapping)->getResult(0);
}

Value Body::capture(Value outer, StringRef name) {
  if (Value copy = copies.lookup(outer))
    return copy;
  Block &entry = function.getBody().front();
  OpBuilder inside = OpBuilder::atBlockBegin(&entry);
  if (ElementsAttr constant = getConstantValue(outer))
    return copies[outer] = ConstantOp::create(inside, outer.getLoc(), constant);
  if (Value sizes = createKnownSizes(inside, outer))
    return copies[outer] = sizes;
  if (Value list = rebuildList(outer, name))
    return copies[outer] = list;
  if (captures->values.insert(outer))
    captures->names.push_back(name.str());
  addArguments();
  auto place = llvm::find(captures->values, outer);
  return entry.getArgument(ownNames.size() +
                           (place - captures->values.begin()));
}

void Body::complete() {
  addArguments();
  Block &entry = function.getBody().front();
  Builder builder(function.getContext());
  function.setType(builder.getFunctionType(
      entry.getArgumentTypes(), entry.getTerminator()->getOperandTypes()));
  SmallVector<std::string> names = ownNames;
  append_range(names, captures->names);
  for (auto [index, name] : enumerate(names))
    function.setArgAttr(index, "graph.name", builder.getStringAttr(name));
}

bool Importer::lookUpOutside(Scope &scope, StringRef name, Value &value) {
  OpBuilder::InsertionGuard guard(builder);
  builder.restoreInsertionPoint(scope.body->outside);
  Value outer;
  if (!lookUp(*scope.parent, name, outer))
    return false;
  value = outer ? scope.body->capture(outer, name) : Value();
  if (auto argument = dyn_cast_or_null<BlockArgument>(value))
    captured[argument] = outer;
  scope.values[name] = value;
  return true;
}

FailureOr<Body> Importer::importBody(Scope &parent, const BodySource &source,
                                     Location loc, Captures &captures) {
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<std::string> outerSymbols = symbols;
  scope_exit leave([&] { symbols = std::move(outerSymbols); });
  symbols.append(source.numOwnSymbols, "");
  Body body;
  body.outside = builder.saveInsertionPoint();
  body.captures = &captures;
  body.function =
      func::FuncOp::create(loc, (source.kind + Twine(numBodies++)).str(),
                           builder.getFunctionType({}, {}));
  body.function.setPrivate();
  module->push_back(body.function);
  Block *entry = body.function.addEntryBlock();
  for (const BodyArgument &argument : source.arguments) {
    entry->addArgument(argument.type, loc);
    body.ownNames.push_back(argument.name);
  }
  builder.setInsertionPointToEnd(entry);
  SmallVector<Value> inputs(entry->args_begin(), entry->args_end()), results;
  if (source.makeInputs)
    inputs = source.makeInputs(body);
  if (failed(
          importSubgraph(parent, source.graph, loc, results, inputs, &body)) ||
      is_contained(results, Value()))
    return failure();
  if (source.makeResults)
    source.makeResults(results);
  if (is_contained(results, Value()))
    return failure();
  func::ReturnOp::create(builder, loc, results);
  body.complete();
  if (!symbols.empty())
    body.function->setAttr("graph.symbols", describeSymbols());
  return body;
}

void Importer::eraseBodies(unsigned from) {
  while (numBodies > from) {
    Operation &last = module->getBody()->back();
    for (BlockArgument argument : cast<func::FuncOp>(last).getArguments())
      captured.erase(argument);
    last.erase();
    --numBodies;
  }
}

} // namespace lambent::graph
