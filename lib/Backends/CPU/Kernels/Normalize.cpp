//===- Normalize.cpp - Layer, instance and root-mean-square normalisation
//-----===//
//
// y = (x - mean) / sqrt(variance + epsilon) * scale + bias over rows. The
// variance is that of differences to the mean, from a second walk: sums of
// squares would lose it in the mean's square.
//
//===--------------------------------------------------------------------------===//

#include "Chunks.h"
#include "Kernels.h"
#include "Lanes.h"
#include "Rows.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

/// Vectors of a row that stay in registers between the walks.
constexpr int64_t registerVectors = 12;

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
    chunks = Chunks::cut(view.outer, view.size * 3);
  }

  void emit(KernelBuilder &builder) {
    this->builder = &builder;
    if (type.getNumElements() != 0)
      chunks.forEachItem(
          builder, [&](Value item) { emitRow(builder.mul(item, view.size)); });
  }

  Chunks chunks;

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

  /// The sum over the row of `term`, in all lanes.
  Value sum(function_ref<Value(Value offset, int64_t valid)> term,
            bool square) {
    SmallVector<Value> accumulators(
        std::clamp<int64_t>(row.fullVectors(), 1, 4), splat(0));
    accumulators = row.fold(*builder, accumulators,
                            [&](Value offset, int64_t valid, Value carried) {
                              Value value = term(offset, valid);
                              return square
                                         ? builder->fma(value, value, carried)
                                         : builder->addf(carried, value);
                            });
    Value all = combineAll(*builder, Combine::Sum, accumulators);
    return lanes ? builder->broadcast(combineLanes(*builder, Combine::Sum, all),
                                      lanes)
                 : all;
  }

  void emitRow(Value start) {
    // A short row is unrolled and read once.
    SmallVector<Value> kept;
    row.unrolled = row.vectors() <= registerVectors;
    if (row.unrolled)
      for (int64_t v = 0; v < row.vectors(); ++v)
        kept.push_back(
            load(0, builder->add(start, v * row.step), row.valid(v)));
    Value mean;
    auto centred = [&](Value offset, int64_t valid) -> Value {
      APInt known;
      bool isKept =
          !kept.empty() && matchPattern(offset, m_ConstantInt(&known));
      Value x = isKept ? kept[known.getSExtValue() / row.step]
                       : load(0, builder->add(start, offset), valid);
      return mean ? Value(arith::SubFOp::create(*builder, x, mean)) : x;
    };

    double perElement = 1.0 / double(view.size);
    if (!op.getRms())
      mean = builder->mulf(sum(centred, false), splat(perElement));
    auto difference = [&](Value offset, int64_t valid) {
      Value value = centred(offset, valid);
      return mean && valid < row.step
                 ? keepLanes(*builder, value, valid, splat(0))
                 : value;
    };
    Value variance = builder->fma(sum(difference, true), splat(perElement),
                                  splat(op.getEpsilon().convertToDouble()));
    Value factor = arith::DivFOp::create(
        *builder, splat(1), Value(math::SqrtOp::create(*builder, variance)));
    row.forEach(*builder, 4, [&](Value offset, int64_t valid) {
      Value value = builder->mulf(centred(offset, valid), factor);
      unsigned operand = 1;
      Value scale = op.getScale() ? load(operand++, offset, valid) : nullptr;
      Value bias = op.getBias() ? load(operand, offset, valid) : nullptr;
      if (scale)
        value = bias ? builder->fma(value, scale, bias)
                     : builder->mulf(value, scale);
      else if (bias)
        value = builder->addf(value, bias);
      builder->storeVector(convertFloat(*builder, value, type.getElementType()),
                           builder->getBuffer(op->getNumOperands() - 1),
                           builder->add(start, offset), countOf(valid));
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
    return Normalize(cast<lir::NormalizeOp>(op), target).chunks.count();
  }
};

} // namespace

void cpu::attachNormalizeKernel(MLIRContext &context) {
  lir::NormalizeOp::attachInterface<NormalizeKernel>(context);
}
