//===- Variants.h - The ways to compute an op, and which is chosen --------===//
//
// An op that can be computed in several ways has a table of variants, in the
// order in which they are preferred. Each proposes an algorithm with the time
// that it should take, or says why it cannot compute the op; the fastest is
// chosen, the first of those that take the same time.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_VARIANTS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_VARIANTS_H

#include "ZeroCounts.h"
#include "lambent/Backends/CPU/Algorithms.h"
#include "lambent/Backends/CPU/TargetInfo.h"

namespace lambent::cpu {

/// What a choice depends on besides the op.
struct Selection {
  const TargetInfo &target;
  bool strict = false;          ///< no algorithm that reassociates beyond FMA
  bool packsConstants = true; ///< constants may be laid out anew
  /// The part of a Winograd filter's vectors that may be left out though they
  /// are not zero.
  double winogradZeros = 0;
  /// Of constants that a variant has asked for.
  ZeroCounts zeros = {};
};

/// What a variant says of an op.
struct Proposal {
  /// Null where it cannot compute the op.
  AlgorithmAttrInterface algorithm;
  /// Then, why: "expected strides of 1".
  std::string rejection;
  /// On one core, predicted. Where an op has one variant only it may be 0.
  double cycles = 0;
  /// What it costs besides time: "80 % of its filter is left out".
  std::string note = "";

  static Proposal reject(const llvm::Twine &why) { return {{}, why.str(), 0}; }
};

struct Variant {
  llvm::StringRef name;
  Proposal (*propose)(mlir::Operation *op, const Selection &selection);
  /// Other algorithms that compute the op as exactly, the likely ones first,
  /// for a search that measures them. May be null.
  llvm::SmallVector<Proposal> (*listOthers)(
      mlir::Operation *op, const Selection &selection) = nullptr;
  /// Whether CPUs of this kind know it at all; null: all of them. Where they
  /// don't, nothing is said of it.
  bool (*isKnown)(const TargetInfo &target) = nullptr;
};

llvm::ArrayRef<Variant> getConvVariants();
llvm::ArrayRef<Variant> getMatmulVariants();
llvm::ArrayRef<Variant> getQuantizedMatmulVariants();
llvm::ArrayRef<Variant> getBlockMatmulVariants();
llvm::ArrayRef<Variant> getRecurrentVariants();

/// Those of `variants` that the target knows.
llvm::SmallVector<Variant> getKnown(llvm::ArrayRef<Variant> variants,
                                    const TargetInfo &target);

/// The algorithm of `op`: what was chosen, or else what is best without packed
/// constants. One of its variants must be able to compute it.
AlgorithmAttrInterface getAlgorithm(mlir::Operation *op,
                                    llvm::ArrayRef<Variant> variants,
                                    const TargetInfo &target);

/// What the variants of an op say.
struct Choice {
  llvm::SmallVector<Proposal> proposals; ///< in the table's order
  std::optional<size_t> chosen;          ///< none: nobody can compute it
  AlgorithmAttrInterface getAlgorithm() const {
    return chosen ? proposals[*chosen].algorithm : nullptr;
  }
};
Choice choose(mlir::Operation *op, llvm::ArrayRef<Variant> variants,
              const Selection &selection);

/// A way to compute an op beside the one that was chosen.
struct Candidate {
  size_t variant;
  Proposal proposal;
};
/// Those that a search should measure, in a fixed order.
std::vector<Candidate> listCandidates(mlir::Operation *op,
                                      llvm::ArrayRef<Variant> variants,
                                      const Selection &selection,
                                      const Choice &choice);

} // namespace lambent::cpu

#endif
