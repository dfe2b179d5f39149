//===- Measurement.cpp - How fast a model runs ----------------------------===//

#include "Measurement.h"
#include "Execution.h"
#include "FmaPeak.h"
#include "OtherWork.h"
#include "Report.h"
#include <algorithm>
#include <chrono>
#include <sys/resource.h>

namespace lambent::driver {

using Clock = std::chrono::steady_clock;

static double getPeakRssMb() {
  struct rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

double Measurement::flops() const {
  double sum = 0;
  for (const LayerWork &layer : work)
    sum += static_cast<double>(layer.flops);
  return sum;
}

/// What the last run did.
static int readWork(Execution &execution, std::vector<LayerWork> &work) {
  for (uint32_t i = 0; i < work.size(); ++i)
    if (int status = reportStatus(lambent_context_layer_work(
            execution.getContext(), i, &work[i].flops, &work[i].bytes)))
      return status;
  return Done;
}

/// One run and the time it took. `between` comes before it.
static int timedRun(Execution &execution, std::optional<OtherWork> &between,
                    double &ms) {
  if (between)
    between->run();
  Clock::time_point start = Clock::now();
  int status = execution.run();
  ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  return status;
}

static int timeRuns(PreparedModel &model, LambentThreadPool *pool,
                    double seconds, std::optional<OtherWork> &between,
                    Measurement &result) {
  Execution execution(model);
  double ms;
  if (int status = execution.create(pool))
    return status;
  if (int status = timedRun(execution, between, ms))
    return status;
  Clock::time_point end =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(
                         std::chrono::duration<double>(seconds));
  do {
    if (int status = timedRun(execution, between, ms))
      return status;
    result.runMs.push_back(ms);
  } while (Clock::now() < end);
  std::sort(result.runMs.begin(), result.runMs.end());
  result.work.resize(model.description().num_layers);
  return readWork(execution, result.work);
}

static int timeLayers(PreparedModel &model, LambentThreadPool *pool,
                      size_t runs, std::optional<OtherWork> &between,
                      std::vector<double> &layerMs) {
  Execution execution(model);
  double ms;
  if (int status = execution.create(pool, true, false))
    return status;
  size_t layers = model.description().num_layers;
  std::vector<std::vector<double>> times(layers);
  for (size_t i = 0; i <= runs; ++i) {
    if (int status = timedRun(execution, between, ms))
      return status;
    const uint64_t *last = lambent_context_layer_times(execution.getContext());
    for (size_t j = 0; i > 0 && last && j < layers; ++j)
      times[j].push_back(static_cast<double>(last[j]) * 1e-6);
  }
  for (std::vector<double> &layer : times) {
    std::sort(layer.begin(), layer.end());
    layerMs.push_back(layer.empty() ? 0 : layer[layer.size() / 2]);
  }
  return Done;
}

static int writeTrace(PreparedModel &model, LambentThreadPool *pool,
                      const std::string &path) {
  Execution execution(model);
  if (int status = execution.create(pool, false, true))
    return status;
  for (int i = 0; i < 3; ++i)
    if (int status = execution.run())
      return status;
  return reportStatus(
      lambent_context_write_trace(execution.getContext(), path.c_str()));
}

int measure(PreparedModel &model, const MeasurementOptions &options,
            Measurement &result) {
  LambentThreadPool *pool = nullptr;
  if (int status =
          reportStatus(lambent_thread_pool_create(options.threads, &pool)))
    return status;
  ThreadPool owned(pool);
  result.threads = lambent_thread_pool_size(pool);
  result.peakGflops = measureFmaPeak();
  result.isCold = options.isCold;
  std::optional<OtherWork> between;
  if (options.isCold)
    between.emplace(result.threads);
  if (int status = timeRuns(model, pool, options.seconds, between, result))
    return status;
  if (options.layers) {
    double runs = 500 * options.seconds / std::max(result.medianMs(), 1e-3);
    if (int status = timeLayers(model, pool,
                                static_cast<size_t>(std::clamp(runs, 3., 100.)),
                                between, result.layerMs))
      return status;
  }
  result.peakRssMb = getPeakRssMb();
  if (between)
    result.peakRssMb -= static_cast<double>(between->getBytes()) / (1 << 20);
  if (!options.trace.empty())
    if (int status = writeTrace(model, pool, options.trace))
      return status;
  if (options.layers)
    result.speeds =
        measureSpeeds(model.description(), result.threads, result.peakGflops);
  return Done;
}

} // namespace lambent::driver
