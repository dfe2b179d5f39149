//===- KernelModule.h - One kernel as a module of its own -------*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_EMIT_KERNELMODULE_H
#define LAMBENT_LIB_BACKENDS_CPU_EMIT_KERNELMODULE_H

#include "lambent/Backends/CPU/TargetInfo.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/IR/Module.h"

namespace lambent::cpu {

/// What distinguishes a kernel from others: its op with attributes, types and
/// region, and which operands share a buffer. Kernels with equal keys run the
/// same code.
std::string getKernelKey(mlir::Operation *op, const TargetInfo &target);

/// The symbols whose values the kernel's code is given, in order.
llvm::SmallVector<unsigned> getKernelSymbols(mlir::Operation *op);

/// Builds the loops of `op` as LLVM-callable function `symbol` (a
/// LambentKernel) in a new module. Failure was reported on the op.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>>
buildKernelModule(mlir::Operation *op, llvm::StringRef symbol,
                  const TargetInfo &target);

/// Lowers every kernel module in `container` to the LLVM dialect, in parallel
/// on the context's threads. (A pass manager of each thread's own would race:
/// running one changes the context.) Failure was reported.
mlir::LogicalResult lowerKernelModules(mlir::ModuleOp container,
                                       const TargetInfo &target);

/// Translates a lowered kernel module to optimised LLVM IR. Null when that
/// fails; the reason was reported. Any thread may do so.
std::unique_ptr<llvm::Module> translateKernelModule(mlir::ModuleOp module,
                                                    const TargetInfo &target,
                                                    llvm::LLVMContext &context);

} // namespace lambent::cpu

#endif
