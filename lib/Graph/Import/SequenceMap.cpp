//===- SequenceMap.cpp - A body for each tensor of a sequence -------------===//
//
// Where the tensors are known the body is imported once for each of them, in
// place. Where a run says how many there are it becomes that of a loop, which
// carries the sequences that it makes; what their tensors are made of, the body
// declares, or an import of its own shows.
//
//===----------------------------------------------------------------------===//

#include "ControlFlow.h"
#include "Sequence.h"
#include "Tensor.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

class SequenceMap {
public:
  explicit SequenceMap(Node &node) : node(node) {}

  LogicalResult import();

private:
  LogicalResult readOutputTypes();
  LogicalResult findOutputTypes();
  LogicalResult checkOutput(Value output, Type &elementType);
  bool isSequence(size_t operand) const {
    return isa<SequenceType>(getMeaning(operands[operand].getType()));
  }
  bool areTensorsKnown() const;
  LogicalResult unroll();
  void checkLengths();
  SmallVector<Value> makeArguments(Body &body);
  void appendResults(SmallVectorImpl<Value> &results,
                     ArrayRef<Value> sequences);
  LogicalResult loop();

  Node &node;
  const onnx::GraphProto *body = nullptr;
  SmallVector<Value> operands; ///< sequences, the first is one, and tensors
  /// Elements of the outputs, as declared; null where that is left to the body.
  SmallVector<Type> types;
};

LogicalResult SequenceMap::readOutputTypes() {
  // Of no tensors there is nothing to see what the body makes of them.
  bool isEmpty = areTensorsKnown() && findTensors(operands[0])->empty();
  for (const onnx::ValueInfoProto &output : body->output()) {
    if (!output.has_type() && !isEmpty) {
      types.emplace_back();
      continue;
    }
    Type type = importType(node.getContext(), output.type());
    if (!type || !isa<TensorType>(type))
      return node.error("expected its body to declare tensors, which '" +
                        output.name() + "' is not");
    types.push_back(getElementTypeOrSelf(type));
  }
  if (types.size() == node.getNumOutputs())
    return success();
  return node.error("expected " + Twine(node.getNumOutputs()) +
                    " outputs of its body, but got " + Twine(types.size()));
}

LogicalResult SequenceMap::checkOutput(Value output, Type &elementType) {
  if (!isa<TensorType>(getMeaning(output.getType())))
    return node.error("expected its body to give tensors, but got " +
                      describeType(output.getType()));
  if (!elementType)
    elementType = getElementTypeOrSelf(output.getType());
  return checkElement(node, output, elementType);
}

/// Imports the body once to see what the outputs without a type are made of.
LogicalResult SequenceMap::findOutputTypes() {
  Importer &importer = node.getImporter();
  unsigned before = importer.countBodies();
  Type number = RankedTensorType::get({}, node.getBuilder().getI64Type());
  BodySource source = {*body, "map", {{"iteration", number}}};
  source.makeInputs = [&](Body &function) { return makeArguments(function); };
  Captures captures;
  FailureOr<Body> imported =
      importer.importBody(node.getScope(), source, node.getLoc(), captures);
  if (failed(imported))
    return node.abandon();
  for (auto &&[value, type] : zip_equal(
           imported->function.getBody().front().getTerminator()->getOperands(),
           types))
    if (failed(checkOutput(value, type)))
      return failure();
  importer.eraseBodies(before);
  return success();
}

bool SequenceMap::areTensorsKnown() const {
  for (size_t i = 0; i < operands.size(); ++i)
    if (isSequence(i) && !findTensors(operands[i]))
      return false;
  return true;
}

LogicalResult SequenceMap::unroll() {
  size_t count = findTensors(operands[0])->size();
  SmallVector<SmallVector<Value>> arguments(count), results(types.size());
  for (auto [index, operand] : enumerate(operands)) {
    SmallVector<Value> values(count, operand);
    if (isSequence(index))
      values = *findTensors(operand);
    if (values.size() != count)
      return node.error("expected sequences of " + Twine(count) +
                        " tensors, but got " + Twine(values.size()));
    for (auto [list, value] : zip_equal(arguments, values))
      list.push_back(value);
  }
  for (ArrayRef<Value> list : arguments) {
    SmallVector<Value> outputs;
    if (failed(node.getImporter().importSubgraph(
            node.getScope(), *body, node.getLoc(), outputs, list)) ||
        is_contained(outputs, Value()))
      return node.abandon();
    for (auto &&[result, output, type] : zip_equal(results, outputs, types)) {
      if (failed(checkOutput(output, type)))
        return failure();
      result.push_back(output);
    }
  }
  for (auto [index, result] : enumerate(results))
    (void)node.result(index, makeSequence(node, result, types[index]));
  return success(!node.hasFailed());
}

/// All sequences have as many tensors as the first.
void SequenceMap::checkLengths() {
  Type i64 = IntegerType::get(node.getContext(), 64);
  Value first = countListed(node, operands[0]);
  for (size_t i = 1; i < operands.size(); ++i) {
    if (!isSequence(i))
      continue;
    Value difference = node.map({first, countListed(node, operands[i])}, i64,
                                [](Scalar &s, ArrayRef<Value> args) {
                                  return s.sub(args[0], args[1]);
                                });
    (void)node.require({difference, 0, 0, /*isExcluded=*/false,
                        "sequences of one length, a difference of 0"});
  }
}

/// What the body is given: of sequences, the tensor at the iteration's number.
SmallVector<Value> SequenceMap::makeArguments(Body &function) {
  Value number = function.function.getBody().front().getArgument(0);
  SmallVector<Value> arguments;
  for (auto [index, operand] : enumerate(operands)) {
    Value inside = function.capture(operand, ("mapped" + Twine(index)).str());
    arguments.push_back(
        isSequence(index)
            ? readListed(node, inside, getElementOf(operand), number)
            : inside);
  }
  return arguments;
}

/// Makes of the body's outputs the condition and the sequences with one tensor
/// more.
void SequenceMap::appendResults(SmallVectorImpl<Value> &results,
                                ArrayRef<Value> sequences) {
  SmallVector<Value> outputs(results.begin(), results.end());
  results.assign(1, node.scalar(IntegerType::get(node.getContext(), 1), 1));
  for (auto &&[sequence, output, type] : zip(sequences, outputs, types))
    results.push_back(failed(checkOutput(output, type))
                          ? Value()
                          : insertListed(node, sequence, output,
                                         /*position=*/{}));
}

LogicalResult SequenceMap::loop() {
  if (is_contained(types, Type()) && failed(findOutputTypes()))
    return failure();
  checkLengths();
  SmallVector<Value> empty, sequences;
  for (Type type : types)
    empty.push_back(makeSequence(node, {}, type));
  LoopSource source = {countListed(node, operands[0]), Value(), empty, *body};
  source.makeInputs = [&](Body &function) {
    Block &entry = function.function.getBody().front();
    sequences.assign(entry.args_begin() + 2,
                     entry.args_begin() + 2 + types.size());
    return makeArguments(function);
  };
  source.makeResults = [&](SmallVectorImpl<Value> &results) {
    appendResults(results, sequences);
  };
  if (node.hasFailed())
    return failure();
  SmallVector<Value> results = importLoop(node, source);
  if (node.hasFailed())
    return failure();
  for (auto [index, result] : enumerate(results))
    (void)node.result(index, result);
  return success();
}

LogicalResult SequenceMap::import() {
  operands.push_back(node.sequenceInput(0, "input_sequence"));
  const onnx::AttributeProto *attribute =
      node.findAttribute("body", onnx::AttributeProto::GRAPH, true);
  node.allowInputs(node.getNumInputs());
  node.allowOutputs(node.getNumOutputs());
  for (unsigned i = 1; i < node.getNumInputs(); ++i)
    operands.push_back(node.anyInput(i, "additional_inputs"));
  if (node.hasFailed())
    return failure();
  body = &attribute->g();
  if (failed(readOutputTypes()))
    return failure();
  return areTensorsKnown() ? unroll() : loop();
}

} // namespace

LogicalResult importSequenceMap(Node &node) {
  return SequenceMap(node).import();
}

} // namespace lambent::graph
