//===- KernelRunner.h - Compiles one lir kernel and runs it -----*- C++ -*-===//
//
// For tests: takes a module in text whose function holds one kernel, and calls
// it on the test's own arrays. Every array ends at a page that must not be
// touched.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_TEST_BACKENDS_CPU_KERNELRUNNER_H
#define LAMBENT_TEST_BACKENDS_CPU_KERNELRUNNER_H

#include "lambent/Backends/CPU/TargetInfo.h"
#include "lambent/Sizes/Size.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <memory>
#include <string>
#include <vector>

namespace llvm::orc {
class LLJIT;
}

namespace lambent::test {

/// Memory whose last byte lies before an unmapped page.
class GuardedBytes {
public:
  explicit GuardedBytes(size_t bytes);
  ~GuardedBytes();
  GuardedBytes(GuardedBytes &&other) noexcept;
  GuardedBytes(const GuardedBytes &) = delete;
  GuardedBytes &operator=(const GuardedBytes &) = delete;
  char *data() const { return begin; }
  size_t size() const { return bytes; }

private:
  char *map = nullptr, *begin = nullptr;
  size_t mapBytes = 0, bytes = 0;
};

class KernelRunner {
public:
  /// Compiles the only kernel of `text` for `cpu`. With `select`, runs
  /// cpu-select-algorithms first. Null and a message in `error` on failure.
  /// With `emulatesTiles`, plain code stands for tile units. `prefer` is that
  /// pass's option.
  static std::unique_ptr<KernelRunner> create(const std::string &text,
                                              const std::string &cpu,
                                              bool select, std::string &error,
                                              bool emulatesTiles = false,
                                              const std::string &prefer = "");

  /// Runs all chunks. `buffers` holds the kernel's operands in order; those of
  /// a lir.weight as the model has them: they are packed here. A workspace at
  /// their end gets room here, too, which holds NaN. `symbols` are those of
  /// open sizes.
  void run(const std::vector<const void *> &buffers,
           const std::vector<int64_t> &symbols = {});
  /// Runs chunks [begin, end) on buffers prepared by `pack`.
  void runChunks(void *const *buffers, int64_t begin, int64_t end);
  /// The operands with the weights packed, valid until the next call. Behind
  /// them there are two slots for what is no operand: the stage, and the values
  /// of symbols.
  std::vector<void *> pack(const std::vector<const void *> &buffers,
                           const std::vector<int64_t> &symbols = {});

  int64_t getNumChunks(const std::vector<int64_t> &symbols = {}) const;
  const std::string &describe() const { return description; }
  mlir::Operation *getKernel() const { return kernel; }
  std::string getAssembly();

private:
  KernelRunner() = default;
  void allocateScratch(const std::vector<int64_t> &symbols);
  /// Runs chunks of all stages on `buffers`, which end with two slots.
  void runStages(std::vector<void *> &buffers, int64_t chunks);

  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::Operation *kernel = nullptr;
  cpu::TargetInfo target;
  std::shared_ptr<llvm::orc::LLJIT> jit; ///< shared: its header takes seconds
  void (*code)(void *const *buffers, int64_t begin, int64_t end,
               void *scratch) = nullptr;
  std::vector<GuardedBytes> packed;
  std::vector<int64_t> given; ///< values of the kernel's symbols
  std::unique_ptr<GuardedBytes> scratch;
  Size chunks = 1, stages = 1, scratchBytes = 0;
  std::string description;
};

/// Emits the kernel's object only, for targets that cannot run here. An empty
/// result means failure.
std::string emitKernelText(const std::string &text, const std::string &cpu,
                           bool select, std::string &error);

/// Those of `cpus` whose code this machine runs.
std::vector<std::string> listRunnable(std::vector<std::string> cpus);

/// A CPU as part of a test's name.
std::string nameCPU(std::string cpu);

} // namespace lambent::test

#endif
