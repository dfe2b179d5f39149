//===- WinogradChoice.h - When a convolution runs by Winograd ---*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_WINOGRADCHOICE_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_WINOGRADCHOICE_H

#include "WinogradPlan.h"

namespace lambent::cpu {

struct WinogradChoice {
  WinogradPlan plan;
  double cycles; ///< estimated
};

/// The plan of the quickest form that is estimated to beat the direct
/// convolution and errs little on this filter; none where there is no such
/// form, and then `reason` says why. Estimates are of assumed sizes where sizes
/// are open.
std::optional<WinogradChoice> chooseWinograd(lir::ConvOp op,
                                             lir::WeightOp filter,
                                             const TargetInfo &target,
                                             std::string &reason);

/// Why a form that takes `cycles` is not worth it where a direct convolution
/// takes `direct`; empty where it is.
std::string explainWinogradTime(double cycles, double direct);

/// Whether a form errs little on this filter; else `reason` says how much.
bool isAccurateWinograd(const kernels::WinogradForms &forms, lir::ConvOp op,
                        lir::WeightOp filter, std::string &reason);

/// All forms that err little on this filter, for a search that measures them.
std::vector<WinogradChoice> listAccurateWinograd(lir::ConvOp op,
                                                 lir::WeightOp filter,
                                                 const TargetInfo &target);

} // namespace lambent::cpu

#endif
