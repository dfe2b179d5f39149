//===- CodeFeatures.h - Which CPU features code may use ---------*- C++ -*-===//
//
// Generated code uses features of a closed list only, those of which the CPU at
// hand has. The artefact lists these, and the runtime checks each before code
// runs. All else that a CPU can do stays unused, so that what is used, listed
// and checked is the same by construction.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_BACKENDS_CPU_CODEFEATURES_H
#define LAMBENT_BACKENDS_CPU_CODEFEATURES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace lambent::cpu {

/// What code for an architecture may use.
struct CodeFeatures {
  /// LLVM's name of the CPU that has what all CPUs of the architecture have;
  /// code is generated for this one and the features on top of it.
  llvm::StringRef baseCPU;
  /// LLVM's names, a feature after those that it implies.
  llvm::ArrayRef<llvm::StringRef> names;

  static CodeFeatures getX86();
  static CodeFeatures getAArch64();
};

} // namespace lambent::cpu

#endif
