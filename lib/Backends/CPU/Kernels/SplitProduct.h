//===- SplitProduct.h - Products of parts on tiles --------------*- C++ -*-===//
//
// What every op that multiplies on tiles has in common: rows of lhs, whatever
// they are, panels of a packed rhs, and what blocks of 2x2 tiles of sums take.
// f32 is multiplied as sums of bf16 parts; narrow elements are one part as they
// are.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITPRODUCT_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITPRODUCT_H

#include "DotStep.h"
#include "lambent/Backends/CPU/TargetInfo.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/MathExtras.h"

namespace lambent::cpu {

/// One product of parts: which of lhs with which of rhs.
struct PartProduct {
  int64_t lhs, rhs;
};

/// The products that a sum is made of, so that each part is loaded seldom and
/// small ones come first: the three largest of two parts, the six largest of
/// three. One part has one.
llvm::ArrayRef<PartProduct> getPartProducts(int64_t parts);

struct SplitProduct {
  SplitProduct(const DotStep &step, const TargetInfo &target, int64_t parts);

  /// Two tiles side by side.
  static constexpr int64_t kPanelColumns = 2 * DotStep::kColumns;

  DotStep step;
  int64_t parts;
  int64_t lanes;     ///< of the vectors that take sums to the output
  int64_t rows = 1;  ///< of a tile of lhs; all have as many, but for the last
  int64_t steps = 1; ///< tiles along K
  int64_t columns = 1, panels = 1;
  /// Of a chunk, at most: pairs of tiles of lhs, and panels.
  int64_t chunkPairs = 1, chunkPanels = 1;
  /// Steps that all pairs of a chunk take on a panel before the next ones: as
  /// much of it as stays in L1.
  int64_t blockSteps = 1;
  /// Of one core, for the sizes that are likely.
  double cycles = 0;

  void setColumns(int64_t count);
  /// Where `pairs` pairs share each panel.
  void chooseBlockSteps(const TargetInfo &target, int64_t pairs);
  int64_t getBlocks() const { return llvm::divideCeil(steps, blockSteps); }
  int64_t getPanelVectors() const { return kPanelColumns / lanes; }
  /// Bytes of a part of a step of a tile of lhs, packed.
  int64_t getLhsTileBytes() const { return rows * DotStep::kRowBytes; }
  /// Of a whole one, all steps and parts.
  int64_t getLhsBytes() const { return steps * parts * getLhsTileBytes(); }
  /// Bytes of one step of a panel of one part of rhs.
  static constexpr int64_t kPanelStepBytes =
      2 * DotStep::kRows * DotStep::kRowBytes;
  int64_t getPanelBytes() const { return steps * kPanelStepBytes; }
  /// From one part of rhs to the next.
  int64_t getPartBytes() const { return panels * getPanelBytes(); }
  /// Bytes of a block of sums.
  static constexpr int64_t kSumsBytes = 4 * DotStep::kRows * DotStep::kRowBytes;
  /// Scratch memory: what the unit needs, three blocks of sums that wait for
  /// the epilogue, those of a chunk that wait for further steps, lhs in parts,
  /// and a panel in f32.
  struct Scratch {
    int64_t stage, sums, lhs, panel, bytes;
  };
  Scratch getScratch(int64_t lhsBytes) const;

  /// "32x32 of 3 bf16 products", "32x32 of bytes"
  std::string describeTiles() const;

private:
  int64_t unitBytes;
};

/// Cycles of the unit's clock, and of its work's parts.
struct SplitCosts {
  SplitCosts(const SplitProduct &product, const TargetInfo &target);

  /// Splitting, or copying, so many elements.
  double getSplitting(double elements) const { return elements * perElement; }
  /// A chunk of so many pairs of tiles and panels, whose lhs takes `splitting`.
  double getChunk(double pairs, double panels, double splitting) const {
    return getWork(pairs, panels, splitting, panels * panel);
  }
  /// The same as it compares with estimates for vectors, which count no reading
  /// from L3. Parts take it into account nevertheless: where both wait for L3,
  /// vectors are more exact.
  double compareChunk(double pairs, double panels, double splitting) const {
    return getWork(pairs, panels, splitting, arePartsRead ? panels * panel : 0);
  }

  double block; ///< a pair of tiles of lhs times a panel
  double panel; ///< reading a panel

private:
  double getWork(double pairs, double panels, double splitting,
                 double reading) const {
    constexpr double begin = 1000;
    return begin + splitting + std::max(pairs * panels * block, reading);
  }

  double perElement;
  bool arePartsRead; ///< not elements as they are
};

/// Visits numbers of workers that a chunk's shape should suit.
constexpr int64_t kLikelyWorkers[] = {1, 2, 4, 8};

/// For which lhs products of these parts are right, as powers of two: rows
/// whose largest magnitude is in [2^least, 2^most).
struct SplitRange {
  int64_t least, most;
};

} // namespace lambent::cpu

#endif
