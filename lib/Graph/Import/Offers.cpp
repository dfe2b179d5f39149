//===- Offers.cpp - Values that the caller has for inputs -----------------===//

#include "Offers.h"
#include "Importer.h"
#include "Node.h"
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
  if (!find(input))
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

std::string describeType(RankedTensorType type) {
  std::string text;
  raw_string_ostream stream(text);
  Type elementType = type.getElementType();
  if (elementType.isInteger(1))
    stream << "bool";
  else if (elementType.isUnsignedInteger())
    stream << 'u' << elementType.getIntOrFloatBitWidth();
  else
    stream << elementType;
  stream << '[';
  interleave(
      type.getShape(), stream,
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

std::string Importer::askFor(ArrayRef<Value> values) {
  std::string bindings;
  SmallVector<BlockArgument> inputs = findInputs(values);
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
  if (bindings.empty())
    return "";
  return (inputs.size() == 1 ? ": bind the model's input with"
                             : ": bind the model's inputs with") +
         bindings;
}

LogicalResult Importer::checkOffer(StringRef input, Type type) {
  const OfferedConstant *offer = offers.find(input);
  if (!offer || !type || offer->type == type)
    return success();
  reportError(fileLoc, "input '" + input + "': expected " +
                           describeType(cast<RankedTensorType>(type)) +
                           ", but got " + describeType(offer->type));
  return failure();
}

} // namespace lambent::graph
