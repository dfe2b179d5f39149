//===- CheckOps.cpp - What an op asks of integers that it is given --------===//

#include "lambent/Graph/IR/Graph.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

namespace lambent::graph {

//===-- Rules -------------------------------------------------------------===//

ValueRule ValueRule::forIndices(Value indices, int64_t size) {
  std::string expected =
      size == 0 ? "no index into a dim of size 0"
                : "an index from " + std::to_string(-size) + " to " +
                      std::to_string(size - 1);
  return {indices, -size, size - 1, /*isExcluded=*/false, expected};
}

SmallVector<ValueRule> getIndexTupleRules(Value indices,
                                          ArrayRef<int64_t> sizes) {
  SmallVector<ValueRule> rules;
  for (auto [component, size] : llvm::enumerate(sizes)) {
    if (ShapedType::isDynamic(size))
      continue;
    rules.push_back(ValueRule::forIndices(indices, size));
    rules.back().first = static_cast<int64_t>(component);
    rules.back().step = static_cast<int64_t>(sizes.size());
  }
  return rules;
}

ValueRule ValueRule::forDivisors(Value divisors) {
  return {divisors, 0, 0, /*isExcluded=*/true, "a divisor other than 0"};
}

bool ValueRule::isKnown() const { return bool(getConstantValue(values)); }

/// Reads a blob, which may lie unaligned in a mapped file.
static std::optional<int64_t> findWrong(const ValueRule &rule,
                                        ArrayRef<char> data,
                                        IntegerType elementType) {
  unsigned bits = elementType.getWidth(), width = (bits + 7) / 8;
  size_t count = data.size() / width;
  for (size_t i = rule.first; i < count; i += rule.step) {
    uint64_t raw = 0;
    std::memcpy(&raw, data.data() + i * width, width);
    APInt value = APInt(64, raw).trunc(bits);
    int64_t number = elementType.isUnsigned()
                         ? static_cast<int64_t>(value.getZExtValue())
                         : value.getSExtValue();
    if (!rule.allows(number))
      return number;
  }
  return std::nullopt;
}

std::optional<int64_t> ValueRule::findWrongValue() const {
  ElementsAttr constant = getConstantValue(values);
  auto elementType =
      constant ? dyn_cast<IntegerType>(constant.getElementType()) : nullptr;
  if (!elementType || elementType.getWidth() > 64)
    return std::nullopt;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(constant)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    return blob ? findWrong(*this, blob->getData(), elementType)
                : std::nullopt;
  }
  auto dense = dyn_cast<DenseElementsAttr>(constant);
  // A bool takes a bit there, and divides nothing.
  if (!dense || elementType.getWidth() < 8)
    return std::nullopt;
  if (!dense.isSplat())
    return findWrong(*this, dense.getRawData(), elementType);
  // One element stands for all, if any is meant.
  ValueRule every = *this;
  every.first = first < dense.getNumElements() ? 0 : 1;
  return findWrong(every, dense.getRawData(), elementType);
}

//===-- check -------------------------------------------------------------===//

LogicalResult CheckOp::verify() {
  if (!isa<IntegerType>(getValues().getType().getElementType()))
    return emitOpError() << "expected integers, but got "
                         << getValues().getType();
  if (int64_t(getFirst()) < 0 || int64_t(getStep()) < 1)
    return emitOpError() << "expected first of 0 or more and step of 1 or "
                            "more, but got "
                         << getFirst() << " and " << getStep();
  return success();
}

SmallVector<ValueRule> CheckOp::getValueRules() {
  return {ValueRule{getValues(), int64_t(getLow()), int64_t(getHigh()),
                    getExcluded(), getExpected().str(), int64_t(getFirst()),
                    int64_t(getStep()), getAlways()}};
}

void CheckOp::build(OpBuilder &builder, OperationState &state,
                    const ValueRule &rule) {
  build(builder, state, rule.values, rule.low, rule.high, rule.isExcluded,
        rule.expected, rule.first, rule.step, rule.isAlways);
}

//===-- decide ------------------------------------------------------------===//

LogicalResult DecideOp::verify() {
  RankedTensorType type = getSizes().getType();
  if (!type.hasStaticShape() || type.getNumElements() == 0)
    return emitOpError() << "expected a list of a known number of sizes, at "
                            "least one, but got "
                         << type;
  auto function = (*this)->getParentOfType<func::FuncOp>();
  auto symbols = function ? function->getAttrOfType<ArrayAttr>("graph.symbols")
                          : ArrayAttr();
  // While the function is built, its symbols are not counted yet.
  if (int64_t(getFirst()) < 0 ||
      (symbols && getFirst() + type.getNumElements() > symbols.size()))
    return emitOpError() << "expected symbols of the function, but got "
                         << type.getNumElements() << " from " << getFirst();
  return success();
}

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/CheckOps.cpp.inc"
