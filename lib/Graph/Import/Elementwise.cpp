//===- Elementwise.cpp - Arithmetic, comparison, selection and casts ------===//

#include "Elementwise.h"
#include "Offers.h"
#include "OpTable.h"
#include "Tensor.h"
#include "lambent/ElementTypes/MLIRType.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

Handler unary(unsigned kinds, UnaryBody body) {
  return [=](Node &node) {
    Value x = node.input(0, "X", kinds);
    node.ignoreAttributes({"consumed_inputs"});
    if (!x)
      return failure();
    bool isUnsigned = getType(x).getElementType().isUnsignedInteger();
    return node.result(node.map(
        x, [&](Scalar &s, Value value) { return body(s, value, isUnsigned); }));
  };
}

bool checkSameType(Node &node, ArrayRef<Value> values) {
  for (Value value : values) {
    if (!value || node.hasFailed())
      return false;
    Type expected = getType(values[0]).getElementType(),
         actual = getType(value).getElementType();
    if (actual == expected)
      continue;
    (void)node.error("expected its inputs to have one element type, but got " +
                     describeType(expected) + " and " + describeType(actual));
    return false;
  }
  return true;
}

Value alignLegacy(Node &node, Value a, Value b) {
  bool broadcast = node.getBool("broadcast", false);
  bool placed = node.hasAttribute("axis");
  int64_t axis = node.getInt("axis", 0);
  node.ignoreAttributes({"consumed_inputs"});
  if (node.hasFailed() || !broadcast || !placed)
    return b;
  int64_t rank = getType(a).getRank(), inner = getType(b).getRank();
  axis = node.normalizeAxis(axis, rank);
  if (axis + inner > rank) {
    (void)node.error("axis " + Twine(axis) +
                     " leaves no room for the dims of B");
    return {};
  }
  SmallVector<int64_t> ones(rank - axis - inner, 1);
  return ones.empty() ? b : node.reshape(b, ones, /*kept=*/inner);
}

Handler binary(unsigned kinds, BinaryBody body, bool givesBool, bool legacy) {
  return [=](Node &node) {
    Value a = node.input(0, "A", kinds), b = node.input(1, "B", kinds);
    if (!checkSameType(node, {a, b}))
      return failure();
    if (legacy && !(b = alignLegacy(node, a, b)))
      return failure();
    Type elementType = getType(a).getElementType();
    bool isUnsigned = elementType.isUnsignedInteger();
    Type resultType =
        givesBool ? IntegerType::get(node.getContext(), 1) : elementType;
    return node.result(
        node.map({a, b}, resultType, [&](Scalar &s, ArrayRef<Value> args) {
          return body(s, args[0], args[1], isUnsigned);
        }));
  };
}

LogicalResult requireDivisor(Node &node, Value divisor) {
  if (!isa<IntegerType>(getType(divisor).getElementType()))
    return success();
  return node.require(ValueRule::forDivisors(divisor));
}

namespace {

using arith::CmpFPredicate;

Handler division(bool legacy) {
  BinaryBody div = [](Scalar &s, Value a, Value b, bool isUnsigned) {
    return s.div(a, b, isUnsigned);
  };
  Handler divide = binary(NumberKind, div, /*givesBool=*/false, legacy);
  return [divide](Node &node) {
    Value divisor = node.input(1, "B", NumberKind);
    if (!divisor || mlir::failed(requireDivisor(node, divisor)))
      return failure();
    return divide(node);
  };
}

/// A fold over any number of inputs, divided by their number for Mean. Many are
/// folded a few at a time, in order: a kernel holds an address for each input.
Handler variadic(unsigned kinds, BinaryBody body, bool mean = false) {
  constexpr size_t mostAtOnce = 32;
  return [=](Node &node) {
    SmallVector<Value> inputs = node.variadicInputs(0, "data_0", kinds);
    node.ignoreAttributes({"consumed_inputs"});
    if (!checkSameType(node, inputs))
      return failure();
    Type elementType = getType(inputs[0]).getElementType();
    ArrayRef<Value> left = inputs;
    Value result;
    while (!left.empty() && !node.hasFailed()) {
      SmallVector<Value> some;
      if (result)
        some.push_back(result);
      size_t count = std::min(left.size(), mostAtOnce - some.size());
      some.append(left.begin(), left.begin() + count);
      left = left.drop_front(count);
      result =
          node.map(some, elementType, [&](Scalar &s, ArrayRef<Value> args) {
            Value total = args[0];
            for (Value arg : args.drop_front())
              total = body(s, total, arg, elementType.isUnsignedInteger());
            return mean && left.empty()
                       ? s.div(total, s.number(total, double(inputs.size())))
                       : total;
          });
    }
    return node.result(result);
  };
}

LogicalResult importWhere(Node &node) {
  Value condition = node.input(0, "condition", BoolKind),
        x = node.input(1, "X", MovedKind), y = node.input(2, "Y", MovedKind);
  if (!condition || !checkSameType(node, {x, y}))
    return failure();
  return node.result(node.map({condition, x, y}, getType(x).getElementType(),
                              [](Scalar &s, ArrayRef<Value> args) {
                                return s.select(args[0], args[1], args[2]);
                              }));
}

NarrowRounding readRounding(Node &node) {
  return {node.getBool("saturate", true),
          node.getChoice("round_mode", "up", {"up", "down", "nearest"})};
}

LogicalResult importCast(Node &node) {
  Value x = node.input(0, "input", AnyKind | LaterStringKind);
  NarrowRounding rounding = readRounding(node);
  return node.result(
      node.cast(x, node.getElementTypeAttribute("to"), rounding));
}

/// Cast before opset 6 names the type in words.
LogicalResult importLegacyCast(Node &node) {
  Value x = node.input(0, "input");
  std::string name = node.getString("to");
  int number = 0;
  onnx::TensorProto_DataType type;
  if (!node.hasFailed() && onnx::TensorProto_DataType_Parse(name, &type))
    number = type;
  Type elementType =
      number ? getElementType(node.getContext(), number) : Type();
  if (!node.hasFailed() && !number)
    return node.error("attribute 'to' names no element type: " + name);
  if (!node.hasFailed() && (!elementType || isString(elementType)))
    return node.unsupported("elements of type " + name + " are not supported");
  return node.result(node.cast(x, elementType));
}

LogicalResult importCastLike(Node &node) {
  Value x = node.input(0, "input", AnyKind | LaterStringKind),
        like = node.input(1, "target_type", AnyKind | LaterStringKind);
  NarrowRounding rounding = readRounding(node);
  return node.result(
      node.cast(x, like ? getType(like).getElementType() : Type(), rounding));
}

LogicalResult importBitCast(Node &node) {
  Value x = node.input(0, "input");
  Type to = node.getElementTypeAttribute("to");
  if (!x || !to)
    return node.abandon();
  const ElementType *from = findElementType(getType(x).getElementType()),
                    *wanted = findElementType(to);
  if (from && wanted && from->bits != wanted->bits)
    return node.error("expected a type of " + Twine(unsigned(from->bits)) +
                      " bits, but got " + wanted->text);
  return node.result(node.bitcast(x, to));
}

/// Clamps from bounds that are inputs; constant ones move into the region.
LogicalResult importClip(Node &node) {
  Value x = node.input(0, "input", NumberKind);
  Value low = node.optionalInput(1, "min", NumberKind),
        high = node.optionalInput(2, "max", NumberKind);
  if (node.hasFailed())
    return failure();
  SmallVector<Value> inputs{x};
  for (Value bound : {low, high}) {
    if (!bound)
      continue;
    if (getType(bound).hasStaticShape() &&
        getType(bound).getNumElements() == 1 && getType(bound).getRank() > 0)
      bound = node.reshape(bound, ArrayRef<int64_t>());
    inputs.push_back(bound);
  }
  if (!checkSameType(node, inputs))
    return failure();
  Type elementType = getType(x).getElementType();
  return node.result(
      node.map(inputs, elementType, [&](Scalar &s, ArrayRef<Value> args) {
        Value value = args[0];
        if (low)
          value = s.max(value, args[1], elementType.isUnsignedInteger());
        if (high)
          value = s.min(value, args.back(), elementType.isUnsignedInteger());
        return value;
      }));
}

/// Clip before opset 11: the bounds are attributes.
LogicalResult importLegacyClip(Node &node) {
  Value x = node.input(0, "input", FloatKind);
  bool hasLow = node.hasAttribute("min"), hasHigh = node.hasAttribute("max");
  float low = node.getFloat("min", 0), high = node.getFloat("max", 0);
  node.ignoreAttributes({"consumed_inputs"});
  return node.result(node.map(x, [&](Scalar &s, Value value) {
    if (hasLow)
      value = s.max(value, s.number(value, low));
    return hasHigh ? s.min(value, s.number(value, high)) : value;
  }));
}

LogicalResult importIsInf(Node &node) {
  Value x = node.input(0, "X", FloatKind);
  bool negative = node.getBool("detect_negative", true),
       positive = node.getBool("detect_positive", true);
  return node.result(node.map(
      x, IntegerType::get(node.getContext(), 1),
      [&](Scalar &s, ArrayRef<Value> args) {
        Value value = args[0],
              infinity =
                  s.number(value, std::numeric_limits<double>::infinity());
        if (positive && negative)
          return s.equal(s.abs(value), infinity);
        if (positive)
          return s.equal(value, infinity);
        return negative ? s.equal(value, s.neg(infinity))
                        : s.integer(IntegerType::get(node.getContext(), 1), 0);
      }));
}

LogicalResult importIsNaN(Node &node) {
  Value x = node.input(0, "X", FloatKind);
  return node.result(node.map(x, IntegerType::get(node.getContext(), 1),
                              [](Scalar &s, ArrayRef<Value> args) {
                                return s.compare(CmpFPredicate::UNO, args[0],
                                                 args[0]);
                              }));
}

Value getSign(Scalar &s, Value x, bool isUnsigned) {
  Value zero = s.number(x, 0), one = s.number(x, 1);
  Value positive = s.less(zero, x, isUnsigned);
  if (isUnsigned)
    return s.select(positive, one, zero);
  // Zero and NaN stay what they are.
  return s.select(positive, one, s.select(s.less(x, zero), s.number(x, -1), x));
}

} // namespace

void addElementwiseRows(OpTable &table) {
  // Arithmetic.
  BinaryBody add = [](Scalar &s, Value a, Value b, bool) {
    return s.add(a, b);
  };
  BinaryBody sub = [](Scalar &s, Value a, Value b, bool) {
    return s.sub(a, b);
  };
  BinaryBody mul = [](Scalar &s, Value a, Value b, bool) {
    return s.mul(a, b);
  };
  BinaryBody max = [](Scalar &s, Value a, Value b, bool isUnsigned) {
    return s.max(a, b, isUnsigned);
  };
  BinaryBody min = [](Scalar &s, Value a, Value b, bool isUnsigned) {
    return s.min(a, b, isUnsigned);
  };
  const std::pair<StringRef, BinaryBody> arithmetic[] = {
      {"Add", add}, {"Sub", sub}, {"Mul", mul}};
  for (auto [name, body] : arithmetic) {
    table.add(name, 1,
              binary(NumberKind, body, /*givesBool=*/false, /*legacy=*/true));
    table.add(name, 7, binary(NumberKind, body));
  }
  table.add("Div", 1, division(/*legacy=*/true));
  table.add("Div", 7, division(/*legacy=*/false));
  table.add("Max", 1, variadic(NumberKind, max));
  table.add("Min", 1, variadic(NumberKind, min));
  table.add("Sum", 1, variadic(FloatKind, add));
  table.add("Mean", 1, variadic(FloatKind, add, /*mean=*/true));
  table.add("Abs", 1,
            unary(NumberKind, [](Scalar &s, Value x, bool isUnsigned) {
              return s.abs(x, isUnsigned);
            }));
  table.add("Neg", 1,
            unary(FloatKind | SignedKind,
                  [](Scalar &s, Value x, bool) { return s.neg(x); }));
  table.add("Sign", 9, unary(NumberKind, getSign));

  // Comparison.
  BinaryBody equal = [](Scalar &s, Value a, Value b, bool) {
    return s.equal(a, b);
  };
  BinaryBody less = [](Scalar &s, Value a, Value b, bool isUnsigned) {
    return s.less(a, b, isUnsigned);
  };
  BinaryBody greater = [](Scalar &s, Value a, Value b, bool isUnsigned) {
    return s.less(b, a, isUnsigned);
  };
  table.add("Equal", 1,
            binary(NumberKind | BoolKind, equal, true, /*legacy=*/true));
  table.add("Equal", 7, binary(NumberKind | BoolKind, equal, true));
  table.add("Equal", 19,
            binary(NumberKind | BoolKind | StringKind, equal, true));
  table.add("Less", 1, binary(NumberKind, less, true, /*legacy=*/true));
  table.add("Less", 7, binary(NumberKind, less, true));
  table.add("Greater", 1, binary(NumberKind, greater, true, /*legacy=*/true));
  table.add("Greater", 7, binary(NumberKind, greater, true));
  table.add("LessOrEqual", 12,
            binary(
                NumberKind,
                [](Scalar &s, Value a, Value b, bool isUnsigned) {
                  return s.lessOrEqual(a, b, isUnsigned);
                },
                true));
  table.add("GreaterOrEqual", 12,
            binary(
                NumberKind,
                [](Scalar &s, Value a, Value b, bool isUnsigned) {
                  return s.lessOrEqual(b, a, isUnsigned);
                },
                true));
  table.add("IsNaN", 9, importIsNaN);
  table.add("IsInf", 10, importIsInf);

  // Selection and casts.
  table.add("Where", 9, importWhere);
  table.add("Clip", 1, importLegacyClip);
  table.add("Clip", 11, importClip);
  table.add("Cast", 1, importLegacyCast);
  table.add("Cast", 6, importCast);
  table.add("CastLike", 15, importCastLike);
  table.add("BitCast", 26, importBitCast);
}

} // namespace lambent::graph
