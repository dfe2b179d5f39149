//===- Matmul.cpp - Matrix products ---------------------------------------===//
//
// A block computes a 16 x 16 tile of one matrix of the batch, a thread one
// element. It walks K in steps of 16: the tiles of lhs and rhs come into
// workgroup memory, zero beyond the domain, and each thread multiplies a row by
// a column of them.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include "lambent/Diagnostics/Unsupported.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cuda;

static constexpr int64_t kTile = 16;

namespace {

struct Matmul {
  explicit Matmul(lir::MatmulOp op)
      : op(op), domain(getNumbers(op.getDomain())),
        batch(ArrayRef(domain).drop_back(3)),
        m(domain[domain.size() - 3]), n(domain[domain.size() - 2]),
        k(domain.back()) {}

  int64_t countBlocks() const {
    return ShapedType::getNumElements(batch) * llvm::divideCeil(m, kTile) *
           llvm::divideCeil(n, kTile);
  }
  AffineMap getMap(unsigned index) const {
    return cast<AffineMapAttr>(op.getMaps()[index]).getValue();
  }
  MemRefType getType(unsigned operand) const {
    return cast<MemRefType>(op->getOperand(operand).getType());
  }

  LogicalResult verify() const;
  /// The element of lhs or rhs at `dims` where `inside`, else zero.
  Value loadOr0(KernelBuilder &builder, unsigned operand, ValueRange dims,
                Value inside) const;
  LogicalResult emit(KernelBuilder &builder) const;

  mutable lir::MatmulOp op;
  SmallVector<int64_t> domain;
  ArrayRef<int64_t> batch;
  int64_t m, n, k;
};

} // namespace

LogicalResult Matmul::verify() const {
  Type lhs = getType(0).getElementType(), rhs = getType(1).getElementType();
  if (lhs != rhs)
    return markUnsupported(op.emitOpError()
                           << "of " << lhs << " and " << rhs
                           << " is not supported by the CUDA backend yet");
  if (getMap(1).getNumResults() == 0 && getType(1).getRank() != 0)
    return markUnsupported(op.emitOpError(
        "with a packed rhs is not supported by the CUDA backend"));
  return success();
}

Value Matmul::loadOr0(KernelBuilder &builder, unsigned operand, ValueRange dims,
                      Value inside) const {
  MemRefType type = getType(operand);
  // Outside, element 0 is read and dropped: every thread does the same then.
  Value place = builder.select(
      inside, builder.position(getMap(operand), dims, type.getShape()),
      builder.i64(0));
  Value value =
      builder.load(type.getElementType(), builder.getBuffer(operand), place);
  Type accumulator = lir::getAccumulatorType(type.getElementType());
  if (isa<FloatType>(accumulator))
    value = builder.convertFloat(value, accumulator);
  return builder.select(inside, value, builder.constant(accumulator, 0));
}

LogicalResult Matmul::emit(KernelBuilder &builder) const {
  if (failed(verify()))
    return failure();
  SmallVector<int64_t> grid(batch);
  grid.append({int64_t(llvm::divideCeil(m, kTile)),
               int64_t(llvm::divideCeil(n, kTile))});
  SmallVector<Value> dims = builder.delinearize(builder.getBlock(), toSizes(grid));
  Value row = builder.divUnsigned(builder.getThread(), kTile),
        column = builder.remUnsigned(builder.getThread(), kTile);
  size_t dimM = dims.size() - 2, dimN = dims.size() - 1, dimK = dims.size();
  dims[dimM] = builder.add(builder.mul(dims[dimM], kTile), row);
  dims[dimN] = builder.add(builder.mul(dims[dimN], kTile), column);
  dims.push_back(builder.i64(0));

  Value insideM = builder.lessThan(dims[dimM], builder.i64(m)),
        insideN = builder.lessThan(dims[dimN], builder.i64(n));
  Value limitK = builder.i64(k);
  Type type = lir::getAccumulatorType(getType(0).getElementType());
  Value lhsTile = builder.allocateShared(type, kTile * kTile),
        rhsTile = builder.allocateShared(type, kTile * kTile);
  Value rowStart = builder.mul(row, kTile);

  Value sum = builder.forLoop(
      builder.i64(0), limitK, kTile, builder.constant(type, 0),
      [&](Value first, Value sum) {
        SmallVector<Value> lhs(dims), rhs(dims);
        lhs[dimK] = builder.add(first, column);
        rhs[dimK] = builder.add(first, row);
        Value a =
            loadOr0(builder, 0, lhs,
                    builder.both(insideM, builder.lessThan(lhs[dimK], limitK)));
        Value b =
            loadOr0(builder, 1, rhs,
                    builder.both(insideN, builder.lessThan(rhs[dimK], limitK)));
        builder.storeShared(a, lhsTile, builder.getThread());
        builder.storeShared(b, rhsTile, builder.getThread());
        builder.barrier();
        for (int64_t i = 0; i < kTile; ++i)
          sum = builder.multiplyAdd(
              builder.loadShared(lhsTile, builder.add(rowStart, i)),
              builder.loadShared(rhsTile, builder.add(column, i * kTile)), sum);
        builder.barrier(); // before the tiles are overwritten
        return sum;
      });

  LogicalResult result = success();
  builder.ifThen(builder.both(insideM, insideN), [&] {
    // The epilogue is given the output's index, not the domain's.
    unsigned output = op->getNumOperands() - 1;
    AffineMap map = getMap(2);
    SmallVector<Value> indices;
    for (AffineExpr expr : map.getResults()) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      indices.push_back(dim ? dims[dim.getPosition()] : builder.i64(0));
    }
    FailureOr<Value> value = builder.applyEpilogue(op, sum, indices);
    result = value;
    if (succeeded(value))
      builder.store(*value, builder.getBuffer(output),
                    builder.position(map, dims, getType(output).getShape()));
  });
  return result;
}

namespace {

struct MatmulKernel
    : CUDAKernelOpInterface::ExternalModel<MatmulKernel, lir::MatmulOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    return Matmul(cast<lir::MatmulOp>(op)).emit(builder);
  }
  LaunchShape getLaunch(Operation *op) const {
    return {std::max<int64_t>(1, Matmul(cast<lir::MatmulOp>(op)).countBlocks()),
            kTile * kTile};
  }
};

} // namespace

void cuda::attachMatmulKernels(MLIRContext &context) {
  lir::MatmulOp::attachInterface<MatmulKernel>(context);
}
