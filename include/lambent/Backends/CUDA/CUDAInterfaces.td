//===- CUDAInterfaces.td - How a lir op becomes a GPU kernel --------------===//

#ifndef LAMBENT_BACKENDS_CUDA_CUDAINTERFACES_TD
#define LAMBENT_BACKENDS_CUDA_CUDAINTERFACES_TD

include "mlir/IR/OpBase.td"

def CUDAKernelOpInterface : OpInterface<"CUDAKernelOpInterface"> {
  let cppNamespace = "::lambent::cuda";
  let description = [{
    Attached to lir's kernels by the CUDA backend, an external model per op. A kernel is launched once, as a row of
    blocks of threads; blocks run in any order.
  }];
  let methods = [
    InterfaceMethod<[{
      Emits what one thread does at the builder's insertion point. Returns failure after an error on the op when its
      types or attributes are not supported.
    }], "::llvm::LogicalResult", "emitKernel", (ins "::lambent::cuda::KernelBuilder &":$builder)>,
    InterfaceMethod<"The blocks and threads that it is launched with, from the op's shapes only.",
      "::lambent::cuda::LaunchShape", "getLaunch", (ins)>,
  ];
}

#endif
