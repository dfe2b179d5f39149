// quantize.hpp: float models to quantized ones. Part of lambent.hpp.
#ifndef LAMBENT_C_QUANTIZE_HPP
#define LAMBENT_C_QUANTIZE_HPP

#include "lambent-c/quantize.h"
#include "lambent-c/run.hpp"
#include "lambent-c/source.hpp"

namespace lambent {
inline namespace v1 {

/// One sample of a model's inputs, in their order.
struct Sample {
  std::string name; ///< for messages
  std::vector<Tensor> inputs;
};

/// Samples that weights follow, which are read several times.
struct SampleSet {
  std::uint64_t count = 0;
  /// Gives a sample, whose data stays until the next call; nothing ends the quantization.
  std::function<std::optional<Sample>(std::uint64_t index)> read;
  const ThreadPool *pool = nullptr; ///< to compute on; null: the calling thread
};

/// As in LambentQuantizeOptions.
struct QuantizeOptions {
  std::string numbers = "int8";
  std::string profile; ///< a file, which int8 and int16 need
  std::string calibration = "minmax";
  std::string schema; ///< "": that of the numbers
  std::string migration; ///< "": none; "auto", or a number
  std::vector<std::string> keep; ///< nodes that stay in float
  std::uint32_t keepFirst = 0, keepLast = 0;
  bool perTensor = false;
  std::uint32_t group = 0; ///< of weights alone; 0: 32
  std::string rounding = "nearest";
  std::optional<SampleSet> samples; ///< for the roundings "gptq" and "adaround"
};

namespace detail {
/// The C form of samples; valid while they live.
class CSampleSet {
public:
  explicit CSampleSet(const std::optional<SampleSet> &samples) : given(samples) {
    if (!given)
      return;
    set.size = sizeof(set);
    set.count = given->count;
    set.pool = given->pool ? given->pool->get() : nullptr;
    set.user = this;
    if (given->read)
      set.read = [](void *user, std::uint64_t index, LambentSample *sample) {
        return static_cast<CSampleSet *>(user)->read(index, *sample) ? 0 : 1;
      };
  }
  CSampleSet(const CSampleSet &) = delete;
  CSampleSet &operator=(const CSampleSet &) = delete;
  const LambentSampleSet *get() const { return given ? &set : nullptr; }

private:
  bool read(std::uint64_t index, LambentSample &sample) {
    current = given->read(index);
    if (!current)
      return false;
    tensors = getAll(current->inputs);
    sample.name = current->name.c_str();
    sample.inputs = tensors.data();
    sample.num_inputs = static_cast<std::uint32_t>(tensors.size());
    return true;
  }

  const std::optional<SampleSet> &given;
  std::optional<Sample> current;
  std::vector<LambentTensor> tensors;
  LambentSampleSet set = {};
};

/// The C form of options; valid while they live.
class CQuantizeOptions {
public:
  explicit CQuantizeOptions(const QuantizeOptions &options) : given(options), samples(options.samples) {
    for (const std::string &name : given.keep)
      keep.push_back(name.c_str());
    c.size = sizeof(c);
    c.numbers = given.numbers.c_str();
    c.profile = given.profile.empty() ? nullptr : given.profile.c_str();
    c.calibration = given.calibration.c_str();
    c.schema = given.schema.empty() ? nullptr : given.schema.c_str();
    c.migration = given.migration.empty() ? nullptr : given.migration.c_str();
    c.keep = keep.data();
    c.num_keep = static_cast<std::uint32_t>(keep.size());
    c.keep_first = given.keepFirst;
    c.keep_last = given.keepLast;
    c.per_tensor = given.perTensor;
    c.group = given.group;
    c.rounding = given.rounding.c_str();
    c.samples = samples.get();
  }
  CQuantizeOptions(const CQuantizeOptions &) = delete;
  CQuantizeOptions &operator=(const CQuantizeOptions &) = delete;
  const LambentQuantizeOptions *get() const { return &c; }

private:
  const QuantizeOptions &given;
  CSampleSet samples;
  std::vector<const char *> keep;
  LambentQuantizeOptions c = {};
};
} // namespace detail

/// A layer that a quantization may change, and why it has no form in the integers asked for, or in bf16; nothing where it
/// has one.
struct LayerForms {
  std::string node, op;
  std::optional<std::string> noIntegers, noBF16;
};

/// The layers that the options leave to be chosen, as lambent_list_layer_forms says.
inline Result<std::vector<LayerForms>> listLayerForms(const ModelSource &source, const QuantizeOptions &options) {
  LambentModelSource from = source.get();
  detail::CQuantizeOptions given(options);
  std::vector<LayerForms> layers;
  auto add = [](void *user, const LambentLayerForms *forms) {
    auto read = [](const char *why) { return why ? std::optional<std::string>(why) : std::nullopt; };
    static_cast<std::vector<LayerForms> *>(user)->push_back(
        {forms->node, forms->op, read(forms->no_integers), read(forms->no_bf16)});
  };
  if (LambentStatus *status = lambent_list_layer_forms(&from, given.get(), add, &layers))
    return Status(status);
  return layers;
}

/// Writes the quantized model to a file, and returns what became of its products, as lambent_quantize_report_json does.
inline Result<std::string> quantizeToFile(const ModelSource &source, const QuantizeOptions &options,
                                          const std::string &output) {
  LambentModelSource from = source.get();
  detail::CQuantizeOptions given(options);
  const LambentQuantizeReport *report = nullptr;
  if (LambentStatus *status = lambent_quantize_to_file(&from, given.get(), output.c_str(), &report))
    return Status(status);
  detail::Handle<const LambentQuantizeReport, lambent_quantize_report_destroy> owned(report);
  return std::string(lambent_quantize_report_json(report));
}

} // namespace v1
} // namespace lambent

#endif
