//===- ShapeOps.cpp - Ops that describe data or see it in another shape ---===//

#include "Elements.h"

#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

namespace lambent::graph {

/// The folder of ops that only see their input in another shape.
static OpFoldResult foldView(Operation *op, Attribute input) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  // Of two shapes with the same element count, one open dim is the same dim.
  if (type == op->getOperand(0).getType() && type.getNumDynamicDims() <= 1 &&
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
static int64_t deduceDim(ArrayRef<int64_t> input, ArrayRef<int64_t> shape,
                         ArrayRef<bool> copied, bool &fits) {
  Wide have = 1, want = 1;
  int64_t openHave = 0, openWant = 0;
  for (auto [index, dim] : llvm::enumerate(input)) {
    if (index < copied.size() && copied[index])
      continue;
    if (isOpen(dim))
      ++openHave;
    else
      have = boundDim(have * dim);
  }
  for (auto [index, dim] : llvm::enumerate(shape)) {
    if (dim == -1 || copied[index])
      continue;
    if (isOpen(dim))
      ++openWant;
    else
      want = boundDim(want * dim);
  }
  if (openHave || openWant)
    return openDim;
  fits = want == 0 ? have == 0 : have % want == 0;
  return fits && want != 0 ? static_cast<int64_t>(have / want) : 0;
}

FailureOr<RankedTensorType> ReshapeOp::inferType(Adaptor op,
                                                 EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput()),
                   shapeType = typeOf(op.getShape());
  if (failed(checkShapeOperand(shapeType, emitError)))
    return failure();
  int64_t rank = shapeType.getDimSize(0), deduced = -1;
  Shape shape(rank, openDim);
  SmallVector<bool> copied(rank, false);
  auto ints = getKnownInts(op.getShape());
  bool complete = succeeded(ints);
  for (int64_t d = 0; complete && d < rank; ++d) {
    if (!(*ints)[d])
      continue;
    int64_t dim = *(*ints)[d];
    if (dim < -1 || dim > maxElements)
      return emitError()
             << "expected dims of at least -1 and at most 2^40, but got "
             << dim;
    if (dim == -1 && deduced >= 0)
      return emitError() << "expected at most one dim of -1, but got two";
    if (dim == -1)
      deduced = d;
    if (dim == 0 && !op.getAllowZero()) {
      if (d >= type.getRank())
        return emitError()
               << "expected dim " << d
               << " to be copied to exist, but got an input of rank "
               << type.getRank();
      dim = type.getDimSize(d);
      copied[d] = true;
    }
    shape[d] = dim;
  }
  if (deduced < 0) {
    int64_t have = productOf(type.getShape()), want = productOf(shape);
    if (!dimsAgree(have, want) && !llvm::is_contained(type.getShape(), openDim))
      return emitError() << "expected a shape of " << have
                         << " elements, but got " << describeShape(shape);
    // The only open dim is what remains.
    if (!isOpen(have) && llvm::count(shape, openDim) == 1)
      deduced = llvm::find(shape, openDim) - shape.begin();
    else
      return RankedTensorType::get(shape, type.getElementType());
    shape[deduced] = -1;
  }
  bool fits = true;
  int64_t dim = deduceDim(type.getShape(), shape, copied, fits);
  if (!fits)
    return emitError() << "expected a shape that "
                       << describeShape(type.getShape())
                       << " divides into, but got " << describeShape(shape);
  shape[deduced] = dim;
  return RankedTensorType::get(shape, type.getElementType());
}

//===-- squeeze, unsqueeze, flatten ---------------------------------------===//

FailureOr<RankedTensorType> SqueezeOp::inferType(Adaptor op,
                                                 EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  if (failed(
          checkAxes(op.getAxes(), type.getRank(), /*sorted=*/true, emitError)))
    return failure();
  Shape shape;
  for (auto [d, dim] : llvm::enumerate(type.getShape())) {
    if (!llvm::is_contained(op.getAxes(), static_cast<int64_t>(d)))
      shape.push_back(dim);
    else if (!dimsAgree(dim, 1))
      return emitError() << "expected dim " << d << " to be 1, but got " << dim;
  }
  return RankedTensorType::get(shape, type.getElementType());
}

FailureOr<RankedTensorType> UnsqueezeOp::inferType(Adaptor op,
                                                   EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  int64_t rank = type.getRank() + op.getAxes().size();
  if (failed(checkAxes(op.getAxes(), rank, /*sorted=*/true, emitError)))
    return failure();
  Shape shape(type.getShape());
  for (int64_t axis : op.getAxes())
    shape.insert(shape.begin() + axis, 1);
  return RankedTensorType::get(shape, type.getElementType());
}

FailureOr<RankedTensorType> FlattenOp::inferType(Adaptor op,
                                                 EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  int64_t axis = op.getAxis();
  if (axis < 0 || axis > type.getRank())
    return emitError() << "expected an axis in [0, " << type.getRank()
                       << "], but got " << axis;
  return RankedTensorType::get({productOf(type.getShape().take_front(axis)),
                                productOf(type.getShape().drop_front(axis))},
                               type.getElementType());
}

/// Replaces an op that sees `input`, or a view of it, in another shape by one
/// reshape with a constant shape, where at most one dim is open.
static LogicalResult replaceByReshape(Operation *op, Value input,
                                      PatternRewriter &rewriter) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  bool empty = llvm::is_contained(type.getShape(), 0);
  if (type.getNumDynamicDims() > (empty ? 0 : 1))
    return rewriter.notifyMatchFailure(op, "more than one open dim");
  Shape shape(type.getShape());
  std::replace(shape.begin(), shape.end(), openDim, int64_t(-1));
  bool fits = true;
  SmallVector<bool> copied(shape.size(), false);
  int64_t rest = deduceDim(typeOf(input).getShape(), shape, copied, fits);
  if (!fits || (type.hasStaticShape() && !dimsAgree(rest, 1) && !empty))
    return rewriter.notifyMatchFailure(op, "element counts contradict");
  Value dims = createIndexConstant(rewriter, op->getLoc(), shape);
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
  if (succeeded(getConstantInts(op.getShape())))
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
  for (int64_t dim :
       getInput().getType().getShape().slice(getStart(), getEnd() - getStart()))
    result.push_back(isOpen(dim) ? Attribute()
                                 : getIntElement(type.getElementType(), dim));
  return success();
}

OpFoldResult ShapeOp::fold(FoldAdaptor adaptor) { return foldElements(*this); }

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/ShapeOps.cpp.inc"
