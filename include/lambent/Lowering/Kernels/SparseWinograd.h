//===- SparseWinograd.h - Winograd filters without zero vectors -*- C++ -*-===//
//
// The panels of WinogradPacking, where a vector is what one input channel has
// at one point for all columns. One of zeros is left out; so may be one of
// little importance, which is pruning in the domain of the products: of each
// input channel the points that are left take over what they can
// (PointElimination).
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LOWERING_KERNELS_SPARSEWINOGRAD_H
#define LAMBENT_LOWERING_KERNELS_SPARSEWINOGRAD_H

#include "lambent/Lowering/Kernels/PointElimination.h"
#include "lambent/Lowering/Kernels/SparsePanels.h"
#include <limits>

namespace lambent::kernels {

/// Carries out #lir.sparse_winograd_packing: [panel, words], where a panel's
/// sections are points and offsets count channels.
class SparseWinogradPacking : public lir::Packer {
public:
  struct Form {
    WinogradForms forms;
    int64_t columns = 1;
    /// Vectors of no more importance are left out: 0 for those of zeros.
    double threshold = 0;
    int64_t keptSteps = 0;
    SparsePanel getPanel(int64_t inputChannels) const {
      return {getNumPoints(forms), inputChannels, columns, keptSteps};
    }
  };
  static llvm::Expected<SparseWinogradPacking>
  create(const Form &form, llvm::ArrayRef<int64_t> packedShape,
         llvm::ArrayRef<int64_t> sourceShape);

  /// What pack's range counts: a panel.
  int64_t getNumRows() const override { return panels; }
  /// False where a panel keeps more steps than there is room for.
  bool pack(const char *source, char *packed, int64_t begin, int64_t end,
            bool splat) const override;
  /// All vectors, [panel][point][channel], up to an importance of `most`.
  PointElimination::Ranking
  rank(const char *source, bool splat,
       double most = std::numeric_limits<double>::infinity()) const;

private:
  SparseWinogradPacking(const Form &form, WinogradPacking dense)
      : form(form), dense(std::move(dense)), elimination(form.forms) {}
  /// A dense panel.
  std::vector<float> read(const char *source, int64_t row, bool splat) const;
  /// Leaves out vectors of at most this importance; the others change.
  PointElimination::Ranking prune(llvm::MutableArrayRef<float> values,
                                  double most) const;

  Form form;
  WinogradPacking dense;
  PointElimination elimination;
  SparsePanel panel;
  int64_t panels = 1;
};

/// The threshold that leaves out the part `share` of vectors of such
/// importance, and others of that of the last one.
double findThreshold(std::vector<double> importance, double share);
/// What panels of `vectors` each keep above it.
KeptSteps countAbove(llvm::ArrayRef<double> importance, int64_t vectors,
                     double threshold);

} // namespace lambent::kernels

#endif
