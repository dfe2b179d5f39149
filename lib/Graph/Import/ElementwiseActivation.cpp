//===- ElementwiseActivation.cpp - Activations and mathematical functions -===//

#include "Elementwise.h"
#include <cmath>
#include <numbers>

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// A function of one float with parameters from float attributes.
struct Parameter {
  StringRef name;
  float otherwise;
};
using ParametricBody = Value (*)(Scalar &, Value, ArrayRef<float> parameters);

Handler parametric(std::initializer_list<Parameter> list, ParametricBody body) {
  return [parameters = SmallVector<Parameter>(list), body](Node &node) {
    Value x = node.input(0, "X", FloatKind);
    SmallVector<float> values;
    for (const Parameter &parameter : parameters)
      values.push_back(node.getFloat(parameter.name, parameter.otherwise));
    node.ignoreAttributes({"consumed_inputs"});
    return node.result(node.map(
        x, [&](Scalar &s, Value value) { return body(s, value, values); }));
  };
}

template <typename OpTy> Value applyUnary(Scalar &s, Value x, bool) {
  return s.make<OpTy>(x);
}

/// x for x > 0, and otherwise scale * (exp(x) - 1).
Value expBelowZero(Scalar &s, Value x, double scale) {
  Value below = s.mul(s.number(x, scale), s.sub(s.exp(x), s.number(x, 1)));
  return s.select(s.less(x, s.number(x, 0)), below, x);
}

LogicalResult importGelu(Node &node) {
  Value x = node.input(0, "X", FloatKind);
  std::string approximate =
      node.getChoice("approximate", "none", {"none", "tanh"});
  return node.result(node.map(x, [&](Scalar &s, Value value) {
    return approximate == "tanh" ? geluTanh(s, value) : gelu(s, value);
  }));
}

/// A * sigmoid(alpha * A) * B
LogicalResult importSwiGLU(Node &node) {
  Value gate = node.input(0, "A", FloatKind),
        value = node.input(1, "B", FloatKind);
  float alpha = node.getFloat("alpha", 1);
  if (!checkSameType(node, {gate, value}))
    return failure();
  if (failed(verifyCompatibleShape(getType(gate), getType(value))))
    return node.error("expected A and B of one shape");
  return node.result(
      node.map({gate, value}, getType(gate).getElementType(),
               [&](Scalar &s, ArrayRef<Value> args) {
                 Value scaled = s.mul(args[0], s.number(args[0], alpha));
                 return s.mul(s.mul(args[0], s.sigmoid(scaled)), args[1]);
               }));
}

LogicalResult importPRelu(Node &node) {
  Value x = node.input(0, "X", FloatKind | IntegerKind),
        slope = node.input(1, "slope", FloatKind | IntegerKind);
  node.ignoreAttributes({"consumed_inputs"});
  if (!checkSameType(node, {x, slope}))
    return failure();
  // Before opset 7 a slope per channel is a plain vector.
  int64_t rank = getType(x).getRank();
  if (node.getOpset() < 7 && getType(slope).getRank() == 1 && rank > 2) {
    slope = node.reshape(slope, SmallVector<int64_t>(rank - 2, 1), /*kept=*/1);
  }
  bool isUnsigned = getType(x).getElementType().isUnsignedInteger();
  return node.result(node.map(
      {x, slope}, getType(x).getElementType(),
      [&](Scalar &s, ArrayRef<Value> args) {
        return s.select(s.less(args[0], s.number(args[0], 0), isUnsigned),
                        s.mul(args[0], args[1]), args[0]);
      }));
}

/// Integers are computed in f32 and cut, as ONNX Runtime does.
LogicalResult importShrink(Node &node) {
  Value x = node.input(0, "input", NumberKind);
  float lambd = node.getFloat("lambd", 0.5f), bias = node.getFloat("bias", 0);
  if (node.hasFailed())
    return failure();
  Type type = getType(x).getElementType();
  Type f32 = Float32Type::get(node.getContext());
  Value shrunk =
      node.map(node.cast(x, isa<FloatType>(type) ? type : f32),
               [&](Scalar &s, Value value) {
                 Value low = s.add(value, s.number(value, bias)),
                       high = s.sub(value, s.number(value, bias)),
                       zero = s.number(value, 0);
                 return s.select(s.less(value, s.number(value, -lambd)), low,
                                 s.select(s.less(s.number(value, lambd), value),
                                          high, zero));
               });
  return node.result(node.cast(shrunk, type));
}

} // namespace

Value gelu(Scalar &s, Value x) {
  Value half = s.mul(s.number(x, 0.5), x);
  return s.mul(half,
               s.add(s.number(x, 1),
                     s.erf(s.mul(x, s.number(x, 1 / std::numbers::sqrt2)))));
}

/// 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
Value geluTanh(Scalar &s, Value x) {
  Value cube = s.mul(s.number(x, 0.044715), s.mul(x, s.mul(x, x)));
  Value inner =
      s.mul(s.number(x, std::sqrt(2 * std::numbers::inv_pi)), s.add(x, cube));
  return s.mul(s.mul(s.number(x, 0.5), x),
               s.add(s.number(x, 1), s.tanh(inner)));
}

void addActivationRows(OpTable &table) {
  table.add("Exp", 1, unary(FloatKind, applyUnary<math::ExpOp>));
  table.add("Log", 1, unary(FloatKind, applyUnary<math::LogOp>));
  table.add("Sqrt", 1, unary(FloatKind, applyUnary<math::SqrtOp>));
  table.add("Erf", 9,
            unary(NumberKind, [](Scalar &s, Value x, bool isUnsigned) -> Value {
              if (isa<FloatType>(x.getType()))
                return s.erf(x);
              Type f32 = Float32Type::get(x.getContext());
              return s.convert(s.erf(s.convert(x, f32, isUnsigned, false)),
                               x.getType(), false, isUnsigned);
            }));
  table.add("Tanh", 1, unary(FloatKind, applyUnary<math::TanhOp>));
  table.add("Sin", 7, unary(FloatKind, applyUnary<math::SinOp>));
  table.add("Cos", 7, unary(FloatKind, applyUnary<math::CosOp>));
  table.add("Tan", 7, unary(FloatKind, applyUnary<math::TanOp>));
  table.add("Asin", 7, unary(FloatKind, applyUnary<math::AsinOp>));
  table.add("Acos", 7, unary(FloatKind, applyUnary<math::AcosOp>));
  table.add("Atan", 7, unary(FloatKind, applyUnary<math::AtanOp>));
  table.add("Sinh", 9, unary(FloatKind, applyUnary<math::SinhOp>));
  table.add("Cosh", 9, unary(FloatKind, applyUnary<math::CoshOp>));
  table.add("Asinh", 9, unary(FloatKind, applyUnary<math::AsinhOp>));
  table.add("Acosh", 9, unary(FloatKind, applyUnary<math::AcoshOp>));
  table.add("Atanh", 9, unary(FloatKind, applyUnary<math::AtanhOp>));
  table.add("Ceil", 1, unary(FloatKind, applyUnary<math::CeilOp>));
  table.add("Floor", 1, unary(FloatKind, applyUnary<math::FloorOp>));
  table.add("Round", 11, unary(FloatKind, applyUnary<math::RoundEvenOp>));
  table.add("Reciprocal", 1, unary(FloatKind, [](Scalar &s, Value x, bool) {
              return s.div(s.number(x, 1), x);
            }));

  table.add("Relu", 1,
            unary(FloatKind | SignedKind, [](Scalar &s, Value x, bool) {
              return s.max(x, s.number(x, 0));
            }));
  table.add("Sigmoid", 1, unary(FloatKind, [](Scalar &s, Value x, bool) {
              return s.sigmoid(x);
            }));
  table.add("Softplus", 1, unary(FloatKind, [](Scalar &s, Value x, bool) {
              return s.softplus(x);
            }));
  table.add("Softsign", 1, unary(FloatKind, [](Scalar &s, Value x, bool) {
              return s.div(x, s.add(s.number(x, 1), s.abs(x)));
            }));
  table.add("Mish", 18, unary(FloatKind, [](Scalar &s, Value x, bool) {
              return s.mul(x, s.tanh(s.softplus(x)));
            }));
  table.add("HardSwish", 14, unary(FloatKind, [](Scalar &s, Value x, bool) {
              return s.mul(x, s.clamp(s.add(s.mul(x, s.number(x, 1.0 / 6)),
                                            s.number(x, 0.5)),
                                      0, 1));
            }));
  table.add("HardSigmoid", 1,
            parametric({{"alpha", 0.2f}, {"beta", 0.5f}},
                       [](Scalar &s, Value x, ArrayRef<float> p) {
                         return s.clamp(s.add(s.mul(x, s.number(x, p[0])),
                                              s.number(x, p[1])),
                                        0, 1);
                       }));
  table.add(
      "LeakyRelu", 1,
      parametric({{"alpha", 0.01f}}, [](Scalar &s, Value x, ArrayRef<float> p) {
        return s.select(s.less(x, s.number(x, 0)), s.mul(x, s.number(x, p[0])),
                        x);
      }));
  table.add(
      "ThresholdedRelu", 10,
      parametric({{"alpha", 1.0f}}, [](Scalar &s, Value x, ArrayRef<float> p) {
        return s.select(s.less(s.number(x, p[0]), x), x, s.number(x, 0));
      }));
  table.add(
      "Elu", 1,
      parametric({{"alpha", 1.0f}}, [](Scalar &s, Value x, ArrayRef<float> p) {
        return expBelowZero(s, x, p[0]);
      }));
  ParametricBody selu = [](Scalar &s, Value x, ArrayRef<float> p) {
    return s.mul(s.number(x, p[1]), expBelowZero(s, x, p[0]));
  };
  table.add("Selu", 1,
            parametric({{"alpha", 1.6732f}, {"gamma", 1.0507f}}, selu));
  table.add("Selu", 6,
            parametric({{"alpha", 1.67326319217681884765625f},
                        {"gamma", 1.05070102214813232421875f}},
                       selu));
  table.add(
      "Celu", 12,
      parametric({{"alpha", 1.0f}}, [](Scalar &s, Value x, ArrayRef<float> p) {
        Value below =
            s.mul(s.number(x, p[0]),
                  s.sub(s.exp(s.div(x, s.number(x, p[0]))), s.number(x, 1)));
        return s.select(s.less(x, s.number(x, 0)), below, x);
      }));
  table.add("Shrink", 9, importShrink);
  table.add(
      "Swish", 24,
      parametric({{"alpha", 1.0f}}, [](Scalar &s, Value x, ArrayRef<float> p) {
        return s.mul(x, s.sigmoid(s.mul(x, s.number(x, p[0]))));
      }));
  table.add("SwiGLU", 28, importSwiGLU);
  table.add("Gelu", 20, importGelu);
  table.add("PRelu", 1, importPRelu);
}

} // namespace lambent::graph
