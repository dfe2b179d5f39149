//===- KernelTimes.cpp - Two versions of a model beside each other --------===//

#include "KernelTimes.h"
#include "../Execution.h"
#include <algorithm>
#include <chrono>

namespace lambent::driver {

std::string getAlgorithm(const LambentLayerInfo &layer) {
  for (uint32_t i = 0; i < layer.num_variants; ++i)
    if (layer.variants[i].is_chosen)
      return layer.variants[i].algorithm;
  return "";
}

std::map<std::string, TunedKernel> listKernels(const LambentModel &model) {
  std::map<std::string, TunedKernel> kernels;
  for (uint32_t i = 0; i < model.num_layers; ++i) {
    const LambentLayerInfo &layer = model.layers[i];
    if (!*layer.choice_key)
      continue;
    TunedKernel &kernel = kernels[layer.choice_key];
    if (kernel.layers.empty()) {
      kernel.name = layer.name;
      kernel.algorithm = getAlgorithm(layer);
    }
    kernel.layers.push_back(i);
  }
  return kernels;
}

static double takeMedian(std::vector<double> &times) {
  std::sort(times.begin(), times.end());
  return times.empty() ? 0 : times[times.size() / 2];
}

int compareVersions(PreparedModel *versions[2],
                    const std::map<std::string, TunedKernel> &kernels,
                    LambentThreadPool *pool, double seconds,
                    VersionTimes times[2]) {
  using Clock = std::chrono::steady_clock;
  constexpr int leastRuns = 5, mostRuns = 100;
  Execution executions[2] = {Execution(*versions[0]), Execution(*versions[1])};
  for (Execution &execution : executions) {
    if (int status = execution.create(pool, /*times=*/true))
      return status;
    if (int status = execution.run())
      return status;
  }
  std::vector<double> runs[2];
  std::map<std::string, std::vector<double>> layers[2];
  auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                std::chrono::duration<double>(seconds));
  for (int i = 0; i < leastRuns || (i < mostRuns && Clock::now() < end); ++i)
    for (int v : {0, 1}) {
      Clock::time_point start = Clock::now();
      if (int status = executions[v].run())
        return status;
      runs[v].push_back(
          std::chrono::duration<double, std::milli>(Clock::now() - start)
              .count());
      const uint64_t *last =
          lambent_context_layer_times(executions[v].getContext());
      for (const auto &[key, kernel] : kernels) {
        double sum = 0;
        for (uint32_t layer : kernel.layers)
          sum += last ? static_cast<double>(last[layer]) * 1e-6 : 0;
        layers[v][key].push_back(sum);
      }
    }
  for (int v : {0, 1}) {
    times[v].run = takeMedian(runs[v]);
    for (auto &[key, each] : layers[v])
      times[v].kernels[key] = takeMedian(each);
  }
  return 0;
}

} // namespace lambent::driver
