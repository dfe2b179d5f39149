//===- QuantizedContrib.cpp - com.microsoft's element-wise QLinear ops ----===//

#include "Elementwise.h"
#include "Quantize.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

Type getF32(Node &node) { return Float32Type::get(node.getContext()); }

Type getElementTypeOf(Value value) {
  return value ? getType(value).getElementType() : Type();
}

/// Both operands as numbers, f of them, quantized.
Handler binaryOp(BinaryBody body) {
  return [=](Node &node) {
    Value a = node.input(0, "A", IntegerKind),
          b = node.input(3, "B", IntegerKind);
    Quantization forA = readQuantization(node, 1, "A"),
                 forB = readQuantization(node, 4, "B"),
                 forC = readQuantization(node, 6, "C");
    if (!checkSameType(node, {a, b}))
      return failure();
    Value left = dequantize(node, a, forA, getF32(node)),
          right = dequantize(node, b, forB, getF32(node));
    Value result = node.map({left, right}, getF32(node),
                            [&](Scalar &s, ArrayRef<Value> args) {
                              return body(s, args[0], args[1], false);
                            });
    return node.result(quantize(node, result, forC, getElementTypeOf(a)));
  };
}

/// A function of a number, quantized.
LogicalResult importUnary(Node &node,
                          function_ref<Value(Scalar &, Value)> body) {
  Value x = node.input(0, "X", IntegerKind);
  Quantization forX = readQuantization(node, 1, "X"),
               forY = readQuantization(node, 3, "Y");
  Value y = node.map(dequantize(node, x, forX, getF32(node)), body);
  return node.result(quantize(node, y, forY, getElementTypeOf(x)));
}

LogicalResult importSigmoid(Node &node) {
  return importUnary(node,
                     [](Scalar &s, Value value) { return s.sigmoid(value); });
}

LogicalResult importLeakyRelu(Node &node) {
  float alpha = node.getFloat("alpha", 0.01f);
  return importUnary(node, [&](Scalar &s, Value value) {
    return s.select(s.less(value, s.number(value, 0)),
                    s.mul(value, s.number(value, alpha)), value);
  });
}

LogicalResult importSoftmax(Node &node) {
  Value x = node.input(0, "X", IntegerKind);
  Quantization forX = readQuantization(node, 1, "X"),
               forY = readQuantization(node, 3, "Y");
  int64_t axis = node.getInt("axis", -1), opset = node.getInt("opset");
  Value numbers = dequantize(node, x, forX, getF32(node));
  if (!numbers)
    return node.abandon();
  axis = node.normalizeAxis(axis, getType(x).getRank());
  if (opset < 13 && !node.hasFailed() && axis + 1 < getType(x).getRank()) {
    // Over all dims from the axis on.
    Value shape =
        node.create<ShapeOp>(numbers, int64_t(0), getType(x).getRank());
    Value flat = node.create<SoftmaxOp>(node.create<FlattenOp>(numbers, axis),
                                        int64_t(1), /*log=*/false);
    numbers = node.create<ReshapeOp>(flat, shape, /*allow_zero=*/true);
  } else {
    numbers = node.create<SoftmaxOp>(numbers, axis, /*log=*/false);
  }
  return node.result(quantize(node, numbers, forY, getElementTypeOf(x)));
}

LogicalResult importConcat(Node &node) {
  Quantization forY = readQuantization(node, 0, "Y");
  int64_t axis = node.getInt("axis");
  SmallVector<Value> parts;
  Type type;
  for (unsigned i = 2; i < node.getNumInputs() || i == 2; i += 3) {
    Value x = node.input(i, "inputs", IntegerKind);
    Quantization forX = readQuantization(node, i + 1, "input");
    type = getElementTypeOf(x);
    parts.push_back(
        quantize(node, dequantize(node, x, forX, getF32(node)), forY, type));
  }
  if (!checkSameType(node, parts))
    return failure();
  axis = node.normalizeAxis(axis, getType(parts[0]).getRank());
  return node.result(node.create<ConcatOp>(parts, axis));
}

LogicalResult importWhere(Node &node) {
  Value condition = node.input(0, "condition", BoolKind),
        x = node.input(1, "X", IntegerKind),
        y = node.input(4, "Y", IntegerKind);
  Quantization forX = readQuantization(node, 2, "x"),
               forY = readQuantization(node, 5, "y"),
               forZ = readQuantization(node, 7, "z");
  if (!checkSameType(node, {x, y}))
    return failure();
  Type type = getElementTypeOf(x);
  // Each by itself: there are fewer of them than results.
  x = quantize(node, dequantize(node, x, forX, getF32(node)), forZ, type);
  y = quantize(node, dequantize(node, y, forY, getF32(node)), forZ, type);
  return node.result(
      node.map({condition, x, y}, type, [](Scalar &s, ArrayRef<Value> args) {
        return s.select(args[0], args[1], args[2]);
      }));
}

} // namespace

void addQuantizedContribRows(OpTable &table) {
  auto name = [](StringRef op) { return ("com.microsoft." + op).str(); };
  table.add(
      name("QLinearAdd"), 1,
      binaryOp([](Scalar &s, Value a, Value b, bool) { return s.add(a, b); }));
  table.add(
      name("QLinearMul"), 1,
      binaryOp([](Scalar &s, Value a, Value b, bool) { return s.mul(a, b); }));
  table.add(name("QLinearSigmoid"), 1, importSigmoid);
  table.add(name("QLinearLeakyRelu"), 1, importLeakyRelu);
  table.add(name("QLinearSoftmax"), 1, importSoftmax);
  table.add(name("QLinearConcat"), 1, importConcat);
  table.add(name("QLinearWhere"), 1, importWhere);
}

} // namespace lambent::graph
