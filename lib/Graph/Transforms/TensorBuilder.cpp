//===- TensorBuilder.cpp - Short forms of the ops that rewrites build -----===//

#include "TensorBuilder.h"

using namespace mlir;

namespace lambent::graph {

bool isConstantExpression(Value value) {
  // Rewrites ask about every operand that they meet, and expressions grow with
  // the chains that were merged into them.
  constexpr unsigned mostOps = 256;
  llvm::SmallVector<Value> worklist = {value};
  llvm::SmallPtrSet<Operation *, 8> seen;
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val().getDefiningOp();
    if (!op)
      return false;
    if (isa<ConstantOp>(op) || !seen.insert(op).second)
      continue;
    if (op->getNumOperands() == 0 || seen.size() > mostOps)
      return false;
    worklist.append(op->operand_begin(), op->operand_end());
  }
  return true;
}

std::optional<double> getConstantSplat(Value value) {
  auto dense = dyn_cast_if_present<DenseElementsAttr>(getConstantValue(value));
  if (!dense || !dense.isSplat() || !isa<FloatType>(dense.getElementType()))
    return std::nullopt;
  return dense.getSplatValue<APFloat>().convertToDouble();
}

bool movesOnlyUnitDims(ArrayRef<int64_t> shape, ArrayRef<int64_t> perm) {
  int64_t last = -1;
  for (int64_t dim : perm) {
    if (shape[dim] == 1)
      continue;
    if (dim < last)
      return false;
    last = dim;
  }
  return true;
}

Value TensorBuilder::map(ValueRange inputs, Body body) {
  return ElementwiseOp::create(builder, loc, inputs,
                               getTensorType(inputs.front()).getElementType(),
                               body)
      .getResult();
}

Value TensorBuilder::mul(Value a, Value b) {
  return map({a, b}, [](OpBuilder &b, Location loc, ValueRange args) -> Value {
    return arith::MulFOp::create(b, loc, args[0], args[1]);
  });
}

Value TensorBuilder::add(Value a, Value b) {
  return map({a, b}, [](OpBuilder &b, Location loc, ValueRange args) -> Value {
    return arith::AddFOp::create(b, loc, args[0], args[1]);
  });
}

Value TensorBuilder::sub(Value a, Value b) {
  return map({a, b}, [](OpBuilder &b, Location loc, ValueRange args) -> Value {
    return arith::SubFOp::create(b, loc, args[0], args[1]);
  });
}

Value TensorBuilder::div(Value a, Value b) {
  return map({a, b}, [](OpBuilder &b, Location loc, ValueRange args) -> Value {
    return arith::DivFOp::create(b, loc, args[0], args[1]);
  });
}

static Value scalarConstant(OpBuilder &builder, Location loc, Type type,
                            double value) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getFloatAttr(type, value));
}

Value TensorBuilder::inverseRoot(Value x, double epsilon) {
  return map({x}, [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
    Type type = args[0].getType();
    Value sum = arith::AddFOp::create(b, loc, args[0],
                                      scalarConstant(b, loc, type, epsilon));
    Value root = math::SqrtOp::create(b, loc, sum);
    return arith::DivFOp::create(b, loc, scalarConstant(b, loc, type, 1.0),
                                 root);
  });
}

Value TensorBuilder::mulAdd(Value x, Value scale, Value shift) {
  return map({x, scale, shift},
             [](OpBuilder &b, Location loc, ValueRange args) -> Value {
               Value product = arith::MulFOp::create(b, loc, args[0], args[1]);
               return arith::AddFOp::create(b, loc, product, args[2]);
             });
}

Value TensorBuilder::castFloat(Value x, Type elementType) {
  auto from = cast<FloatType>(getTensorType(x).getElementType()),
       to = cast<FloatType>(elementType);
  if (from == to)
    return x;
  return ElementwiseOp::create(
             builder, loc, ValueRange{x}, elementType,
             [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
               // Formats of one width (f16, bf16) have no direct conversion.
               Value wide = args[0];
               if (from.getWidth() < 32)
                 wide = arith::ExtFOp::create(b, loc, b.getF32Type(), wide);
               auto width = cast<FloatType>(wide.getType()).getWidth();
               if (wide.getType() == to)
                 return wide;
               if (to.getWidth() > width)
                 return arith::ExtFOp::create(b, loc, to, wide);
               return arith::TruncFOp::create(b, loc, to, wide);
             })
      .getResult();
}

Value TensorBuilder::splat(Type elementType, ArrayRef<int64_t> shape,
                           double value) {
  auto type = RankedTensorType::get(shape, elementType);
  return ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(type, builder.getFloatAttr(elementType, value)));
}

Value TensorBuilder::reshape(Value x, ArrayRef<int64_t> shape) {
  if (getTensorType(x).getShape() == shape)
    return x;
  // Sizes of zero are meant as such.
  return ReshapeOp::create(builder, loc, x,
                           createIndexConstant(builder, loc, shape),
                           /*allow_zero=*/true);
}

Value TensorBuilder::reshapeTo(Value x, ArrayRef<Size> sizes) {
  if (ArrayRef<Size>(getSizes(getTensorType(x))) == sizes)
    return x;
  return ReshapeOp::create(builder, loc, x, createSizeList(builder, loc, sizes),
                           /*allow_zero=*/true);
}

Value TensorBuilder::transpose(Value x, ArrayRef<int64_t> perm) {
  auto type = getTensorType(x);
  if (llvm::is_sorted(perm))
    return x;
  if (type.hasStaticShape() && movesOnlyUnitDims(type.getShape(), perm)) {
    SmallVector<int64_t> shape;
    for (int64_t dim : perm)
      shape.push_back(type.getDimSize(dim));
    return reshape(x, shape);
  }
  return TransposeOp::create(builder, loc, x, perm);
}

Value TensorBuilder::expand(Value x, ArrayRef<int64_t> shape) {
  if (getTensorType(x).getShape() == shape)
    return x;
  return ExpandOp::create(builder, loc, x,
                          createIndexConstant(builder, loc, shape));
}

Value TensorBuilder::slice(Value x, int64_t axis, int64_t start,
                           const Size &end) {
  Size dim = getSizes(getTensorType(x))[axis], behind = dim - end, stop = end;
  if (start == 0 && end == dim)
    return x;
  // The end of an open dim is where it lies from the back.
  if (!end.isNumber() && behind.isNumber())
    stop = behind.is(0) ? std::numeric_limits<int32_t>::max()
                        : -behind.getNumber();
  return SliceOp::create(
      builder, loc, x, createIndexConstant(builder, loc, start),
      createSizeList(builder, loc, {stop}),
      createIndexConstant(builder, loc, 1), ArrayRef<int64_t>(axis));
}

Value TensorBuilder::reverse(Value x, int64_t axis) {
  if (getTensorType(x).getDimSize(axis) == 1)
    return x;
  // An end far below zero includes element 0 (ONNX clamps it).
  return SliceOp::create(
      builder, loc, x, createIndexConstant(builder, loc, -1),
      createIndexConstant(builder, loc, std::numeric_limits<int32_t>::min()),
      createIndexConstant(builder, loc, -1), ArrayRef<int64_t>(axis));
}

Value TensorBuilder::padTo(Value x, int64_t axis, int64_t size) {
  auto type = getTensorType(x);
  int64_t missing = size - type.getDimSize(axis);
  if (missing == 0)
    return x;
  Value zero = ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(RankedTensorType::get({}, type.getElementType()),
                             builder.getZeroAttr(type.getElementType())));
  return PadOp::create(builder, loc, x,
                       createIndexConstant(builder, loc, {0, missing}), zero,
                       "constant", ArrayRef<int64_t>(axis));
}

} // namespace lambent::graph
