//===- Offers.cpp - Values that the caller has for inputs -----------------===//

#include "Offers.h"
#include "Importer.h"
#include "Node.h"
#include "lambent/ElementTypes/MLIRType.h"
#include "lambent/Graph/IR/Graph.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

/// An input that is larger is data: no list of axes or sizes, and more than
/// what the ops fold.
static constexpr int64_t mostElementsOfAList = 4096;

const OfferedConstant *Offers::find(StringRef input) const {
  const auto *found = find_if(constants, [&](const OfferedConstant &constant) {
    return constant.input == input;
  });
  return found == constants.end() ? nullptr : found;
}

const OfferedConstant *Offers::findUsed(StringRef input) const {
  return used.contains(input) ? find(input) : nullptr;
}

bool Offers::want(StringRef input) {
  if (!find(input) && !defaults.contains(input))
    return false;
  wanted.insert(input);
  return true;
}

bool Offers::beginNextAttempt() {
  if (wanted.size() == used.size())
    return false;
  used = wanted;
  return true;
}

std::string describeType(Type type) {
  type = getMeaning(type);
  if (auto sequence = dyn_cast_or_null<SequenceType>(type))
    return "a sequence of " + describeType(sequence.getElement());
  if (auto optional = dyn_cast_or_null<OptionalType>(type))
    return "an optional of " + describeType(optional.getElement());
  std::string text;
  raw_string_ostream stream(text);
  Type elementType = getElementTypeOrSelf(type);
  if (const ElementType *known = findElementType(elementType))
    stream << known->text;
  else
    stream << elementType;
  auto shaped = dyn_cast<ShapedType>(type);
  if (!shaped)
    return text;
  if (!shaped.hasRank())
    return text + "[...]";
  stream << '[';
  interleave(
      shaped.getShape(), stream,
      [&](int64_t dim) {
        if (ShapedType::isDynamic(dim))
          stream << '?';
        else
          stream << dim;
      },
      "x");
  stream << ']';
  return text;
}

SmallVector<BlockArgument> findInputs(ArrayRef<Value> values) {
  SmallSetVector<Value, 16> seen(values.begin(), values.end());
  SmallVector<BlockArgument> inputs;
  for (size_t i = 0; i < seen.size(); ++i) {
    Value value = seen[i];
    if (auto input = dyn_cast_or_null<BlockArgument>(value))
      inputs.push_back(input);
    else if (value)
      seen.insert(value.getDefiningOp()->operand_begin(),
                  value.getDefiningOp()->operand_end());
  }
  return inputs;
}

/// Whether values would be known if the inputs were: tries it with ones.
static bool followFrom(ArrayRef<BlockArgument> inputs, ArrayRef<Value> values) {
  llvm::SetVector<Value> slice(values.begin(), values.end());
  SmallVector<Operation *> ops;
  for (size_t i = 0; i < slice.size(); ++i) {
    Operation *op = slice[i] ? slice[i].getDefiningOp() : nullptr;
    if (!op || isa<ConstantOp>(op))
      continue;
    ops.push_back(op);
    slice.insert(op->operand_begin(), op->operand_end());
  }
  llvm::sort(ops, [](Operation *a, Operation *b) {
    return a != b && a->isBeforeInBlock(b);
  });
  ops.erase(llvm::unique(ops), ops.end());

  Block scratch;
  OpBuilder builder(inputs.front().getContext());
  builder.setInsertionPointToEnd(&scratch);
  IRMapping known;
  for (BlockArgument input : inputs) {
    RankedTensorType type = getType(input);
    Type elementType = type.getElementType();
    Attribute one = isa<FloatType>(elementType)
                        ? Attribute(FloatAttr::get(elementType, 1))
                        : Attribute(IntegerAttr::get(elementType, 1));
    // Of a list of any length, one with one entry.
    SmallVector<int64_t> shape = to_vector(type.getShape());
    std::replace(shape.begin(), shape.end(), ShapedType::kDynamic, int64_t(1));
    known.map(input, Value(ConstantOp::create(
                         builder, input.getLoc(),
                         DenseElementsAttr::get(
                             RankedTensorType::get(shape, elementType), one))));
  }
  for (Operation *op : ops) {
    Operation *copy = builder.clone(*op, known);
    SmallVector<Type> types;
    auto infer = dyn_cast<InferTypeOpInterface>(copy);
    if (infer && succeeded(infer.inferReturnTypes(
                     copy->getContext(), std::nullopt, copy->getOperands(),
                     copy->getDiscardableAttrDictionary(),
                     copy->getPropertiesStorage(), copy->getRegions(), types)))
      for (auto [result, type] : zip(copy->getResults(), types))
        result.setType(type);
    SmallVector<Value> folded;
    if (failed(builder.tryFold(copy, folded)) || folded.empty())
      return false;
    known.map(op->getResults(), folded);
  }
  return true;
}

std::string Importer::askFor(ArrayRef<Value> values) {
  std::string bindings;
  SmallVector<BlockArgument> inputs = findInputs(values);
  // What a body captures may follow from inputs of the model.
  bool inBody = false;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].getOwner()->getParentOp() == main)
      continue;
    inBody = true;
    Value outer = captured.lookup(inputs[i]);
    if (!outer)
      return "";
    append_range(inputs, findInputs(outer));
  }
  erase_if(inputs, [&](BlockArgument input) {
    return input.getOwner()->getParentOp() != main;
  });
  if (inputs.empty() || any_of(inputs, [](BlockArgument input) {
        return countLeastElements(getType(input).getShape()) >
               mostElementsOfAList;
      }))
    return "";
  for (BlockArgument input : inputs) {
    auto attributes =
        cast<DictionaryAttr>(argumentAttributes[input.getArgNumber()]);
    StringRef name = attributes.getAs<StringAttr>("graph.name").getValue();
    if (!offers.want(name))
      bindings += (" --constant " + name + "=FILE").str();
  }
  if (bindings.empty() || inBody || !followFrom(inputs, values))
    return "";
  return (inputs.size() == 1 ? ": bind the model's input with"
                             : ": bind the model's inputs with") +
         bindings;
}

bool Importer::isOffered(Value value) {
  SmallVector<BlockArgument> inputs = findInputs(value);
  bool areOffered = !inputs.empty() && all_of(inputs, [&](BlockArgument input) {
    if (input.getOwner()->getParentOp() != main) {
      Value outer = captured.lookup(input);
      return outer && isOffered(outer);
    }
    auto attributes =
        cast<DictionaryAttr>(argumentAttributes[input.getArgNumber()]);
    return countLeastElements(getType(input).getShape()) <=
               mostElementsOfAList &&
           offers.find(attributes.getAs<StringAttr>("graph.name").getValue());
  });
  return areOffered && followFrom(inputs, value);
}

LogicalResult Importer::checkOffer(StringRef input, Type type) {
  const OfferedConstant *offer = offers.find(input);
  if (!offer || !type || offer->type == type)
    return success();
  reportError(fileLoc, "input '" + input + "': expected " + describeType(type) +
                           ", but got " + describeType(offer->type));
  return failure();
}

} // namespace lambent::graph
