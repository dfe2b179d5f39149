//===- LayerRows.cpp - What is known of each layer ------------------------===//

#include "LayerRows.h"
#include <algorithm>

namespace lambent::driver {

std::string LayerRow::algorithm() const {
  for (uint32_t i = 0; i < info->num_variants; ++i)
    if (info->variants[i].is_chosen)
      return info->variants[i].algorithm;
  return info->kernel;
}

std::optional<double> LayerRow::shareOfRoof() const {
  std::optional<double> time = ms();
  return time && roofMs && *time > 0 ? std::optional(*roofMs / *time)
                                     : std::nullopt;
}

/// So many millions in so many milliseconds, as thousands of millions a second.
static std::optional<double> getRate(double millions,
                                     std::optional<double> ms) {
  return ms && *ms > 0 && millions > 0 ? std::optional(millions / *ms)
                                       : std::nullopt;
}

std::optional<double> LayerRow::gflops() const {
  return getRate(gflop * 1e3, ms());
}

std::optional<double> LayerRow::gbPerSecond() const {
  return getRate(mbytes, ms());
}

namespace {

/// The time that bytes take, and the level that most of it goes to.
struct ReadTime {
  std::optional<double> ms;
  std::string level;
};

} // namespace

/// Weights come from where all weights and values of a run lie, for all of them
/// pass by between two uses; other data from where this layer's lies.
static ReadTime getReadTime(const LambentModel &model,
                            const LambentLayerInfo &layer, double bytes,
                            const Speeds &speeds) {
  auto weights = static_cast<double>(layer.weight_bytes),
       others = bytes - weights;
  const MemoryLevel &far = speeds.getLevel(
                        static_cast<double>(model.weight_bytes) +
                        static_cast<double>(model.arena_bytes)),
                    &near = speeds.getLevel(others);
  if ((weights > 0 && far.gbPerSecond <= 0) ||
      (others > 0 && near.gbPerSecond <= 0))
    return {};
  double farMs = weights > 0 ? weights / (far.gbPerSecond * 1e6) : 0,
         nearMs = others > 0 ? others / (near.gbPerSecond * 1e6) : 0;
  return {farMs + nearMs, farMs > nearMs ? far.name : near.name};
}

static void findRoof(LayerRow &row, const ReadTime &reading,
                     const Speeds &speeds) {
  if (!reading.ms || speeds.peakGflops <= 0)
    return;
  double computing = row.gflop * 1e3 / speeds.peakGflops;
  bool computes = computing >= *reading.ms;
  row.roof = computes ? "multiply-adds" : reading.level;
  row.roofMs = computes ? computing : *reading.ms;
}

/// Work is taken to be divided evenly between threads.
static void predict(LayerRow &row, const ReadTime &reading,
                    const Speeds &speeds) {
  if (row.info->cycles && speeds.cyclesPerSecond > 0) {
    row.predictedMs = static_cast<double>(row.info->cycles) * 1e3 /
                      (speeds.cyclesPerSecond * speeds.threads);
    row.basis = "cycles of the algorithm";
    if (reading.ms && *reading.ms > *row.predictedMs) {
      row.predictedMs = reading.ms;
      row.basis = "bytes from " + reading.level;
    }
  } else if (row.roofMs && !row.info->cycles) {
    row.predictedMs = row.roofMs;
    row.basis = row.roof == "multiply-adds" ? "arithmetic at the peak"
                                            : "bytes from " + row.roof;
  } else {
    row.basis = "how fast such a CPU is was not measured";
  }
}

std::vector<const LambentModel *> findBodies(const LambentModel &model,
                                             size_t layer) {
  for (uint32_t i = 0; model.calls && i < model.num_calls; ++i) {
    const LambentCallInfo &call = model.calls[i];
    if (call.layer != layer)
      continue;
    if (call.kind == LAMBENT_CALL_IF)
      return {call.bodies[0], call.bodies[1]};
    return {call.bodies[0]};
  }
  return {};
}

std::vector<LayerRow> makeLayerRows(const LambentModel &model,
                                    const Speeds &speeds,
                                    const std::vector<double> &layerMs,
                                    const std::vector<LayerWork> &work) {
  std::vector<LayerRow> rows(model.num_layers);
  for (uint32_t i = 0; i < model.num_layers; ++i) {
    LayerRow &row = rows[i];
    const LambentLayerInfo &info = model.layers[i];
    row.info = &info;
    if (i < layerMs.size())
      row.measuredMs = layerMs[i];
    LayerWork own =
        i < work.size() ? work[i] : LayerWork{info.flops, info.bytes};
    if (info.is_runtimes || !own.bytes) {
      row.basis = info.is_runtimes ? "the runtime does it" : "sizes are open";
      continue;
    }
    row.gflop = static_cast<double>(own.flops) * 1e-9;
    row.mbytes = static_cast<double>(own.bytes) * 1e-6;
    ReadTime reading =
        getReadTime(model, info, static_cast<double>(own.bytes), speeds);
    findRoof(row, reading, speeds);
    predict(row, reading, speeds);
  }
  return rows;
}

} // namespace lambent::driver
