//===- Normalize.cpp - Layer, instance and root-mean-square normalisation -===//
//
// y = (x - mean) / sqrt(variance + epsilon) * scale + bias over rows. The
// variance is that of differences to the mean, from a second walk: sums of
// squares would lose it in the mean's square. A block of rows goes through the
// walks together.
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

/// Longer rows are loops.
constexpr int64_t unrolledVectors = 8;

class Normalize {
public:
  Normalize(lir::NormalizeOp op, const TargetInfo &target)
      : op(op), type(cast<MemRefType>(op.getInput().getType())),
        view(AxisView::get(type, op.getAxis(), type.getRank() - op.getAxis())),
        computed(lir::getAccumulatorType(type.getElementType())) {
    lanes = fitLanes(target.getSumLanes(computed), view.size);
    if (lanes == 1)
      lanes = 0;
    row = {view.size, std::max<int64_t>(lanes, 1)};
    row.unrolled =
        view.size.isNumber() && row.vectors() <= unrolledVectors;
    blocks = RowBlocks::cut(view.outer, view.size, view.size * 3);
  }

  void emit(KernelBuilder &builder) {
    this->builder = &builder;
    blocks.forEachBlock(
        builder, [&](Value first, Value last) { emitRows(first, last); });
  }

  /// A mean and a factor for each row of a block.
  int64_t scratchBytes() const {
    return blocks.perBlock * 2 * computed.getIntOrFloatBitWidth() / 8;
  }

  RowBlocks blocks;

private:
  Value load(unsigned operand, Value position, Value count) {
    auto element =
        cast<MemRefType>(op->getOperand(operand).getType()).getElementType();
    return convertFloat(*builder,
                        builder->loadVector(element, lanes,
                                            builder->getBuffer(operand),
                                            position, count),
                        computed);
  }
  Value splat(double number) {
    return builder->constant(
        lanes ? Type(builder->vectorType(computed, lanes)) : computed, number);
  }

  Value scalar(double number) { return builder->constant(computed, number); }

  /// The sum over a row of term(offset, valid lanes).
  Value sum(function_ref<Value(Value, Value)> term) {
    return across(row.reduce(*builder, Combine::Sum, splat(0), term));
  }
  Value sumOfSquares(function_ref<Value(Value, Value)> term) {
    SmallVector<Value> sums(row.numAccumulators(), splat(0));
    sums =
        row.fold(*builder, sums, [&](Value at, Value count, Value carried) {
          Value value = term(at, count);
          return builder->fma(value, value, carried);
        });
    return across(combineAll(*builder, Combine::Sum, sums));
  }
  Value across(Value all) {
    return lanes ? combineLanes(*builder, Combine::Sum, all) : all;
  }

  /// What each element of a row counts in its mean.
  Value getShare() {
    if (view.size.isNumber())
      return scalar(1.0 / double(view.size.getNumber()));
    Value size = arith::SIToFPOp::create(*builder, computed,
                                         builder->value(view.size));
    return arith::DivFOp::create(*builder, scalar(1), size);
  }

  void emitRows(Value first, Value last) {
    bool centred = !op.getRms();
    Value perElement = getShare();
    auto phase = [&](function_ref<void(Value start, Value slot)> body) {
      builder->forLoop(first, last, 1, [&](Value index) {
        body(builder->mul(index, view.size),
             builder->mul(builder->sub(index, first), 2));
      });
    };
    auto hand = [&](Value value, Value slot) {
      builder->store(value, builder->getScratch(), slot);
    };
    auto handed = [&](Value slot) {
      return builder->broadcast(
          builder->load(computed, builder->getScratch(), slot), lanes);
    };
    if (centred)
      phase([&](Value start, Value slot) {
        Value total = sum([&](Value offset, Value count) {
          return load(0, builder->add(start, offset), count);
        });
        hand(builder->mulf(total, perElement), slot);
      });
    phase([&](Value start, Value slot) {
      Value mean = centred ? handed(slot) : nullptr;
      Value squares = sumOfSquares([&](Value offset, Value count) {
        Value value = load(0, builder->add(start, offset), count);
        if (centred)
          value = arith::SubFOp::create(*builder, value, mean);
        if (centred && count && lanes)
          value = keepLanes(*builder, value, count, splat(0));
        return value;
      });
      Value variance = builder->fma(squares, perElement,
                                    scalar(op.getEpsilon().convertToDouble()));
      Value factor = arith::DivFOp::create(
          *builder, scalar(1), Value(math::SqrtOp::create(*builder, variance)));
      hand(factor, builder->add(slot, 1));
    });
    phase([&](Value start, Value slot) {
      Value factor = handed(builder->add(slot, 1));
      Value mean = centred ? handed(slot) : nullptr;
      row.forEach(*builder, 4, [&](Value offset, Value count) {
        Value position = builder->add(start, offset),
              x = load(0, position, count);
        // Not x * factor - mean * factor: of equal elements nothing may be
        // left.
        if (centred)
          x = arith::SubFOp::create(*builder, x, mean);
        Value value = builder->mulf(x, factor);
        unsigned operand = 1;
        Value scale = op.getScale() ? load(operand++, offset, count) : nullptr;
        Value bias = op.getBias() ? load(operand, offset, count) : nullptr;
        if (scale)
          value = bias ? builder->fma(value, scale, bias)
                       : builder->mulf(value, scale);
        else if (bias)
          value = builder->addf(value, bias);
        builder->storeVector(
            convertFloat(*builder, value, type.getElementType()),
            builder->getBuffer(op->getNumOperands() - 1), position,
            count);
      });
    });
  }

  lir::NormalizeOp op;
  MemRefType type;
  AxisView view;
  Type computed;
  int64_t lanes;
  Row row;
  KernelBuilder *builder = nullptr;
};

struct NormalizeKernel
    : CPUKernelOpInterface::ExternalModel<NormalizeKernel, lir::NormalizeOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    Normalize(cast<lir::NormalizeOp>(op), builder.getTarget()).emit(builder);
    return success();
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
    return Normalize(cast<lir::NormalizeOp>(op), target).blocks.chunks.count();
  }
  int64_t getScratchBytes(Operation *op, const TargetInfo &target) const {
    return Normalize(cast<lir::NormalizeOp>(op), target).scratchBytes();
  }
};

} // namespace

void cpu::attachNormalizeKernel(MLIRContext &context) {
  lir::NormalizeOp::attachInterface<NormalizeKernel>(context);
}
