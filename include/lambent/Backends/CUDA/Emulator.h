//===- Emulator.h - Runs GPU kernels without a GPU --------------*- C++ -*-===//
//
// The same kernels that become PTX, compiled for the host: a block's threads
// are fibers that take turns at barriers. For tests of what kernels compute,
// not of their speed.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_BACKENDS_CUDA_EMULATOR_H
#define LAMBENT_BACKENDS_CUDA_EMULATOR_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace lambent::cuda {

/// A module on lir whose kernels run one after the other in the emulator.
class EmulatedModel {
public:
  /// Compiles the function @main of `module`, planned or not. Failure was
  /// reported on an op.
  static mlir::FailureOr<std::unique_ptr<EmulatedModel>>
  compile(mlir::ModuleOp module);
  ~EmulatedModel();

  /// Runs it; `arguments` are those of @main: the inputs, then the outputs.
  /// Fails when the threads of a block do not meet at the same barriers.
  llvm::Error run(llvm::ArrayRef<void *> arguments);

private:
  struct Impl;
  explicit EmulatedModel(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace lambent::cuda

#endif
