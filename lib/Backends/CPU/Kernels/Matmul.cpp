//===- Matmul.cpp - Matrix products ---------------------------------------===//

#include "AlgorithmKernel.h"
#include "AlgorithmPlans.h"
#include "MatmulEmitter.h"
#include "OperandStrides.h"
#include "lambent/Diagnostics/Unsupported.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

//===-- One element at a time ---------------------------------------------===//

/// For outputs whose last dim is neither m nor n. Chunks are runs of the output
/// domain's elements.
static constexpr int64_t kScalarChunk = 1024;

static LogicalResult emitScalarProduct(lir::MatmulOp op,
                                       KernelBuilder &builder) {
  ArrayRef<Size> domain = op.getDomain();
  auto maps = llvm::to_vector(op.getMaps().getAsValueRange<AffineMapAttr>());
  Type accumulator = op.getAccumulatorType();
  LogicalResult status = success();
  Type element = cast<MemRefType>(op.getLhs().getType()).getElementType();
  ProductTypes types =
      ProductTypes::find(element, accumulator, builder.getTarget());
  auto read = [&](OpOperand &operand, Type type, AffineMap map,
                  ValueRange indices) -> Value {
    Value position =
        builder.getPosition(builder.applyMap(map, indices),
                            cast<MemRefType>(operand.get().getType()));
    Value value = builder.load(element, builder.getBuffer(operand), position);
    if (element == accumulator)
      return value;
    if (isa<FloatType>(accumulator))
      return builder.create<arith::ExtFOp>(accumulator, value);
    if (type.isUnsignedInteger())
      return builder.create<arith::ExtUIOp>(accumulator, value);
    return builder.create<arith::ExtSIOp>(accumulator, value);
  };
  Value first = builder.mul(builder.getBegin(), kScalarChunk);
  Value last = builder.min(builder.mul(builder.getEnd(), kScalarChunk),
                           builder.value(productOf(domain.drop_back())));
  builder.forLoop(first, last, 1, [&](Value linear) {
    SmallVector<Value> indices =
        builder.delinearize(linear, domain.drop_back());
    indices.push_back(builder.i64(0));
    Value zero = builder.constant(accumulator, 0);
    SmallVector<Value> sum = builder.forLoop(
        builder.i64(0), builder.value(domain.back()), 1, zero,
        [&](Value k, ValueRange sums) {
          indices.back() = k;
          return SmallVector<Value>{builder.fma(
              read(op.getLhsMutable(), types.lhs, maps[0], indices),
              read(op.getRhsMutable(), types.rhs, maps[1], indices), sums[0])};
        });
    indices.back() = builder.i64(0);
    SmallVector<Value> place = builder.applyMap(maps[2], indices);
    FailureOr<Value> result = builder.applyEpilogue(op, sum[0], place, 0);
    if (failed(result)) {
      status = failure();
      return;
    }
    builder.store(
        *result, builder.getBuffer(op.getOutputMutable()),
        builder.getPosition(place, cast<MemRefType>(op.getOutput().getType())));
  });
  return status;
}

//===-- Algorithms --------------------------------------------------------===//

template <typename AlgorithmT> static TileShape getTile(AlgorithmT algorithm) {
  return {algorithm.getRows(), algorithm.getColumns()};
}

MatmulPlan cpu::planKernel(PanelsAttr algorithm, Operation *op,
                           const TargetInfo &target) {
  return MatmulPlan(cast<lir::MatmulOp>(op), target, getTile(algorithm));
}

MatmulPlan cpu::planKernel(SparsePanelsAttr algorithm, Operation *op,
                           const TargetInfo &target) {
  return MatmulPlan(cast<lir::MatmulOp>(op), target, getTile(algorithm),
                    ShortSums(), /*inDigits=*/false, algorithm.getKeptSteps());
}

MatmulPlan cpu::planKernel(ShortPanelsAttr algorithm, Operation *op,
                           const TargetInfo &target) {
  return MatmulPlan(cast<lir::MatmulOp>(op), target, getTile(algorithm),
                    {algorithm.getChain(), algorithm.getExtraSteps()});
}

MatmulPlan cpu::planKernel(CodedPanelsAttr algorithm, Operation *op,
                           const TargetInfo &target) {
  return MatmulPlan(cast<lir::QuantizedMatmulOp>(op), target,
                    getTile(algorithm));
}

MatmulPlan cpu::planKernel(CodedDigitsAttr algorithm, Operation *op,
                           const TargetInfo &target) {
  return MatmulPlan(cast<lir::QuantizedMatmulOp>(op), target,
                    getTile(algorithm), ShortSums(), /*inDigits=*/true);
}

MatmulPlan cpu::planKernel(RegisterTilesAttr algorithm, Operation *op,
                           const TargetInfo &target) {
  return MatmulPlan(cast<lir::MatmulOp>(op), target, getTile(algorithm));
}

ScalarProductPlan cpu::planKernel(ScalarAttr, Operation *op,
                                  const TargetInfo &) {
  Size total = productOf(cast<lir::MatmulOp>(op).getDomain().drop_back());
  return {total.ceilDiv(kScalarChunk)};
}

/// The kernel of an algorithm whose plan is a MatmulPlan.
template <typename AlgorithmT>
static LogicalResult emitTiles(AlgorithmT algorithm, Operation *op,
                               KernelBuilder &builder) {
  return MatmulEmitter(cast<lir::ProductOpInterface>(op), builder,
                       planKernel(algorithm, op, builder.getTarget()))
      .emit();
}

LogicalResult PanelsAttr::emitKernel(Operation *op,
                                     KernelBuilder &builder) const {
  return emitTiles(*this, op, builder);
}

LogicalResult SparsePanelsAttr::emitKernel(Operation *op,
                                           KernelBuilder &builder) const {
  return emitTiles(*this, op, builder);
}

LogicalResult ShortPanelsAttr::emitKernel(Operation *op,
                                          KernelBuilder &builder) const {
  return emitTiles(*this, op, builder);
}

LogicalResult CodedPanelsAttr::emitKernel(Operation *op,
                                          KernelBuilder &builder) const {
  return emitTiles(*this, op, builder);
}

LogicalResult CodedDigitsAttr::emitKernel(Operation *op,
                                          KernelBuilder &builder) const {
  return emitTiles(*this, op, builder);
}

LogicalResult RegisterTilesAttr::emitKernel(Operation *op,
                                            KernelBuilder &builder) const {
  return emitTiles(*this, op, builder);
}

LogicalResult ScalarAttr::emitKernel(Operation *op,
                                     KernelBuilder &builder) const {
  auto matmul = cast<lir::MatmulOp>(op);
  AffineMap rhs = cast<AffineMapAttr>(matmul.getMaps()[1]).getValue();
  if (rhs.getNumResults() == 0 &&
      cast<MemRefType>(matmul.getRhs().getType()).getRank() != 0)
    return op->emitOpError(
        "expected an output whose last dim is n with a packed rhs");
  return emitScalarProduct(matmul, builder);
}

namespace {

struct MatmulKernel
    : AlgorithmKernel<MatmulKernel, lir::MatmulOp, getMatmulVariants> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    auto matmul = cast<lir::MatmulOp>(op);
    Type element = cast<MemRefType>(matmul.getLhs().getType()).getElementType();
    Type rhs = cast<MemRefType>(matmul.getRhs().getType()).getElementType();
    if (!isa_and_nonnull<SplitTilesAttr, SparseRowsAttr>(
            matmul.getAlgorithmAttr()) &&
        element != rhs)
      return emitUnsupported(op)
             << "expected operands of one element type, but got "
             << matmul.getRhs().getType();
    if (element.isInteger(1))
      return emitUnsupported(op)
             << "expected a product of numbers, but got bool";
    return AlgorithmKernel::emitKernel(op, builder);
  }

  bool takesOpenSizes(Operation *) const { return true; }
  bool acceptsLayout(Operation *, unsigned, MemRefType type) const {
    return hasContiguousRows(type);
  }
};

struct QuantizedMatmulKernel
    : AlgorithmKernel<QuantizedMatmulKernel, lir::QuantizedMatmulOp,
                      getQuantizedMatmulVariants> {
  bool takesOpenSizes(Operation *) const { return true; }
  bool acceptsLayout(Operation *, unsigned, MemRefType type) const {
    return hasContiguousRows(type);
  }
};

} // namespace

void cpu::attachMatmulKernels(MLIRContext &context) {
  lir::MatmulOp::attachInterface<MatmulKernel>(context);
  lir::QuantizedMatmulOp::attachInterface<QuantizedMatmulKernel>(context);
}
