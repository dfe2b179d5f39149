//===- ControlFlowLoop.cpp - Loop -----------------------------------------===//
//
// The body becomes a function. What is carried from iteration to iteration may
// change its sizes: a dim is taken to keep its size until the body says
// otherwise. Then it has a symbol of the body, and the body is imported again.
// Dims share a symbol as long as they begin and end with the same size. Each
// import splits the dims into more classes, so that there is a last one. What
// is known of a sequence that is carried is treated alike: at first what holds
// of the initial one, then what that and the body's have in common.
//
//===----------------------------------------------------------------------===//

#include "ControlFlow.h"
#include "Importer.h"
#include "Node.h"
#include "Offers.h"
#include "Sequence.h"
#include "Tensor.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

namespace {

/// A dim of a value that is carried.
struct CarriedDim {
  Size initial;
  int openClass = -1; ///< of those that change alike; -1: it keeps its size
};

/// What is known of a value that is carried where it is no tensor.
struct CarriedList {
  Type type; ///< null of a tensor
  /// The type is what the body declares, which may be wrong.
  bool isDeclared = false;
  /// The body takes an optional and gives what it has.
  bool isUnwrapped = false;
};

class LoopImporter {
public:
  LoopImporter(Node &node, const LoopSource &source)
      : node(node), importer(node.getImporter()), source(source),
        numOuter(importer.countSymbols()) {
    for (auto [index, value] : enumerate(source.carried)) {
      for (const Size &size : getSizes(getType(value)))
        dims.push_back({size});
      lists.push_back(getInitialList(index, getMeaning(value.getType())));
    }
  }

  SmallVector<Value> run();

private:
  CarriedList getInitialList(size_t index, Type meaning) const;
  LogicalResult importBody();
  LogicalResult checkResults();
  LogicalResult checkCarried(size_t index);
  bool refineClasses();
  bool widenLists();
  void wrapOptionals(SmallVectorImpl<Value> &results);
  void unwrapOptionals(SmallVectorImpl<Value> &results);
  SmallVector<BodyArgument> getArguments() const;
  Size getBodySize(const CarriedDim &dim) const {
    return dim.openClass < 0
               ? dim.initial
               : Size::symbol(numOuter + dim.openClass, node.getContext());
  }
  RankedTensorType getResult(size_t index) {
    return cast<RankedTensorType>(body->getResultTypes()[index]);
  }
  Size countIterations();
  bool goesOn();
  SmallVector<Type> getResultTypes(ResultSizes &sizes);

  Node &node;
  Importer &importer;
  const LoopSource &source;
  unsigned numOuter;
  SmallVector<CarriedDim> dims; ///< of all values, one after the other
  SmallVector<CarriedList> lists; ///< of all values
  unsigned numClasses = 0;
  Captures captures;
  FailureOr<Body> body = failure();
};

} // namespace

/// Models write the number and the condition as scalars or as lists of one.
static Type getControlType(const LoopSource &source, int index,
                           Type elementType) {
  const onnx::GraphProto &graph = source.graph;
  bool isList = !source.makeInputs && index < graph.input_size() &&
                graph.input(index).type().tensor_type().shape().dim_size() == 1;
  SmallVector<int64_t> shape(isList ? 1 : 0, 1);
  return RankedTensorType::get(shape, elementType);
}

/// Of an empty sequence the body may say what its tensors will be.
CarriedList LoopImporter::getInitialList(size_t index, Type meaning) const {
  if (isa<TensorType>(meaning))
    return {};
  auto sequence = dyn_cast<SequenceType>(meaning);
  if (!source.makeInputs && sequence && sequence.getEmpty() &&
      int64_t(2 + index) < source.graph.input_size())
    if (auto declared = dyn_cast_or_null<SequenceType>(importType(
            node.getContext(), source.graph.input(2 + index).type()));
        declared && declared.getElement().hasRank())
      if (joinTypes(sequence, declared))
        return {declared, /*isDeclared=*/true};
  return {meaning};
}

SmallVector<BodyArgument> LoopImporter::getArguments() const {
  Builder builder(node.getContext());
  SmallVector<BodyArgument> arguments = {
      {"iteration", getControlType(source, 0, builder.getI64Type())},
      {"condition", getControlType(source, 1, builder.getI1Type())}};
  const CarriedDim *next = dims.begin();
  for (auto [index, value] : enumerate(source.carried)) {
    Sizes sizes;
    for (int64_t dim = 0; dim < getType(value).getRank(); ++dim)
      sizes.push_back(getBodySize(*next++));
    Type type = lists[index].type
                    ? makeHandleType(lists[index].type)
                    : makeTensorType(sizes, getType(value).getElementType());
    arguments.push_back({("carried" + Twine(index)).str(), type});
  }
  return arguments;
}

LogicalResult LoopImporter::importBody() {
  captures = Captures();
  auto makeResults = [&](SmallVectorImpl<Value> &results) {
    if (source.makeResults)
      source.makeResults(results);
    wrapOptionals(results);
  };
  body = importer.importBody(node.getScope(),
                             {source.graph, "loop", getArguments(), numClasses,
                              source.makeInputs, makeResults},
                             node.getLoc(), captures);
  return succeeded(body) ? checkResults() : node.abandon();
}

/// That the body's results are a condition and what it carries.
LogicalResult LoopImporter::checkResults() {
  size_t count = body->getResultTypes().size(), carried = source.carried.size();
  if (count < 1 + carried)
    return node.error("expected a body of at least " + Twine(1 + carried) +
                      " outputs, but got " + Twine(count));
  RankedTensorType condition = getResult(0);
  if (!condition.getElementType().isInteger(1) ||
      (condition.hasStaticShape() && condition.getNumElements() != 1))
    return node.error("expected the body's first output to be one bool, but "
                      "got " +
                      describeType(condition));
  for (size_t index = 0; index < carried; ++index)
    if (failed(checkCarried(index)))
      return failure();
  for (size_t index = 1 + carried; index < count; ++index)
    if (RankedTensorType slice = getResult(index); getMeaning(slice) != slice)
      return node.error("expected tensors to stack as output " +
                        Twine(index - 1) + ", but got " + describeType(slice));
  return success();
}

LogicalResult LoopImporter::checkCarried(size_t index) {
  RankedTensorType before = getType(source.carried[index]),
                   after = getResult(1 + index);
  Type type = lists[index].type ? lists[index].type : before;
  std::string what = ("carried value " + Twine(index)).str();
  if (!joinTypes(type, getMeaning(after)))
    return node.error("expected the body to keep the type of " + what +
                      ", but it takes " + describeType(before) + " and gives " +
                      describeType(after));
  if (before.getRank() != after.getRank())
    return node.unsupported("the body changes the rank of " + what + " from " +
                            Twine(before.getRank()) + " to " +
                            Twine(after.getRank()));
  return success();
}

/// Makes optionals of what the body gives for those that it takes.
void LoopImporter::wrapOptionals(SmallVectorImpl<Value> &results) {
  for (auto [index, list] : enumerate(lists)) {
    if (1 + index >= results.size() || !results[1 + index])
      continue;
    Value &result = results[1 + index];
    Type given = getMeaning(result.getType());
    list.isUnwrapped =
        isa_and_nonnull<OptionalType>(list.type) && !isa<OptionalType>(given);
    if (list.isUnwrapped)
      result =
          OptionalOp::create(importer.getBuilder(), node.getLoc(),
                             makeHandleType(OptionalType::get(given)), result);
  }
}

/// After the loop they are again what the body gives: without an iteration the
/// first one must have a value.
void LoopImporter::unwrapOptionals(SmallVectorImpl<Value> &results) {
  for (auto [index, list] : enumerate(lists))
    if (list.isUnwrapped && !node.hasFailed())
      results[index] = readOptional(node, results[index]);
}

/// Joins what is known of lists with what the body gives. Whether that is less
/// than before.
bool LoopImporter::widenLists() {
  bool isWider = false;
  for (auto [index, list] : enumerate(lists)) {
    if (!list.type)
      continue;
    Type given = getMeaning(getResult(1 + index)), before = list.type;
    // What follows from a wrong type is of no use either.
    if (list.isDeclared && !isOfType(given, before))
      list = {getMeaning(source.carried[index].getType())};
    else
      list.type = joinTypes(before, given);
    isWider |= list.type != before;
  }
  return isWider;
}

/// Opens dims that do not keep their size, and splits classes of dims that do
/// not end alike. Whether there were any.
bool LoopImporter::refineClasses() {
  // What makes a class: the class before, or how a new dim begins; its end.
  SmallVector<std::tuple<int, Size, Size>> classes;
  bool isStable = true;
  CarriedDim *dim = dims.begin();
  for (auto [index, value] : enumerate(source.carried))
    for (const Size &end : getSizes(getResult(1 + index))) {
      CarriedDim &each = *dim++;
      if (each.openClass < 0 && end == each.initial)
        continue;
      isStable &= each.openClass >= 0;
      std::tuple<int, Size, Size> key{
          each.openClass, each.openClass < 0 ? each.initial : Size(0), end};
      auto place = find(classes, key);
      each.openClass = place - classes.begin();
      if (place == classes.end())
        classes.push_back(key);
    }
  isStable &= classes.size() == numClasses;
  numClasses = classes.size();
  return !isStable;
}

/// Whether no iteration ends the loop.
bool LoopImporter::goesOn() {
  auto isTrue = [](Value value) {
    auto constant = dyn_cast_or_null<DenseElementsAttr>(
        value ? getConstantValue(value) : ElementsAttr());
    return constant && *constant.getValues<bool>().begin();
  };
  Block &entry = body->function.getBody().front();
  Value last = entry.getTerminator()->getOperand(0);
  return (!source.condition || isTrue(source.condition)) &&
         (last == entry.getArgument(1) || isTrue(last));
}

Size LoopImporter::countIterations() {
  if (!source.trip || !goesOn())
    return Size::unknown();
  auto known = getKnownSizes(source.trip);
  if (failed(known) || known->size() != 1)
    return Size::unknown();
  Size count = known->front();
  if (count.isNumber())
    return std::max<int64_t>(0, count.getNumber());
  return count.isNotNegative() ? count : Size::unknown();
}

SmallVector<Type> LoopImporter::getResultTypes(ResultSizes &sizes) {
  SmallVector<Type> types;
  SmallVector<std::optional<Size>> classSizes(numClasses);
  const CarriedDim *dim = dims.begin();
  for (auto [index, value] : enumerate(source.carried)) {
    if (lists[index].type) {
      types.push_back(makeHandleType(lists[index].type));
      continue;
    }
    Sizes final;
    for (int64_t i = 0; i < getType(value).getRank(); ++i, ++dim) {
      if (dim->openClass < 0) {
        final.push_back(dim->initial);
        continue;
      }
      std::optional<Size> &size = classSizes[dim->openClass];
      if (!size)
        size = sizes.decide();
      final.push_back(*size);
    }
    types.push_back(makeTensorType(final, getType(value).getElementType()));
  }
  Size count = countIterations();
  size_t first = 1 + source.carried.size();
  for (size_t i = first; i < body->getResultTypes().size(); ++i) {
    if (!count.isKnown())
      count = sizes.decide();
    Sizes stacked = {count};
    for (const Size &size : getSizes(getResult(i)))
      stacked.push_back(sizes.get(size, size));
    types.push_back(makeTensorType(stacked, getResult(i).getElementType()));
  }
  return types;
}

SmallVector<Value> LoopImporter::run() {
  unsigned before = importer.countBodies();
  bool isFinal;
  do {
    importer.eraseBodies(before);
    if (failed(importBody()))
      return {};
    isFinal = !refineClasses();
    isFinal &= !widenLists();
  } while (!isFinal);
  ResultSizes sizes(importer);
  SmallVector<Type> types = getResultTypes(sizes);
  auto op = LoopOp::create(importer.getBuilder(), node.getLoc(), types,
                           source.trip, source.condition, source.carried,
                           captures.values.getArrayRef(), body->getName(),
                           sizes.getFirst(), sizes.getCount());
  SmallVector<Value> results(op.getResults());
  unwrapOptionals(results);
  return results;
}

SmallVector<Value> importLoop(Node &node, const LoopSource &source) {
  return LoopImporter(node, source).run();
}

static LogicalResult importLoopNode(Node &node) {
  Value trip = node.optionalInput(0, "M", SignedKind),
        condition = node.optionalInput(1, "cond", BoolKind);
  const onnx::AttributeProto *body =
      node.findAttribute("body", onnx::AttributeProto::GRAPH, true);
  SmallVector<Value> carried;
  for (unsigned i = 2; i < node.getNumInputs(); ++i)
    carried.push_back(node.anyInput(i, "v_initial"));
  if (trip)
    trip = node.reshape(
        node.cast(trip, Builder(node.getContext()).getI64Type()), {});
  if (condition)
    condition = node.reshape(condition, {});
  if (node.hasFailed())
    return failure();
  SmallVector<Value> results =
      importLoop(node, {trip, condition, carried, body->g()});
  if (node.hasFailed())
    return failure();
  if (results.size() < node.getNumOutputs())
    return node.error("expected " + Twine(node.getNumOutputs()) +
                      " outputs of its body besides the condition, but got " +
                      Twine(results.size()));
  for (auto [index, result] : enumerate(results))
    (void)node.result(index, result);
  return success();
}

void addControlFlowLoopRows(OpTable &table) {
  table.add("Loop", 1, importLoopNode);
}

} // namespace lambent::graph
