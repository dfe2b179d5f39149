//===- ElementwiseOps.cpp - Scalar functions mapped over broadcast tensors ===//

#include "Elements.h"
#include "Permute.h"

using namespace mlir;

namespace lambent::graph {

//===-- Building and checking ---------------------------------------------===//

void ElementwiseOp::build(
    OpBuilder &builder, OperationState &state, ValueRange inputs,
    Type elementType,
    function_ref<Value(OpBuilder &, Location, ValueRange)> body) {
  state.addOperands(inputs);
  SmallVector<ArrayRef<int64_t>> shapes;
  SmallVector<Type> scalars;
  size_t rank = 0;
  for (Value input : inputs) {
    auto type = cast<RankedTensorType>(input.getType());
    shapes.push_back(type.getShape());
    rank = std::max(rank, shapes.back().size());
    scalars.push_back(getScalarType(type.getElementType()));
  }
  // Shapes that do not fit are the verifier's to report.
  auto shape = broadcastShapes(shapes);
  state.addTypes(RankedTensorType::get(
      succeeded(shape) ? *shape : Shape(rank, openDim), elementType));
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
  SmallVector<ArrayRef<int64_t>> shapes;
  for (auto [input, argument] :
       llvm::zip(op.getInputs(), block.getArguments())) {
    RankedTensorType type = typeOf(input);
    Type scalar = getScalarType(type.getElementType());
    if (argument.getType() != scalar)
      return emitError() << "expected a block argument of " << scalar
                         << ", but got " << argument.getType();
    shapes.push_back(type.getShape());
  }
  auto yield = block.empty() ? YieldOp() : dyn_cast<YieldOp>(block.back());
  if (!yield || yield.getResults().size() != 1)
    return emitError()
           << "expected a region that yields one value, but got another";
  Type element = yield.getResults()[0].getType();
  if (!element.isIntOrFloat())
    return emitError() << "expected a yielded number, but got " << element;
  auto shape = broadcastShapes(shapes);
  if (failed(shape)) {
    InFlightDiagnostic diag =
        emitError() << "expected inputs that broadcast together, but got ";
    llvm::interleaveComma(shapes, diag, [&](ArrayRef<int64_t> dims) {
      diag << describeShape(dims);
    });
    return diag;
  }
  return RankedTensorType::get(*shape, element);
}

//===-- Folding -----------------------------------------------------------===//

/// The scalar of a region that stands for a tensor's element, or the reverse:
/// the same bits in another type.
static Attribute retype(Attribute element, Type type) {
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

LogicalResult ElementwiseOp::computeElements(ArrayRef<Elements> operands,
                                             RankedTensorType type,
                                             Elements &result) {
  // Folders may change the op in place, so they run on a copy.
  OwningOpRef<ElementwiseOp> copy =
      cast<ElementwiseOp>(getOperation()->clone());
  Block &block = copy->getBody().front();
  SmallVector<Shape> strides;
  for (auto [input, elements] : llvm::zip(getInputs(), operands)) {
    auto inputType = cast<RankedTensorType>(input.getType());
    if (!inputType.hasStaticShape() || inputType.getRank() > type.getRank())
      return failure();
    strides.push_back(
        getBroadcastStrides(inputType.getShape(), type.getRank()));
  }
  Value yielded = block.getTerminator()->getOperand(0);
  bool any = false;
  forEachPosition(type.getShape(), [&](ArrayRef<int64_t> position) {
    DenseMap<Value, Attribute> values;
    for (auto [argument, elements, steps] :
         llvm::zip(block.getArguments(), operands, strides)) {
      int64_t offset = 0;
      for (auto [at, stride] : llvm::zip(position, steps))
        offset += at * stride;
      if (!elements.empty() && elements[offset])
        values[argument] = retype(elements[offset], argument.getType());
    }
    for (Operation &op : block.without_terminator())
      evaluate(op, values);
    result.push_back(retype(values.lookup(yielded), type.getElementType()));
    any |= static_cast<bool>(result.back());
  });
  return success(any || result.empty());
}

/// Whether the region yields its argument `index` unchanged.
static bool yieldsArgument(ElementwiseOp op, unsigned &index) {
  auto argument = dyn_cast<BlockArgument>(
      op.getBody().front().getTerminator()->getOperand(0));
  if (!argument || argument.getOwner() != &op.getBody().front())
    return false;
  index = argument.getArgNumber();
  return true;
}

OpFoldResult ElementwiseOp::fold(FoldAdaptor adaptor) {
  unsigned index;
  if (getInputs().size() == 1 && yieldsArgument(*this, index) &&
      getInputs()[0].getType() == getResult().getType())
    return getInputs()[0];
  return foldElements(*this);
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
  copy.getResult().setType(type.clone(permuteShape(type.getShape(), perm)));
  return SmallVector<Value>{copy.getResult()};
}

//===-- Canonicalization --------------------------------------------------===//

/// Drops inputs that the region does not use, and joins inputs that are the
/// same value.
static LogicalResult simplifyInputs(ElementwiseOp op,
                                    PatternRewriter &rewriter) {
  Block &block = op.getBody().front();
  auto type = op.getResult().getType();
  llvm::BitVector dropped(op.getInputs().size());
  DenseMap<Value, unsigned> first;
  for (auto [index, input] : llvm::enumerate(op.getInputs())) {
    auto [known, inserted] = first.try_emplace(input, index);
    if (!inserted) {
      rewriter.replaceAllUsesWith(block.getArgument(index),
                                  block.getArgument(known->second));
      dropped.set(index);
    }
  }
  // An unused input may still give the result its shape.
  for (auto [index, input] : llvm::enumerate(op.getInputs())) {
    if (dropped[index] || !block.getArgument(index).use_empty())
      continue;
    SmallVector<ArrayRef<int64_t>> shapes;
    for (auto [other, value] : llvm::enumerate(op.getInputs()))
      if (other != index && !dropped[other])
        shapes.push_back(cast<RankedTensorType>(value.getType()).getShape());
    auto shape = broadcastShapes(shapes);
    if (type.hasStaticShape() && succeeded(shape) &&
        ArrayRef<int64_t>(*shape) == type.getShape())
      dropped.set(index);
  }
  if (dropped.none())
    return rewriter.notifyMatchFailure(op, "every input counts");
  rewriter.modifyOpInPlace(op, [&] {
    block.eraseArguments(dropped);
    op->eraseOperands(dropped);
  });
  return success();
}

void ElementwiseOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                MLIRContext *context) {
  patterns.add(simplifyInputs);
}

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/ElementwiseOps.cpp.inc"
