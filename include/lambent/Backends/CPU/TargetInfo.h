//===- TargetInfo.h - Facts of the CPU that code is generated for ---------===//

#ifndef LAMBENT_BACKENDS_CPU_TARGETINFO_H
#define LAMBENT_BACKENDS_CPU_TARGETINFO_H

#include "lambent/Backends/CPU/CPUDescription.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>
#include <string>

namespace lambent::cpu {

/// What multiplies tiles of narrow numbers.
enum class TileUnitKind {
  None,
  AMX,
  /// Plain code that gives the bits of AMX, for tests on other CPUs.
  EmulatedAMX,
};

/// A CPU described by what it can do. Generators pick vector widths and tiles
/// from this, never from a name.
struct TargetInfo {
  std::string triple;
  /// LLVM's names: what instructions are timed for, and what has the features
  /// that every CPU of the architecture has.
  std::string tunedFor, baseCPU;
  /// What the code uses beyond the base, all of it, checked before it runs:
  /// "avx2,fma".
  std::string required;
  const llvm::Target *llvmTarget = nullptr;
  bool hasRound = true; ///< floor, ceil, trunc as instructions (SSE4.1)
  bool hasFMA = false;
  bool hasSSSE3 = false; ///< adds up products of bytes by pairs, in 16 bits
  bool hasAVX2 = false;
  bool hasAVX512 = false; ///< F, BW, DQ and VL
  bool hasVNNI = false;   ///< adds up products of 8-bit integers by fours
  bool hasBF16 = false;   ///< adds up products of bf16 by pairs
  bool hasVBMI = false;   ///< takes bytes from tables of two registers
  bool hasF16C = true;    ///< converts between f16 and f32
  bool isX86 = true;
  TileUnitKind tileUnit = TileUnitKind::None; ///< for bf16 and bytes
  unsigned vectorBits = 128;
  unsigned vectorRegisters = 16;
  /// What was given, or else by `tunedFor`, with this machine's own caches
  /// where that is native.
  CPUDescription description;

  /// Describes `cpu`: native, which leaves AMX out, native+amx, an x86-64 CPU
  /// or level by LLVM's name (x86-64-v3, znver4), with a CPU to tune for where
  /// that is another (x86-64-v4:znver4), or aarch64[:CPU]. Of what it can do,
  /// CodeFeatures are used. `description` is the text of a CPUDescription, or
  /// empty.
  static llvm::Expected<TargetInfo> create(llvm::StringRef cpu,
                                           llvm::StringRef description = "");

  /// Elements of `type` in a vector register; bool counts as a byte.
  int64_t getLanes(mlir::Type type) const;

  /// How many partial sums of `type` a long row is added up in: where there are
  /// fused multiply-adds, as many as 512 bits hold, be they several registers,
  /// so that sums round alike on all such CPUs.
  int64_t getSumLanes(mlir::Type type) const;

  /// All that code depends on.
  std::string getKey() const;

  /// `required` as LLVM writes it: "+avx2,+fma".
  std::string getFeatureString() const;

  std::unique_ptr<llvm::TargetMachine> createTargetMachine() const;
};

} // namespace lambent::cpu

#endif
