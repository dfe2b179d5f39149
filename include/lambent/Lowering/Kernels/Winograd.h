//===- Winograd.h - The algebra of Winograd convolutions --------*- C++ -*-===//
//
// F(m, r) computes m neighbouring outputs of r taps with a = m + r - 1
// products (Winograd, Arithmetic Complexity of Computations, 1980; Lavin and
// Gray, Fast Algorithms for Convolutional Neural Networks, arXiv 1509.09308):
//
//   output = A^T ((G filter) * (B^T input))        * is element-wise
//
// With a - 1 points p and infinity as the last one, row p of A^T's transpose
// holds the powers of p, row p of G its powers divided by the product of p's
// distances from the other points, and row p of B^T the coefficients of the
// polynomial that has the other points as roots. In two dims the matrices of
// each are applied one after the other.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LOWERING_KERNELS_WINOGRAD_H
#define LAMBENT_LOWERING_KERNELS_WINOGRAD_H

#include "lambent/Lowering/IR/Packer.h"
#include "lambent/Lowering/Kernels/LinearTransform.h"
#include "llvm/Support/Error.h"
#include <array>

namespace lambent::kernels {

/// F(outputs, taps) along one dim; F(1, 1) leaves the dim as it is.
struct WinogradForm {
  int64_t outputs = 1, taps = 1;

  /// Products, which is also how much input a tile reads.
  int64_t getPoints() const { return outputs + taps - 1; }
  /// Whether points for it are in the table.
  bool isKnown() const;
  bool operator==(const WinogradForm &) const = default;
};

/// The forms along rows of an image and along columns: {y, x}.
using WinogradForms = std::array<WinogradForm, 2>;

/// Products of a tile.
inline int64_t getNumPoints(const WinogradForms &forms) {
  return forms[0].getPoints() * forms[1].getPoints();
}

struct WinogradMatrices {
  explicit WinogradMatrices(WinogradForm form);
  /// For other points than those of the table: as many as the form has products
  /// but one.
  WinogradMatrices(WinogradForm form, llvm::ArrayRef<Fraction> points);

  FractionMatrix input;  ///< B^T, points x points
  FractionMatrix filter; ///< G, points x taps
  FractionMatrix output; ///< A^T, outputs x points
};

/// Carries out the packing of a filter [OC, IC, taps y, taps x] (f32) as U
/// [panel][point][IC][column]: U[k, y * ax + x, i, j] is element (y, x) of
/// G filter G^T for output channel k * columns + j, computed in f64 and rounded
/// once, 0 beyond the last channel.
class WinogradPacking : public lir::Packer {
public:
  static llvm::Expected<WinogradPacking>
  create(const WinogradForms &forms, llvm::ArrayRef<int64_t> packedShape,
         llvm::ArrayRef<int64_t> sourceShape);

  /// What pack's range counts: a panel's columns of one input channel.
  int64_t getNumRows() const override { return panels * inputChannels; }
  int64_t getPackedBytes() const {
    return panels * getNumPoints(forms) * inputChannels * columns * 4;
  }
  bool pack(const char *source, char *packed, int64_t begin, int64_t end,
            bool splat) const override;
  /// One panel, written from `target` on.
  void packPanel(const char *source, float *target, int64_t panel,
                 bool splat) const;

private:
  WinogradPacking(const WinogradForms &forms);
  /// An input channel of the panel at `target`.
  void packChannel(const char *source, float *target, int64_t panel,
                   int64_t channel, bool splat) const;

  WinogradForms forms;
  int64_t panels = 1, inputChannels = 1, outputChannels = 1, columns = 1;
  std::vector<double> filterY, filterX; ///< G of both dims
};

/// The error that this form makes on a filter, in f32, as a part of the
/// output's deviation: rms of (Winograd in f32 - direct in f64) / standard
/// deviation of the output, over some tiles of rectified noise (the same in
/// each call). `filter` holds [outputChannels, inputChannels, taps y, taps
/// x]; a few of the output channels say enough. NaN where the output does not
/// deviate.
double measureWinogradError(const WinogradForms &forms,
                            llvm::ArrayRef<float> filter,
                            int64_t outputChannels, int64_t inputChannels);

} // namespace lambent::kernels

#endif
