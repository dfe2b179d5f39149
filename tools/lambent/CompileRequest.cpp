//===- CompileRequest.cpp - What the driver asks the compiler for ---------===//

#include "CompileRequest.h"
#include <cstdio>
#include <unistd.h>

namespace lambent::driver {

CompileRequest::CompileRequest(const std::string &path,
                               const ModelOptions &options)
    : path(path), wanted(options) {
  for (const auto &[name, value] : wanted.dims)
    dims.push_back({name.c_str(), value});
  for (const auto &[name, range] : wanted.ranges)
    ranges.push_back({name.c_str(), range.least, range.most, range.factor});
  for (const auto &[input, shape] : wanted.shapes)
    shapes.push_back(
        {input.c_str(), shape.data(), static_cast<uint32_t>(shape.size()), 0});
  for (const auto &[input, value] : wanted.constants)
    constants.push_back({input.c_str(), value});
  theSource.size = sizeof theSource;
  theSource.path = this->path.c_str();
  theOptions.size = sizeof theOptions;
  theOptions.name = wanted.name.c_str();
  theOptions.cpu = wanted.cpu.c_str();
  theOptions.target = wanted.target.c_str();
  theOptions.accuracy =
      wanted.strict ? LAMBENT_ACCURACY_STRICT : LAMBENT_ACCURACY_DEFAULT;
  theOptions.dims = dims.data();
  theOptions.num_dims = static_cast<uint32_t>(dims.size());
  theOptions.ranges = ranges.data();
  theOptions.num_ranges = static_cast<uint32_t>(ranges.size());
  theOptions.shapes = shapes.data();
  theOptions.num_shapes = static_cast<uint32_t>(shapes.size());
  theOptions.constants = constants.data();
  theOptions.num_constants = static_cast<uint32_t>(constants.size());
  for (const auto &[input, output] : wanted.donations)
    donations.push_back({input.c_str(), output.c_str()});
  theOptions.donations = donations.data();
  theOptions.num_donations = static_cast<uint32_t>(donations.size());
  for (const std::string &name : wanted.dumps)
    extraOutputs.push_back(name.c_str());
  theSource.follow_links = wanted.followLinks;
  theOptions.extra_outputs = extraOutputs.data();
  theOptions.num_extra_outputs = static_cast<uint32_t>(extraOutputs.size());
  theOptions.cancellation = wanted.cancellation.get();
  theOptions.max_memory = wanted.maxMemory;
  if (!wanted.cacheFolder.empty())
    theOptions.cache_folder = wanted.cacheFolder.c_str();
  if (wanted.cpuDescription)
    theOptions.cpu_description = wanted.cpuDescription->c_str();
  if (wanted.tunedChoices)
    theOptions.tuned_choices = wanted.tunedChoices->c_str();
  theOptions.candidate = wanted.candidate;
  theOptions.keep_float_weights = wanted.keepFloatWeights;
  theOptions.block_format = wanted.blockFormat.c_str();
  theOptions.product_type = wanted.productType.c_str();
  theOptions.winograd_zeros = wanted.winogradZeros;
  for (const auto &[name, percent] : wanted.winogradLayers)
    winogradLayers.push_back({name.c_str(), percent});
  theOptions.winograd_layers = winogradLayers.data();
  theOptions.num_winograd_layers = static_cast<uint32_t>(winogradLayers.size());
  if (wanted.quantize)
    theOptions.quantize = wanted.quantize->options();
  theOptions.watch_signals = 1;
  theOptions.user = this;
  if (isatty(STDERR_FILENO))
    theOptions.progress = showProgress;
}

CompileRequest::~CompileRequest() {
  if (shown)
    std::fputs("\r\033[K", stderr);
}

void CompileRequest::showProgress(void *user, const char *phase, uint32_t done,
                                  uint32_t total) {
  static_cast<CompileRequest *>(user)->shown = true;
  std::fprintf(stderr, "\r\033[K%s", phase);
  if (total)
    std::fprintf(stderr, " %u of %u", done, total);
  std::fflush(stderr);
}

} // namespace lambent::driver
