//===- TunedSelection.h - Choices that were measured, or are to be --------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_TRANSFORMS_TUNEDSELECTION_H
#define LAMBENT_LIB_BACKENDS_CPU_TRANSFORMS_TUNEDSELECTION_H

#include "../Kernels/Variants.h"
#include "lambent/Backends/CPU/CPUBackend.h"
#include "lambent/Backends/CPU/TunedChoices.h"

namespace lambent::cpu {

/// Puts what was measured, or what a search is to measure, in the place of what
/// estimates choose.
class TunedSelection {
public:
  /// `text` is that of TunedChoices, or empty; `candidate` 0 or the number of
  /// the candidate that every op takes.
  static llvm::Expected<TunedSelection> create(llvm::StringRef text,
                                               unsigned candidate);

  /// Changes the choice among `variants` for `op`, which `key` stands for.
  /// Remarks on the op where a choice that was measured does not fit it any
  /// more.
  void apply(mlir::Operation *op, llvm::ArrayRef<Variant> variants,
             const Selection &selection, llvm::StringRef key,
             Choice &choice) const;

  /// By what choices know an op that has no algorithm yet: all that its
  /// candidates follow from but the values of constants.
  static std::string getKey(mlir::Operation *op, const Selection &selection);

private:
  TunedChoices choices;
  unsigned candidate = 0;
};

} // namespace lambent::cpu

#endif
