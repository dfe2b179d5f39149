//===- AssignLayout.cpp - Stores images channels last ---------------------===//
//
// LayoutProblem decides; this rebuilds the ops whose results it chose, in
// order, and keeps for every value both forms as far as they are asked for.
// What the old ops computed is then dead.

#include "FoldTranspose.h"
#include "LayoutProblem.h"
#include "Rewriting.h"
#include "lambent/Graph/Transforms/Passes.h"

using namespace mlir;

namespace lambent::graph {

#define GEN_PASS_DEF_GRAPHASSIGNLAYOUT
#include "lambent/Graph/Transforms/Passes.h.inc"

namespace {

class LayoutRewriter {
public:
  explicit LayoutRewriter(func::FuncOp function)
      : function(function), builder(function.getContext()), problem(function),
        chosen(problem.solve()) {}
  void run();

private:
  static int64_t getRank(Value value) { return getTensorType(value).getRank(); }

  /// `value` with its dims as written.
  Value getAsWritten(Value value);
  /// `value` with its channels last.
  Value getChannelsLast(Value value);
  /// Where a second form of `value` is built: right behind the first, so that
  /// all users may share it.
  void setInsertionPointAfter(Value value);

  void rewrite(Operation *op);
  /// Builds the channels-last form of the op's result, or null if the op can't.
  Value build(Operation *op);
  Value buildSpatial(SpatialOpInterface op);
  Value buildPermuted(LayoutOpInterface op);
  /// Both forms of a transpose's result come from what its operand is stored
  /// as, with one transpose or none.
  void rewriteTranspose(TransposeOp op);

  func::FuncOp function;
  OpBuilder builder;
  LayoutProblem problem;
  llvm::DenseSet<Value> chosen; ///< values whose first form is channels last
  DenseMap<Value, Value> channelsLast, asWritten;
};

void LayoutRewriter::setInsertionPointAfter(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    builder.setInsertionPointToStart(argument.getOwner());
  else
    builder.setInsertionPointAfterValue(value);
}

Value LayoutRewriter::getAsWritten(Value value) {
  if (!chosen.contains(value))
    return value;
  Value &form = asWritten[value];
  if (!form) {
    OpBuilder::InsertionGuard guard(builder);
    Value stored = channelsLast.lookup(value);
    setInsertionPointAfter(stored);
    form = TensorBuilder(builder, value.getLoc())
               .transpose(stored,
                          invertPermutation(
                              getPermutationToChannelsLast(getRank(value))));
  }
  return form;
}

Value LayoutRewriter::getChannelsLast(Value value) {
  Value &form = channelsLast[value];
  if (!form) {
    OpBuilder::InsertionGuard guard(builder);
    setInsertionPointAfter(value);
    form = TensorBuilder(builder, value.getLoc())
               .transpose(value, getPermutationToChannelsLast(getRank(value)));
  }
  return form;
}

Value LayoutRewriter::buildSpatial(SpatialOpInterface op) {
  SmallVector<Value> inputs;
  for (OpOperand &operand : op->getOpOperands())
    inputs.push_back(op.isImageOperand(operand.getOperandNumber())
                         ? getChannelsLast(operand.get())
                         : getAsWritten(operand.get()));
  return op.buildChannelsLast(builder, inputs);
}

Value LayoutRewriter::buildPermuted(LayoutOpInterface op) {
  int64_t rank = getRank(op->getResult(0));
  SmallVector<Value> inputs;
  SmallVector<bool> permuted;
  for (OpOperand &operand : op->getOpOperands()) {
    Value value = operand.get();
    permuted.push_back(op.isDataOperand(operand.getOperandNumber()) &&
                       getRank(value) == rank);
    inputs.push_back(permuted.back() ? getChannelsLast(value)
                                     : getAsWritten(value));
  }
  auto results = op.buildPermuted(builder, inputs, permuted,
                                  getPermutationToChannelsLast(rank));
  return succeeded(results) ? results->front() : Value();
}

Value LayoutRewriter::build(Operation *op) {
  if (const DimRegrouping *regrouping = problem.getRegrouping(op)) {
    TensorBuilder tensors(builder, op->getLoc());
    return regrouping->buildChannelsLast(
        tensors, getChannelsLast(regrouping->getInput()));
  }
  if (auto spatial = dyn_cast<SpatialOpInterface>(op))
    return buildSpatial(spatial);
  return buildPermuted(cast<LayoutOpInterface>(op));
}

void LayoutRewriter::rewriteTranspose(TransposeOp op) {
  Value input = op.getInput(), result = op.getResult();
  auto toLast = getPermutationToChannelsLast(getRank(input));
  // In terms of dims as written: `stored` has them in the order `from`, the new
  // form shall have them as `to` says.
  auto from = chosen.contains(input)
                  ? toLast
                  : llvm::to_vector(llvm::seq<int64_t>(0, getRank(input)));
  SmallVector<int64_t> to(op.getPerm());
  if (chosen.contains(result))
    for (auto [dim, last] : llvm::zip_equal(to, toLast))
      dim = op.getPerm()[last];
  else if (!chosen.contains(input))
    return;
  SmallVector<int64_t> perm;
  for (int64_t dim : to)
    perm.push_back(llvm::find(from, dim) - from.begin());
  Value stored = chosen.contains(input) ? channelsLast.lookup(input) : input;
  Value value = TensorBuilder(builder, op.getLoc()).transpose(stored, perm);
  if (chosen.contains(result))
    channelsLast[result] = value;
  else
    result.replaceAllUsesWith(value);
}

void LayoutRewriter::rewrite(Operation *op) {
  builder.setInsertionPoint(op);
  if (Value result = problem.getEnclosingRegrouping(op);
      result && chosen.contains(result))
    return;
  if (auto transpose = dyn_cast<TransposeOp>(op))
    return rewriteTranspose(transpose);
  if (op->getNumResults() == 1 && chosen.contains(op->getResult(0))) {
    if (Value result = build(op)) {
      channelsLast[op->getResult(0)] = result;
      return;
    }
    // Not this one: it stays as it is, and its users transpose what it makes.
    chosen.erase(op->getResult(0));
  }
  for (OpOperand &operand : op->getOpOperands())
    operand.set(getAsWritten(operand.get()));
  for (Region &region : op->getRegions())
    region.walk([&](Operation *inner) {
      for (OpOperand &operand : inner->getOpOperands())
        if (chosen.contains(operand.get()))
          operand.set(getAsWritten(operand.get()));
    });
}

void LayoutRewriter::run() {
  Block &block = function.getBody().front();
  for (Operation &op : llvm::make_early_inc_range(block))
    rewrite(&op);
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
}

/// A reduction that drops dims can take any layout once it keeps them: to drop
/// them is then a reshape.
struct KeepReducedDims : OpRewritePattern<ReduceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReduceOp op,
                                PatternRewriter &rewriter) const override {
    auto type = getTensorType(op.getResult());
    if (op.getKeepDims() || getTensorType(op.getInput()).getRank() < 3 ||
        !type.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "keeps its dims, or is no image");
    Value kept =
        ReduceOp::create(rewriter, op.getLoc(), op.getInput(), op.getKind(),
                         op.getAxes(), /*keep_dims=*/true);
    rewriter.replaceOp(
        op,
        TensorBuilder(rewriter, op.getLoc()).reshape(kept, type.getShape()));
    return success();
  }
};

} // namespace

FailureOr<unsigned> assignChannelsLast(func::FuncOp function) {
  if (function.isDeclaration())
    return 0;
  RewritePatternSet patterns(function.getContext());
  patterns.add<KeepReducedDims>(function.getContext());
  rewriteGreedily(function, std::move(patterns));
  LayoutRewriter(function).run();
  RewritePatternSet cleanup(function.getContext());
  populateFoldTransposePatterns(cleanup);
  rewriteGreedily(function, std::move(cleanup));
  unsigned transposes = 0;
  function.walk([&](TransposeOp op) {
    transposes += !isConstantExpression(op.getInput());
  });
  return transposes;
}

namespace {
struct AssignLayout : impl::GraphAssignLayoutBase<AssignLayout> {
  using GraphAssignLayoutBase::GraphAssignLayoutBase;
  void runOnOperation() override {
    if (imageLayout == "channels_first")
      return;
    if (imageLayout != "channels_last") {
      getOperation().emitError(
          "expected the layout channels_last or channels_first, but got ")
          << imageLayout;
      return signalPassFailure();
    }
    FailureOr<unsigned> transposes = assignChannelsLast(getOperation());
    if (failed(transposes))
      return signalPassFailure();
    numTransposes += *transposes;
  }
};
} // namespace

} // namespace lambent::graph
