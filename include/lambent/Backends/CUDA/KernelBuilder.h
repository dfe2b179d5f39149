//===- KernelBuilder.h - Writes what one thread of a GPU kernel does ------===//
//
// Kernels are gpu.func of scalar code (ScalarBuilder), with memrefs in
// workgroup memory.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_BACKENDS_CUDA_KERNELBUILDER_H
#define LAMBENT_BACKENDS_CUDA_KERNELBUILDER_H

#include "lambent/Lowering/Kernels/ScalarBuilder.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace lambent::cuda {

class KernelBuilder : public kernels::ScalarBuilder {
public:
  /// Writes before the end of `function`, whose arguments are the op's
  /// operands.
  explicit KernelBuilder(mlir::gpu::GPUFuncOp function);

  /// The pointer of the op's operand `index`.
  mlir::Value getBuffer(unsigned index) { return function.getArgument(index); }
  mlir::Value getThread() const { return thread; } ///< i64, in its block
  mlir::Value getBlock() const { return block; }   ///< i64, in the launch

  /// Conditions.
  mlir::Value both(mlir::Value a, mlir::Value b);
  mlir::Value select(mlir::Value condition, mlir::Value a, mlir::Value b);

  /// The row-major position of `map` applied to `dims` in an array of `sizes`.
  mlir::Value position(mlir::AffineMap map, mlir::ValueRange dims,
                       llvm::ArrayRef<int64_t> sizes);

  using ScalarBuilder::forLoop;
  /// A loop with one carried value: body returns the next one.
  mlir::Value
  forLoop(mlir::Value lower, mlir::Value upper, int64_t step, mlir::Value init,
          llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)> body);

  /// Memory that the threads of a block share, and waiting for all of them.
  mlir::Value allocateShared(mlir::Type elementType, int64_t size);
  mlir::Value loadShared(mlir::Value memory, mlir::Value index);
  void storeShared(mlir::Value value, mlir::Value memory, mlir::Value index);
  void barrier() { create<mlir::gpu::BarrierOp>(); }

  /// a * b + c, fused for floats.
  mlir::Value multiplyAdd(mlir::Value a, mlir::Value b, mlir::Value c);
  /// Converts between float types; an integer must have `type` already.
  mlir::Value convertFloat(mlir::Value value, mlir::Type type);

  /// Clones a scalar region; `indices` are what lir.index gives. Returns the
  /// yielded values.
  mlir::FailureOr<llvm::SmallVector<mlir::Value>>
  applyRegion(mlir::Region &region, mlir::ValueRange arguments,
              mlir::ValueRange indices = {});
  /// Applies an op's epilogue to the result at output index `indices`.
  mlir::FailureOr<mlir::Value> applyEpilogue(mlir::Operation *op,
                                             mlir::Value accumulator,
                                             mlir::ValueRange indices);

private:
  mlir::Value toIndex(mlir::Value value);
  mlir::gpu::GPUFuncOp function;
  mlir::Value thread, block;
};

} // namespace lambent::cuda

#endif
