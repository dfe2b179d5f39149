//===- Lanes.cpp - Arithmetic across and within vector registers ----------===//
//
// See Lanes.h.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"
#include "lambent/Lowering/IR/LIR.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace lambent::cpu;

Combine lambent::cpu::getCombine(StringRef kind) {
  return llvm::StringSwitch<Combine>(kind)
      .Case("prod", Combine::Prod)
      .Case("max", Combine::Max)
      .Case("min", Combine::Min)
      .Default(Combine::Sum);
}

template <typename OpTy>
static Value emit(KernelBuilder &builder, Value a, Value b) {
  return OpTy::create(builder, builder.getLoc(), a, b);
}

Value lambent::cpu::combine(KernelBuilder &builder, Combine kind, Value a,
                            Value b, bool isUnsigned) {
  Type element = getElementTypeOrSelf(a.getType());
  if (isa<FloatType>(element)) {
    switch (kind) {
    case Combine::Sum:
      return emit<arith::AddFOp>(builder, a, b);
    case Combine::Prod:
      return emit<arith::MulFOp>(builder, a, b);
    case Combine::Max:
      return emit<arith::MaximumFOp>(builder, a, b);
    case Combine::Min:
      return emit<arith::MinimumFOp>(builder, a, b);
    case Combine::QuickMax:
      return arith::SelectOp::create(
          builder,
          arith::CmpFOp::create(builder, arith::CmpFPredicate::OGT, a, b), a,
          b);
    }
  }
  bool isBool = element.isInteger(1);
  switch (kind) {
  case Combine::Sum:
    return emit<arith::AddIOp>(builder, a, b);
  case Combine::Prod:
    return emit<arith::MulIOp>(builder, a, b);
  case Combine::QuickMax:
  case Combine::Max:
    if (isBool)
      return emit<arith::OrIOp>(builder, a, b);
    return isUnsigned ? emit<arith::MaxUIOp>(builder, a, b)
                      : emit<arith::MaxSIOp>(builder, a, b);
  case Combine::Min:
    if (isBool)
      return emit<arith::AndIOp>(builder, a, b);
    return isUnsigned ? emit<arith::MinUIOp>(builder, a, b)
                      : emit<arith::MinSIOp>(builder, a, b);
  }
  return nullptr;
}

Value lambent::cpu::getNeutral(KernelBuilder &builder, Combine kind, Type type,
                               bool isUnsigned) {
  Type element = getElementTypeOrSelf(type);
  Attribute attr;
  if (auto floatType = dyn_cast<FloatType>(element)) {
    const llvm::fltSemantics &semantics = floatType.getFloatSemantics();
    llvm::APFloat number = llvm::APFloat::getZero(semantics);
    if (kind == Combine::Sum)
      // x + -0 is x for every x, which x + 0 is not for -0.
      number = llvm::APFloat::getZero(semantics, /*Negative=*/true);
    else if (kind == Combine::Prod)
      number = llvm::APFloat(semantics, 1);
    else
      number = llvm::APFloat::getInf(semantics, kind != Combine::Min);
    attr = builder.getFloatAttr(element, number);
  } else {
    unsigned width = element.getIntOrFloatBitWidth();
    bool isSigned = !isUnsigned && width > 1;
    llvm::APInt number(width, kind == Combine::Prod);
    if (kind == Combine::Max && isSigned)
      number = llvm::APInt::getSignedMinValue(width);
    else if (kind == Combine::Min)
      number = isSigned ? llvm::APInt::getSignedMaxValue(width)
                        : llvm::APInt::getMaxValue(width);
    attr = builder.getIntegerAttr(element, number);
  }
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, attr);
  return arith::ConstantOp::create(builder, builder.getLoc(),
                                   cast<TypedAttr>(attr));
}

Value lambent::cpu::combineLanes(KernelBuilder &builder, Combine kind,
                                 Value vector, bool isUnsigned) {
  int64_t lanes = cast<VectorType>(vector.getType()).getNumElements();
  for (; lanes > 1; lanes /= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t i = 0; i < lanes / 2; ++i) {
      low.push_back(i);
      high.push_back(i + lanes / 2);
    }
    Value a = vector::ShuffleOp::create(builder, builder.getLoc(), vector,
                                        vector, low);
    Value b = vector::ShuffleOp::create(builder, builder.getLoc(), vector,
                                        vector, high);
    vector = combine(builder, kind, a, b, isUnsigned);
  }
  return vector::ExtractOp::create(builder, builder.getLoc(), vector,
                                   int64_t(0));
}

/// Pairs of vectors as one each: in each block of lanes the odd units combined
/// with the even ones, first those of one vector, then those of the other.
static SmallVector<Value> combineOddUnits(KernelBuilder &builder, Combine kind,
                                          ArrayRef<Value> vectors, int64_t unit,
                                          int64_t block) {
  int64_t lanes = cast<VectorType>(vectors[0].getType()).getNumElements();
  auto pick = [&](Value a, Value b, int64_t parity) -> Value {
    SmallVector<int64_t> picked;
    for (int64_t begin = 0; begin < lanes; begin += block)
      for (int64_t source : {begin, lanes + begin})
        for (int64_t at = parity * unit; at < block; at += 2 * unit)
          for (int64_t i = 0; i < unit; ++i)
            picked.push_back(source + at + i);
    return vector::ShuffleOp::create(builder, builder.getLoc(), a, b, picked);
  };
  SmallVector<Value> combined;
  for (size_t i = 0; i < vectors.size(); i += 2)
    combined.push_back(combine(builder, kind,
                               pick(vectors[i], vectors[i + 1], 0),
                               pick(vectors[i], vectors[i + 1], 1)));
  return combined;
}

Value lambent::cpu::combineLanesOfEach(KernelBuilder &builder, Combine kind,
                                       SmallVector<Value> vectors) {
  // Shuffles within 128 bits are the cheapest: first there, then between them.
  auto type = cast<VectorType>(vectors[0].getType());
  int64_t lanes = type.getNumElements();
  int64_t inner = std::min<int64_t>(lanes, 128 / type.getElementTypeBitWidth());
  for (int64_t left = inner; left > 1; left /= 2)
    vectors = combineOddUnits(builder, kind, vectors, 1, inner);
  for (int64_t left = lanes / inner; left > 1; left /= 2)
    vectors = combineOddUnits(builder, kind, vectors, inner, lanes);
  return vectors.front();
}

Value lambent::cpu::combineAll(KernelBuilder &builder, Combine kind,
                               ArrayRef<Value> values, bool isUnsigned) {
  SmallVector<Value> rest(values);
  while (rest.size() > 1) {
    SmallVector<Value> next;
    for (size_t i = 0; i + 1 < rest.size(); i += 2)
      next.push_back(combine(builder, kind, rest[i], rest[i + 1], isUnsigned));
    if (rest.size() % 2)
      next.push_back(rest.back());
    rest = std::move(next);
  }
  return rest.front();
}

Value lambent::cpu::keepLanes(KernelBuilder &builder, Value vector, Value count,
                              Value other) {
  int64_t lanes = cast<VectorType>(vector.getType()).getNumElements();
  if (!count || kernels::asConstant(count).value_or(0) >= lanes)
    return vector;
  return arith::SelectOp::create(
      builder, builder.getLoc(), builder.laneMask(lanes, count), vector,
      builder.broadcast(other, lanes));
}

Value lambent::cpu::convertFloat(KernelBuilder &builder, Value value,
                                 Type elementType) {
  Type from = getElementTypeOrSelf(value.getType());
  if (from == elementType || !isa<FloatType>(from))
    return value;
  Type to = elementType;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    to = builder.vectorType(elementType, vector.getNumElements());
  if (from.getIntOrFloatBitWidth() < elementType.getIntOrFloatBitWidth())
    return arith::ExtFOp::create(builder, builder.getLoc(), to, value);
  return arith::TruncFOp::create(builder, builder.getLoc(), to, value);
}

int64_t lambent::cpu::fitLanes(int64_t lanes, const Size &size) {
  while (size.isNumber() && lanes > 1 && lanes / 2 >= size.getNumber())
    lanes /= 2;
  return lanes;
}
