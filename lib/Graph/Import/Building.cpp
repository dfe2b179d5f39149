//===- Building.cpp - Builds the ops of a node ----------------------------===//

#include "Broadcast.h"
#include "Importer.h"
#include "Node.h"
#include "Offers.h"
#include "Tensor.h"
#include "lambent/ElementTypes/MLIRType.h"
#include "mlir/IR/Verifier.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

SmallVector<Value> Node::finish(OperationState &state,
                                function_ref<LogicalResult()> infer) {
  SmallVector<Value> none(state.types.size());
  if (is_contained(state.operands, Value())) {
    failed = true;
    return none;
  }
  // The op's own messages go on to the caller's handler; here it only matters
  // whether there was one.
  bool reported = false;
  ScopedDiagnosticHandler handler(getContext(), [&](Diagnostic &diagnostic) {
    reported |= diagnostic.getSeverity() == DiagnosticSeverity::Error;
    return failure();
  });
  auto fail = [&] {
    if (!reported)
      (void)error("its inputs or attributes don't fit the op");
    else
      importer.noteError();
    failed = true;
    return none;
  };
  state.types.clear();
  if (mlir::failed(infer()) || state.types.size() != none.size())
    return fail();
  for (Type result : state.types) {
    auto type = dyn_cast<RankedTensorType>(result);
    if (!type || countLeastElements(type.getShape()) < 0) {
      (void)error("the result would have an impossible shape");
      return none;
    }
  }
  Operation *op = builder.create(state);
  if (mlir::failed(mlir::verify(op))) {
    op->erase();
    return fail();
  }
  SmallVector<Value> folded;
  if (mlir::failed(builder.tryFold(op, folded)) || folded.empty())
    return llvm::to_vector_of<Value>(op->getResults());
  op->erase();
  return folded;
}

Value Node::map(ArrayRef<Value> inputs, Type elementType,
                function_ref<Value(Scalar &, ArrayRef<Value>)> body) {
  SmallVector<Value> operands(inputs);
  repeatOpenDims(*this, operands);
  if (failed || !elementType || is_contained(operands, Value())) {
    failed = true;
    return {};
  }
  SmallVector<ArrayRef<int64_t>> shapes;
  for (Value operand : operands)
    shapes.push_back(getType(operand).getShape());
  FailureOr<SmallVector<int64_t>> shape = broadcastShapes(shapes);
  if (mlir::failed(shape)) {
    std::string text;
    raw_string_ostream stream(text);
    interleaveComma(operands, stream, [&](Value operand) {
      stream << describeType(operand.getType());
    });
    (void)error("the shapes of its inputs don't broadcast: " + text);
    return {};
  }
  OperationState state(loc, ElementwiseOp::getOperationName());
  ElementwiseOp::build(
      builder, state, operands, elementType,
      [&](OpBuilder &inner, Location loc, ValueRange args) {
        Scalar scalar(inner, loc);
        auto isHalf = [](Type type) {
          return isa<FloatType>(type) && type.getIntOrFloatBitWidth() < 32;
        };
        SmallVector<Value> wide;
        for (Value arg : args)
          wide.push_back(
              isHalf(arg.getType())
                  ? scalar.convert(arg, inner.getF32Type(), false, false)
                  : arg);
        Value value = body(scalar, wide);
        return isHalf(getScalarType(elementType))
                   ? scalar.convert(value, elementType, false, false)
                   : value;
      });
  Type type = state.types.front();
  return finish(state,
                [&] {
                  state.types.assign(1, type);
                  return success();
                })
      .front();
}

Value Node::map(Value operand, function_ref<Value(Scalar &, Value)> body) {
  return map(operand, operand ? getType(operand).getElementType() : Type(),
             [&](Scalar &scalar, ArrayRef<Value> args) {
               return body(scalar, args[0]);
             });
}

Value Node::cast(Value operand, Type elementType,
                 const NarrowRounding &rounding) {
  if (failed || !operand || !elementType) {
    failed = true;
    return {};
  }
  Type from = getType(operand).getElementType();
  if (from == elementType)
    return operand;
  Type scalarType = getScalarType(elementType);
  if (isa<FloatType>(scalarType) && scalarType.getIntOrFloatBitWidth() < 32)
    scalarType = isa<FloatType>(from) && from.getIntOrFloatBitWidth() <= 32
                     ? Type(builder.getF32Type())
                     : scalarType;
  return map(operand, elementType, [&](Scalar &scalar, ArrayRef<Value> args) {
    Value number =
        isNarrow(from) ? decodeNarrow(scalar, args[0], from) : args[0];
    if (isNarrow(elementType))
      return encodeNarrow(scalar, number,
                          from.isUnsignedInteger() || from.isInteger(1),
                          elementType, rounding);
    return scalar.convert(number, scalarType, from.isUnsignedInteger(),
                          elementType.isUnsignedInteger());
  });
}

Value Node::bitcast(Value operand, Type elementType) {
  if (failed || !operand || !elementType) {
    failed = true;
    return {};
  }
  RankedTensorType type = getType(operand);
  if (type.getElementType() == elementType)
    return operand;
  // Not by `map`: what widens an f16 may change the bits of a NaN.
  OperationState state(loc, ElementwiseOp::getOperationName());
  ElementwiseOp::build(
      builder, state, operand, elementType,
      [&](OpBuilder &inner, Location loc, ValueRange args) -> Value {
        Scalar scalar(inner, loc);
        Type to = getScalarType(elementType), from = args[0].getType();
        if (from == to)
          return args[0];
        if (from.isInteger(1) || to.isInteger(1))
          return scalar.convert(args[0], to, false, false);
        return scalar.make<arith::BitcastOp>(to, args[0]);
      });
  return finish(state,
                [&] {
                  state.types.assign(1, type.clone(elementType));
                  return success();
                })
      .front();
}

Value Node::constant(ElementsAttr value) {
  if (failed || !value) {
    failed = true;
    return {};
  }
  return ConstantOp::create(builder, loc, value);
}

Value Node::strings(ArrayRef<std::string> texts, ArrayRef<int64_t> shape) {
  if (failed)
    return {};
  return constant(importer.getStrings().makeConstant(
      getContext(), SmallVector<StringRef>(texts.begin(), texts.end()), shape,
      "strings"));
}

LogicalResult Node::require(const ValueRule &rule) {
  if (failed)
    return failure();
  if (!rule.isKnown())
    CheckOp::create(builder, loc, rule);
  else if (std::optional<int64_t> wrong = rule.findWrongValue())
    return error("expected " + rule.expected + ", but got " + Twine(*wrong));
  return success();
}

/// The entries of a list at these places, one behind the other.
static Value selectEntries(Node &node, Value list, ArrayRef<int64_t> places) {
  if (int64_t(places.size()) == getType(list).getDimSize(0))
    return list;
  return node.create<GatherOp>(list, node.indices(places), int64_t(0));
}

Value Node::decideSizes(Value list, const Twine &what) {
  FailureOr<Sizes> sizes = listSizes(list, what);
  return mlir::failed(sizes) ? Value() : createSizeList(builder, loc, *sizes);
}

FailureOr<Sizes> Node::listSizes(Value list, const Twine &what) {
  if (failed || !list) {
    failed = true;
    return failure();
  }
  RankedTensorType type = getType(list);
  if (type.getRank() != 1 || !type.hasStaticShape()) {
    (void)undetermined(what, list);
    return failure();
  }
  FailureOr<Sizes> known = getKnownSizes(list);
  Sizes sizes = succeeded(known) ? *known : Sizes(type.getDimSize(0));
  SmallVector<int64_t> places;
  for (auto [place, size] : enumerate(sizes))
    if (!size.isKnown())
      places.push_back(int64_t(place));
  if (places.empty())
    return sizes;
  if (importer.isOffered(list)) {
    (void)undetermined(what, list);
    return failure();
  }
  Value unknown = selectEntries(*this, list, places);
  if (failed || !unknown)
    return failure();
  for (auto [place, size] : zip_equal(places, importer.decide(loc, unknown)))
    sizes[place] = size;
  return sizes;
}

Value Node::indices(ArrayRef<int64_t> values, ArrayRef<int64_t> shape) {
  return constant(DenseElementsAttr::get(
      RankedTensorType::get(shape, builder.getI64Type()), values));
}

Value Node::scalar(Type elementType, double value) {
  if (!elementType)
    return {};
  // Not every format has a zero: the cast says what stands for it.
  if (isNarrow(elementType))
    return cast(scalar(builder.getF32Type(), value), elementType);
  auto type = RankedTensorType::get({}, elementType);
  if (auto floatType = dyn_cast<FloatType>(elementType)) {
    APFloat number(value);
    bool inexact;
    number.convert(floatType.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                   &inexact);
    return constant(DenseElementsAttr::get(type, number));
  }
  return constant(DenseElementsAttr::get(
      type, APInt(64, uint64_t(int64_t(value)))
                .trunc(elementType.getIntOrFloatBitWidth())));
}

Value Node::numbers(Type elementType, ArrayRef<double> values,
                    ArrayRef<int64_t> shape) {
  if (failed || !elementType)
    return {};
  auto type = RankedTensorType::get(shape, elementType);
  auto floatType = dyn_cast<FloatType>(elementType);
  if (!floatType) {
    SmallVector<APInt> integers;
    for (double value : values)
      integers.push_back(APInt(64, uint64_t(int64_t(value)))
                             .trunc(elementType.getIntOrFloatBitWidth()));
    return constant(DenseElementsAttr::get(type, integers));
  }
  SmallVector<APFloat> floats;
  for (double value : values) {
    bool inexact;
    floats.emplace_back(value).convert(floatType.getFloatSemantics(),
                                       APFloat::rmNearestTiesToEven, &inexact);
  }
  return constant(DenseElementsAttr::get(type, floats));
}

Value Node::reshape(Value operand, ArrayRef<int64_t> dims, int64_t kept) {
  Value shape = indices(dims);
  if (kept > 0)
    shape = create<ConcatOp>(
        ValueRange{create<ShapeOp>(operand, int64_t(0), kept), shape},
        int64_t(0));
  return create<ReshapeOp>(operand, shape, /*allow_zero=*/true);
}

Value Node::reshapeTo(Value operand, ArrayRef<Size> sizes) {
  return create<ReshapeOp>(operand, sizeList(sizes), /*allow_zero=*/true);
}

Value Node::sizeList(ArrayRef<Size> sizes) {
  if (!failed && !areKnown(sizes))
    (void)undetermined("a size");
  return failed ? Value() : createSizeList(builder, loc, sizes);
}

Value Node::sizeScalar(const Size &size) {
  return reshape(sizeList({size}), ArrayRef<int64_t>());
}

Value Node::transpose(Value operand, ArrayRef<int64_t> perm) {
  return create<TransposeOp>(operand, perm);
}

Value Node::reduce(Value operand, StringRef kind, ArrayRef<int64_t> axes,
                   bool keepDims) {
  return create<ReduceOp>(operand, kind, axes, keepDims);
}

} // namespace lambent::graph
