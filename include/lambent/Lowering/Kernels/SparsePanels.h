//===- SparsePanels.h - Panels without the steps that are zero --*- C++ -*-===//
//
// A step of a product's rhs is `columns` neighbouring weights of one k. Where
// all of them are zero (vector sparsity: output channels that share their
// zeros), the step adds nothing, so a panel keeps the others, and a list says
// where each finds its lhs: in elements from where a kernel points to, so that
// the kernel adds nothing else (the "stretched" offsets of Park et al., Faster
// CNNs with Direct Sparse Convolutions and Guided Pruning, arXiv 1608.01409).
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LOWERING_KERNELS_SPARSEPANELS_H
#define LAMBENT_LOWERING_KERNELS_SPARSEPANELS_H

#include "lambent/Lowering/Kernels/Packing.h"

namespace lambent::kernels {

/// A packed panel of f32, in words of 32 bits: [kept step][column], then as u32
/// where each section's kept steps begin, where the last one's end, and the
/// offset of lhs of each of them.
struct SparsePanel {
  int64_t sections = 1; ///< taps of a filter, points of a transform
  int64_t steps = 1;    ///< k, in each section
  int64_t columns = 1;
  int64_t keptSteps = 0; ///< of all sections, that there is room for

  static constexpr int64_t kWordBytes = 4;
  /// Words before the list of sections, and before that of kept steps.
  int64_t getSectionsOffset() const { return keptSteps * columns; }
  int64_t getStepsOffset() const { return getSectionsOffset() + sections + 1; }
  /// Of a whole panel, up to the next line.
  int64_t getWords() const;
  int64_t countSteps() const { return sections * steps; }

  /// Writes the steps of `dense`, [section][step][column], that `keeps` says,
  /// with `offsets` of lhs, one a step of each section. False where there is no
  /// room for them.
  bool write(llvm::ArrayRef<float> dense, llvm::ArrayRef<uint32_t> offsets,
             llvm::function_ref<bool(int64_t step)> keeps, char *packed) const;
};

/// Steps that panels keep.
struct KeptSteps {
  int64_t most = 0, all = 0; ///< of a panel, of all panels
  void add(int64_t count) {
    most = std::max(most, count);
    all += count;
  }
};

/// Carries out #lir.sparse_packing.
class SparsePacking : public lir::Packer {
public:
  /// How panels [outer..., words] are made.
  struct Form {
    /// From [outer..., tap..., k, column] to the source.
    mlir::AffineMap map;
    llvm::ArrayRef<int64_t> inner;   ///< sizes from tap on
    llvm::ArrayRef<int64_t> strides; ///< of lhs, along each of these but column
    int64_t keptSteps = 0;
    SparsePanel getPanel() const;
  };
  static llvm::Expected<SparsePacking>
  create(const Form &form, llvm::ArrayRef<int64_t> packedShape,
         llvm::ArrayRef<int64_t> sourceShape);

  /// What pack's range counts: a panel.
  int64_t getNumRows() const override { return panels; }
  /// False where a panel keeps more steps than there is room for.
  bool pack(const char *source, char *packed, int64_t begin, int64_t end,
            bool splat) const override;
  KeptSteps count(const char *source, bool splat) const;

private:
  explicit SparsePacking(Packing dense) : dense(std::move(dense)) {}
  /// Reads panel `row`, [section][step][column].
  std::vector<float> read(const char *source, int64_t row, bool splat) const;

  Packing dense; ///< of whole panels
  SparsePanel panel;
  std::vector<uint32_t> offsets; ///< of lhs, of each step
  int64_t panels = 1;
};

} // namespace lambent::kernels

#endif
