//===- SimplifyMovement.cpp - Chains of ops that only move data -----------===//

#include "TensorBuilder.h"
#include "lambent/Graph/Transforms/Passes.h"

using namespace mlir;

namespace lambent::graph {

namespace {

/// start, start + step, ... of one dim, `size` elements, with a positive step.
struct DimRange {
  int64_t start = 0, step = 1, size = 0;
  int64_t end() const {
    return size == 0 ? start : start + (size - 1) * step + 1;
  }
};

} // namespace

/// What a slice takes from every dim, or failure when that is open or runs
/// backwards.
static FailureOr<SmallVector<DimRange>> getRanges(SliceOp op) {
  auto from = getTensorType(op.getInput()), to = getTensorType(op.getResult());
  auto starts = getConstantInts(op.getStarts()),
       steps = getConstantInts(op.getSteps());
  if (!from.hasStaticShape() || !to.hasStaticShape() || failed(starts) ||
      failed(steps))
    return failure();
  SmallVector<DimRange> ranges;
  for (int64_t size : from.getShape())
    ranges.push_back({0, 1, size});
  for (auto [axis, start, step] :
       llvm::zip_equal(op.getAxes(), *starts, *steps)) {
    int64_t size = from.getDimSize(axis);
    if (step < 1)
      return failure();
    ranges[axis] = {
        std::clamp<int64_t>(start < 0 ? start + size : start, 0, size), step,
        to.getDimSize(axis)};
  }
  return ranges;
}

/// The slice that takes these ranges of `input`, or `input` itself.
static Value createSlice(OpBuilder &builder, Location loc, Value input,
                         ArrayRef<DimRange> ranges) {
  SmallVector<int64_t> axes, starts, ends, steps;
  for (auto [axis, range] : llvm::enumerate(ranges)) {
    if (range.size == getTensorType(input).getDimSize(axis))
      continue;
    axes.push_back(axis);
    starts.push_back(range.start);
    ends.push_back(range.end());
    steps.push_back(range.step);
  }
  if (axes.empty())
    return input;
  return SliceOp::create(builder, loc, input,
                         createIndexConstant(builder, loc, starts),
                         createIndexConstant(builder, loc, ends),
                         createIndexConstant(builder, loc, steps), axes);
}

namespace {

struct MergeSlices : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SliceOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<SliceOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "no slice of a slice");
    auto innerRanges = getRanges(inner), ranges = getRanges(op);
    if (failed(innerRanges) || failed(ranges))
      return rewriter.notifyMatchFailure(op,
                                         "ranges are open or run backwards");
    for (auto [range, from] : llvm::zip_equal(*ranges, *innerRanges))
      range = {from.start + range.start * from.step, range.step * from.step,
               range.size};
    rewriter.replaceOp(
        op, createSlice(rewriter, op.getLoc(), inner.getInput(), *ranges));
    return success();
  }
};

/// A slice that lies within one input of a concat.
struct SliceOfConcat : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SliceOp op,
                                PatternRewriter &rewriter) const override {
    auto concat = op.getInput().getDefiningOp<ConcatOp>();
    FailureOr<SmallVector<DimRange>> ranges = failure();
    if (concat)
      ranges = getRanges(op);
    if (failed(ranges))
      return rewriter.notifyMatchFailure(
          op, "no slice of a concat with known ranges");
    DimRange &range = (*ranges)[concat.getAxis()];
    if (range.size == 0)
      return rewriter.notifyMatchFailure(op, "takes nothing");
    int64_t offset = 0;
    for (Value input : concat.getInputs()) {
      auto type = getTensorType(input);
      if (!type.hasStaticShape())
        return rewriter.notifyMatchFailure(op, "inputs are open");
      int64_t size = type.getDimSize(concat.getAxis());
      if (range.start >= offset && range.end() <= offset + size) {
        range.start -= offset;
        rewriter.replaceOp(op,
                           createSlice(rewriter, op.getLoc(), input, *ranges));
        return success();
      }
      offset += size;
    }
    return rewriter.notifyMatchFailure(op, "takes from more than one input");
  }
};

struct FlattenConcat : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op,
                                PatternRewriter &rewriter) const override {
    // Concats of concats of ... at once: as many steps as there are inputs.
    SmallVector<Value> inputs, rest(llvm::reverse(op.getInputs()));
    while (!rest.empty()) {
      Value input = rest.pop_back_val();
      auto inner = input.getDefiningOp<ConcatOp>();
      if (inner && inner->hasOneUse() && inner.getAxis() == op.getAxis())
        llvm::append_range(rest, llvm::reverse(inner.getInputs()));
      else
        inputs.push_back(input);
    }
    if (inputs.size() == 1 && inputs[0].getType() == op.getResult().getType()) {
      rewriter.replaceOp(op, inputs[0]);
      return success();
    }
    if (inputs.size() == op.getInputs().size())
      return rewriter.notifyMatchFailure(
          op, "no input is a concat along the same dim");
    rewriter.modifyOpInPlace(op, [&] { op.getInputsMutable().assign(inputs); });
    return success();
  }
};

/// Neighbouring slices of one tensor are one slice.
struct ConcatOfSlices : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Value> inputs;
    Value source; // of the slice that `inputs` ends with, if it ends with one
    SmallVector<DimRange> last;
    for (Value input : op.getInputs()) {
      auto slice = input.getDefiningOp<SliceOp>();
      FailureOr<SmallVector<DimRange>> ranges = failure();
      if (slice)
        ranges = getRanges(slice);
      if (failed(ranges) || (*ranges)[op.getAxis()].step != 1) {
        source = nullptr;
        inputs.push_back(input);
        continue;
      }
      if (source == slice.getInput() &&
          areNeighbours(last, *ranges, op.getAxis())) {
        last[op.getAxis()].size += (*ranges)[op.getAxis()].size;
        inputs.back() = createSlice(rewriter, op.getLoc(), source, last);
        continue;
      }
      source = slice.getInput();
      last = *ranges;
      inputs.push_back(input);
    }
    if (inputs.size() == op.getInputs().size())
      return rewriter.notifyMatchFailure(op, "no neighbouring slices");
    if (inputs.size() == 1)
      rewriter.replaceOp(op, inputs[0]);
    else
      rewriter.modifyOpInPlace(op,
                               [&] { op.getInputsMutable().assign(inputs); });
    return success();
  }

private:
  static bool areNeighbours(ArrayRef<DimRange> first, ArrayRef<DimRange> second,
                            int64_t axis) {
    for (auto [i, a, b] : llvm::enumerate(first, second)) {
      bool along = static_cast<int64_t>(i) == axis;
      if (along ? a.end() != b.start
                : a.start != b.start || a.step != b.step || a.size != b.size)
        return false;
    }
    return true;
  }
};

} // namespace

void populateSimplifyMovementPatterns(RewritePatternSet &patterns) {
  patterns.add<MergeSlices, SliceOfConcat, FlattenConcat, ConcatOfSlices>(
      patterns.getContext());
}

} // namespace lambent::graph
