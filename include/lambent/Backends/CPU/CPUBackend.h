//===- CPUBackend.h - Native code for CPUs ----------------------*- C++ -*-===//

#ifndef LAMBENT_BACKENDS_CPU_CPUBACKEND_H
#define LAMBENT_BACKENDS_CPU_CPUBACKEND_H

#include "lambent/Backends/Backend.h"
#include "lambent/Backends/CPU/TargetInfo.h"
#include "lambent/Sizes/Size.h"
#include "mlir/Pass/Pass.h"

namespace lambent::cpu {

class KernelBuilder;
struct Variant;

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lambent/Backends/CPU/Passes.h.inc"

/// The backend for `options.cpu`, which its passes report when it is unknown;
/// then nothing can be emitted.
std::unique_ptr<Backend> createCPUBackend(const TargetOptions &options);

/// Adds the backend "cpu".
void registerCPUBackend(BackendRegistry &registry);

/// The dialects that kernels are built from and lowered through, with the
/// kernels attached to lir.
void registerDialects(mlir::DialectRegistry &registry);

/// Attaches CPUKernelOpInterface to every lir kernel.
void registerKernels(mlir::DialectRegistry &registry);

} // namespace lambent::cpu

#include "lambent/Backends/CPU/CPUInterfaces.h.inc"

#endif
