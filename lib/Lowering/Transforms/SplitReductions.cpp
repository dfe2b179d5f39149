//===- SplitReductions.cpp - Reductions by parts of what they read --------===//

#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"
#include "lambent/Lowering/Transforms/Passes.h"

namespace lambent {
#define GEN_PASS_DEF_SPLITREDUCTIONS
#include "lambent/Lowering/Transforms/Passes.h.inc"
} // namespace lambent

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

/// Parts that are enough for the threads.
static constexpr int64_t kMostReductionParts = 16;
/// Results of the outer dims that are enough by themselves.
static constexpr int64_t kFewOuter = 4;
/// An input that is worth the second kernel.
static constexpr int64_t kLeastBytes = 64 << 10;

/// How many equal parts `size` elements are cut into; 1 where it has no
/// divisor.
static int64_t chooseParts(int64_t size) {
  for (int64_t parts = kMostReductionParts; parts > 1; --parts)
    if (size % parts == 0 && size > parts)
      return parts;
  return 1;
}

/// Whether the reduced dims are neighbours with others behind them.
static bool reducesMiddle(ReduceOp op) {
  ArrayRef<int64_t> dims = op.getDims();
  return !dims.empty() &&
         dims.back() - dims.front() + 1 == int64_t(dims.size()) &&
         dims.back() + 1 < cast<MemRefType>(op.getInput().getType()).getRank();
}

static void split(ReduceOp op) {
  auto type = cast<MemRefType>(op.getInput().getType());
  Type element = type.getElementType();
  // Parts that are rounded to a narrow type would lose what the sum keeps.
  if (!type.hasStaticShape() || !isDense(type) || !reducesMiddle(op) ||
      getAccumulatorType(element) != element ||
      type.getNumElements() * getElementBytes(element) < kLeastBytes)
    return;
  int64_t first = op.getDims().front();
  ArrayRef<int64_t> shape = type.getShape(), before = shape.take_front(first),
                    reduced = shape.slice(first, op.getDims().size()),
                    behind = shape.drop_front(op.getDims().back() + 1);
  int64_t size = ShapedType::getNumElements(reduced), parts = chooseParts(size);
  if (parts == 1 || ShapedType::getNumElements(before) > kFewOuter)
    return;

  OpBuilder builder(op);
  Location loc = op.getLoc();
  SmallVector<int64_t> cut(before), partial(before);
  cut.append({parts, size / parts});
  partial.push_back(parts);
  llvm::append_range(cut, behind);
  llvm::append_range(partial, behind);
  Value input = ViewOp::create(builder, loc, MemRefType::get(cut, element),
                               op.getInput());
  Value sums = AllocOp::create(builder, loc, MemRefType::get(partial, element));
  auto each = ReduceOp::create(builder, loc, input, ValueRange(), sums,
                               builder.getArrayAttr({}), op.getKind(),
                               ArrayRef(first + 1), op.getUnsignedElements());
  buildIdentityEpilogue(builder, loc, each.getEpilogue(), element);
  op.getInputMutable().assign(sums);
  op.setDims(ArrayRef(first));
}

namespace {
struct SplitReductions : lambent::impl::SplitReductionsBase<SplitReductions> {
  void runOnOperation() override {
    SmallVector<ReduceOp> reductions;
    getOperation().walk([&](ReduceOp op) { reductions.push_back(op); });
    llvm::for_each(reductions, split);
  }
};
} // namespace
