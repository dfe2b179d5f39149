//===- ReduceOps.cpp - Reductions over whole dims -------------------------===//

#include "Elements.h"
#include "EmptyTensors.h"
#include "Permute.h"

using namespace mlir;

namespace lambent::graph {

/// The shape that is left when `axes` are reduced.
template <typename Dims>
static Dims reduceShape(const Dims &shape, ArrayRef<int64_t> axes,
                        bool keepDims) {
  Dims result;
  for (auto [d, dim] : llvm::enumerate(shape)) {
    bool reduced = llvm::is_contained(axes, static_cast<int64_t>(d));
    if (!reduced || keepDims)
      result.push_back(reduced ? typename Dims::value_type(1) : dim);
  }
  return result;
}

//===-- reduce ------------------------------------------------------------===//

FailureOr<RankedTensorType> ReduceOp::inferType(Adaptor op,
                                                EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  if (failed(checkChoice("kind", op.getKind(),
                         {"sum", "prod", "max", "min", "mean"}, emitError)) ||
      failed(
          checkAxes(op.getAxes(), type.getRank(), /*sorted=*/true, emitError)))
    return failure();
  return makeTensorType(
      reduceShape(getSizes(type), op.getAxes(), op.getKeepDims()),
      type.getElementType());
}

/// One step of an integer reduction; nothing where it overflows, which is left
/// to the code that runs.
static std::optional<int64_t> combine(StringRef kind, int64_t a, int64_t b) {
  int64_t result;
  if (kind == "sum" ? llvm::AddOverflow(a, b, result)
                    : kind == "prod" && llvm::MulOverflow(a, b, result))
    return std::nullopt;
  return kind == "max"   ? std::max(a, b)
         : kind == "min" ? std::min(a, b)
                         : result;
}

LogicalResult ReduceOp::computeElements(ArrayRef<Elements> operands,
                                        RankedTensorType type,
                                        Elements &result) {
  auto inputType = getInput().getType();
  if (operands[0].empty() || !isa<IntegerType>(type.getElementType()) ||
      getKind() == "mean")
    return failure();
  Shape strides = getStrides(
      reduceShape(Shape(inputType.getShape()), getAxes(), /*keepDims=*/true));
  for (int64_t axis : getAxes())
    strides[axis] = 0;
  result.assign(type.getNumElements(), Attribute());
  SmallVector<bool> started(result.size(), false);
  size_t next = 0;
  forEachPosition(inputType.getShape(), [&](ArrayRef<int64_t> position) {
    int64_t offset = getOffset(position, strides);
    Attribute element = operands[0][next++];
    if (!started[offset]) {
      started[offset] = true;
      result[offset] = element;
      return;
    }
    auto a = getInt(result[offset]), b = getInt(element);
    auto combined = a && b ? combine(getKind(), *a, *b) : std::nullopt;
    result[offset] = combined ? getIntElement(type.getElementType(), *combined)
                              : Attribute();
  });
  return success();
}

OpFoldResult ReduceOp::fold(FoldAdaptor adaptor) {
  if (getAxes().empty() && getInput().getType() == getResult().getType())
    return getInput();
  if (isEmpty(getInput()))
    return getCombinationOfNothing(getResult().getType(), getKind());
  return foldElements(*this);
}

FailureOr<SmallVector<Value>> ReduceOp::buildPermuted(OpBuilder &builder,
                                                      ValueRange inputs,
                                                      ArrayRef<bool> permuted,
                                                      ArrayRef<int64_t> perm) {
  if (!getKeepDims()) // The result has other dims: see dropInputOrder.
    return failure();
  auto type = getResult().getType();
  Shape axes = permuteAxes(getAxes(), perm);
  llvm::sort(axes);
  return SmallVector<Value>{ReduceOp::create(
      builder, getLoc(), permuteType(type, perm),
      permuteOperand(builder, getLoc(), inputs[0], permuted[0], perm),
      getKind(), axes, /*keep_dims=*/true)};
}

/// A reduction that drops its dims takes no notice of a transpose that keeps
/// the order of the others.
static LogicalResult dropInputOrder(ReduceOp op, PatternRewriter &rewriter) {
  auto transpose = op.getInput().getDefiningOp<TransposeOp>();
  if (!transpose || op.getKeepDims())
    return rewriter.notifyMatchFailure(op, "no transpose, or keeps its dims");
  Shape axes, left;
  for (auto [d, axis] : llvm::enumerate(transpose.getPerm()))
    (llvm::is_contained(op.getAxes(), static_cast<int64_t>(d)) ? axes : left)
        .push_back(axis);
  if (!llvm::is_sorted(left))
    return rewriter.notifyMatchFailure(op, "the order of other dims changes");
  llvm::sort(axes);
  rewriter.replaceOpWithNewOp<ReduceOp>(
      op, op.getResult().getType(), transpose.getInput(), op.getKind(), axes,
      /*keep_dims=*/false);
  return success();
}

static LogicalResult reduceNothing(ReduceOp op, PatternRewriter &rewriter) {
  if (!isEmpty(op.getInput()))
    return rewriter.notifyMatchFailure(op, "has elements");
  return becomeCombinationOfNothing(op, op.getKind(), rewriter);
}

void ReduceOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add(dropInputOrder);
  patterns.add(reduceNothing);
}

//===-- arg_reduce --------------------------------------------------------===//

FailureOr<RankedTensorType> ArgReduceOp::inferType(Adaptor op,
                                                   EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  if (failed(checkChoice("kind", op.getKind(), {"max", "min"}, emitError)) ||
      failed(checkAxis(op.getAxis(), type.getRank(), emitError)))
    return failure();
  Sizes shape = reduceShape(
      getSizes(type), {static_cast<int64_t>(op.getAxis())}, op.getKeepDims());
  if (type.getDimSize(op.getAxis()) == 0 && !llvm::is_contained(shape, Size(0)))
    return emitError() << "expected elements to choose from along axis "
                       << op.getAxis() << ", but got " << type;
  return makeTensorType(shape, IntegerType::get(type.getContext(), 64));
}

FailureOr<SmallVector<Value>>
ArgReduceOp::buildPermuted(OpBuilder &builder, ValueRange inputs,
                           ArrayRef<bool> permuted, ArrayRef<int64_t> perm) {
  if (!getKeepDims())
    return failure();
  auto type = getResult().getType();
  return SmallVector<Value>{ArgReduceOp::create(
      builder, getLoc(), permuteType(type, perm),
      permuteOperand(builder, getLoc(), inputs[0], permuted[0], perm),
      getKind(), permutedAxis(getAxis(), perm), /*keep_dims=*/true,
      getSelectLast())};
}

//===-- cumsum ------------------------------------------------------------===//

FailureOr<RankedTensorType> CumSumOp::inferType(Adaptor op,
                                                EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  if (failed(checkAxis(op.getAxis(), type.getRank(), emitError)) ||
      failed(checkChoice("kind", op.getKind(), {"sum", "prod"}, emitError)))
    return failure();
  return type;
}

FailureOr<SmallVector<Value>> CumSumOp::buildPermuted(OpBuilder &builder,
                                                      ValueRange inputs,
                                                      ArrayRef<bool> permuted,
                                                      ArrayRef<int64_t> perm) {
  auto type = getResult().getType();
  Value input = permuteOperand(builder, getLoc(), inputs[0], permuted[0], perm);
  return SmallVector<Value>{CumSumOp::create(
      builder, getLoc(), permuteType(type, perm), input,
      permutedAxis(getAxis(), perm), getExclusive(), getReverse(),
      getKind())};
}

//===-- topk --------------------------------------------------------------===//

LogicalResult TopKOp::inferTypes(Adaptor op, EmitError emitError,
                                 SmallVectorImpl<RankedTensorType> &types) {
  RankedTensorType type = typeOf(op.getInput()), count = typeOf(op.getK());
  int64_t axis = op.getAxis();
  if (failed(checkAxis(axis, type.getRank(), emitError)))
    return failure();
  if (count.getRank() != 1 || !dimsAgree(count.getDimSize(0), 1))
    return emitError() << "expected k to be one number, but got " << count;
  Sizes shape = getSizes(type);
  int64_t size = shape[axis].getNumber();
  shape[axis] = Size::unknown();
  // Of an operand without a value, as folders see it, nothing is known.
  auto known = getKnownSizes(op.getK());
  if (succeeded(known) && known->size() == 1) {
    Size k = known->front();
    if (k.isNumber() &&
        (k.getNumber() < 0 || (!isOpen(size) && k.getNumber() > size)))
      return emitError() << "expected k between 0 and "
                         << (isOpen(size) ? maxElements : size) << ", but got "
                         << k.getNumber();
    shape[axis] = k;
  }
  types.push_back(makeTensorType(shape, type.getElementType()));
  types.push_back(
      makeTensorType(shape, IntegerType::get(type.getContext(), 64)));
  return success();
}

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/ReduceOps.cpp.inc"
