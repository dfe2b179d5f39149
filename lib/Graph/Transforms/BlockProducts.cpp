//===- BlockProducts.cpp - Products of numbers in blocks ------------------===//
//
// graph-block-products, see Passes.td.
//
//===----------------------------------------------------------------------===//

#include "TensorBuilder.h"
#include "lambent/ElementTypes/BlockFormat.h"
#include "lambent/Graph/Transforms/Passes.h"

using namespace mlir;

namespace lambent::graph {

#define GEN_PASS_DEF_GRAPHBLOCKPRODUCTS
#include "lambent/Graph/Transforms/Passes.h.inc"

namespace {

/// Puts graph.round_blocks before operands.
class BlockRounder {
public:
  BlockRounder(StringRef format, StringRef scale)
      : format(format), scale(scale) {}

  /// Blocks lie along `axis`, which may be counted from the end.
  void round(OpOperand &operand, int64_t axis, int64_t groups = 1) {
    OpBuilder builder(operand.getOwner());
    TensorBuilder tensors(builder, operand.getOwner()->getLoc());
    RankedTensorType type = getTensorType(operand.get());
    Value number = tensors.castFloat(operand.get(), builder.getF32Type());
    if (axis < 0)
      axis += type.getRank();
    Value rounded = RoundBlocksOp::create(builder, operand.getOwner()->getLoc(),
                                          number.getType(), number, format,
                                          axis, scale, groups);
    operand.set(tensors.castFloat(rounded, type.getElementType()));
  }

private:
  StringRef format, scale;
};

/// Attention as its two products and what lies between them.
void decompose(AttentionOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  TensorBuilder tensors(builder, loc);
  Type element = getTensorType(op.getResult()).getElementType();
  Value scores = MatmulOp::create(builder, loc, op.getQuery(), op.getKey(),
                                  /*transpose_lhs=*/false,
                                  /*transpose_rhs=*/true);
  scores = tensors.mul(
      scores, tensors.splat(element, {}, op.getScale().convertToDouble()));
  if (op.getMask())
    scores = tensors.add(scores, op.getMask());
  Value weights = SoftmaxOp::create(
      builder, loc, scores, getTensorType(scores).getRank() - 1, /*log=*/false);
  Value result = MatmulOp::create(builder, loc, weights, op.getValue(),
                                  /*transpose_lhs=*/false,
                                  /*transpose_rhs=*/false);
  op.getResult().replaceAllUsesWith(result);
  op.erase();
}

/// Whether it is a product of floats that is left for a run.
bool isRounded(Value lhs, Value rhs) {
  return isa<FloatType>(getTensorType(lhs).getElementType()) &&
         !(isConstantExpression(lhs) && isConstantExpression(rhs));
}

} // namespace

unsigned roundProductsToBlocks(func::FuncOp function, StringRef format,
                               StringRef scale) {
  function.walk([](AttentionOp op) { decompose(op); });
  BlockRounder rounder(format, scale);
  unsigned count = 0;
  function.walk([&](MatmulOp op) {
    RankedTensorType lhs = getTensorType(op.getLhs());
    int64_t k = lhs.getRank() - (op.getTransposeLhs() ? 2 : 1);
    // Of one k nothing is summed over: tables of positions are made so.
    if (!isRounded(op.getLhs(), op.getRhs()) || lhs.getDimSize(k) == 1)
      return;
    rounder.round(op.getLhsMutable(), k);
    rounder.round(op.getRhsMutable(), op.getTransposeRhs() ? -1 : -2);
    ++count;
  });
  function.walk([&](ConvOp op) {
    if (!isRounded(op.getInput(), op.getFilter()))
      return;
    rounder.round(op.getInputMutable(), op.getChannelsLast() ? -1 : 1,
                  op.getGroup());
    rounder.round(op.getFilterMutable(), 1);
    ++count;
  });
  return count;
}

namespace {
struct BlockProducts : impl::GraphBlockProductsBase<BlockProducts> {
  using GraphBlockProductsBase::GraphBlockProductsBase;
  void runOnOperation() override {
    if (!findBlockFormat(format.c_str())) {
      getOperation().emitError()
          << "expected a format of blocks, but got '" << format << "'";
      return signalPassFailure();
    }
    if (scale != "down" && scale != "up") {
      getOperation().emitError()
          << "expected a scale that is rounded down or up, but got '" << scale
          << "'";
      return signalPassFailure();
    }
    numProducts += roundProductsToBlocks(getOperation(), format, scale);
  }
};
} // namespace

} // namespace lambent::graph
