//===- ShortPacking.h - Bytes whose sums of products fit 16 bits *- C++ -*-===//
//
// An unsigned byte times two neighbouring weights is added up in 16 bits
// (vpmaddubsw), and so are the products of some steps behind one another, which
// is exact where the positive weights of such a sum are at most 128 together,
// and the negative ones, too: 255 * 128 < 2^15. What is more than that is split
// off: weights become w + e, where w holds to the bound and e, of which few are
// not zero, is multiplied in extra steps of its own.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LOWERING_KERNELS_SHORTPACKING_H
#define LAMBENT_LOWERING_KERNELS_SHORTPACKING_H

#include "lambent/Lowering/Kernels/Packing.h"

namespace lambent::kernels {

/// A packed panel: [section][step][column][4] bytes, then [extra step][column]
/// [4], then as i32 where each section's extra steps begin, where the last
/// one's end, and which step of all sections each of them belongs to.
struct ShortPanel {
  int64_t sections = 1; ///< taps of a filter
  int64_t steps = 1;    ///< of four k, in each section
  int64_t columns = 1;
  int64_t extraSteps = 0; ///< that there is room for

  /// k of a step.
  static constexpr int64_t kGroup = 4;
  int64_t getStepBytes() const { return columns * kGroup; }
  /// Offsets of the extra steps, of the list and of the extra steps' own places
  /// there, in bytes.
  int64_t getExtraOffset() const { return sections * steps * getStepBytes(); }
  int64_t getListOffset() const {
    return getExtraOffset() + extraSteps * getStepBytes();
  }
  int64_t getStepsOffset() const {
    return getListOffset() + (sections + 1) * 4;
  }
  /// Of a whole panel, up to the next line.
  int64_t getBytes() const;
};

/// Carries out #lir.short_packing.
class ShortPacking : public lir::Packer {
public:
  /// How panels [outer..., bytes] are made.
  struct Form {
    /// From [outer..., tap..., step..., column, 4] to the source.
    mlir::AffineMap map;
    llvm::ArrayRef<int64_t> inner; ///< sizes from tap on
    int64_t taps = 0;              ///< dims of `inner` that are sections
    int64_t chain = 1; ///< steps of a section that are added up in 16 bits
    int64_t extraSteps = 0;
    ShortPanel getPanel() const;
  };
  static llvm::Expected<ShortPacking>
  create(const Form &form, llvm::ArrayRef<int64_t> packedShape,
         llvm::ArrayRef<int64_t> sourceShape);

  /// What pack's range counts: a panel.
  int64_t getNumRows() const override { return panels; }
  /// False where weights take more extra steps than there is room for.
  bool pack(const char *source, char *packed, int64_t begin, int64_t end,
            bool splat) const override;

  /// Extra steps that the weights take.
  struct ExtraSteps {
    int64_t most = 0, all = 0; ///< of a panel, of all panels
  };
  /// Of every `stride`-th panel.
  ExtraSteps count(const char *source, bool splat, int64_t stride = 1) const;

private:
  struct Split;
  explicit ShortPacking(Packing bytes) : bytes(std::move(bytes)) {}
  /// Splits the weights of panel `row`.
  Split split(const char *source, int64_t row, bool splat) const;

  Packing bytes; ///< of the panels without extra steps
  ShortPanel panel;
  int64_t panels = 1, chain = 1;
};

} // namespace lambent::kernels

#endif
