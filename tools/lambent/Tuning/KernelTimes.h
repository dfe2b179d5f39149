//===- KernelTimes.h - Two versions of a model beside each other -*- C++ -*-==//

#ifndef LAMBENT_TOOLS_TUNING_KERNELTIMES_H
#define LAMBENT_TOOLS_TUNING_KERNELTIMES_H

#include "../Model.h"
#include <map>
#include <string>

namespace lambent::driver {

/// The layers that one choice is made for.
struct TunedKernel {
  std::vector<uint32_t> layers;
  std::string name;      ///< of the first
  std::string algorithm; ///< that estimates choose
};

/// By choice_key, those of the layers that can be computed in several ways.
std::map<std::string, TunedKernel> listKernels(const LambentModel &model);

/// The algorithm that a layer takes.
std::string getAlgorithm(const LambentLayerInfo &layer);

/// What one version of a model takes, in ms.
struct VersionTimes {
  double run = 0;
  std::map<std::string, double> kernels; ///< by choice_key
};

/// Runs two versions in turns, so that what disturbs one disturbs both, for so
/// many seconds, and takes medians. `versions[1]` may take other algorithms,
/// but has the same layers. Prints what is wrong; returns an exit status.
int compareVersions(PreparedModel *versions[2],
                    const std::map<std::string, TunedKernel> &kernels,
                    LambentThreadPool *pool, double seconds,
                    VersionTimes times[2]);

} // namespace lambent::driver

#endif
