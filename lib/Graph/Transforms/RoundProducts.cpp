//===- RoundProducts.cpp - Products of bf16 with sums of f32 --------------===//
//
// graph-round-products, see Passes.td.
//
//===----------------------------------------------------------------------===//

#include "ConstantNumbers.h"
#include "TensorBuilder.h"
#include "lambent/Graph/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/Endian.h"

using namespace mlir;

namespace lambent::graph {

#define GEN_PASS_DEF_GRAPHROUNDPRODUCTS
#include "lambent/Graph/Transforms/Passes.h.inc"

namespace {

bool isF32(Value value) {
  return getTensorType(value).getElementType().isF32();
}

/// Whether it is a product of f32 that is left for a run.
bool isRounded(Value lhs, Value rhs) {
  return isF32(lhs) && isF32(rhs) &&
         !(isConstantExpression(lhs) && isConstantExpression(rhs));
}

bool isRounded(MatmulOp op) {
  RankedTensorType lhs = getTensorType(op.getLhs());
  int64_t k = lhs.getRank() - (op.getTransposeLhs() ? 2 : 1);
  return isRounded(op.getLhs(), op.getRhs()) && lhs.getDimSize(k) != 1;
}

bool isRounded(ConvOp op) {
  bool isDepthwise =
      op.getGroup() > 1 && getTensorType(op.getFilter()).getDimSize(1) == 1;
  return isRounded(op.getInput(), op.getFilter()) && !isDepthwise;
}

/// Whether a step of an instruction finds its pairs of channels, or is given
/// them: k of a matrix product is filled up as it is packed. Of one channel
/// there would be as many steps as of f32.
bool takesPairs(MatmulOp) { return true; }
bool takesPairs(ConvOp op) {
  int64_t channels = getTensorType(op.getFilter()).getDimSize(1);
  return channels % 2 == 0 || (op.getGroup() == 1 && channels > 1);
}

/// Whether bf16 holds all elements of a constant of f32.
bool holdsBF16(ElementsAttr elements) {
  ArrayRef<char> bytes = getBytes(elements);
  constexpr size_t size = sizeof(float);
  for (size_t i = 0; i + size <= bytes.size(); i += size)
    if (llvm::support::endian::read16le(&bytes[i]) != 0)
      return false;
  return !bytes.empty();
}

/// Whether an f32 tensor is made of bf16, whatever moved it since.
bool isMadeOfBF16(Value value) {
  Operation *op = value.getDefiningOp();
  while (op && (isa<TransposeOp>(op) || isReshape(op))) {
    value = op->getOperand(0);
    op = value.getDefiningOp();
  }
  if (ElementsAttr elements = getConstantValue(value))
    return holdsBF16(elements);
  auto map = dyn_cast_or_null<ElementwiseOp>(op);
  if (!map)
    return false;
  Value scalar = map.getBody().front().getTerminator()->getOperand(0);
  auto widened = scalar.getDefiningOp<arith::ExtFOp>();
  return widened && widened.getIn().getType().isBF16();
}

/// Gives the last channel of an odd number one of zeros.
void fillPairs(MatmulOp) {}
void fillPairs(ConvOp op) {
  int64_t channels = getTensorType(op.getFilter()).getDimSize(1);
  if (channels % 2 == 0)
    return;
  OpBuilder builder(op);
  TensorBuilder tensors(builder, op.getLoc());
  int64_t last = getTensorType(op.getInput()).getRank() - 1;
  op.getInputMutable().set(tensors.padTo(
      op.getInput(), op.getChannelsLast() ? last : 1, channels + 1));
  op.getFilterMutable().set(tensors.padTo(op.getFilter(), 1, channels + 1));
}

/// Lets roundings take denormal numbers for zeros, as instructions that
/// multiply the results do.
void loseDenormals(Value rounded) {
  rounded.getDefiningOp<ElementwiseOp>().getBody().walk(
      [](arith::TruncFOp op) { op.setFastmath(arith::FastMathFlags::afn); });
}

/// Rounds an operand; it stays bf16 where it is to be narrow. Returns the
/// rounding.
Operation *round(OpOperand &operand, bool isNarrow) {
  OpBuilder builder(operand.getOwner());
  TensorBuilder tensors(builder, operand.getOwner()->getLoc());
  Value rounded = tensors.castFloat(operand.get(), builder.getBF16Type());
  operand.set(isNarrow ? rounded
                       : tensors.castFloat(rounded, builder.getF32Type()));
  if (isNarrow)
    loseDenormals(rounded);
  return rounded.getDefiningOp();
}

/// Whether `operand` is one of two numbers that are added, element by element.
bool isSummand(OpOperand &operand) {
  auto sum = dyn_cast<ElementwiseOp>(operand.getOwner());
  if (!sum || getTensorType(sum.getResult()) != getTensorType(operand.get()))
    return false;
  BlockArgument scalar = sum.getBody().getArgument(operand.getOperandNumber());
  return scalar.hasOneUse() && isa<arith::AddFOp>(*scalar.user_begin());
}

/// Where nothing but convolutions, which round it, and sums read a tensor, sums
/// read what is rounded, so that nothing else is stored.
void shareRounded(ArrayRef<Operation *> roundings) {
  llvm::SmallPtrSet<Operation *, 16> isRounding(roundings.begin(),
                                                roundings.end());
  for (Operation *rounding : roundings) {
    Value wide = rounding->getOperand(0);
    if (!wide.getDefiningOp() || wide.getDefiningOp<ConstantOp>())
      continue;
    SmallVector<OpOperand *> sums;
    bool isShared = true;
    for (OpOperand &use : wide.getUses()) {
      if (isRounding.contains(use.getOwner()))
        continue;
      isShared &= isSummand(use);
      sums.push_back(&use);
    }
    if (!isShared || sums.empty())
      continue;
    OpBuilder builder(rounding->getContext());
    builder.setInsertionPointAfterValue(wide);
    TensorBuilder tensors(builder, rounding->getLoc());
    // The same rounding as `rounding`, which it becomes one with.
    Value rounded = builder.clone(*rounding)->getResult(0),
          summand = tensors.castFloat(rounded, builder.getF32Type());
    for (OpOperand *sum : sums)
      sum->set(summand);
  }
}

/// Returns how lhs are rounded.
template <typename Op>
SmallVector<Operation *> roundAll(func::FuncOp function, bool narrow,
                                  bool marked) {
  SmallVector<Operation *> roundings;
  function.walk([&](Op op) {
    if (!isRounded(op))
      return;
    bool isNarrow = narrow && takesPairs(op);
    if (marked && !(isNarrow && isMadeOfBF16(op->getOperand(0)) &&
                    isMadeOfBF16(op->getOperand(1))))
      return;
    roundings.push_back(round(op->getOpOperand(0), isNarrow));
    round(op->getOpOperand(1), isNarrow);
    op.setWide(isNarrow);
    if (isNarrow)
      fillPairs(op);
  });
  return roundings;
}

struct RoundProducts : impl::GraphRoundProductsBase<RoundProducts> {
  using GraphRoundProductsBase::GraphRoundProductsBase;
  void runOnOperation() override {
    numProducts += roundAll<MatmulOp>(getOperation(), narrow, marked).size();
    auto ofConvolutions = roundAll<ConvOp>(getOperation(), narrow, marked);
    numProducts += ofConvolutions.size();
    if (!marked)
      shareRounded(ofConvolutions);
  }
};

} // namespace

} // namespace lambent::graph
