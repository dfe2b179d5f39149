//===- TransposeOps.cpp - Ops of the shape family that move or repeat data ===//

#include "Elements.h"
#include "Permute.h"

using namespace mlir;

namespace lambent::graph {

//===-- transpose ---------------------------------------------------------===//

FailureOr<RankedTensorType> TransposeOp::inferType(Adaptor op,
                                                   EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  if (static_cast<int64_t>(op.getPerm().size()) != type.getRank())
    return emitError() << "expected " << type.getRank()
                       << " entries of perm, but got " << op.getPerm().size();
  if (failed(
          checkAxes(op.getPerm(), type.getRank(), /*sorted=*/false, emitError)))
    return failure();
  return permuteType(type, op.getPerm());
}

LogicalResult TransposeOp::computeElements(ArrayRef<Elements> operands,
                                           RankedTensorType type,
                                           Elements &result) {
  if (operands[0].empty())
    return failure();
  Shape strides = permuteShape(
      getStrides(cast<RankedTensorType>(getInput().getType()).getShape()),
      getPerm());
  result = readStrided(operands[0], type.getShape(), strides);
  return success();
}

OpFoldResult TransposeOp::fold(FoldAdaptor adaptor) {
  if (isIdentityPermutation(getPerm()) &&
      getInput().getType() == getResult().getType())
    return getInput();
  if (auto splat = dyn_cast_or_null<SplatElementsAttr>(adaptor.getInput()))
    if (getResult().getType().hasStaticShape())
      return splat.resizeSplat(getResult().getType());
  return foldElements(*this);
}

static LogicalResult mergeTransposes(TransposeOp op,
                                     PatternRewriter &rewriter) {
  auto inner = op.getInput().getDefiningOp<TransposeOp>();
  if (!inner)
    return rewriter.notifyMatchFailure(op, "input is no transpose");
  Shape perm = permuteShape(inner.getPerm(), op.getPerm());
  if (isIdentityPermutation(perm) &&
      inner.getInput().getType() == op.getResult().getType())
    rewriter.replaceOp(op, inner.getInput());
  else
    rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getResult().getType(),
                                             inner.getInput(), perm);
  return success();
}

/// A transpose that keeps the order of all dims but unit ones moves no data.
static LogicalResult becomeReshape(TransposeOp op, PatternRewriter &rewriter) {
  auto type = op.getResult().getType();
  if (!type.hasStaticShape())
    return rewriter.notifyMatchFailure(op, "open dims");
  int64_t last = -1;
  for (int64_t axis : op.getPerm()) {
    if (op.getInput().getType().getDimSize(axis) == 1)
      continue;
    if (axis < last)
      return rewriter.notifyMatchFailure(op, "moves data");
    last = axis;
  }
  Value shape = createIndexConstant(rewriter, op.getLoc(), type.getShape());
  rewriter.replaceOpWithNewOp<ReshapeOp>(op, type, op.getInput(), shape,
                                         /*allow_zero=*/true);
  return success();
}

void TransposeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add(mergeTransposes);
  patterns.add<TransposeOp>(becomeReshape);
}

//===-- expand ------------------------------------------------------------===//

FailureOr<RankedTensorType> ExpandOp::inferType(Adaptor op,
                                                EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput()),
                   shapeType = typeOf(op.getShape());
  if (failed(checkShapeOperand(shapeType, emitError)))
    return failure();
  Sizes shape(shapeType.getDimSize(0), Size::unknown());
  if (auto sizes = getKnownSizes(op.getShape()); succeeded(sizes))
    for (auto [dim, known] : llvm::zip(shape, *sizes)) {
      if (known.isNumber() &&
          (known.getNumber() < 0 || known.getNumber() > maxElements))
        return emitError() << "expected dims between 0 and 2^40, but got "
                           << known.getNumber();
      dim = known;
    }
  auto result = broadcastSizes({getSizes(type), shape});
  if (failed(result))
    return emitError() << "expected a shape that "
                       << describeShape(type.getShape())
                       << " broadcasts to, but got " << describeShape(shape);
  return makeTensorType(*result, type.getElementType());
}

LogicalResult ExpandOp::computeElements(ArrayRef<Elements> operands,
                                        RankedTensorType type,
                                        Elements &result) {
  if (operands[0].empty())
    return failure();
  auto inputShape = getInput().getType().getShape();
  Shape strides = getBroadcastStrides(inputShape, type.getRank());
  result = readStrided(operands[0], type.getShape(), strides);
  return success();
}

OpFoldResult ExpandOp::fold(FoldAdaptor adaptor) {
  auto type = getResult().getType();
  if (areKnown(getSizes(type)) && type == getInput().getType())
    return getInput();
  if (auto splat = dyn_cast_or_null<SplatElementsAttr>(adaptor.getInput()))
    if (type.hasStaticShape())
      return DenseElementsAttr::get(type, splat.getSplatValue<Attribute>());
  return foldElements(*this);
}

bool ExpandOp::isDataOperand(unsigned index) { return index == 0; }

FailureOr<SmallVector<Value>> ExpandOp::buildPermuted(OpBuilder &builder,
                                                      ValueRange inputs,
                                                      ArrayRef<bool> permuted,
                                                      ArrayRef<int64_t> perm) {
  auto type = getResult().getType();
  if (!type.hasStaticShape())
    return failure();
  Value input = permuteOperand(builder, getLoc(), inputs[0], permuted[0], perm);
  Shape shape = permuteShape(type.getShape(), perm);
  Value dims = createIndexConstant(builder, getLoc(), shape);
  return SmallVector<Value>{
      ExpandOp::create(builder, getLoc(), type.clone(shape), input, dims)};
}

} // namespace lambent::graph
