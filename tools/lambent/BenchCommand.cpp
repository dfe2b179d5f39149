//===- BenchCommand.cpp - lambent bench -----------------------------------===//

#include "Commands.h"
#include "Json.h"
#include "Limits.h"
#include "Measurement.h"
#include "Report.h"
#include <cstdio>
#include <sys/resource.h>

namespace lambent::driver {

static double peakRssMb() {
  struct rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

static double totalFlops(const LambentModel &model) {
  double flops = 0;
  for (uint32_t i = 0; i < model.num_layers; ++i)
    flops += static_cast<double>(model.layers[i].flops);
  return flops;
}

static void printJson(const PreparedModel &prepared, const Measurement &m) {
  const LambentModel &model = prepared.description();
  double flops = totalFlops(model);
  JsonWriter json;
  json.beginObject()
      .member("min_ms", m.minMs())
      .member("median_ms", m.medianMs())
      .member("iterations", static_cast<double>(m.runMs.size()))
      .member("threads", static_cast<double>(m.threads))
      .member("load_ms", prepared.loadMs)
      .member("compile_ms", prepared.compileMs)
      .member("peak_rss_mb", peakRssMb())
      .member("gflop", flops * 1e-9)
      .member("peak_gflops", m.peakGflops)
      .member("share_of_peak", m.shareOfPeak(flops, m.medianMs()))
      .key("layers")
      .beginArray();
  for (size_t i = 0; i < m.layerMs.size(); ++i) {
    const LambentLayerInfo &layer = model.layers[i];
    double layerFlops = static_cast<double>(layer.flops);
    json.beginObject()
        .member("name", std::string_view(layer.name))
        .member("kernel", std::string_view(layer.kernel))
        .member("median_ms", m.layerMs[i])
        .member("gflop", layerFlops * 1e-9)
        .member("mbytes", static_cast<double>(layer.bytes) * 1e-6)
        .member("share_of_peak", m.shareOfPeak(layerFlops, m.layerMs[i]))
        .endObject();
  }
  json.endArray().endObject();
  std::printf("%s\n", json.text().c_str());
}

static void printLayers(const LambentModel &model, const Measurement &m) {
  double total = 0;
  for (double ms : m.layerMs)
    total += ms;
  std::printf("\n%10s %6s %9s %6s %8s  %s\n", "ms", "time", "GFLOP", "peak",
              "GB/s", "kernel: nodes");
  for (size_t i = 0; i < m.layerMs.size(); ++i) {
    const LambentLayerInfo &layer = model.layers[i];
    double ms = m.layerMs[i], flops = static_cast<double>(layer.flops);
    std::printf("%10.4f %4.1f %% %9.4f %4.0f %% %8.1f  %s: %s\n", ms,
                total > 0 ? 100 * ms / total : 0, flops * 1e-9,
                100 * m.shareOfPeak(flops, ms),
                ms > 0 ? static_cast<double>(layer.bytes) / (ms * 1e6) : 0,
                shown(layer.kernel).c_str(), shown(layer.name).c_str());
  }
}

static void printText(const PreparedModel &prepared, const Measurement &m) {
  const LambentModel &model = prepared.description();
  double flops = totalFlops(model);
  std::printf("latency      median %.3f ms, min %.3f ms (%zu runs, %u %s)\n",
              m.medianMs(), m.minMs(), m.runMs.size(), m.threads,
              m.threads == 1 ? "thread" : "threads");
  if (model.num_values)
    std::printf("work         not known: the model has open dims\n");
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
                peakRssMb(), weights);
  else
    std::printf("memory       %.1f MiB at most, of these %.2f MiB arena and "
                "%.1f MiB weights\n",
                peakRssMb(), static_cast<double>(model.arena_bytes) / (1 << 20),
                weights);
  if (!m.layerMs.empty())
    printLayers(model, m);
}

static int run(const Arguments &arguments) {
  std::optional<ModelOptions> options = parseModelOptions(arguments);
  std::optional<uint32_t> threads = arguments.wholeNumber("--threads", 0, 1024);
  std::optional<double> seconds = arguments.number("--seconds", 2, 3600);
  if (!options || !threads || !seconds)
    return Error;
  PreparedModel prepared;
  if (int status =
          prepareModel(arguments.operand(), arguments.get("--input-dir"),
                       /*mayMakeInputs=*/true, *options, prepared))
    return status;
  bool json = arguments.has("--json");
  MeasurementOptions how;
  how.threads = *threads;
  how.seconds = *seconds;
  how.layers = json || arguments.has("--layers");
  how.trace = arguments.get("--trace");
  if (!how.trace.empty()) {
    if (arguments.has("--input-dir"))
      prepared.files.addFolder(arguments.get("--input-dir"));
    prepared.files.add("/dev/stdout"); // may be a file that the shell opened
    if (int status = prepared.files.checkOutput(how.trace))
      return status;
  }
  Measurement measurement;
  if (int status = measure(prepared, how, measurement))
    return status;
  if (json)
    printJson(prepared, measurement);
  else
    printText(prepared, measurement);
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
          cacheOption(),
          {"--layers", "", "Print the time of each layer."},
          {"--json", "",
           "Print one JSON object: min_ms, median_ms, iterations, threads, "
           "load_ms, compile_ms, peak_rss_mb, gflop, peak_gflops, "
           "share_of_peak, layers."},
          {"--trace", "FILE",
           "Write who computed what when in three more runs, as a Chrome trace "
           "(chrome://tracing, Perfetto)."},
      })),
      "lambent bench model.so --threads=1 --layers\n"
      "lambent bench open.so --dim batch=1 --dim seq=128\n"
      "lambent bench model.onnx --dim batch=1 --json",
      run};
}

} // namespace lambent::driver
