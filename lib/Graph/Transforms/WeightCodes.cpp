//===- WeightCodes.cpp - What dequantized weights are made of -------------===//

#include "WeightCodes.h"
#include <cmath>

using namespace mlir;

namespace lambent::graph {

IntegerType getCodeType(Value tensor) {
  auto type = dyn_cast<IntegerType>(getTensorType(tensor).getElementType());
  return type && (type.getWidth() == 2 || type.getWidth() == 4 ||
                  type.getWidth() == 8)
             ? type
             : IntegerType();
}

static std::optional<int64_t> getInteger(Scalar scalar) {
  auto constant = scalar.value.getDefiningOp<arith::ConstantOp>();
  auto number = constant ? dyn_cast<IntegerAttr>(constant.getValue()) : nullptr;
  return number ? std::optional(number.getInt()) : std::nullopt;
}

/// The tensor of codes whose element, as the number that it stands for,
/// `scalar` is; `isUnsigned` says how that is widened. What computes codes is
/// not looked into.
static Value matchCodes(Scalar scalar, bool isUnsigned) {
  if (Value tensor = getTensor(scalar))
    if (IntegerType type = getCodeType(tensor)) {
      // Those of a narrow type are bytes whose upper bits are 0.
      bool isNarrowUnsigned = type.isUnsigned() && type.getWidth() < 8,
           isByte = type.getWidth() == 8 && type.isUnsigned() == isUnsigned;
      return isNarrowUnsigned || isByte ? tensor : Value();
    }
  if (auto wide = matchUnary<arith::ExtUIOp>(scalar))
    return matchCodes(*wide, /*isUnsigned=*/true);
  if (auto wide = matchUnary<arith::ExtSIOp>(scalar))
    return matchCodes(*wide, /*isUnsigned=*/false);
  // The sign of a narrow type: up and down again.
  auto down = matchBinary<arith::ShRSIOp>(scalar);
  auto up = down ? matchBinary<arith::ShLIOp>(down->first) : std::nullopt;
  Value tensor = up ? getTensor(up->first) : Value();
  IntegerType type = tensor ? getCodeType(tensor) : IntegerType();
  if (!type || type.isUnsigned())
    return nullptr;
  int64_t unused = 8 - int64_t(type.getWidth());
  return getInteger(up->second) == unused && getInteger(down->second) == unused
             ? tensor
             : Value();
}

/// The same of a float.
static Value matchNumber(Scalar scalar) {
  if (auto number = matchUnary<arith::SIToFPOp>(scalar))
    return matchCodes(*number, /*isUnsigned=*/false);
  auto number = matchUnary<arith::UIToFPOp>(scalar);
  return number ? matchCodes(*number, /*isUnsigned=*/true) : Value();
}

/// A zero point: codes that `match` finds, or a number.
static Parameter matchZero(Scalar scalar,
                           function_ref<Value(Scalar)> matchTensor) {
  if (Value tensor = matchTensor(scalar))
    return {tensor, std::nullopt, nullptr};
  scalar = resolve(scalar);
  if (auto integer = scalar.scope ? getInteger(scalar) : std::nullopt)
    return {nullptr, integer, nullptr};
  auto number = getConstant(scalar);
  if (number && std::abs(*number) < 1024 && *number == std::floor(*number))
    return {nullptr, int64_t(*number), nullptr};
  return {};
}

/// code - zero, as f32.
static std::optional<QuantizedTensor> matchCentered(Scalar scalar) {
  if (Value codes = matchNumber(scalar))
    return QuantizedTensor{codes, {}, {}};
  auto matchInteger = [](Scalar s) { return matchCodes(s, false); };
  auto sum = matchUnary<arith::SIToFPOp>(scalar);
  auto integers = sum ? matchBinary<arith::SubIOp>(*sum) : std::nullopt;
  auto floats = matchBinary<arith::SubFOp>(scalar);
  if (!integers && !floats)
    return std::nullopt;
  Value codes =
      integers ? matchInteger(integers->first) : matchNumber(floats->first);
  if (!codes)
    return std::nullopt;
  Parameter zero = integers ? matchZero(integers->second, matchInteger)
                            : matchZero(floats->second, matchNumber);
  if (!zero || (zero.tensor && getCodeType(zero.tensor) != getCodeType(codes)))
    return std::nullopt;
  return QuantizedTensor{codes, zero, {}};
}

std::optional<QuantizedTensor> matchWeights(Value tensor) {
  auto product = matchBinary<arith::MulFOp>({tensor});
  if (!product)
    return std::nullopt;
  for (auto [number, scale] :
       {*product, std::pair(product->second, product->first)}) {
    auto result = matchCentered(number);
    if (!result)
      continue;
    if (auto constant = scale.value.getDefiningOp<arith::ConstantOp>())
      result->scale.number = dyn_cast<FloatAttr>(constant.getValue());
    else
      result->scale.tensor = getTensor(scale);
    if (!result->scale)
      return std::nullopt;
    return result;
  }
  return std::nullopt;
}

} // namespace lambent::graph
