//===- SparseWinograd.h - Winograd filters without zero vectors -*- C++ -*-===//
//
// The panels of WinogradPacking, where a vector is what one input channel has
// at one point for all columns. One of zeros is left out; so may be one of
// little importance, which is pruning in the domain of the products (Liu et
// al., Efficient Sparse-Winograd Convolutional Neural Networks, arXiv
// 1802.06367; Yu et al., Spatial-Winograd Pruning, arXiv 1901.02132).
//
// A vector u at point (y, x) adds A^T (u * B^T d B) A to the output: of noise d
// of deviation 1, with the root mean square
//
//   |u| * |row y of B^T| * |row x of B^T| * |column y of A^T| * |column x|
//
// which is its importance.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LOWERING_KERNELS_SPARSEWINOGRAD_H
#define LAMBENT_LOWERING_KERNELS_SPARSEWINOGRAD_H

#include "lambent/Lowering/Kernels/SparsePanels.h"
#include "lambent/Lowering/Kernels/Winograd.h"

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
  /// The importance of all vectors, [panel][point][channel].
  std::vector<double> rank(const char *source, bool splat) const;

private:
  SparseWinogradPacking(const Form &form, WinogradPacking dense)
      : form(form), dense(std::move(dense)) {}
  std::vector<float> read(const char *source, int64_t row, bool splat) const;
  /// The importance of a dense panel's vectors.
  std::vector<double> rank(llvm::ArrayRef<float> values) const;

  Form form;
  WinogradPacking dense;
  SparsePanel panel;
  std::vector<double> factors; ///< of each point
  int64_t panels = 1;
};

/// The threshold that leaves out the part `share` of vectors of such
/// importance, or more where as many are 0.
double findThreshold(std::vector<double> importance, double share);
/// What panels of `vectors` each keep above it.
KeptSteps countAbove(llvm::ArrayRef<double> importance, int64_t vectors,
                     double threshold);

} // namespace lambent::kernels

#endif
