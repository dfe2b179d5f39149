//===- Elementwise.cpp - Stacks of element-wise work ----------------------===//
//
// A thread an element of the domain: neighbours in the last dim are neighbours
// in a warp, so that dense operands are read and written in full lines.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cuda;

static constexpr int64_t kThreads = 256;

static int64_t countElements(lir::ElementwiseOp op) {
  return productOf(op.getDomain()).getNumber();
}

static LogicalResult emit(lir::ElementwiseOp op, KernelBuilder &builder) {
  Value linear = builder.add(builder.mul(builder.getBlock(), kThreads),
                             builder.getThread());
  LogicalResult result = success();
  builder.ifThen(builder.lessThan(linear, builder.i64(countElements(op))), [&] {
    SmallVector<Value> indices = builder.delinearize(linear, op.getDomain());
    auto place = [&](unsigned operand) {
      return builder.position(
          op.getMap(operand), indices,
          cast<MemRefType>(op->getOperand(operand).getType()).getShape());
    };
    unsigned inputs = op.getInputs().size();
    SmallVector<Value> arguments;
    for (unsigned i = 0; i < inputs; ++i)
      arguments.push_back(
          builder.load(getElementTypeOrSelf(op->getOperand(i).getType()),
                       builder.getBuffer(i), place(i)));
    FailureOr<SmallVector<Value>> values =
        builder.applyRegion(op.getBody(), arguments, indices);
    result = values;
    if (succeeded(values))
      for (auto [i, value] : llvm::enumerate(*values))
        builder.store(value, builder.getBuffer(inputs + i), place(inputs + i));
  });
  return result;
}

namespace {

struct ElementwiseKernel
    : CUDAKernelOpInterface::ExternalModel<ElementwiseKernel,
                                           lir::ElementwiseOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    return emit(cast<lir::ElementwiseOp>(op), builder);
  }
  LaunchShape getLaunch(Operation *op) const {
    int64_t elements = countElements(cast<lir::ElementwiseOp>(op));
    return {std::max<int64_t>(1, llvm::divideCeil(elements, kThreads)),
            kThreads};
  }
};

} // namespace

void cuda::attachElementwiseKernels(MLIRContext &context) {
  lir::ElementwiseOp::attachInterface<ElementwiseKernel>(context);
}
