//===- ShapeOps.cpp - Ops that describe data or see it in another shape ---===//

#include "Elements.h"

#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

namespace lambent::graph {

/// The folder of ops that only see their input in another shape.
static OpFoldResult foldView(Operation *op, Attribute input) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  // Of two shapes with the same element count, one open dim is the same dim.
  if (type == op->getOperand(0).getType() &&
      (type.getNumDynamicDims() <= 1 || areKnown(getSizes(type))) &&
      !llvm::is_contained(type.getShape(), 0))
    return op->getOperand(0);
  // Constants of any size only change their type.
  if (type.hasStaticShape()) {
    if (auto resource = dyn_cast_or_null<DenseResourceElementsAttr>(input))
      return DenseResourceElementsAttr::get(type, resource.getRawHandle());
    if (auto dense = dyn_cast_or_null<DenseIntOrFPElementsAttr>(input))
      if (dense.getNumElements() == type.getNumElements())
        return dense.reshape(type);
  }
  return foldElements(op);
}

//===-- reshape -----------------------------------------------------------===//

/// The dim that -1 stands for: what remains of the input's elements. Open dims
/// that the result copies cancel out.
static Size deduceDim(ArrayRef<Size> input, ArrayRef<Size> shape,
                      ArrayRef<bool> copied, bool &fits) {
  Sizes have, want;
  for (auto [index, size] : llvm::enumerate(input))
    if (index >= copied.size() || !copied[index])
      have.push_back(size);
  for (auto [index, size] : llvm::enumerate(shape))
    if (size != Size(-1) && !copied[index])
      want.push_back(size);
  if (!llvm::all_of(have, [](const Size &size) { return size.isNumber(); }) ||
      !llvm::all_of(want, [](const Size &size) { return size.isNumber(); }))
    return divideEvenly(have, want);
  int64_t elements = productOf(have).getNumber(),
          part = productOf(want).getNumber();
  fits = part == 0 ? elements == 0 : elements % part == 0;
  return fits && part != 0 ? elements / part : 0;
}

FailureOr<RankedTensorType> ReshapeOp::inferType(Adaptor op,
                                                 EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput()),
                   shapeType = typeOf(op.getShape());
  if (failed(checkShapeOperand(shapeType, emitError)))
    return failure();
  int64_t rank = shapeType.getDimSize(0), deduced = -1;
  Sizes sizes = getSizes(type), shape(rank, Size::unknown());
  SmallVector<bool> copied(rank, false);
  auto known = getKnownSizes(op.getShape());
  for (int64_t d = 0; succeeded(known) && d < rank; ++d) {
    Size dim = (*known)[d];
    if (dim.isNumber() &&
        (dim.getNumber() < -1 || dim.getNumber() > maxElements))
      return emitError()
             << "expected dims of at least -1 and at most 2^40, but got "
             << dim.getNumber();
    if (dim == Size(-1) && deduced >= 0)
      return emitError() << "expected at most one dim of -1, but got two";
    if (dim == Size(-1))
      deduced = d;
    if (dim == Size(0) && !op.getAllowZero()) {
      if (d >= type.getRank())
        return emitError()
               << "expected dim " << d
               << " to be copied to exist, but got an input of rank "
               << type.getRank();
      dim = sizes[d];
      copied[d] = true;
    }
    shape[d] = dim;
  }
  if (deduced < 0) {
    Size have = productOf(sizes), want = productOf(shape);
    if (!dimsAgree(have, want) && type.hasStaticShape())
      return emitError() << "expected a shape of " << have.getNumber()
                         << " elements, but got " << describeShape(shape);
    // The only dim of which nothing is known is what remains.
    auto isUnknown = [](const Size &size) { return !size.isKnown(); };
    if (!have.isKnown() || llvm::count_if(shape, isUnknown) != 1)
      return makeTensorType(shape, type.getElementType());
    deduced = llvm::find_if(shape, isUnknown) - shape.begin();
    shape[deduced] = -1;
  }
  bool fits = true;
  Size dim = deduceDim(sizes, shape, copied, fits);
  if (!fits)
    return emitError() << "expected a shape that "
                       << describeShape(type.getShape())
                       << " divides into, but got " << describeShape(shape);
  shape[deduced] = dim;
  return makeTensorType(shape, type.getElementType());
}

//===-- squeeze, unsqueeze, flatten ---------------------------------------===//

FailureOr<RankedTensorType> SqueezeOp::inferType(Adaptor op,
                                                 EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  if (failed(
          checkAxes(op.getAxes(), type.getRank(), /*sorted=*/true, emitError)))
    return failure();
  Sizes shape;
  for (auto [d, size] : llvm::enumerate(getSizes(type))) {
    if (!llvm::is_contained(op.getAxes(), static_cast<int64_t>(d)))
      shape.push_back(size);
    else if (!dimsAgree(size, 1))
      return emitError() << "expected dim " << d << " to be 1, but got "
                         << size.getNumber();
  }
  return makeTensorType(shape, type.getElementType());
}

FailureOr<RankedTensorType> UnsqueezeOp::inferType(Adaptor op,
                                                   EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  int64_t rank = type.getRank() + op.getAxes().size();
  if (failed(checkAxes(op.getAxes(), rank, /*sorted=*/true, emitError)))
    return failure();
  Sizes shape = getSizes(type);
  for (int64_t axis : op.getAxes())
    shape.insert(shape.begin() + axis, 1);
  return makeTensorType(shape, type.getElementType());
}

FailureOr<RankedTensorType> FlattenOp::inferType(Adaptor op,
                                                 EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  int64_t axis = op.getAxis();
  if (axis < 0 || axis > type.getRank())
    return emitError() << "expected an axis in [0, " << type.getRank()
                       << "], but got " << axis;
  Sizes sizes = getSizes(type);
  ArrayRef<Size> all(sizes);
  return makeTensorType(
      {productOf(all.take_front(axis)), productOf(all.drop_front(axis))},
      type.getElementType());
}

/// Replaces an op that sees `input`, or a view of it, in another shape by one
/// reshape with a constant shape, or, where several dims are open, by their
/// sizes; at most one may be unknown.
static LogicalResult replaceByReshape(Operation *op, Value input,
                                      PatternRewriter &rewriter) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  bool empty = llvm::is_contained(type.getShape(), 0);
  Sizes shape = getSizes(type);
  int64_t unknown = llvm::count_if(
      shape, [](const Size &size) { return !size.isKnown(); });
  if (unknown > (empty ? 0 : 1))
    return rewriter.notifyMatchFailure(op, "more than one unknown size");
  if (type.getNumDynamicDims() == 1 && !empty)
    *llvm::find_if(shape, [](const Size &size) { return isOpen(size); }) = -1;
  bool fits = true;
  SmallVector<bool> copied(shape.size(), false);
  Size rest = deduceDim(getSizes(typeOf(input)), shape, copied, fits);
  if (!fits || (type.hasStaticShape() && !dimsAgree(rest, 1) && !empty))
    return rewriter.notifyMatchFailure(op, "element counts contradict");
  for (Size &size : shape)
    if (!size.isKnown())
      size = -1;
  Value dims = createSizeList(rewriter, op->getLoc(), shape);
  rewriter.replaceOpWithNewOp<ReshapeOp>(op, type, input, dims,
                                         /*allow_zero=*/empty);
  return success();
}

/// squeeze, unsqueeze and flatten are reshapes, so that later patterns see one
/// op.
template <typename OpTy>
static LogicalResult becomeReshape(OpTy op, PatternRewriter &rewriter) {
  return replaceByReshape(op, op.getInput(), rewriter);
}

void SqueezeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                            MLIRContext *context) {
  patterns.add(becomeReshape<SqueezeOp>);
}

void UnsqueezeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add(becomeReshape<UnsqueezeOp>);
}

void FlattenOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                            MLIRContext *context) {
  patterns.add(becomeReshape<FlattenOp>);
}

//===-- reshape's patterns ------------------------------------------------===//

/// reshape(reshape(x)) is one reshape, once its result is known up to one dim.
static LogicalResult mergeReshapes(ReshapeOp op, PatternRewriter &rewriter) {
  auto inner = op.getInput().getDefiningOp<ReshapeOp>();
  if (!inner)
    return rewriter.notifyMatchFailure(op, "input is no reshape");
  return replaceByReshape(op, inner.getInput(), rewriter);
}

/// Once all but one dim of the result are known its shape is a constant,
/// whatever computed it.
static LogicalResult makeShapeConstant(ReshapeOp op,
                                       PatternRewriter &rewriter) {
  if (succeeded(getConstantInts(op.getShape())) ||
      op.getShape().getDefiningOp<SizesOp>())
    return rewriter.notifyMatchFailure(op, "constant already");
  return becomeReshape(op, rewriter);
}

void ReshapeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                            MLIRContext *context) {
  patterns.add(mergeReshapes);
  patterns.add(makeShapeConstant);
}

//===-- shape -------------------------------------------------------------===//

FailureOr<RankedTensorType> ShapeOp::inferType(Adaptor op,
                                               EmitError emitError) {
  int64_t rank = typeOf(op.getInput()).getRank(), start = op.getStart(),
          end = op.getEnd();
  if (start < 0 || start > end || end > rank)
    return emitError() << "expected 0 <= start <= end <= " << rank
                       << ", but got [" << start << ", " << end << ")";
  return RankedTensorType::get(
      {end - start}, IntegerType::get(op.getInput().getContext(), 64));
}

LogicalResult ShapeOp::computeElements(ArrayRef<Elements> operands,
                                       RankedTensorType type,
                                       Elements &result) {
  Sizes sizes = getSizes(getInput().getType());
  for (const Size &size :
       ArrayRef(sizes).slice(getStart(), getEnd() - getStart()))
    result.push_back(getElement(size, type.getElementType()));
  return success();
}

OpFoldResult ShapeOp::fold(FoldAdaptor adaptor) { return foldElements(*this); }

//===-- sizes -------------------------------------------------------------===//

LogicalResult SizesOp::verify() {
  auto type = getResult().getType();
  if (!type.hasStaticShape() ||
      type.getNumElements() != int64_t(getSizes().getSizes().size()))
    return emitOpError() << "expected " << getSizes().getSizes().size()
                         << " elements, but got " << type;
  if (llvm::is_contained(getSizes().getSizes(), AffineExpr()))
    return emitOpError() << "expected known sizes, but got " << getSizes();
  return success();
}

LogicalResult SizesOp::computeElements(ArrayRef<Elements>,
                                       RankedTensorType type,
                                       Elements &result) {
  for (AffineExpr size : getSizes().getSizes())
    result.push_back(getElement(Size(size), type.getElementType()));
  return success();
}

OpFoldResult SizesOp::fold(FoldAdaptor adaptor) { return foldElements(*this); }

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/ShapeOps.cpp.inc"
