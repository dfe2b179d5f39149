// compile.hpp: compilations, in process and to files. Part of lambent.hpp.
#ifndef LAMBENT_C_COMPILE_HPP
#define LAMBENT_C_COMPILE_HPP

#include "lambent-c/prune.h"
#include "lambent-c/quantize.hpp"
#include "lambent-c/run.hpp"

namespace lambent {
inline namespace v1 {

struct CompileOptions {
  std::string name = "model";
  std::string cpu = "native";
  std::string target = "cpu";
  uint32_t accuracy = LAMBENT_ACCURACY_DEFAULT; ///< a LambentAccuracy
  std::uint32_t threads = 0;
  std::vector<std::pair<std::string, std::int64_t>> dims;                ///< open dims to bind
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> shapes; ///< inputs' whole shapes
  /// Of a dim that stays open: its least and most size, and what it is a multiple of.
  struct Range {
    std::string name;
    std::int64_t least = 0, most = INT64_MAX, factor = 1;
  };
  std::vector<Range> ranges;
  /// Values that inputs will have, used where something must be known at compile time (see LambentConstantBinding).
  std::vector<std::pair<std::string, Tensor>> constants;
  std::vector<std::pair<std::string, std::string>> donations; ///< inputs and the outputs that take their memory
  std::function<void(const std::string &phase, std::uint32_t done, std::uint32_t total)> progress;
  std::vector<std::string> extraOutputs; ///< values inside the model, as outputs behind its own
  const Cancellation *cancellation = nullptr;
  std::uint64_t maxMemory = 0; ///< bytes; 0: no limit
  std::string cacheFolder;     ///< compiled models are kept there; empty: nowhere
  std::uint64_t cacheBytes = 0; ///< 0: 4 GiB
  /// Files of what was measured (lambent-c/tuning.h), "" for none; nothing: what is kept for this machine.
  std::optional<std::string> cpuDescription, tunedChoices;
  bool keepFloatWeights = false; ///< also those that are integers times a scale
  std::string blockFormat; ///< that operands of products are rounded to, as in LambentCompileOptions
  std::string productType; ///< the same of a type, "bf16"
  double winogradZeros = 0; ///< percent of Winograd filters that is left out, as in LambentCompileOptions
  std::vector<std::pair<std::string, double>> winogradLayers; ///< other percentages of single Convs, by name
  std::optional<QuantizeOptions> quantize; ///< to integers, first; without samples
};

namespace detail {
/// The C form of options; valid while they live.
class COptions {
public:
  explicit COptions(const CompileOptions &options) {
    if (options.quantize)
      c.quantize = quantize.emplace(*options.quantize).get();
    for (const auto &[name, value] : options.dims)
      dims.push_back({name.c_str(), value});
    for (const auto &[name, shape] : options.shapes)
      shapes.push_back({name.c_str(), shape.data(), static_cast<std::uint32_t>(shape.size()), 0});
    for (const CompileOptions::Range &range : options.ranges)
      ranges.push_back({range.name.c_str(), range.least, range.most, range.factor});
    for (const auto &[name, value] : options.constants)
      values.push_back(value.get());
    for (std::size_t i = 0; i < values.size(); ++i)
      constants.push_back({options.constants[i].first.c_str(), &values[i]});
    c.size = sizeof(c);
    c.name = options.name.c_str();
    c.cpu = options.cpu.c_str();
    c.target = options.target.c_str();
    c.accuracy = options.accuracy;
    c.threads = options.threads;
    c.dims = dims.data();
    c.num_dims = static_cast<std::uint32_t>(dims.size());
    c.ranges = ranges.data();
    c.num_ranges = static_cast<std::uint32_t>(ranges.size());
    c.shapes = shapes.data();
    c.num_shapes = static_cast<std::uint32_t>(shapes.size());
    c.constants = constants.data();
    c.num_constants = static_cast<std::uint32_t>(constants.size());
    for (const auto &[input, output] : options.donations)
      donations.push_back({input.c_str(), output.c_str()});
    c.donations = donations.data();
    c.num_donations = static_cast<std::uint32_t>(donations.size());
    for (const std::string &name : options.extraOutputs)
      extraOutputs.push_back(name.c_str());
    c.extra_outputs = extraOutputs.data();
    c.num_extra_outputs = static_cast<std::uint32_t>(extraOutputs.size());
    c.cancellation = options.cancellation ? options.cancellation->get() : nullptr;
    c.max_memory = options.maxMemory;
    c.cache_folder = options.cacheFolder.empty() ? nullptr : options.cacheFolder.c_str();
    c.cache_bytes = options.cacheBytes;
    c.cpu_description = options.cpuDescription ? options.cpuDescription->c_str() : nullptr;
    c.tuned_choices = options.tunedChoices ? options.tunedChoices->c_str() : nullptr;
    c.keep_float_weights = options.keepFloatWeights;
    c.block_format = options.blockFormat.c_str();
    c.product_type = options.productType.c_str();
    c.winograd_zeros = options.winogradZeros;
    for (const auto &[name, percent] : options.winogradLayers)
      winogradLayers.push_back({name.c_str(), percent});
    c.winograd_layers = winogradLayers.data();
    c.num_winograd_layers = static_cast<std::uint32_t>(winogradLayers.size());
    c.user = const_cast<CompileOptions *>(&options);
    if (options.progress)
      c.progress = [](void *user, const char *phase, std::uint32_t done, std::uint32_t total) {
        static_cast<CompileOptions *>(user)->progress(phase, done, total);
      };
  }
  const LambentCompileOptions *get() const { return &c; }

private:
  std::vector<LambentDimBinding> dims;
  std::vector<LambentDonation> donations;
  std::vector<LambentDimRange> ranges;
  std::vector<LambentShapeBinding> shapes;
  std::vector<LambentTensor> values;
  std::vector<LambentConstantBinding> constants;
  std::vector<LambentLayerZeros> winogradLayers;
  std::vector<const char *> extraOutputs;
  std::optional<CQuantizeOptions> quantize;
  LambentCompileOptions c = {};
};
} // namespace detail

/// Compiles for this machine.
inline Result<Module> compile(const ModelSource &source, const CompileOptions &options = {}) {
  LambentModelSource from = source.get();
  detail::COptions given(options);
  LambentModule *module = nullptr;
  if (LambentStatus *status = lambent_compile(&from, given.get(), &module))
    return Status(status);
  return Module(module);
}

/// Loads the object of an `object` or `bundle` artefact by linking it into this process.
inline Result<Module> linkObject(const std::string &path) {
  LambentModule *module = nullptr;
  if (LambentStatus *status = lambent_module_link(path.c_str(), nullptr, &module))
    return Status(status);
  return Module(module);
}

/// Compiles ahead of time.
inline Status compileToFile(const ModelSource &source, const CompileOptions &options, LambentOutputForm form,
                            const std::string &output) {
  LambentModelSource from = source.get();
  detail::COptions given(options);
  return Status(lambent_compile_to_file(&from, given.get(), form, output.c_str()));
}

} // namespace v1
} // namespace lambent

#endif
