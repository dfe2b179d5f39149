//===- ChannelAffine.cpp - Ops that scale and shift each channel ----------===//
//
// An expression of +, -, *, / is affine in x when x occurs once and only
// constants meet it. Matching walks the expression without building anything;
// building walks it again and makes vectors, of tensors or, to see whether the
// constants may be merged, of numbers.

#include "ChannelAffine.h"
#include <cmath>

using namespace mlir;

namespace lambent::graph {

namespace {

/// The region of an element-wise op, read as a function of the one operand that
/// is not constant.
class AffineRegion {
public:
  AffineRegion(ElementwiseOp op, int64_t channel) : op(op), channel(channel) {}

  /// The operand that is scaled and shifted, or null if the region does
  /// something else.
  Value match();
  /// Scale and shift of `scalar`, computed by `arithmetic`.
  template <typename Arithmetic, typename Vector = typename Arithmetic::Vector>
  std::pair<Vector, Vector> build(Arithmetic &arithmetic, Value scalar);
  Value getYielded() {
    return op.getBody().front().getTerminator()->getOperand(0);
  }

private:
  bool isConstant(Value scalar);
  bool isAffine(Value scalar);
  template <typename Arithmetic, typename Vector = typename Arithmetic::Vector>
  Vector buildConstant(Arithmetic &arithmetic, Value scalar);

  ElementwiseOp op;
  int64_t channel;
  Value input;
};

} // namespace

/// Whether a tensor of this type holds one number, or one per channel, of a
/// result of this rank.
static bool isPerChannel(RankedTensorType type, int64_t rank, int64_t channel) {
  if (!type.hasStaticShape())
    return false;
  for (int64_t i = 0; i < type.getRank(); ++i)
    if (type.getDimSize(i) != 1 && i + rank - type.getRank() != channel)
      return false;
  return true;
}

bool AffineRegion::isConstant(Value scalar) {
  if (scalar.getDefiningOp<arith::ConstantOp>())
    return true;
  auto argument = dyn_cast<BlockArgument>(scalar);
  if (!argument)
    return false;
  Value operand = op.getInputs()[argument.getArgNumber()];
  return operand != input && isConstantExpression(operand) &&
         isPerChannel(getTensorType(operand),
                      getTensorType(op.getResult()).getRank(), channel);
}

bool AffineRegion::isAffine(Value scalar) {
  if (auto argument = dyn_cast<BlockArgument>(scalar))
    return op.getInputs()[argument.getArgNumber()] == input;
  Operation *def = scalar.getDefiningOp();
  if (isa<arith::MulFOp, arith::AddFOp, arith::SubFOp>(def))
    return (isAffine(def->getOperand(0)) && isConstant(def->getOperand(1))) ||
           (isConstant(def->getOperand(0)) && isAffine(def->getOperand(1)));
  return isa<arith::DivFOp>(def) && isAffine(def->getOperand(0)) &&
         isConstant(def->getOperand(1));
}

Value AffineRegion::match() {
  if (!isa<FloatType>(getTensorType(op.getResult()).getElementType()))
    return nullptr;
  for (Value operand : op.getInputs()) {
    if (isConstantExpression(operand))
      continue;
    if (input)
      return nullptr;
    input = operand;
  }
  if (!input || input.getType() != op.getResult().getType() ||
      isa<BlockArgument>(getYielded()) || !isAffine(getYielded()))
    return nullptr;
  return input;
}

template <typename Arithmetic, typename Vector>
Vector AffineRegion::buildConstant(Arithmetic &arithmetic, Value scalar) {
  Type elementType = getTensorType(op.getResult()).getElementType();
  if (auto constant = scalar.getDefiningOp<arith::ConstantOp>())
    return arithmetic.splat(
        elementType, {1},
        cast<FloatAttr>(constant.getValue()).getValueAsDouble());
  return arithmetic.toVector(
      op.getInputs()[cast<BlockArgument>(scalar).getArgNumber()]);
}

template <typename Arithmetic, typename Vector>
std::pair<Vector, Vector> AffineRegion::build(Arithmetic &arithmetic,
                                              Value scalar) {
  Operation *def = scalar.getDefiningOp();
  if (!def)
    return {};
  bool swapped = isConstant(def->getOperand(0));
  auto [scale, shift] = build(arithmetic, def->getOperand(swapped ? 1 : 0));
  Vector constant = buildConstant(arithmetic, def->getOperand(swapped ? 0 : 1));
  if (isa<arith::MulFOp>(def))
    return {scale ? arithmetic.mul(scale, constant) : constant,
            shift ? arithmetic.mul(shift, constant) : Vector()};
  if (isa<arith::AddFOp>(def))
    return {scale, shift ? arithmetic.add(shift, constant) : constant};
  Type type = getTensorType(op.getResult()).getElementType();
  if (isa<arith::DivFOp>(def)) {
    Vector one = arithmetic.splat(type, {1}, 1.0);
    return {arithmetic.div(scale ? scale : one, constant),
            shift ? arithmetic.div(shift, constant) : Vector()};
  }
  Vector zero = arithmetic.splat(type, {1}, 0.0);
  if (!swapped)
    return {scale, arithmetic.sub(shift ? shift : zero, constant)};
  Vector minusOne = arithmetic.splat(type, {1}, -1.0);
  return {scale ? arithmetic.mul(scale, minusOne) : minusOne,
          shift ? arithmetic.sub(constant, shift) : constant};
}

bool hasKnownChannels(BatchNormOp norm) {
  auto type = getTensorType(norm.getResult());
  return (norm.getInput().getType() == type || areKnown(getSizes(type))) &&
         getSizes(type)[1].isKnown();
}

Value matchChannelAffine(Operation *op, int64_t channel) {
  if (auto norm = dyn_cast<BatchNormOp>(op)) {
    bool constant =
        llvm::all_of(norm->getOperands().drop_front(), isConstantExpression);
    return channel == 1 && constant && hasKnownChannels(norm) ? norm.getInput()
                                                              : nullptr;
  }
  auto elementwise = dyn_cast<ElementwiseOp>(op);
  return elementwise ? AffineRegion(elementwise, channel).match() : nullptr;
}

bool hasShift(Operation *op) {
  auto elementwise = dyn_cast<ElementwiseOp>(op);
  return !elementwise ||
         llvm::any_of(elementwise.getBody().front(), [](Operation &op) {
           return isa<arith::AddFOp, arith::SubFOp>(op);
         });
}

ChannelAffine buildChannelAffine(OpBuilder &builder, Operation *op,
                                 int64_t channel) {
  TensorBuilder tensors(builder, op->getLoc());
  if (auto norm = dyn_cast<BatchNormOp>(op)) {
    Type type = getTensorType(norm.getInput()).getElementType();
    // Parameters may be more precise than the data; the arithmetic keeps that.
    Type wide = getTensorType(norm.getVariance()).getElementType();
    // Some of its operands know sizes that others leave open.
    Sizes sizes = getSizes(getTensorType(norm.getResult()));
    auto getParameter = [&](Value vector) {
      return tensors.castFloat(tensors.reshapeTo(vector, {sizes[1]}), wide);
    };
    Value inverse =
        tensors.inverseRoot(tensors.reshapeTo(norm.getVariance(), {sizes[1]}),
                            norm.getEpsilon().convertToDouble());
    Value scale = tensors.mul(getParameter(norm.getScale()), inverse);
    Value shift = tensors.sub(getParameter(norm.getBias()),
                              tensors.mul(getParameter(norm.getMean()), scale));
    Value input = norm.getInput().getType() == norm.getResult().getType()
                      ? norm.getInput()
                      : tensors.reshapeTo(norm.getInput(), sizes);
    return {input, tensors.castFloat(scale, type),
            tensors.castFloat(shift, type)};
  }
  AffineRegion region(cast<ElementwiseOp>(op), channel);
  Value input = region.match();
  auto [scale, shift] = region.build(tensors, region.getYielded());
  return {input, scale, shift};
}

AffineNumbers checkChannelAffine(CheckedArithmetic &arithmetic, Operation *op,
                                 int64_t channel) {
  auto norm = dyn_cast<BatchNormOp>(op);
  if (!norm) {
    AffineRegion region(cast<ElementwiseOp>(op), channel);
    region.match();
    auto [scale, shift] = region.build(arithmetic, region.getYielded());
    return {scale, shift};
  }
  // One op, whose inside the rule is not about.
  AffineNumbers result = {arithmetic.toVector(norm.getScale()),
                          arithmetic.toVector(norm.getBias())};
  Numbers mean = arithmetic.toVector(norm.getMean()),
          variance = arithmetic.toVector(norm.getVariance());
  if (!arithmetic.isAllowed())
    return result;
  double epsilon = norm.getEpsilon().convertToDouble();
  for (size_t i = 0; i < mean.elements.size(); ++i) {
    result.scale.elements[i] /= std::sqrt(variance.elements[i] + epsilon);
    result.shift.elements[i] -= mean.elements[i] * result.scale.elements[i];
  }
  return result;
}

Value applyChannelAffine(TensorBuilder &tensors, const ChannelAffine &affine,
                         int64_t channel) {
  int64_t rank = getTensorType(affine.input).getRank();
  auto align = [&](Value vector) {
    return alignToChannel(tensors, vector, rank, channel);
  };
  auto [input, scale, shift] = affine;
  if (scale && shift)
    return tensors.mulAdd(input, align(scale), align(shift));
  if (scale)
    return tensors.mul(input, align(scale));
  return shift ? tensors.add(input, align(shift)) : input;
}

Value alignToChannel(TensorBuilder &tensors, Value vector, int64_t rank,
                     int64_t channel) {
  Sizes sizes(rank - channel, 1);
  sizes[0] = getSizes(getTensorType(vector))[0];
  return tensors.reshapeTo(vector, sizes);
}

} // namespace lambent::graph
