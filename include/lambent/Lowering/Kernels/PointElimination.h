//===- PointElimination.h - Which points of a filter matter -----*- C++ -*-===//
//
// Pruning in the domain of Winograd's products (Li et al., Enabling Sparse
// Winograd Convolution by Native Pruning, arXiv 1702.08597). At point p the
// vector u_p, of one input channel for some output channels, adds
//
//   u_p a_p b_p^T d        a_p: p's column of A^T, b_p: its row of B^T
//
// to a tile of outputs, where d is the tile's input. Points are told apart by
// such factors (Yu et al., Spatial-Winograd Pruning, arXiv 1901.02132), but
// what they add is far from independent: without one of two that cancel each
// other out, the error is larger than the output. So the others take over what
// they can. Over inputs d of rectified noise, the mean square of a change v is
//
//   sum over p, q of G_pq v_p . v_q     G_pq = a_p . a_q  b_p^T E[d d^T] b_q
//
// and what is lost with u_p is |u_p|^2 / [H^-1]_pp, where H is G of the points
// that are left and v = -u_p [H^-1]_p / [H^-1]_pp (Hassibi and Stork, Second
// Order Derivatives for Network Pruning: Optimal Brain Surgeon, 1992).
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LOWERING_KERNELS_POINTELIMINATION_H
#define LAMBENT_LOWERING_KERNELS_POINTELIMINATION_H

#include "lambent/Lowering/Kernels/Winograd.h"

namespace lambent::kernels {

class PointElimination {
public:
  explicit PointElimination(const WinogradForms &forms);

  /// What became of points.
  struct Ranking {
    /// The root of what is lost with a point, and no less than that of those
    /// before; infinity where it stays.
    std::vector<double> importance;
    /// What is lost with it: the mean square of a tile's outputs, summed over
    /// all of them, if no point stays; 0 where it does.
    std::vector<double> losses;
  };

  /// Leaves out points of `vectors`, [point][column], one after the other, that
  /// of the least loss first, until the importance of the next one is above
  /// `most`; the others take over what they can.
  Ranking run(llvm::MutableArrayRef<double> vectors, double most) const;

private:
  int64_t points;
  std::vector<double> inverse; ///< of G
};

} // namespace lambent::kernels

#endif
