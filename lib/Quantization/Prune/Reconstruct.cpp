//===- Reconstruct.cpp - Zeros that change least on samples ---------------===//
//
// Samples walk through the model as it was and as it is pruned so far. Each
// layer gets its zeros one group of indices after the other, by what they cost,
// and what is left makes up for them and for what layers before changed: the
// optimal brain surgeon for a layer (E. Frantar, D. Alistarh: Optimal Brain
// Compression, arXiv 2208.11580) in the order of SparseGPT. Then the weights
// that are left are fitted again, given all others.
//
//===----------------------------------------------------------------------===//

#include "../Quantize/LayerMoments.h"
#include "../Quantize/SampleWalk.h"
#include "InputMoments.h"
#include "OutputMean.h"
#include "PruneGrid.h"
#include <cmath>

using namespace llvm;

namespace lambent::quantization {
namespace {

/// The channels of a group, and what they become: [channels, sums].
struct ChannelRows {
  std::vector<float> before, after;
  int64_t sums;

  ArrayRef<float> getBefore(int64_t n) const {
    return ArrayRef(before).slice(size_t(n * sums), size_t(sums));
  }
  ArrayRef<float> getAfter(int64_t n) const {
    return ArrayRef(after).slice(size_t(n * sums), size_t(sums));
  }
};

/// Squares of what channels give, and of what is off.
struct OutputNoise {
  double signal = 0, noise = 0;

  void add(const ErrorFeedback &feedback, const ChannelRows &rows) {
    std::vector<float> errors(size_t(rows.sums));
    for (int64_t n = 0; n * rows.sums < int64_t(rows.before.size()); ++n) {
      ArrayRef<float> before = rows.getBefore(n), after = rows.getAfter(n);
      for (size_t k = 0; k < errors.size(); ++k)
        errors[k] = before[k] - after[k];
      for (int64_t k = 0; k < rows.sums; ++k) {
        float given = 0, lost = 0;
        ArrayRef<float> moments = feedback.getMoments(k);
        for (size_t j = 0; j < errors.size(); ++j) {
          given += moments[j] * before[j];
          lost += moments[j] * errors[j];
        }
        signal += double(given) * double(before[size_t(k)]);
        noise += double(lost) * double(errors[size_t(k)]);
      }
    }
  }
};

class Reconstruction {
public:
  Reconstruction(graph::EditedModel &model, const Network &network,
                 const PruneOptions &options)
      : model(model), network(network), options(options), before(model),
        walk(before, *options.samples) {}

  Error prune(const LayerPlan &plan);

private:
  Error reconstruct(const LayerPlan &plan, PrunedWeights &weights);
  Error moveMean(const OutputMean &place, ArrayRef<double> moved);

  graph::EditedModel &model;
  const Network &network;
  const PruneOptions &options;
  graph::EditedModel before; ///< the model as it was
  SampleWalk walk;
};

} // namespace

Error Reconstruction::moveMean(const OutputMean &place,
                               ArrayRef<double> moved) {
  Expected<graph::FloatTensor> mean = model.readFloats(*place.tensor);
  if (!mean)
    return mean.takeError();
  for (auto [value, by] : zip(mean->elements, moved))
    value += place.sign * float(by);
  walk.setWeight(place.tensor->name(), *mean);
  model.setFloats(*place.tensor, mean->dims, mean->elements);
  return Error::success();
}

Error Reconstruction::reconstruct(const LayerPlan &plan,
                                  PrunedWeights &weights) {
  const Product &product = *plan.product;
  const std::string &input = product.node->input(0);
  auto fail = [&](const Twine &what) {
    return createStringError("node '" + plan.report->node + "': its input '" +
                             input + "' " + what);
  };
  InputMoments moments(product);
  if (Error error = walk.walkTo(
          input, [&](const TensorView &tensor, ArrayRef<float> wanted) {
            return moments.see(tensor, wanted);
          }))
    return error;
  int64_t groups = weights.getGroups(), sums = weights.getSums(),
          channels = weights.getChannels() / groups;
  std::optional<OutputMean> place =
      findOutputMean(network, product, weights.getChannels());
  Expected<std::vector<float>> factors =
      findOutputFactors(model, network, product, weights.getChannels());
  if (!factors)
    return factors.takeError();
  std::vector<double> moved;
  OutputNoise noise;
  bool varies = false;
  for (int64_t group = 0; group < groups; ++group) {
    std::optional<InputMoments::Group> seen =
        moments.take(group, sums, place.has_value());
    if (!seen)
      return fail("holds nothing on the samples that weights are to follow");
    Expected<ErrorFeedback> feedback = ErrorFeedback::create(seen->moments);
    if (!feedback)
      return fail(toString(feedback.takeError()));
    int64_t first = group * channels;
    ChannelRows rows;
    rows.sums = sums;
    for (int64_t n = first; n < first + channels; ++n)
      for (int64_t k = 0; k < sums; ++k)
        rows.before.push_back(weights.at(n, k));
    rows.after.resize(rows.before.size());
    PruneGrid grid(sums, weights.getTaps(), plan.share, options.structure,
                   ArrayRef(*factors).slice(size_t(first), size_t(channels)),
                   rows.after);
    roundMatrix({rows.before, sums, channels, 1, sums}, grid, &*feedback);
    varies |= seen->varies;
    if (seen->varies)
      noise.add(*feedback, rows);
    for (int64_t n = 0; n < channels; ++n) {
      double change = 0;
      for (int64_t k = 0; k < sums; ++k) {
        double before = rows.getBefore(n)[size_t(k)],
               after = rows.getAfter(n)[size_t(k)];
        weights.at(first + n, k) = float(after);
        change += (seen->mean[size_t(k)] + seen->gaps[size_t(k)]) * before -
                  seen->mean[size_t(k)] * after;
      }
      moved.push_back(change);
    }
  }
  if (!varies)
    plan.report->whyMagnitude = "its input '" + input +
                                (place ? "' is the same" : "' is 0") +
                                " on all samples";
  if (noise.noise > 0)
    plan.report->outputSnr = 10 * std::log10(noise.signal / noise.noise);
  return place ? moveMean(*place, moved) : Error::success();
}

Error Reconstruction::prune(const LayerPlan &plan) {
  Expected<PrunedWeights> weights = PrunedWeights::read(model, plan);
  if (!weights)
    return weights.takeError();
  plan.report->whyMagnitude = explainNoMoments(*plan.product);
  if (!plan.report->whyMagnitude.empty())
    pruneByMagnitude(*weights, plan.share, options.structure);
  else if (Error error = reconstruct(plan, *weights))
    return error;
  walk.setWeight(plan.product->weight->tensor->name(), weights->getValues());
  weights->store(model);
  return Error::success();
}

Error pruneBySamples(graph::EditedModel &model, const Network &network,
                     ArrayRef<LayerPlan> plans, const PruneOptions &options) {
  Reconstruction reconstruction(model, network, options);
  for (const LayerPlan &plan : plans)
    if (Error error = reconstruction.prune(plan))
      return error;
  return Error::success();
}

} // namespace lambent::quantization
