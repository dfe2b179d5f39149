//===- Fibers.h - The threads of a block, taking turns ----------*- C++ -*-===//
//
// Every thread of a block has a stack of its own and runs until it yields or
// ends; then comes the next one. A switch is some loads and stores on x86-64,
// and ucontext's (which asks the kernel) elsewhere.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CUDA_EMULATOR_FIBERS_H
#define LAMBENT_LIB_BACKENDS_CUDA_EMULATOR_FIBERS_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include <cstdint>
#include <memory>
#include <vector>

namespace lambent::cuda {

class Fibers {
public:
  Fibers();
  ~Fibers();

  /// Runs body(0) to body(count - 1), switching at every yield(). False when
  /// some ended while others still yielded; they run to their ends all the
  /// same.
  bool run(int64_t count, llvm::function_ref<void(int64_t)> body);
  /// Lets every other fiber come to its next yield() or end. Called from a
  /// body.
  void yield();

  struct Context; ///< where a stopped fiber goes on
private:
  [[noreturn]] static void start(Fibers *fibers);
  void switchTo(Context &from, Context &to);
  void prepare(int64_t index);

  std::vector<Context> contexts; ///< the caller's is the first
  std::vector<std::unique_ptr<char[]>> stacks;
  std::vector<bool> ended;
  int64_t current = 0;
  llvm::function_ref<void(int64_t)> body;
};

} // namespace lambent::cuda

#endif
