//===- KernelHarness.h - Compiles lir text for a CPU and runs it ----------===//

#ifndef LAMBENT_TEST_BACKENDS_CPU_KERNELHARNESS_H
#define LAMBENT_TEST_BACKENDS_CPU_KERNELHARNESS_H

#include "lambent-c/model.h"
#include "lambent/Backends/CPU/TargetInfo.h"
#include "mlir/IR/MLIRContext.h"
#include <memory>
#include <string>
#include <vector>

namespace llvm::orc {
class LLJIT;
}

namespace lambent::test {

/// A lir function compiled for one CPU, run chunk by chunk on the calling
/// thread.
class CompiledKernel {
public:
  /// Parses a module with `func.func @main(inputs..., outputs...) attributes
  /// {lir.num_inputs = N : i64}`, runs cpu-select-algorithms when `select` is
  /// set, gives buffers offsets, compiles. Null after printing why.
  static std::unique_ptr<CompiledKernel>
  compile(llvm::StringRef text, llvm::StringRef cpu, bool select = true);

  /// `order` permutes each layer's chunks when given: 0 forward, 1 backward.
  void run(const std::vector<const void *> &inputs,
           const std::vector<void *> &outputs, int order = 0);
  const LambentModel &getModel() const { return *model; }
  /// What the checks of the last run found.
  const std::vector<LambentFault> &getFaults() const { return faults; }

private:
  std::shared_ptr<llvm::orc::LLJIT> jit; ///< shared: its header takes seconds
  const LambentModel *model = nullptr;
  std::vector<char> weights, arena;
  std::vector<LambentFault> faults;
};

/// CPUs that kernels are executed for: the host's best and, where it can run
/// them, x86-64-v3 and x86-64.
std::vector<std::string> getTestCPUs();

/// Compiles for a CPU that need not be this one; returns its assembly, or ""
/// after printing why.
std::string compileToAssembly(llvm::StringRef text, llvm::StringRef cpu,
                              bool select = true);

} // namespace lambent::test

#endif
