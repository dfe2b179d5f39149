//===- QuantizedTensor.cpp - Matches what stands for narrow integers ------===//

#include "QuantizedTensor.h"
#include "ConstantNumbers.h"

using namespace mlir;

namespace lambent::graph {

static bool isByte(Value tensor) {
  Type type = getTensorType(tensor).getElementType();
  return type.isSignlessInteger(8) || type.isUnsignedInteger(8);
}

/// The 8-bit tensor whose elements `scalar` is, widened to i32.
static Value matchExtension(Scalar scalar) {
  for (bool isUnsigned : {false, true}) {
    auto narrow = isUnsigned ? matchUnary<arith::ExtUIOp>(scalar)
                             : matchUnary<arith::ExtSIOp>(scalar);
    Value tensor = narrow ? getTensor(*narrow) : Value();
    if (tensor && isByte(tensor) &&
        getTensorType(tensor).getElementType().isUnsignedInteger() ==
            isUnsigned)
      return tensor;
  }
  return nullptr;
}

/// The zero point that `scalar` is, for elements of `type`.
static Parameter matchZero(Scalar scalar, Type type) {
  scalar = resolve(scalar);
  if (scalar.scope)
    if (auto constant = scalar.value.getDefiningOp<arith::ConstantOp>())
      if (auto number = dyn_cast<IntegerAttr>(constant.getValue()))
        return {nullptr, number.getInt(), nullptr};
  Value tensor = matchExtension(scalar);
  if (!tensor || getTensorType(tensor).getElementType() != type)
    return {};
  return {tensor, std::nullopt, nullptr};
}

int64_t QuantizedTensor::getMostMagnitude() const {
  bool isUnsigned =
      getTensorType(elements).getElementType().isUnsignedInteger();
  return zero.isAll(isUnsigned ? 128 : 0) ? 128 : 255;
}

/// (element - zero) as i32.
static std::optional<QuantizedTensor> matchCentered(Scalar scalar) {
  if (Value elements = matchExtension(scalar))
    return QuantizedTensor{elements, {}, {}};
  auto difference = matchBinary<arith::SubIOp>(scalar);
  Value elements = difference ? matchExtension(difference->first) : Value();
  if (!elements)
    return std::nullopt;
  Parameter zero =
      matchZero(difference->second, getTensorType(elements).getElementType());
  if (!zero)
    return std::nullopt;
  return QuantizedTensor{elements, zero, {}};
}

/// (element - zero) * scale as f32.
static std::optional<QuantizedTensor> matchDequantized(Scalar scalar) {
  auto product = matchBinary<arith::MulFOp>(scalar);
  auto number =
      product ? matchUnary<arith::SIToFPOp>(product->first) : std::nullopt;
  auto result = number ? matchCentered(*number) : std::nullopt;
  if (!result)
    return std::nullopt;
  if (auto constant = product->second.value.getDefiningOp<arith::ConstantOp>())
    result->scale.number = dyn_cast<FloatAttr>(constant.getValue());
  else
    result->scale.tensor = getTensor(product->second);
  Value tensor = result->scale.tensor;
  if (tensor ? !getTensorType(tensor).getElementType().isF32()
             : !result->scale.number || !result->scale.number.getType().isF32())
    return std::nullopt;
  return result;
}

std::optional<QuantizedTensor> matchQuantized(Value operand, Type element) {
  auto result = element.isInteger(32) ? matchCentered({operand})
                : element.isF32()     ? matchDequantized({operand})
                                      : std::nullopt;
  // Elements that are broadcast have no product of their own.
  if (result && getTensorType(result->elements).getShape() !=
                    getTensorType(operand).getShape())
    return std::nullopt;
  return result;
}

static bool holdsOneNumber(Value tensor) {
  RankedTensorType type = getTensorType(tensor);
  return type.hasStaticShape() && type.getNumElements() == 1;
}

bool Parameter::isOneNumber() const {
  return !tensor || holdsOneNumber(tensor);
}

bool Parameter::isAll(int64_t number) const {
  if (!tensor)
    return integer.value_or(0) == number;
  Value source = tensor;
  while (Operation *op = source.getDefiningOp()) {
    if (!isReshape(op))
      break;
    source = op->getOperand(0);
  }
  ArrayRef<char> data = getBytes(getConstantValue(source));
  return !data.empty() && llvm::all_of(data, [&](char element) {
    return uint8_t(element) == uint8_t(number);
  });
}

Value Parameter::materialize(PatternRewriter &rewriter, Location loc) const {
  auto constant = [&](Attribute value, Type type) -> Value {
    return ConstantOp::create(
        rewriter, loc,
        DenseElementsAttr::get(RankedTensorType::get({}, type), value));
  };
  if (number)
    return constant(number, rewriter.getF32Type());
  if (integer)
    return constant(rewriter.getI32IntegerAttr(int32_t(*integer)),
                    rewriter.getI32Type());
  TensorBuilder tensors(rewriter, loc);
  return isOneNumber() ? tensors.reshape(tensor, {}) : tensors.toVector(tensor);
}

} // namespace lambent::graph
