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
    lanes = fitLanes(target.getLanes(computed), view.size);
    if (lanes == 1)
      lanes = 0;
    row = {view.size, std::max<int64_t>(lanes, 1)};
    row.unrolled = row.vectors() <= unrolledVectors;
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
  Value countOf(int64_t valid) {
    return valid < row.step ? builder->i64(valid) : nullptr;
  }
  Value load(unsigned operand, Value position, int64_t valid) {
    auto element =
        cast<MemRefType>(op->getOperand(operand).getType()).getElementType();
    return convertFloat(*builder,
                        builder->loadVector(element, lanes,
                                            builder->getBuffer(operand),
                                            position, countOf(valid)),
                        computed);
  }
  Value splat(double number) {
    return builder->constant(
        lanes ? Type(builder->vectorType(computed, lanes)) : computed, number);
  }

  Value scalar(double number) { return builder->constant(computed, number); }

  /// The sum over a row of term(offset, valid lanes).
  Value sum(function_ref<Value(Value, int64_t)> term) {
    return across(row.reduce(*builder, Combine::Sum, splat(0), term));
  }
  Value sumOfSquares(function_ref<Value(Value, int64_t)> term) {
    SmallVector<Value> sums(std::clamp<int64_t>(row.fullVectors(), 1, 4),
                            splat(0));
    sums =
        row.fold(*builder, sums, [&](Value at, int64_t valid, Value carried) {
          Value value = term(at, valid);
          return builder->fma(value, value, carried);
        });
    return across(combineAll(*builder, Combine::Sum, sums));
  }
  Value across(Value all) {
    return lanes ? combineLanes(*builder, Combine::Sum, all) : all;
  }

  void emitRows(Value first, Value last) {
    bool centred = !op.getRms();
    double perElement = 1.0 / double(view.size);
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
        Value total = sum([&](Value offset, int64_t valid) {
          return load(0, builder->add(start, offset), valid);
        });
        hand(builder->mulf(total, scalar(perElement)), slot);
      });
    phase([&](Value start, Value slot) {
      Value mean = centred ? handed(slot) : nullptr;
      Value squares = sumOfSquares([&](Value offset, int64_t valid) {
        Value value = load(0, builder->add(start, offset), valid);
        if (centred)
          value = arith::SubFOp::create(*builder, value, mean);
        if (centred && valid < row.step)
          value = keepLanes(*builder, value, valid, splat(0));
        return value;
      });
      Value variance = builder->fma(squares, scalar(perElement),
                                    scalar(op.getEpsilon().convertToDouble()));
      Value factor = arith::DivFOp::create(
          *builder, scalar(1), Value(math::SqrtOp::create(*builder, variance)));
      hand(factor, builder->add(slot, 1));
    });
    phase([&](Value start, Value slot) {
      Value factor = handed(builder->add(slot, 1));
      Value mean = centred ? handed(slot) : nullptr;
      row.forEach(*builder, 4, [&](Value offset, int64_t valid) {
        Value position = builder->add(start, offset),
              x = load(0, position, valid);
        // Not x * factor - mean * factor: of equal elements nothing may be
        // left.
        if (centred)
          x = arith::SubFOp::create(*builder, x, mean);
        Value value = builder->mulf(x, factor);
        unsigned operand = 1;
        Value scale = op.getScale() ? load(operand++, offset, valid) : nullptr;
        Value bias = op.getBias() ? load(operand, offset, valid) : nullptr;
        if (scale)
          value = bias ? builder->fma(value, scale, bias)
                       : builder->mulf(value, scale);
        else if (bias)
          value = builder->addf(value, bias);
        builder->storeVector(
            convertFloat(*builder, value, type.getElementType()),
            builder->getBuffer(op->getNumOperands() - 1), position,
            countOf(valid));
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
  int64_t getNumChunks(Operation *op, const TargetInfo &target) const {
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
