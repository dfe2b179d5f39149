//===- GPUModule.cpp - A model's kernels as functions of a gpu.module -----===//

#include "GPUModule.h"
#include "lambent/Backends/CUDA/Emit.h"
#include "lambent/Backends/CUDA/KernelBuilder.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "lambent/Lowering/IR/LIR.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cuda;

/// Adds the gpu.func of `op` at the builder's insertion point.
static LogicalResult buildKernel(OpBuilder &builder, Operation *op,
                                 const Kernel &kernel) {
  if (kernel.launch.blocks > std::numeric_limits<int32_t>::max())
    return emitUnsupported(op)
           << "expected at most 2147483647 blocks, but got "
           << kernel.launch.blocks;
  SmallVector<Type> buffers(op->getNumOperands(),
                            LLVM::LLVMPointerType::get(op->getContext()));
  auto function = gpu::GPUFuncOp::create(builder, op->getLoc(), kernel.symbol,
                                         builder.getFunctionType(buffers, {}));
  function->setAttr(gpu::GPUDialect::getKernelFuncAttrName(),
                    builder.getUnitAttr());
  function.setKnownBlockSizeAttr(
      builder.getDenseI32ArrayAttr({int32_t(kernel.launch.threads), 1, 1}));
  function.setKnownGridSizeAttr(
      builder.getDenseI32ArrayAttr({int32_t(kernel.launch.blocks), 1, 1}));
  auto atEnd = OpBuilder::atBlockEnd(&function.getBody().front());
  gpu::ReturnOp::create(atEnd, op->getLoc());
  KernelBuilder kernelBuilder(function);
  return cast<CUDAKernelOpInterface>(op).emitKernel(kernelBuilder);
}

FailureOr<Kernels> cuda::buildKernels(ModuleOp module) {
  Kernels kernels;
  kernels.module = ModuleOp::create(module.getLoc());
  auto builder = OpBuilder::atBlockEnd(kernels.module->getBody());
  auto functions =
      gpu::GPUModuleOp::create(builder, module.getLoc(), "kernels");
  builder.setInsertionPointToEnd(&functions.getBodyRegion().front());
  bool failed = false;
  module.walk([&](lir::KernelOpInterface op) {
    auto cudaOp = dyn_cast<CUDAKernelOpInterface>(op.getOperation());
    if (!cudaOp) {
      markUnsupported(
          op->emitOpError("is not supported by the CUDA backend yet"));
      failed = true;
      return;
    }
    std::string symbol = op->getName().stripDialect().str() + "_" +
                         std::to_string(kernels.list.size());
    kernels.list.push_back({op, symbol, cudaOp.getLaunch()});
    failed |= mlir::failed(buildKernel(builder, op, kernels.list.back()));
  });
  if (failed)
    return failure();
  return kernels;
}

LogicalResult cuda::checkKernels(ModuleOp module) {
  return LogicalResult(buildKernels(module));
}
