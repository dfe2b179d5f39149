//===- LRN.cpp - Local response normalisation across channels -------------===//
//
// y = x / (bias + alpha/size * sum of squares of the window)^beta. A position's
// squares are laid into scratch memory between zeros, so that the window's taps
// are plain loads.
//
//===----------------------------------------------------------------------===//

#include "Chunks.h"
#include "Kernels.h"
#include "Lanes.h"
#include "Rows.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

struct LRN {
  LRN(lir::LRNOp op, const TargetInfo &target)
      : op(op), type(cast<MemRefType>(op.getInput().getType())),
        view(AxisView::get(type, type.getRank() - 1)),
        computed(lir::getAccumulatorType(type.getElementType())) {
    lanes = target.getLanes(computed);
    row = {view.size, lanes};
    window = op.getSize();
    before = (window - 1) / 2;
    chunks = Chunks::cut(view.outer, view.size * (16 + window));
  }

  /// Zeros, the squares, zeros: whole vectors from `before` on, and the last
  /// tap's reach.
  Size scratchElements() const {
    return view.size.alignTo(lanes) + window;
  }

  Value power(KernelBuilder &builder, Value base) {
    double beta = op.getBeta().convertToDouble();
    auto sqrt = [&](Value x) -> Value {
      return math::SqrtOp::create(builder, x);
    };
    if (beta == 0.5)
      return sqrt(base);
    if (beta == 0.75)
      return builder.mulf(sqrt(base), sqrt(sqrt(base)));
    if (beta == 1)
      return base;
    Value scaled = builder.mulf(math::LogOp::create(builder, base),
                                builder.constant(base.getType(), beta));
    return math::ExpOp::create(builder, scaled);
  }

  void emit(KernelBuilder &builder) {
    Value scratch = builder.getScratch();
    VectorType vector = builder.vectorType(computed, lanes);
    Row padded{scratchElements(), lanes};
    padded.forEach(builder, 1, [&](Value at, Value count) {
      builder.storeVector(builder.constant(vector, 0), scratch, at,
                          count);
    });
    chunks.forEachItem(builder, [&](Value item) {
      Value start = builder.mul(item, view.size);
      auto load = [&](Value at, Value count) {
        return convertFloat(
            builder,
            builder.loadVector(type.getElementType(), lanes,
                               builder.getBuffer(0), builder.add(start, at),
                               count),
            computed);
      };
      row.forEach(builder, 1, [&](Value at, Value count) {
        Value x = load(at, count);
        // Lanes beyond the row are zero, as the window needs them.
        builder.storeVector(builder.mulf(x, x), scratch,
                            builder.add(at, before));
      });
      row.forEach(builder, 1, [&](Value at, Value count) {
        Value sum = builder.forLoop(
            builder.i64(0), builder.i64(window), 1,
            {builder.constant(vector, 0)}, [&](Value tap, ValueRange carried) {
              Value square = builder.loadVector(computed, lanes, scratch,
                                                builder.add(at, tap));
              return SmallVector<Value>{builder.addf(carried[0], square)};
            })[0];
        double alpha = op.getAlpha().convertToDouble() / double(window);
        Value base = builder.fma(
            sum, builder.constant(vector, alpha),
            builder.constant(vector, op.getBias().convertToDouble()));
        Value y = arith::DivFOp::create(builder, load(at, count),
                                        power(builder, base));
        builder.storeVector(convertFloat(builder, y, type.getElementType()),
                            builder.getBuffer(1), builder.add(start, at),
                            count);
      });
    });
  }

  lir::LRNOp op;
  MemRefType type;
  AxisView view;
  Type computed;
  int64_t lanes, window, before;
  Row row;
  Chunks chunks;
};

struct LRNKernel : CPUKernelOpInterface::ExternalModel<LRNKernel, lir::LRNOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    LRN(cast<lir::LRNOp>(op), builder.getTarget()).emit(builder);
    return success();
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
    return LRN(cast<lir::LRNOp>(op), target).chunks.count();
  }
  Size getScratchBytes(Operation *op, const TargetInfo &target) const {
    LRN lrn(cast<lir::LRNOp>(op), target);
    return lrn.scratchElements() *
           int64_t(lrn.computed.getIntOrFloatBitWidth() / 8);
  }
};

} // namespace

void cpu::attachLRNKernel(MLIRContext &context) {
  lir::LRNOp::attachInterface<LRNKernel>(context);
}
