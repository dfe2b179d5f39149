//===- AlgorithmKernel.h - The kernel of an op that has variants -*- C++ -*-==//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_ALGORITHMKERNEL_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_ALGORITHMKERNEL_H

#include "Kernels.h"
#include "Variants.h"

namespace lambent::cpu {

/// CPUKernelOpInterface of an op whose code follows from its algorithm.
/// `ConcreteT` adds what does not, and `variants` is its table.
template <typename ConcreteT, typename OpT,
          llvm::ArrayRef<Variant> (*variants)()>
struct AlgorithmKernel : CPUKernelOpInterface::ExternalModel<ConcreteT, OpT> {
  llvm::LogicalResult emitKernel(mlir::Operation *op,
                                 KernelBuilder &builder) const {
    if (AlgorithmAttrInterface algorithm = find(op, builder.getTarget()))
      return algorithm.emitKernel(op, builder);
    return op->emitOpError("expected packed weights: run "
                           "cpu-select-algorithms first");
  }
  Size getNumChunks(mlir::Operation *op, const TargetInfo &target) const {
    AlgorithmAttrInterface algorithm = find(op, target);
    return algorithm ? algorithm.getNumChunks(op, target) : Size(0);
  }
  Size getNumStages(mlir::Operation *op, const TargetInfo &target) const {
    AlgorithmAttrInterface algorithm = find(op, target);
    return algorithm ? algorithm.getNumStages(op, target) : Size(1);
  }
  Size getScratchBytes(mlir::Operation *op, const TargetInfo &target) const {
    AlgorithmAttrInterface algorithm = find(op, target);
    return algorithm ? algorithm.getScratchBytes(op, target) : Size(0);
  }
  std::string describeKernel(mlir::Operation *op,
                             const TargetInfo &target) const {
    AlgorithmAttrInterface algorithm = find(op, target);
    return algorithm ? algorithm.describeKernel(op, target)
                     : op->getName().stripDialect().str();
  }
  llvm::ArrayRef<Variant> getVariants(mlir::Operation *) const {
    return variants();
  }

protected:
  /// Null where no variant can compute the op as it stands.
  static AlgorithmAttrInterface find(mlir::Operation *op,
                                     const TargetInfo &target) {
    return getAlgorithm(op, variants(), target);
  }
};

} // namespace lambent::cpu

#endif
