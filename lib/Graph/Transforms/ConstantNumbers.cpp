//===- ConstantNumbers.cpp - Constants as numbers -------------------------===//

#include "ConstantNumbers.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include <cmath>

using namespace mlir;

namespace lambent::graph {

/// Vectors have an element per channel; what is longer is no vector.
static constexpr int64_t maxVectorElements = 1 << 16;
/// The ops of an expression that has not been folded yet.
static constexpr unsigned maxOps = 64;

using Elements = SmallVector<Attribute>;

bool isReshape(Operation *op) {
  return isa<ReshapeOp, SqueezeOp, UnsqueezeOp, FlattenOp>(op);
}

ArrayRef<char> getBytes(ElementsAttr value) {
  if (auto dense = dyn_cast_or_null<DenseElementsAttr>(value))
    return dense.getRawData();
  if (auto resource = dyn_cast_or_null<DenseResourceElementsAttr>(value))
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      return blob->getData();
  return {};
}

/// Calls `visit` with the bits of each element; a mapped file need not be
/// aligned.
template <typename T>
static void forEachPattern(ArrayRef<char> bytes,
                           function_ref<void(uint64_t)> visit) {
  for (size_t i = 0; i + sizeof(T) <= bytes.size(); i += sizeof(T)) {
    T bits;
    std::memcpy(&bits, bytes.data() + i, sizeof(T));
    visit(bits);
  }
}

static void forEachPattern(unsigned width, ArrayRef<char> bytes,
                           function_ref<void(uint64_t)> visit) {
  if (width == 16)
    forEachPattern<uint16_t>(bytes, visit);
  else if (width == 32)
    forEachPattern<uint32_t>(bytes, visit);
  else if (width == 64)
    forEachPattern<uint64_t>(bytes, visit);
}

static APFloat toFloat(FloatType type, uint64_t bits) {
  return APFloat(type.getFloatSemantics(), APInt(type.getWidth(), bits));
}

/// The elements of an expression as attributes, which is what ops compute on.
static Elements compute(Value value, unsigned &budget) {
  auto type = getTensorType(value);
  Operation *op = value.getDefiningOp();
  if (!op || !type.hasStaticShape() ||
      type.getNumElements() > maxVectorElements || budget == 0)
    return {};
  --budget;
  if (isReshape(op))
    return compute(op->getOperand(0), budget);
  Elements result;
  if (ElementsAttr constant = getConstantValue(value)) {
    auto element = dyn_cast<FloatType>(type.getElementType());
    if (auto integers = getConstantInts(value); succeeded(integers))
      for (int64_t integer : *integers)
        result.push_back(IntegerAttr::get(type.getElementType(), integer));
    else if (element)
      forEachPattern(
          element.getWidth(), getBytes(constant), [&](uint64_t bits) {
            result.push_back(FloatAttr::get(element, toFloat(element, bits)));
          });
    if (result.size() == 1)
      result.resize(type.getNumElements(), result.front());
  } else if (auto known = dyn_cast<ElementsOpInterface>(op)) {
    SmallVector<Elements> operands;
    for (Value operand : op->getOperands())
      operands.push_back(compute(operand, budget));
    if (failed(known.computeElements(operands, type, result)))
      return {};
  }
  if (static_cast<int64_t>(result.size()) != type.getNumElements())
    return {};
  return result;
}

std::optional<SmallVector<double>> readNumbers(Value value) {
  auto type = getTensorType(value);
  auto element = dyn_cast<FloatType>(type.getElementType());
  if (!element || !type.hasStaticShape() ||
      type.getNumElements() > maxVectorElements)
    return std::nullopt;
  SmallVector<double> numbers;
  if (ElementsAttr constant = getConstantValue(value)) {
    forEachPattern(element.getWidth(), getBytes(constant), [&](uint64_t bits) {
      numbers.push_back(toFloat(element, bits).convertToDouble());
    });
    if (numbers.size() == 1)
      numbers.resize(type.getNumElements(), numbers.front());
  } else {
    unsigned budget = maxOps;
    for (Attribute number : compute(value, budget)) {
      auto known = dyn_cast_if_present<FloatAttr>(number);
      if (!known)
        return std::nullopt;
      numbers.push_back(known.getValueAsDouble());
    }
  }
  if (static_cast<int64_t>(numbers.size()) != type.getNumElements())
    return std::nullopt;
  return numbers;
}

/// A bound for the products of an op whose region is one multiplication.
static std::optional<double> boundProduct(ElementwiseOp op) {
  Block &block = op.getBody().front();
  auto product = dyn_cast<arith::MulFOp>(block.front());
  if (!product || op.getInputs().size() != 2 ||
      block.getTerminator()->getOperand(0) != product.getResult() ||
      !isa<BlockArgument>(product.getLhs()) ||
      !isa<BlockArgument>(product.getRhs()))
    return std::nullopt;
  std::optional<double> a = getLargestMagnitude(op.getInputs()[0]),
                        b = getLargestMagnitude(op.getInputs()[1]);
  return a && b ? std::optional<double>(*a * *b) : std::nullopt;
}

std::optional<double> getLargestMagnitude(Value value) {
  auto element = dyn_cast<FloatType>(getTensorType(value).getElementType());
  Operation *op = value.getDefiningOp();
  if (!element || !op)
    return std::nullopt;
  if (isReshape(op) || isa<TransposeOp, ExpandOp>(op))
    return getLargestMagnitude(op->getOperand(0));
  if (ElementsAttr constant = getConstantValue(value)) {
    // Without their sign the bits of floats are in the order of the floats.
    ArrayRef<char> bytes = getBytes(constant);
    unsigned width = element.getWidth();
    if (bytes.empty() || (width != 16 && width != 32 && width != 64))
      return std::nullopt;
    uint64_t largest = 0, magnitude = ~uint64_t(0) >> (65 - width);
    forEachPattern(width, bytes, [&](uint64_t bits) {
      largest = std::max(largest, bits & magnitude);
    });
    return toFloat(element, largest).convertToDouble();
  }
  if (auto product = dyn_cast<ElementwiseOp>(op))
    if (std::optional<double> bound = boundProduct(product))
      return bound;
  std::optional<SmallVector<double>> numbers = readNumbers(value);
  if (!numbers)
    return std::nullopt;
  double largest = 0;
  for (double number : *numbers)
    largest = std::isnan(number) ? number : std::max(largest, std::abs(number));
  return largest;
}

} // namespace lambent::graph
