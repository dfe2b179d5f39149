//===- TileTrial.h - Do the tiles of AMX compute what they should? --------===//

#ifndef LAMBENT_LIB_COMPILER_TILETRIAL_H
#define LAMBENT_LIB_COMPILER_TILETRIAL_H

#include "lambent/Compiler/Compiler.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace lambent {

/// A product of f32 and one of bytes, with sums that are known: large enough
/// for a CPU with AMX to take tiles for them.
class TileTrial {
public:
  /// Compiles them for `cpu`, for this process.
  static llvm::Expected<TileTrial> compile(llvm::StringRef cpu);

  /// Whether the code of both has instructions on tiles.
  bool usesTiles() const;
  /// Runs them on the calling thread. f32 may err by a few of the last places
  /// that two parts of bf16 have; bytes may not.
  bool isRight() const;

private:
  explicit TileTrial(std::unique_ptr<JITModel> model)
      : model(std::move(model)) {}
  std::unique_ptr<JITModel> model;
};

/// Whether `claim` holds in a child process: one that a signal ends says no.
bool holdsInChild(llvm::function_ref<bool()> claim);

/// What a compilation for `cpu` is for: "native" becomes "native+amx" where
/// this machine has AMX, the system lets the process use it, and a TileTrial,
/// made once, is right.
std::string resolveCpu(llvm::StringRef cpu);

} // namespace lambent

#endif
