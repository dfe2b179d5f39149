//===- BenchCommand.cpp - lambent bench -----------------------------------===//

#include "Commands.h"
#include "Json.h"
#include "LayerReport/JsonReport.h"
#include "LayerReport/Markup.h"
#include "Limits.h"
#include "Measurement.h"
#include "Report.h"
#include <cstdio>

namespace lambent::driver {

static void printJson(const PreparedModel &prepared, const Measurement &m,
                      const std::vector<LayerRow> &rows) {
  const LambentModel &model = prepared.description();
  double flops = m.flops();
  JsonWriter json;
  json.beginObject()
      .member("min_ms", m.minMs())
      .member("median_ms", m.medianMs())
      .member("iterations", static_cast<double>(m.runMs.size()))
      .member("threads", static_cast<double>(m.threads))
      .key("cold")
      .truth(m.isCold)
      .member("load_ms", prepared.loadMs)
      .member("compile_ms", prepared.compileMs)
      .member("peak_rss_mb", m.peakRssMb)
      .member("gflop", flops * 1e-9)
      .member("peak_gflops", m.peakGflops)
      .member("share_of_peak", m.shareOfPeak(flops, m.medianMs()));
  addSpeeds(json, *m.speeds);
  json.key("layers").beginArray();
  for (size_t i = 0; i < m.layerMs.size(); ++i) {
    const LambentLayerInfo &layer = model.layers[i];
    double layerFlops = static_cast<double>(m.work[i].flops);
    json.beginObject()
        .member("name", std::string_view(layer.name))
        .member("kernel", std::string_view(layer.kernel))
        .member("median_ms", m.layerMs[i])
        .member("gflop", layerFlops * 1e-9)
        .member("mbytes", static_cast<double>(m.work[i].bytes) * 1e-6)
        .member("share_of_peak", m.shareOfPeak(layerFlops, m.layerMs[i]));
    addRoofMembers(json, rows[i]);
    json.endObject();
  }
  json.endArray().endObject();
  std::printf("%s\n", json.text().c_str());
}

static void printSpeeds(const Speeds &speeds) {
  std::printf("\nroofs        multiply-adds %.1f GFLOP/s", speeds.peakGflops);
  for (const MemoryLevel &level : speeds.levels)
    if (level.gbPerSecond > 0)
      std::printf(", %s %.1f GB/s", level.name.c_str(), level.gbPerSecond);
  std::printf(", measured\n");
}

static std::string percentText(std::optional<double> share) {
  return share ? decimals(*share * 100, 0) + " %" : "";
}

static void printLayers(const Measurement &m,
                        const std::vector<LayerRow> &rows) {
  double total = 0;
  for (double ms : m.layerMs)
    total += ms;
  printSpeeds(*m.speeds);
  std::printf("\n%10s %6s %10s %9s %8s %6s %8s %13s %6s  %s\n", "ms", "time",
              "predicted", "GFLOP", "GFLOP/s", "peak", "GB/s", "roof", "share",
              "kernel: nodes");
  for (const LayerRow &row : rows) {
    double ms = row.measuredMs.value_or(0), flops = row.gflop * 1e9;
    std::printf("%10.4f %4.1f %% %10s %9.4f %8.1f %4.0f %% %8.1f %13s %6s  "
                "%s: %s\n",
                ms, total > 0 ? 100 * ms / total : 0,
                decimals(row.predictedMs, 4).c_str(), row.gflop,
                row.gflops().value_or(0), 100 * m.shareOfPeak(flops, ms),
                row.gbPerSecond().value_or(0), row.roof.c_str(),
                percentText(row.shareOfRoof()).c_str(),
                shown(row.info->kernel).c_str(), shown(row.info->name).c_str());
  }
}

static void printText(const PreparedModel &prepared, const Measurement &m,
                      const std::vector<LayerRow> &rows) {
  const LambentModel &model = prepared.description();
  double flops = m.flops();
  std::printf("latency      median %.3f ms, min %.3f ms (%zu %sruns, %u %s)\n",
              m.medianMs(), m.minMs(), m.runMs.size(), m.isCold ? "cold " : "",
              m.threads, m.threads == 1 ? "thread" : "threads");
  if (model.fallback && flops == 0)
    std::printf("work         not known: these sizes take another version of "
                "the model\n");
  else
    std::printf("work         %.3f GFLOP, %.0f %% of the measured peak of "
                "%.1f GFLOP/s a core\n",
                flops * 1e-9, 100 * m.shareOfPeak(flops, m.medianMs()),
                m.peakGflops);
  if (prepared.compileMs > 0)
    std::printf("compiling    %.0f ms\n", prepared.compileMs);
  else
    std::printf("loading      %.1f ms\n", prepared.loadMs);
  double weights = static_cast<double>(model.weight_bytes) / (1 << 20);
  if (model.num_values)
    std::printf("memory       %.1f MiB at most, of these %.1f MiB weights\n",
                m.peakRssMb, weights);
  else
    std::printf("memory       %.1f MiB at most, of these %.2f MiB arena and "
                "%.1f MiB weights\n",
                m.peakRssMb, static_cast<double>(model.arena_bytes) / (1 << 20),
                weights);
  if (!rows.empty())
    printLayers(m, rows);
}

static int run(const Arguments &arguments) {
  std::optional<ModelOptions> options = parseModelOptions(arguments);
  std::optional<uint32_t> threads = arguments.wholeNumber("--threads", 0, 1024);
  std::optional<double> seconds = arguments.number("--seconds", 2, 3600);
  if (!options || !threads || !seconds ||
      (arguments.has("--report") && !mayWriteReport(arguments.get("--report"))))
    return Error;
  PreparedModel prepared;
  if (int status =
          prepareModel(arguments.operand(), arguments.get("--input-dir"),
                       /*mayMakeInputs=*/true, *options, prepared))
    return status;
  bool json = arguments.has("--json");
  std::string report = arguments.get("--report");
  MeasurementOptions how;
  how.threads = *threads;
  how.seconds = *seconds;
  how.layers = json || arguments.has("--layers") || arguments.has("--report");
  how.isCold = arguments.has("--cold");
  how.trace = arguments.get("--trace");
  if (!report.empty() && how.trace == report)
    return reportError("expected another name for --trace than for --report, "
                       "but got " +
                       quoted(report) + " for both");
  for (const std::string &output : {how.trace, report}) {
    if (output.empty())
      continue;
    if (arguments.has("--input-dir"))
      prepared.files.addFolder(arguments.get("--input-dir"));
    prepared.files.add("/dev/stdout"); // may be a file that the shell opened
    if (int status = prepared.files.checkOutput(output))
      return status;
  }
  Measurement measurement;
  if (int status = measure(prepared, how, measurement))
    return status;
  std::vector<LayerRow> rows;
  if (how.layers)
    rows = makeLayerRows(prepared.description(), *measurement.speeds,
                         measurement.layerMs, measurement.work);
  if (!report.empty())
    if (int status = writeReport(
            report, {arguments.operand(), &prepared.description(),
                     *measurement.speeds, rows, measurement.medianMs()}))
      return status;
  if (json)
    printJson(prepared, measurement, rows);
  else
    printText(prepared, measurement,
              arguments.has("--layers") ? rows : std::vector<LayerRow>());
  return Done;
}

Command benchCommand() {
  return {
      "bench",
      "MODEL.onnx|ARTEFACT",
      "",
      "measure a model's latency, layer by layer",
      "Runs a model again and again and prints the median and least time of a "
      "run, the time to compile or load it, the memory used, and the share of "
      "the machine's multiply-add peak, which is measured at the same time. "
      "Without --input-dir the inputs are made up: seeded, normally "
      "distributed floats, integers of 0 and 1, and short words. An artefact "
      "is a library, "
      "an object or a bundle's object; an executable takes no measurements. "
      "Where an artefact has open dims, --dim and --shape say how large they "
      "are.",
      withLimits(withModelOptions({
          {"--input-dir", "DIR", "The folder of the inputs, as for 'run'."},
          {"--threads", "N",
           "Threads to compute on; 0, the default, takes one for each CPU."},
          {"--seconds", "S", "How long to measure; 2 by default."},
          {"--cold", "",
           "Let other work take the caches before each run, as in an "
           "application that does more than to run the model; without it runs "
           "follow one another."},
          cacheOption(),
          {"--layers", "",
           "Print of each layer its time, measured and predicted, its kernel, "
           "and its share of the roof that binds: the least time that its "
           "arithmetic takes at the multiply-add peak, or its bytes at the "
           "speed of L2, L3 or memory, which are measured."},
          {"--json", "",
           "Print one JSON object: min_ms, median_ms, iterations, threads, "
           "cold, load_ms, compile_ms, peak_rss_mb, gflop, peak_gflops, "
           "share_of_peak, speeds, layers."},
          reportOption(),
          {"--trace", "FILE",
           "Write who computed what when in three more runs, as a Chrome trace "
           "(chrome://tracing, Perfetto)."},
      })),
      "lambent bench model.so --threads=1 --layers\n"
      "lambent bench model.so --report=layers.html\n"
      "lambent bench open.so --dim batch=1 --dim seq=128\n"
      "lambent bench model.onnx --dim batch=1 --json",
      run};
}

} // namespace lambent::driver
