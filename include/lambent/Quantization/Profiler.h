//===- Profiler.h - Collects what tensors hold over samples -----*- C++ -*-===//

#ifndef LAMBENT_QUANTIZATION_PROFILER_H
#define LAMBENT_QUANTIZATION_PROFILER_H

#include "lambent/Graph/Import/ModelGraph.h"
#include "lambent/Quantization/Profile.h"
#include "lambent/Quantization/TensorView.h"

namespace lambent::quantization {

/// A tensor to look at, and the axis of its channels: 1 of what convolutions
/// read or write, -1 of what products do, else 0, for none.
struct ProfiledTensor {
  std::string name;
  int64_t channelAxis = 0;
};

/// What the model's nodes and callers read of inputs and of what follows from
/// them, in the order in which it comes to be. Those that are no floats are
/// among them.
std::vector<ProfiledTensor> listProfiledTensors(const graph::ModelGraph &graph);

class Profiler {
public:
  /// `model` is its hash.
  Profiler(std::string model, const std::vector<ProfiledTensor> &tensors);

  /// Takes in one tensor of the sample that is being run. Fails where an
  /// element is no finite number. One without elements has nothing to say.
  llvm::Error see(const TensorView &tensor);
  /// The sample ran to its end: what was seen of it counts from now on.
  void finishSample();
  /// Forgets what was seen of it.
  void dropSample() { sample.clear(); }

  /// Goes on from a profile of the same model.
  llvm::Error merge(const Profile &profile);
  const Profile &getProfile() const { return profile; }

private:
  Profile profile;
  llvm::StringMap<int64_t> axes;
  llvm::StringMap<TensorProfile> sample;
};

} // namespace lambent::quantization

#endif
