//===- ElementwiseOps.cpp - Scalar functions over tensors -----------------===//

#include "Elements.h"
#include "Permute.h"

#include "lambent/ElementTypes/MLIRType.h"

using namespace mlir;

namespace lambent::graph {

//===-- Building and checking ---------------------------------------------===//

void ElementwiseOp::build(
    OpBuilder &builder, OperationState &state, ValueRange inputs,
    Type elementType,
    function_ref<Value(OpBuilder &, Location, ValueRange)> body) {
  state.addOperands(inputs);
  SmallVector<Sizes> shapes;
  SmallVector<Type> scalars;
  size_t rank = 0;
  for (Value input : inputs) {
    auto type = cast<RankedTensorType>(input.getType());
    shapes.push_back(getSizes(type));
    rank = std::max(rank, shapes.back().size());
    scalars.push_back(getScalarType(type.getElementType()));
  }
  // Shapes that do not fit are the verifier's to report.
  auto shape = broadcastSizes(shapes);
  state.addTypes(makeTensorType(
      succeeded(shape) ? *shape : Sizes(rank, Size::unknown()), elementType));
  Region *region = state.addRegion();
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(
      region, {}, scalars,
      SmallVector<Location>(scalars.size(), state.location));
  YieldOp::create(builder, state.location,
                  body(builder, state.location, block->getArguments()));
}

FailureOr<RankedTensorType> ElementwiseOp::inferType(Adaptor op,
                                                     EmitError emitError) {
  if (op.getRegions().size() != 1 ||
      !llvm::hasSingleElement(*op.getRegions()[0]))
    return emitError() << "expected a region of one block, but got another";
  Block &block = op.getRegions()[0]->front();
  if (block.getNumArguments() != op.getInputs().size())
    return emitError() << "expected " << op.getInputs().size()
                       << " block arguments, but got "
                       << block.getNumArguments();
  SmallVector<Sizes> shapes;
  for (auto [input, argument] :
       llvm::zip(op.getInputs(), block.getArguments())) {
    RankedTensorType type = typeOf(input);
    Type scalar = getScalarType(type.getElementType());
    if (argument.getType() != scalar)
      return emitError() << "expected a block argument of " << scalar
                         << ", but got " << argument.getType();
    shapes.push_back(getSizes(type));
  }
  auto yield = block.empty() ? YieldOp() : dyn_cast<YieldOp>(block.back());
  if (!yield || yield.getResults().size() != 1)
    return emitError()
           << "expected a region that yields one value, but got another";
  Type element = yield.getResults()[0].getType();
  if (!element.isIntOrFloat())
    return emitError() << "expected a yielded number, but got " << element;
  auto shape = broadcastSizes(shapes);
  if (failed(shape)) {
    ErrorStream diag = emitError()
                       << "expected inputs that broadcast together, but got ";
    llvm::interleaveComma(shapes, diag, [&](ArrayRef<Size> sizes) {
      diag << describeShape(sizes);
    });
    return diag;
  }
  return makeTensorType(*shape, element);
}

//===-- Folding -----------------------------------------------------------===//

/// The scalar of a region that stands for a tensor's element, or the reverse:
/// the same bits in another type.
static Attribute retype(Attribute element, Type type) {
  auto number = dyn_cast_or_null<TypedAttr>(element);
  if (number && number.getType() != type &&
      (isNarrow(number.getType()) || isNarrow(type))) {
    auto floating = dyn_cast<FloatAttr>(element);
    APInt bits = floating ? floating.getValue().bitcastToAPInt()
                          : cast<IntegerAttr>(element).getValue();
    bits = bits.zextOrTrunc(type.getIntOrFloatBitWidth());
    if (auto floatType = dyn_cast<FloatType>(type))
      return FloatAttr::get(type, APFloat(floatType.getFloatSemantics(), bits));
    return IntegerAttr::get(type, bits);
  }
  auto integer = dyn_cast_or_null<IntegerAttr>(element);
  if (!integer || integer.getType() == type || !isa<IntegerType>(type) ||
      integer.getValue().getBitWidth() != type.getIntOrFloatBitWidth())
    return element;
  return IntegerAttr::get(type, integer.getValue());
}

/// Evaluates an op of a region on known scalars with its own folder; null
/// results where it has none.
static void evaluate(Operation &op, DenseMap<Value, Attribute> &values) {
  SmallVector<Attribute> operands;
  for (Value operand : op.getOperands())
    operands.push_back(values.lookup(operand));
  if (llvm::any_of(operands, llvm::IsaAndPresentPred<SizesAttr>)) {
    if (op.getNumResults() == 1)
      values[op.getResult(0)] = evaluateOnSizes(op, operands);
    return;
  }
  SmallVector<OpFoldResult> results;
  if (failed(op.fold(operands, results)) ||
      results.size() != op.getNumResults())
    return;
  for (auto [value, result] : llvm::zip(op.getResults(), results)) {
    if (auto attribute = dyn_cast<Attribute>(result))
      values[value] = attribute;
    else
      values[value] = values.lookup(cast<Value>(result));
  }
}

/// A region that can be evaluated: a copy, since folders may change ops in
/// place.
class RegionEvaluator {
public:
  explicit RegionEvaluator(ElementwiseOp op)
      : copy(cast<ElementwiseOp>(op->clone())), block(copy->getBody().front()) {
  }

  /// The scalar that is yielded for these scalars (null: not known).
  Attribute evaluate(ArrayRef<Attribute> scalars) {
    DenseMap<Value, Attribute> values;
    for (auto [argument, scalar] : llvm::zip(block.getArguments(), scalars))
      values[argument] = retype(scalar, argument.getType());
    for (Operation &op : block.without_terminator())
      graph::evaluate(op, values);
    return values.lookup(block.getTerminator()->getOperand(0));
  }

private:
  OwningOpRef<ElementwiseOp> copy;
  Block &block;
};

LogicalResult ElementwiseOp::computeElements(ArrayRef<Elements> operands,
                                             RankedTensorType type,
                                             Elements &result) {
  if (llvm::all_of(operands, [](const Elements &e) { return e.empty(); }))
    return failure();
  SmallVector<Shape> strides;
  for (auto [input, elements] : llvm::zip(getInputs(), operands)) {
    auto inputType = cast<RankedTensorType>(input.getType());
    if (!inputType.hasStaticShape() || inputType.getRank() > type.getRank())
      return failure();
    strides.push_back(
        getBroadcastStrides(inputType.getShape(), type.getRank()));
  }
  RegionEvaluator region(*this);
  SmallVector<Attribute> scalars;
  forEachPosition(type.getShape(), [&](ArrayRef<int64_t> position) {
    scalars.clear();
    for (auto [elements, steps] : llvm::zip(operands, strides))
      scalars.push_back(elements.empty()
                            ? Attribute()
                            : elements[getOffset(position, steps)]);
    result.push_back(retype(region.evaluate(scalars), type.getElementType()));
  });
  return success();
}

/// The result where the region yields the same scalar everywhere, or null.
static Attribute foldUniform(ElementwiseOp op, ArrayRef<Attribute> inputs) {
  Value yielded = op.getBody().front().getTerminator()->getOperand(0);
  if (auto constant = yielded.getDefiningOp<arith::ConstantOp>())
    return constant.getValue();
  SmallVector<Attribute> scalars;
  for (Attribute input : inputs) {
    auto splat = dyn_cast_or_null<SplatElementsAttr>(input);
    if (!splat)
      return {};
    scalars.push_back(splat.getSplatValue<Attribute>());
  }
  return RegionEvaluator(op).evaluate(scalars);
}

/// Whether the op makes floats or i32 of integers of 8 bits or fewer. What
/// products can be of these is seen later.
static bool isDequantization(ElementwiseOp op) {
  Type result = op.getResult().getType().getElementType();
  return (isa<FloatType>(result) || result.isInteger(32)) &&
         llvm::any_of(op.getInputs(), [](Value input) {
           auto type = cast<RankedTensorType>(input.getType());
           auto element = dyn_cast<IntegerType>(type.getElementType());
           return element && element.getWidth() > 1 &&
                  element.getWidth() <= 8 && type.getRank() > 1;
         });
}

OpFoldResult ElementwiseOp::fold(FoldAdaptor adaptor) {
  auto type = getResult().getType();
  Block &block = getBody().front();
  auto yielded = dyn_cast<BlockArgument>(block.getTerminator()->getOperand(0));
  if (yielded && yielded.getOwner() == &block) {
    Value input = getInputs()[yielded.getArgNumber()];
    if (input.getType() == type &&
        (areKnown(getSizes(type)) || getInputs().size() == 1))
      return input;
  }
  if (type.hasStaticShape())
    if (Attribute scalar = foldUniform(*this, adaptor.getInputs()))
      return DenseElementsAttr::get(type,
                                    retype(scalar, type.getElementType()));
  return isDequantization(*this) ? OpFoldResult() : foldElements(*this);
}

//===-- Layout ------------------------------------------------------------===//

FailureOr<SmallVector<Value>>
ElementwiseOp::buildPermuted(OpBuilder &builder, ValueRange inputs,
                             ArrayRef<bool> permuted, ArrayRef<int64_t> perm) {
  SmallVector<Value> operands;
  for (auto [input, done] : llvm::zip(inputs, permuted))
    operands.push_back(permuteOperand(builder, getLoc(), input, done, perm));
  auto type = getResult().getType();
  auto copy = cast<ElementwiseOp>(builder.clone(*getOperation()));
  copy->setOperands(operands);
  copy.getResult().setType(permuteType(type, perm));
  return SmallVector<Value>{copy.getResult()};
}

//===-- Canonicalization --------------------------------------------------===//

/// Whether the result keeps its (known) shape when the inputs have only these
/// shapes. At least one must be left.
static bool keepsShape(ElementwiseOp op, ArrayRef<Sizes> shapes) {
  Sizes sizes = getSizes(op.getResult().getType());
  auto shape = broadcastSizes(shapes);
  return !shapes.empty() && succeeded(shape) && *shape == sizes;
}

/// Whether the result keeps its shape without the inputs in `dropped`.
static bool keepsShapeWithout(ElementwiseOp op,
                              const llvm::BitVector &dropped) {
  SmallVector<Sizes> shapes;
  for (auto [index, input] : llvm::enumerate(op.getInputs()))
    if (!dropped[index])
      shapes.push_back(getSizes(cast<RankedTensorType>(input.getType())));
  return keepsShape(op, shapes);
}

namespace {
/// Which inputs give the result its (static) dims.
class ShapeGivers {
public:
  explicit ShapeGivers(ElementwiseOp op)
      : op(op), shape(op.getResult().getType().getShape()),
        counts(shape.size(), 0) {
    for (Value input : op.getInputs())
      for (size_t d = 0; d < shape.size(); ++d)
        counts[d] += gives(input, d);
  }
  /// Whether the result keeps its shape without this input.
  bool canMiss(Value input) {
    if (op.getInputs().size() < 2 || ShapedType::isDynamicShape(shape))
      return false;
    for (size_t d = 0; d < shape.size(); ++d)
      if (counts[d] == (gives(input, d) ? 1 : 0))
        return false;
    return true;
  }

private:
  bool gives(Value input, size_t d) const {
    ArrayRef<int64_t> dims = cast<RankedTensorType>(input.getType()).getShape();
    size_t missing = shape.size() - dims.size();
    return d >= missing && dims[d - missing] == shape[d];
  }

  ElementwiseOp op;
  ArrayRef<int64_t> shape;
  SmallVector<size_t> counts; ///< of inputs that give each dim
};
} // namespace

static void eraseInputs(ElementwiseOp op, const llvm::BitVector &dropped,
                        PatternRewriter &rewriter) {
  rewriter.modifyOpInPlace(op, [&] {
    op.getBody().front().eraseArguments(dropped);
    op->eraseOperands(dropped);
  });
}

/// Inputs that are the same value share an argument.
static LogicalResult joinInputs(ElementwiseOp op, PatternRewriter &rewriter) {
  Block &block = op.getBody().front();
  llvm::BitVector dropped(op.getInputs().size());
  DenseMap<Value, unsigned> first;
  for (auto [index, input] : llvm::enumerate(op.getInputs())) {
    auto [known, inserted] = first.try_emplace(input, index);
    if (inserted)
      continue;
    rewriter.replaceAllUsesWith(block.getArgument(index),
                                block.getArgument(known->second));
    dropped.set(index);
  }
  if (dropped.none())
    return rewriter.notifyMatchFailure(op, "no input appears twice");
  eraseInputs(op, dropped, rewriter);
  return success();
}

/// Inputs that the region does not use go, unless they give the result its
/// shape.
static LogicalResult dropInputs(ElementwiseOp op, PatternRewriter &rewriter) {
  llvm::BitVector dropped(op.getInputs().size());
  for (BlockArgument argument : op.getBody().front().getArguments()) {
    if (!argument.use_empty())
      continue;
    dropped.set(argument.getArgNumber());
    if (!keepsShapeWithout(op, dropped))
      dropped.reset(argument.getArgNumber());
  }
  if (dropped.none())
    return rewriter.notifyMatchFailure(op, "every input counts");
  eraseInputs(op, dropped, rewriter);
  return success();
}

/// A constant that is the same scalar everywhere moves into the region, where
/// the ops' own patterns simplify it.
static LogicalResult inlineUniform(ElementwiseOp op,
                                   PatternRewriter &rewriter) {
  Block &block = op.getBody().front();
  bool changed = false;
  ShapeGivers givers(op);
  for (auto [index, input] : llvm::enumerate(op.getInputs())) {
    BlockArgument argument = block.getArgument(index);
    Attribute scalar;
    if (!argument.use_empty() && givers.canMiss(input))
      scalar = getUniformElement(input);
    if (!scalar)
      continue;
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToStart(&block);
    Value constant = arith::ConstantOp::create(
        rewriter, op.getLoc(),
        cast<TypedAttr>(retype(scalar, argument.getType())));
    rewriter.replaceAllUsesWith(argument, constant);
    changed = true;
  }
  return success(changed);
}

/// Broadcasting makes an expanded input unnecessary where another input has the
/// result's dims too.
static LogicalResult absorbExpand(ElementwiseOp op, PatternRewriter &rewriter) {
  bool changed = false;
  for (auto [index, input] : llvm::enumerate(op.getInputs())) {
    auto expand = input.getDefiningOp<ExpandOp>();
    if (!expand)
      continue;
    SmallVector<Sizes> shapes;
    for (auto [other, value] : llvm::enumerate(op.getInputs()))
      shapes.push_back(getSizes(other == index
                                    ? expand.getInput().getType()
                                    : cast<RankedTensorType>(value.getType())));
    if (!keepsShape(op, shapes))
      continue;
    rewriter.modifyOpInPlace(op,
                             [&] { op.setOperand(index, expand.getInput()); });
    changed = true;
  }
  return success(changed);
}

void ElementwiseOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                MLIRContext *context) {
  patterns.add(joinInputs);
  patterns.add(dropInputs);
  patterns.add(inlineUniform);
  patterns.add(absorbExpand);
}

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/ElementwiseOps.cpp.inc"
