//===- Constant.cpp - Constants and what is made from a shape -------------===//

#include "Lists.h"
#include "OpTable.h"
#include "Tensor.h"
#include "lambent/ElementTypes/MLIRType.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

LogicalResult importConstant(Node &node) {
  Builder builder(node.getContext());
  SmallVector<StringRef> given;
  for (StringRef name :
       {"value", "value_int", "value_ints", "value_float", "value_floats",
        "sparse_value", "value_string", "value_strings"})
    if (node.hasAttribute(name))
      given.push_back(name);
  if (given.size() > 1)
    return node.error("expected one value, but got the attributes '" +
                      join(given, "', '") + "'");
  if (node.hasAttribute("value"))
    return node.result(node.constant(node.getTensor("value")));
  if (node.hasAttribute("sparse_value"))
    return node.result(
        node.constant(node.getTensor("sparse_value", /*isSparse=*/true)));
  auto fromFloats = [&](ArrayRef<float> values, ArrayRef<int64_t> shape) {
    return node.constant(DenseElementsAttr::get(
        RankedTensorType::get(shape, builder.getF32Type()), values));
  };
  if (node.hasAttribute("value_int"))
    return node.result(
        node.indices(node.getInt("value_int"), ArrayRef<int64_t>()));
  if (node.hasAttribute("value_ints"))
    return node.result(node.indices(node.getInts("value_ints")));
  if (node.hasAttribute("value_float"))
    return node.result(fromFloats(node.getFloat("value_float"), {}));
  if (node.hasAttribute("value_floats")) {
    SmallVector<float> values = node.getFloats("value_floats");
    return node.result(fromFloats(values, int64_t(values.size())));
  }
  if (node.hasAttribute("value_string"))
    return node.result(
        node.strings(node.getString("value_string"), ArrayRef<int64_t>()));
  if (node.hasAttribute("value_strings")) {
    SmallVector<std::string> texts = node.getStrings("value_strings");
    return node.result(node.strings(texts, int64_t(texts.size())));
  }
  return node.error("the required attribute 'value' is missing");
}

/// A splat when the shape is known, whatever its size.
Value fill(Node &node, Value shape, DenseElementsAttr scalar) {
  FailureOr<SmallVector<int64_t>> dims = getConstantInts(shape);
  if (failed(dims))
    return node.create<ExpandOp>(node.constant(scalar),
                                 node.decideSizes(shape, "the number of dims"));
  if (countElements(*dims) < 0) {
    (void)node.error("the result would have an impossible shape");
    return {};
  }
  return node.constant(scalar.resizeSplat(
      RankedTensorType::get(*dims, scalar.getElementType())));
}

LogicalResult importConstantOfShape(Node &node) {
  Value shape = node.indexInput(0, "input");
  Builder builder(node.getContext());
  DenseElementsAttr scalar = DenseElementsAttr::get(
      RankedTensorType::get({}, builder.getF32Type()), APFloat(0.0f));
  if (node.hasAttribute("value")) {
    auto value = dyn_cast_or_null<DenseElementsAttr>(node.getTensor("value"));
    if (!node.hasFailed() && (!value || value.getNumElements() != 1))
      return node.error("expected value to have one element");
    if (value && isString(value.getElementType()))
      return node.error("expected value to be a number or bool, but got a "
                        "string");
    if (value)
      scalar = value.reshape(RankedTensorType::get({}, value.getElementType()));
  }
  if (getLength(node, shape, "input") < 0)
    return failure();
  return node.result(fill(node, shape, scalar));
}

LogicalResult importIdentity(Node &node) {
  return node.result(node.anyInput(0, "input"));
}

/// In inference nothing is dropped, and the mask is all true (before opset 10
/// it had the data's type).
LogicalResult importDropout(Node &node) {
  Value x = node.input(0, "data", FloatKind);
  if (node.getOpset() >= 12)
    (void)node.optionalInput(1, "ratio", FloatKind);
  node.ignoreAttributes({"ratio", "seed", "is_test", "consumed_inputs"});
  if (node.hasFailed())
    return failure();
  if (node.getOpset() >= 12 && node.hasInput(2)) {
    Value training = node.input(2, "training_mode", BoolKind);
    auto mode = dyn_cast_or_null<DenseElementsAttr>(
        training ? getConstantValue(training) : ElementsAttr());
    if (!mode)
      return node.undetermined("input 'training_mode'", training);
    if (!mode.isSplat() || mode.getSplatValue<bool>())
      return node.unsupported("dropout in training mode is not supported");
  }
  if (node.isOutputUsed(1)) {
    Type type = node.getOpset() < 10 ? getType(x).getElementType()
                                     : IntegerType::get(node.getContext(), 1);
    Value shape = node.create<ShapeOp>(x, int64_t(0), getType(x).getRank());
    (void)node.result(1, fill(node, shape,
                              cast<DenseElementsAttr>(
                                  getConstantValue(node.scalar(type, 1)))));
  }
  return node.result(x);
}

/// Result[i, j] as a function of j - i, on the last two dims of `shape`.
Value mapDiagonals(Node &node, ArrayRef<Value> inputs, Value x,
                   Type elementType,
                   function_ref<Value(Scalar &, ArrayRef<Value>, Value)> body) {
  int64_t rank = getType(x).getRank();
  auto places = [&](int64_t dim) {
    return countUp(node, node.create<ShapeOp>(x, dim, dim + 1));
  };
  SmallVector<Value> operands(inputs);
  operands.push_back(
      node.create<UnsqueezeOp>(places(rank - 2), ArrayRef<int64_t>(1)));
  operands.push_back(places(rank - 1));
  return node.map(operands, elementType, [&](Scalar &s, ArrayRef<Value> args) {
    return body(s, args, s.sub(args.back(), args[args.size() - 2]));
  });
}

/// Whether the last two dims are, as far as they are known, small enough for a
/// vector of positions.
LogicalResult checkMatrix(Node &node, Value x) {
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(x);
  if (type.getRank() < 2)
    return node.error("expected a matrix, but got rank " +
                      Twine(type.getRank()));
  for (int64_t dim : type.getShape().take_back(2))
    if (dim > (1 << 24))
      return node.unsupported("a matrix with " + Twine(dim) +
                              " rows or columns is not supported");
  return success();
}

LogicalResult importTrilu(Node &node) {
  Value x = node.input(0, "input", MovedKind),
        k = node.optionalInput(1, "k", SignedKind);
  bool upper = node.getBool("upper", true);
  if (failed(checkMatrix(node, x)))
    return failure();
  k = k ? node.cast(k, IntegerType::get(node.getContext(), 64))
        : node.indices(0, ArrayRef<int64_t>());
  Type elementType = getType(x).getElementType();
  return node.result(
      mapDiagonals(node, {x, k}, x, elementType,
                   [&](Scalar &s, ArrayRef<Value> args, Value diagonal) {
                     Value keep = upper ? s.lessOrEqual(args[1], diagonal)
                                        : s.lessOrEqual(diagonal, args[1]);
                     return s.select(keep, args[0], s.number(args[0], 0));
                   }));
}

LogicalResult importEyeLike(Node &node) {
  Value x = node.input(0, "input");
  int64_t k = node.getInt("k", 0);
  Type type = node.hasAttribute("dtype") ? node.getElementTypeAttribute("dtype")
              : x                        ? getType(x).getElementType()
                                         : Type();
  if (failed(checkMatrix(node, x)))
    return failure();
  if (node.hasFailed())
    return failure();
  // Narrow numbers are converted from f32.
  Type wide = isNarrow(type) ? Float32Type::get(node.getContext()) : type;
  Type scalarType = getScalarType(wide);
  if (isa<FloatType>(scalarType) && scalarType.getIntOrFloatBitWidth() < 32)
    scalarType = Float32Type::get(node.getContext());
  Value ones = mapDiagonals(
      node, {}, x, wide, [&](Scalar &s, ArrayRef<Value>, Value diagonal) {
        return s.select(s.equal(diagonal, s.integer(diagonal.getType(), k)),
                        s.number(scalarType, 1), s.number(scalarType, 0));
      });
  return node.result(node.cast(ones, type));
}

} // namespace

void addConstantRows(OpTable &table) {
  table.add("Constant", 1, importConstant);
  table.add("ConstantOfShape", 9, importConstantOfShape);
  table.add("Identity", 1, importIdentity);
  table.add("Dropout", 1, importDropout);
  table.add("Trilu", 14, importTrilu);
  table.add("EyeLike", 9, importEyeLike);
}

} // namespace lambent::graph
