//===- WinogradChoice.cpp - When a convolution runs by Winograd -----------===//

#include "WinogradChoice.h"
#include "lambent/Lowering/IR/WeightData.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

/// The most that a form may err, as rms over the output's standard deviation:
/// some twenty times what f32 sums do.
constexpr double kMostError = 5e-6;

/// Estimates are rough: what is gained must be more than this part.
constexpr double kLeastGain = 0.1;

/// Some output channels of a filter, dense; empty where it has no data.
static std::vector<float> readChannels(lir::WeightOp filter, int64_t channels) {
  auto type = cast<ShapedType>(filter.getValue().getType());
  int64_t all = type.getDimSize(0), size = type.getNumElements() / all;
  std::vector<float> values(channels * size);
  if (auto splat = dyn_cast<SplatElementsAttr>(filter.getValue())) {
    std::fill(values.begin(), values.end(), splat.getSplatValue<float>());
    return values;
  }
  ArrayRef<char> data = getData(filter);
  if (data.size() != type.getNumElements() * sizeof(float))
    return {};
  // Spread over all: neighbours are often alike.
  for (int64_t c = 0; c < channels; ++c)
    std::memcpy(values.data() + c * size,
                data.data() + c * all / channels * size * sizeof(float),
                size * sizeof(float));
  return values;
}

/// Whether the form errs little on the filter. Where it has no data or its
/// output does not deviate, there is nothing to tell from.
static bool isAccurate(const kernels::WinogradForms &forms, lir::ConvOp op,
                       ArrayRef<float> filter, int64_t channels,
                       std::string &reason) {
  double error = kernels::measureWinogradError(forms, filter, channels,
                                               op.getFilterShape()[1]);
  if (error <= kMostError)
    return true;
  reason = std::isnan(error)
               ? "what it errs cannot be told: the output does not deviate"
               : llvm::formatv("its error is {0:e1} of the output's deviation",
                               error)
                     .str();
  return false;
}

/// Output channels that the error is measured on.
static int64_t countSampled(lir::ConvOp op) {
  return std::min<int64_t>(4, op.getFilterShape()[0]);
}

std::string cpu::explainWinogradTime(double cycles, double direct) {
  if (cycles < (1 - kLeastGain) * direct)
    return "";
  return llvm::formatv("it would take {0:f0} cycles, which does not save "
                       "{1:f0} % of {2:f0}",
                       cycles, 100 * kLeastGain, direct)
      .str();
}

bool cpu::isAccurateWinograd(const kernels::WinogradForms &forms,
                             lir::ConvOp op, lir::WeightOp filter,
                             std::string &reason) {
  int64_t channels = countSampled(op);
  std::vector<float> sample = readChannels(filter, channels);
  if (!sample.empty())
    return isAccurate(forms, op, sample, channels, reason);
  reason = "the filter has no data";
  return false;
}

std::optional<WinogradChoice> cpu::chooseWinograd(lir::ConvOp op,
                                                  lir::WeightOp filter,
                                                  const TargetInfo &target,
                                                  std::string &reason) {
  reason = WinogradPlan::explainRefusal(op);
  if (!reason.empty())
    return std::nullopt;
  AssumedSizes assumed(op);
  std::vector<WinogradChoice> choices;
  double direct = estimateDirectCycles(op, target), least = 0;
  for (const kernels::WinogradForms &forms : WinogradPlan::getForms(op)) {
    WinogradPlan usual(op, {forms, {}}, target, &assumed),
        plan(op, {forms, {}}, target);
    double cycles = usual.estimateCycles(target);
    std::string slow = explainWinogradTime(cycles, direct);
    if (slow.empty())
      choices.push_back({plan, cycles});
    if (least && least < cycles)
      continue;
    least = cycles;
    reason = slow;
    if (plan.isOpen())
      reason += llvm::formatv(", where the output is {0}x{1}x{2}", usual.images,
                              usual.dims[0].output, usual.dims[1].output)
                    .str();
  }
  if (choices.empty())
    return std::nullopt;
  llvm::sort(choices, [](const WinogradChoice &a, const WinogradChoice &b) {
    return a.cycles < b.cycles;
  });
  for (const WinogradChoice &choice : choices)
    if (isAccurateWinograd(choice.plan.forms, op, filter, reason))
      return choice;
  return std::nullopt;
}

std::vector<WinogradChoice>
cpu::listAccurateWinograd(lir::ConvOp op, lir::WeightOp filter,
                          const TargetInfo &target) {
  std::vector<WinogradChoice> choices;
  if (!WinogradPlan::explainRefusal(op).empty())
    return choices;
  int64_t channels = countSampled(op);
  std::vector<float> sample = readChannels(filter, channels);
  AssumedSizes assumed(op);
  std::string reason;
  for (const kernels::WinogradForms &forms : WinogradPlan::getForms(op))
    if (!sample.empty() && isAccurate(forms, op, sample, channels, reason))
      choices.push_back({WinogradPlan(op, {forms, {}}, target),
                         WinogradPlan(op, {forms, {}}, target, &assumed)
                             .estimateCycles(target)});
  return choices;
}
