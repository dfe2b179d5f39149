//===- Profile.h - What values a model's tensors take -----------*- C++ -*-===//

#ifndef LAMBENT_QUANTIZATION_PROFILE_H
#define LAMBENT_QUANTIZATION_PROFILE_H

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace lambent::quantization {

/// How often values fell into intervals of equal width, a power of two. All
/// edges are multiples of it, so that intervals become wider by joining pairs,
/// and the counts do not depend on the order in which values came. The width is
/// the least with which the tensor's range takes at most `mostBins` intervals
/// (and its largest magnitude at most 2^24): the range decides it alone.
struct Histogram {
  static constexpr size_t mostBins = 2048;
  double lowest = 0, width = 0;
  /// counts[i]: the values in [lowest + i * width, lowest + (i + 1) * width).
  /// The first and the last are not 0.
  std::vector<uint64_t> counts;
};

/// What one channel of a tensor was seen to hold.
struct ChannelProfile {
  double least = 0, most = 0;
  double sum = 0; ///< with `elements` of the tensor: the mean
};

/// What one float tensor was seen to hold, over all samples.
struct TensorProfile {
  double least = 0, most = 0;
  double sum = 0, sumOfSquares = 0;
  uint64_t elements = 0;
  Histogram histogram;
  /// The axis that `channels` is along: 1, or the last (-1) for what matrix
  /// products read. No channels where the axis differs in length between runs.
  int64_t channelAxis = 1;
  std::vector<ChannelProfile> channels;
};

/// The tensors of one model, by name. It does not depend on sizes of batches:
/// profiles of the same model merge.
struct Profile {
  /// SHA-256 of the model's structure and weights, hexadecimal.
  std::string model;
  uint64_t samples = 0;
  llvm::StringMap<TensorProfile> tensors;
};

} // namespace lambent::quantization

#endif
