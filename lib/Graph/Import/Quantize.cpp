//===- Quantize.cpp - Between numbers and quantized elements --------------===//

#include "Quantize.h"
#include "Elementwise.h"
#include "Offers.h"
#include "Tensor.h"
#include "lambent/ElementTypes/MLIRType.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

Quantization readQuantization(Node &node, unsigned index, StringRef what,
                              bool optional) {
  std::string scale = (what + "_scale").str(),
              zero = (what + "_zero_point").str();
  return {optional ? node.optionalInput(index, scale, FloatKind)
                   : node.input(index, scale, FloatKind),
          node.optionalInput(index + 1, zero, quantizedKinds)};
}

Value alignVector(Node &node, Value parameter, int64_t trailing) {
  if (!parameter || node.hasFailed() || getType(parameter).getRank() != 1)
    return parameter;
  if (getType(parameter).getDimSize(0) == 1)
    return node.reshape(parameter, ArrayRef<int64_t>());
  SmallVector<int64_t> ones(std::max<int64_t>(trailing, 0), 1);
  return ones.empty() ? parameter : node.reshape(parameter, ones, /*kept=*/1);
}

/// Repeats each entry along `axis` for a block of `size` positions.
static Value expandBlocks(Node &node, Value parameter, Value tensor,
                          int64_t axis, int64_t size) {
  RankedTensorType type = getType(parameter), whole = getType(tensor);
  if (type.getRank() != whole.getRank()) {
    (void)node.error("expected a scale of rank " + Twine(whole.getRank()) +
                     " for blocks, but got " + Twine(type.getRank()));
    return {};
  }
  int64_t count = whole.getDimSize(axis), blocks = type.getDimSize(axis);
  if (ShapedType::isDynamic(count) || ShapedType::isDynamic(blocks)) {
    (void)node.undetermined("the size of the dim that is cut into blocks");
    return {};
  }
  if (count > (1 << 24)) {
    (void)node.unsupported("a dim of " + Twine(count) +
                           " in blocks is not supported");
    return {};
  }
  int64_t expected = int64_t(divideCeil(count, size));
  if (blocks != expected) {
    (void)node.error("expected " + Twine(expected) + " blocks of " +
                     Twine(size) + ", but got " + Twine(blocks));
    return {};
  }
  if (size == 1)
    return parameter;
  SmallVector<int64_t> blockOf;
  for (int64_t i = 0; i < count; ++i)
    blockOf.push_back(i / size);
  return node.create<GatherOp>(parameter, node.indices(blockOf), axis);
}

Value alignToAxis(Node &node, Value parameter, Value tensor, int64_t axis,
                  int64_t blockSize) {
  if (!parameter || !tensor || node.hasFailed())
    return {};
  int64_t rank = getType(parameter).getRank(),
          whole = getType(tensor).getRank();
  bool isOne =
      rank == 0 || (rank == 1 && getType(parameter).getDimSize(0) == 1);
  if (isOne && blockSize == 0)
    return alignVector(node, parameter, 0);
  // An axis of a vector is its only one, whatever the attribute's default.
  axis = whole == 1 ? 0 : node.normalizeAxis(axis, whole);
  if (node.hasFailed())
    return {};
  if (blockSize > 0)
    return expandBlocks(node, parameter, tensor, axis, blockSize);
  if (rank != 1) {
    (void)node.error("expected a scale that is a number or a vector, but got "
                     "rank " +
                     Twine(rank));
    return {};
  }
  return alignVector(node, parameter, whole - 1 - axis);
}

Value quantizeScalar(Scalar &s, Value number, Value zeroPoint, Type elementType,
                     const NarrowRounding &rounding) {
  if (isa<FloatType>(elementType)) {
    // A zero that is added would lose the sign of -0.
    if (zeroPoint) {
      Value zero = decodeNarrow(s, zeroPoint, elementType);
      number = s.select(
          s.equal(zero, s.number(zero, 0)), number,
          s.add(number, s.convert(zero, number.getType(), false, false)));
    }
    return encodeNarrow(s, number, false, elementType, rounding);
  }
  bool isUnsigned = elementType.isUnsignedInteger();
  unsigned bits = elementType.getIntOrFloatBitWidth();
  Value rounded = s.make<math::RoundEvenOp>(number);
  if (zeroPoint) {
    if (isNarrow(elementType))
      zeroPoint = decodeNarrow(s, zeroPoint, elementType);
    rounded = s.add(rounded,
                    s.convert(zeroPoint, number.getType(), isUnsigned, false));
  }
  if (!isNarrow(elementType))
    return s.convert(rounded, getScalarType(elementType), false, isUnsigned);
  double low = isUnsigned ? 0 : -std::exp2(bits - 1),
         high = std::exp2(isUnsigned ? bits : bits - 1) - 1;
  return encodeNarrow(s, s.clamp(rounded, low, high), false, elementType,
                      rounding);
}

Value centerScalar(Scalar &s, Value element, Value zeroPoint,
                   Type elementType) {
  Type i32 = IntegerType::get(elementType.getContext(), 32);
  auto widen = [&](Value value) {
    if (isNarrow(elementType))
      value = decodeNarrow(s, value, elementType);
    return isa<FloatType>(value.getType())
               ? value
               : s.convert(value, i32, elementType.isUnsignedInteger(), false);
  };
  Value wide = widen(element);
  return zeroPoint ? s.sub(wide, widen(zeroPoint)) : wide;
}

/// The arguments of a region on an element, a scale and perhaps a zero point.
static SmallVector<Value> listOperands(Value x, Quantization parameters) {
  SmallVector<Value> operands{x, parameters.scale};
  if (parameters.zeroPoint)
    operands.push_back(parameters.zeroPoint);
  return operands;
}

static bool checkZeroPoint(Node &node, Quantization parameters,
                           Type elementType) {
  if (node.hasFailed() || !parameters.scale || !elementType) {
    (void)node.abandon();
    return false;
  }
  if (!parameters.zeroPoint ||
      getType(parameters.zeroPoint).getElementType() == elementType)
    return true;
  (void)node.error(
      "expected a zero point of " + describeType(elementType) + ", but got " +
      describeType(getType(parameters.zeroPoint).getElementType()));
  return false;
}

Value quantize(Node &node, Value x, Quantization to, Type elementType) {
  if (!x || !checkZeroPoint(node, to, elementType))
    return {};
  return node.map(
      listOperands(x, to), elementType, [&](Scalar &s, ArrayRef<Value> args) {
        return quantizeScalar(s, s.div(args[0], args[1]),
                              to.zeroPoint ? args[2] : Value(), elementType);
      });
}

Value dequantize(Node &node, Value x, Quantization from, Type elementType) {
  if (!x || !elementType ||
      !checkZeroPoint(node, from, getType(x).getElementType()))
    return {};
  Type type = getType(x).getElementType(),
       scaleType = getType(from.scale).getElementType(),
       f32 = Float32Type::get(node.getContext());
  return node.map(
      listOperands(x, from), elementType, [&](Scalar &s, ArrayRef<Value> args) {
        Value zero = from.zeroPoint ? args[2] : Value();
        Value number =
            s.convert(centerScalar(s, args[0], zero, type), f32, false, false);
        Value scale = isNarrow(scaleType)
                          ? decodeNarrow(s, args[1], scaleType)
                          : s.convert(args[1], f32, false, false);
        return s.mul(number, scale);
      });
}

Value center(Node &node, Value x, Value zeroPoint) {
  if (!x || (zeroPoint && !checkSameType(node, {x, zeroPoint})))
    return {};
  SmallVector<Value> operands{x};
  if (zeroPoint)
    operands.push_back(zeroPoint);
  Type type = getType(x).getElementType();
  return node.map(operands, IntegerType::get(node.getContext(), 32),
                  [&](Scalar &s, ArrayRef<Value> args) {
                    return centerScalar(s, args[0],
                                        zeroPoint ? args[1] : Value(), type);
                  });
}

namespace {

/// The type that an attribute of data types names, or null for 0.
Type readOptionalType(Node &node, StringRef name) {
  return node.getInt(name, 0) == 0 ? Type()
                                   : node.getElementTypeAttribute(name);
}

/// x / scale in the precision asked for, as f32 or f64.
Value divide(Scalar &s, Value x, Value scale, Type xType, Type scaleType,
             Type precision) {
  auto toFloat = [&](Value value, Type type) {
    if (isNarrow(type))
      value = decodeNarrow(s, value, type);
    Type wide = precision.isF64() ? precision
                                  : Float32Type::get(precision.getContext());
    // Rounded to the precision, but computed in f32.
    return s.convert(
        s.convert(value, precision, type.isUnsignedInteger(), false), wide,
        false, false);
  };
  Value quotient = s.div(toFloat(x, xType), toFloat(scale, scaleType));
  Type wide = quotient.getType();
  return s.convert(s.convert(quotient, precision, false, false), wide, false,
                   false);
}

LogicalResult importQuantizeLinear(Node &node) {
  Value x = node.input(0, "x", FloatKind | SignedKind),
        scale = node.input(1, "y_scale", FloatKind | SignedKind | NarrowKind),
        zero = node.optionalInput(2, "y_zero_point", quantizedKinds);
  int64_t axis = node.getInt("axis", 1),
          block = node.getIntIn("block_size", 0, 0, INT32_MAX);
  NarrowRounding rounding{node.getBool("saturate", true), "up"};
  Type named = readOptionalType(node, "output_dtype"),
       precision = readOptionalType(node, "precision");
  if (node.hasFailed())
    return failure();
  Type type =
      zero    ? getType(zero).getElementType()
      : named ? named
              : IntegerType::get(node.getContext(), 8, IntegerType::Unsigned);
  if (named && named != type)
    return node.error("output_dtype is not the type of y_zero_point");
  if (!(getKind(type) & quantizedKinds) || isa<Float8E8M0FNUType>(type) ||
      type.getIntOrFloatBitWidth() > 16)
    return node.error("its output can't have elements of " +
                      describeType(type));
  Type xType = getType(x).getElementType(),
       scaleType = getType(scale).getElementType();
  if (!precision)
    precision = getKind(scaleType) == FloatKind
                    ? scaleType
                    : Float32Type::get(node.getContext());
  if (getKind(precision) != FloatKind)
    return node.error("precision names no float type");
  SmallVector<Value> operands{x, alignToAxis(node, scale, x, axis, block)};
  if (zero)
    operands.push_back(alignToAxis(node, zero, x, axis, block));
  return node.result(
      node.map(operands, type, [&](Scalar &s, ArrayRef<Value> args) {
        Value number = divide(s, args[0], args[1], xType, scaleType, precision);
        return quantizeScalar(s, number, zero ? args[2] : Value(), type,
                              rounding);
      }));
}

LogicalResult importDequantizeLinear(Node &node) {
  Value x = node.input(0, "x", quantizedKinds),
        scale = node.input(1, "x_scale", FloatKind | NarrowKind),
        zero = node.optionalInput(2, "x_zero_point", quantizedKinds);
  int64_t axis = node.getInt("axis", 1),
          block = node.getIntIn("block_size", 0, 0, INT32_MAX);
  Type type = readOptionalType(node, "output_dtype");
  if (node.hasFailed())
    return failure();
  if (!type)
    type = getType(scale).getElementType();
  if (getKind(type) != FloatKind)
    return node.error("its output can't have elements of " +
                      describeType(type));
  return node.result(
      dequantize(node, x,
                 {alignToAxis(node, scale, x, axis, block),
                  zero ? alignToAxis(node, zero, x, axis, block) : Value()},
                 type));
}

} // namespace

DynamicQuantization quantizeDynamically(Node &node, Value x) {
  if (!x || node.hasFailed())
    return {};
  SmallVector<int64_t> axes = listAxes(0, getType(x).getRank());
  Type type = getType(x).getElementType(),
       ui8 = IntegerType::get(node.getContext(), 8, IntegerType::Unsigned);
  // The range must hold zero.
  Value most = node.map(
            node.reduce(x, "max", axes, /*keepDims=*/false),
            [](Scalar &s, Value v) { return s.max(v, s.number(v, 0)); }),
        least = node.map(
            node.reduce(x, "min", axes, /*keepDims=*/false),
            [](Scalar &s, Value v) { return s.min(v, s.number(v, 0)); });
  Value scale =
      node.map({most, least}, type, [](Scalar &s, ArrayRef<Value> args) {
        Value range = s.sub(args[0], args[1]);
        return s.select(s.equal(args[0], args[1]), s.number(range, 1),
                        s.div(range, s.number(range, 255)));
      });
  Value zero =
      node.map({least, scale}, ui8, [](Scalar &s, ArrayRef<Value> args) {
        Value place = s.div(s.neg(args[0]), args[1]);
        return s.convert(s.make<math::RoundEvenOp>(place),
                         IntegerType::get(place.getContext(), 8), false, true);
      });
  return {quantize(node, x, {scale, zero}, ui8), {scale, zero}};
}

static LogicalResult importDynamicQuantizeLinear(Node &node) {
  DynamicQuantization y =
      quantizeDynamically(node, node.input(0, "x", FloatKind));
  (void)node.result(1, y.parameters.scale);
  (void)node.result(2, y.parameters.zeroPoint);
  return node.result(y.elements);
}

void addQuantizeRows(OpTable &table) {
  table.add("QuantizeLinear", 10, importQuantizeLinear);
  table.add("DequantizeLinear", 10, importDequantizeLinear);
  table.add("DynamicQuantizeLinear", 11, importDynamicQuantizeLinear);
  // As ONNX Runtime's quantizer writes them for types that ONNX has since.
  table.add("com.microsoft.QuantizeLinear", 1, importQuantizeLinear);
  table.add("com.microsoft.DequantizeLinear", 1, importDequantizeLinear);
}

} // namespace lambent::graph
