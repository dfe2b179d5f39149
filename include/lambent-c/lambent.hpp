// lambent.hpp: the C API for C++17, header-only. Handles that destroy themselves, std::string messages, tensors made
// from spans of data. Nothing here throws but for want of memory: what can fail returns a Result. Callbacks must not
// throw either; docs/embedding.md says what happens when they do.
//
//   auto module = lambent::compile(lambent::ModelSource::fromFile("model.onnx"));
//   if (!module) { std::cerr << module.message() << "\n"; return 1; }
//   auto session = lambent::Session::create(*module);
//   std::vector<float> x(...), y(...);
//   lambent::Tensor in(x.data(), {1, 3, 224, 224}), out(y.data(), {1, 1000});
//   if (auto status = session->run({in}, {out}); !status) ...
//
#ifndef LAMBENT_C_LAMBENT_HPP
#define LAMBENT_C_LAMBENT_HPP

#include "lambent-c/compiler.h"
#include "lambent-c/tensor_file.h"
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace lambent {
inline namespace v1 {

/// What a call that can fail returns: true, or false with a code and a message.
class [[nodiscard]] Status {
public:
  Status() = default;
  explicit Status(LambentStatus *status) : handle(status) {}

  explicit operator bool() const { return !handle; }
  LambentStatusCode code() const { return lambent_status_code(handle.get()); }
  std::string message() const { return lambent_status_message(handle.get()); }

private:
  struct Destroy {
    void operator()(LambentStatus *status) const { lambent_status_destroy(status); }
  };
  std::unique_ptr<LambentStatus, Destroy> handle;
};

/// A value, or the status that says why there is none.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : content(std::move(value)) {}
  Result(Status status) : failure(std::move(status)) {}

  explicit operator bool() const { return content.has_value(); }
  LambentStatusCode code() const { return failure.code(); }
  std::string message() const { return failure.message(); }
  T &operator*() { return *content; }
  const T &operator*() const { return *content; }
  T *operator->() { return &*content; }
  const T *operator->() const { return &*content; }

private:
  std::optional<T> content;
  Status failure;
};

/// The DLPack type of a C++ type.
template <typename T> constexpr LambentDataType dataType() {
  static_assert(std::is_arithmetic_v<T> || std::is_same_v<T, LambentString>,
                "give other element types by LambentDataType");
  if constexpr (std::is_same_v<T, LambentString>)
    return {LAMBENT_STRING, 8 * sizeof(T), 1};
  else if constexpr (std::is_same_v<T, bool>)
    return {LAMBENT_BOOL, 8, 1};
  else if constexpr (std::is_floating_point_v<T>)
    return {LAMBENT_FLOAT, 8 * sizeof(T), 1};
  else
    return {static_cast<std::uint8_t>(std::is_signed_v<T> ? LAMBENT_INT : LAMBENT_UINT), 8 * sizeof(T), 1};
}

/// Elements of a tensor of strings, whose bytes stay where they are.
inline std::vector<LambentString> viewStrings(const std::vector<std::string> &strings) {
  std::vector<LambentString> views;
  for (const std::string &string : strings)
    views.push_back({string.data(), string.size()});
  return views;
}
/// An element of an output of strings: its bytes are an input's or the module's, and must be copied before either goes.
inline std::string_view view(const LambentString &string) {
  return string.length ? std::string_view(string.data, string.length) : std::string_view();
}

/// A view of row-major data that someone else owns.
class Tensor {
public:
  /// Element types beyond C++'s own (bfloat16, ...) are given by `elementType`.
  Tensor(void *elements, LambentDataType elementType, std::vector<std::int64_t> shape)
      : data(elements), type(elementType), dims(std::move(shape)) {}
  template <typename T>
  Tensor(T *elements, std::vector<std::int64_t> shape)
      : Tensor(const_cast<std::remove_const_t<T> *>(elements), dataType<std::remove_const_t<T>>(), std::move(shape)) {}

  /// The same in donated memory that is longer (see LambentDonation): steps of the dims, in elements; none: dense.
  Tensor withStrides(std::vector<std::int64_t> strides) const {
    Tensor tensor = *this;
    tensor.steps = std::move(strides);
    return tensor;
  }

  /// Valid while this tensor lives and keeps its dims.
  LambentTensor get() const {
    return {data, {LAMBENT_DEVICE_CPU, 0}, static_cast<std::int32_t>(dims.size()), type,
            const_cast<std::int64_t *>(dims.data()), steps.empty() ? nullptr : const_cast<std::int64_t *>(steps.data()), 0};
  }

private:
  void *data;
  LambentDataType type;
  std::vector<std::int64_t> dims, steps;
};

namespace detail {
template <auto destroy> struct Destroy {
  template <typename T> void operator()(T *handle) const { destroy(handle); }
};
template <typename T, auto destroy> using Handle = std::unique_ptr<T, Destroy<destroy>>;

inline std::vector<LambentTensor> getAll(const std::vector<Tensor> &tensors) {
  std::vector<LambentTensor> all;
  for (const Tensor &tensor : tensors)
    all.push_back(tensor.get());
  return all;
}

/// Outputs that a model describes: their dims go to vectors.
class DescribedOutputs {
public:
  explicit DescribedOutputs(const std::vector<std::uint16_t> &ranks) {
    for (std::uint16_t rank : ranks)
      shapes.emplace_back(rank);
    for (std::vector<std::int64_t> &shape : shapes) {
      LambentTensor tensor = {};
      tensor.ndim = static_cast<std::int32_t>(shape.size());
      tensor.shape = shape.data();
      tensors.push_back(tensor);
    }
  }
  /// What describe(outputs, count) says of them. Of outputs without open dims the model's own dims are copied.
  template <typename Describe> Result<std::vector<std::vector<std::int64_t>>> get(Describe describe) {
    if (LambentStatus *status = describe(tensors.data(), static_cast<std::uint32_t>(tensors.size())))
      return Status(status);
    for (std::size_t i = 0; i < shapes.size(); ++i)
      shapes[i].resize(static_cast<std::size_t>(tensors[i].ndim));
    for (std::size_t i = 0; i < shapes.size(); ++i)
      for (std::size_t j = 0; j < shapes[i].size(); ++j)
        shapes[i][j] = tensors[i].shape[j];
    return std::move(shapes);
  }

private:
  std::vector<std::vector<std::int64_t>> shapes;
  std::vector<LambentTensor> tensors;
};

inline std::vector<std::uint16_t> getOutputRanks(const LambentModel &model) {
  std::vector<std::uint16_t> ranks;
  for (std::uint32_t i = 0; i < model.num_outputs; ++i)
    ranks.push_back(model.outputs[i].list        ? 1 // a list has a length
                    : model.outputs[i].most_rank ? model.outputs[i].most_rank
                                                 : model.outputs[i].rank);
  return ranks;
}
} // namespace detail

class ThreadPool {
public:
  /// `threads` counts the caller; 0: one for each CPU.
  static Result<ThreadPool> create(std::uint32_t threads = 0) {
    LambentThreadPool *pool = nullptr;
    if (LambentStatus *status = lambent_thread_pool_create(threads, &pool))
      return Status(status);
    return ThreadPool(pool);
  }
  std::uint32_t size() const { return lambent_thread_pool_size(handle.get()); }
  LambentThreadPool *get() const { return handle.get(); }

private:
  explicit ThreadPool(LambentThreadPool *pool) : handle(pool) {}
  detail::Handle<LambentThreadPool, lambent_thread_pool_destroy> handle;
};

/// Ends runs and compilations from another thread, or at a time; must outlive what it is given to.
class Cancellation {
public:
  static Result<Cancellation> create() {
    LambentCancellation *cancellation = nullptr;
    if (LambentStatus *status = lambent_cancellation_create(&cancellation))
      return Status(status);
    return Cancellation(cancellation);
  }
  void cancel() { lambent_cancellation_cancel(handle.get()); }
  void setDeadline(std::uint64_t nanoseconds) { lambent_cancellation_set_deadline(handle.get(), nanoseconds); }
  bool isDue() const { return lambent_cancellation_is_due(handle.get()) != 0; }
  const LambentCancellation *get() const { return handle.get(); }

private:
  explicit Cancellation(LambentCancellation *cancellation) : handle(cancellation) {}
  detail::Handle<LambentCancellation, lambent_cancellation_destroy> handle;
};

/// A compiled model with its weights.
class Module {
public:
  /// Loads a library artefact. With skipWeightHash the weights are not checked.
  static Result<Module> load(const std::string &path, bool skipWeightHash = false) {
    LambentLoadOptions options = {};
    options.size = sizeof(options);
    options.skip_weight_hash = skipWeightHash;
    LambentModule *module = nullptr;
    if (LambentStatus *status = lambent_module_load(path.c_str(), &options, &module))
      return Status(status);
    return Module(module);
  }
  /// A model that is linked in.
  static Result<Module> create(const LambentModel &model, const void *weights = nullptr) {
    LambentModule *module = nullptr;
    if (LambentStatus *status = lambent_module_create(&model, weights, nullptr, &module))
      return Status(status);
    return Module(module);
  }
  /// Takes over a handle of the C API.
  explicit Module(LambentModule *module) : handle(module) {}

  /// Inputs, outputs, layers, sizes. Of an object that was moved from there is none to be had; its calls that can fail
  /// do so.
  const LambentModel &model() const { return *lambent_module_model(handle.get()); }
  LambentModule *get() const { return handle.get(); }

private:
  detail::Handle<LambentModule, lambent_module_destroy> handle;
};

/// The memory of one run at a time. For a run from several threads use a Session.
class Context {
public:
  /// The pool, if any, must outlive the context. Denormal numbers are flushed to 0 while a model computes unless they
  /// are to be kept.
  static Result<Context> create(const Module &module, const ThreadPool *pool = nullptr, bool collectTimes = false,
                                bool collectTrace = false, bool keepDenormals = false) {
    LambentContextOptions options = {
        sizeof(options), pool ? pool->get() : nullptr, collectTimes, collectTrace, keepDenormals, 0};
    LambentContext *context = nullptr;
    if (LambentStatus *status = lambent_context_create(module.get(), &options, &context))
      return Status(status);
    return Context(context, module.model());
  }
  /// `cancellation`, if any, may end it: its code is LAMBENT_STATUS_CANCELLED then.
  Status run(const std::vector<Tensor> &inputs, const std::vector<Tensor> &outputs,
             const Cancellation *cancellation = nullptr) {
    auto in = detail::getAll(inputs), out = detail::getAll(outputs);
    LambentRunOptions options = {};
    options.size = sizeof(options);
    options.cancellation = cancellation ? cancellation->get() : nullptr;
    return Status(lambent_context_run(handle.get(), in.data(), static_cast<std::uint32_t>(in.size()), out.data(),
                                      static_cast<std::uint32_t>(out.size()), &options));
  }
  /// The shapes of all outputs for inputs of these shapes, whose data is not looked at; a dim that data decides is -1.
  Result<std::vector<std::vector<std::int64_t>>> inferShapes(const std::vector<Tensor> &inputs) {
    auto in = detail::getAll(inputs);
    return detail::DescribedOutputs(outputRanks).get([&](LambentTensor *outputs, std::uint32_t count) {
      return lambent_context_infer_shapes(handle.get(), in.data(), static_cast<std::uint32_t>(in.size()), outputs, count);
    });
  }
  /// Nanoseconds of each layer in the last run; empty unless times are collected.
  std::vector<std::uint64_t> layerTimes() const {
    const std::uint64_t *times = lambent_context_layer_times(handle.get());
    return times ? std::vector<std::uint64_t>(times, times + numLayers) : std::vector<std::uint64_t>();
  }
  Status writeTrace(const std::string &path) const {
    return Status(lambent_context_write_trace(handle.get(), path.c_str()));
  }
  LambentContext *get() const { return handle.get(); }

private:
  Context(LambentContext *context, const LambentModel &model)
      : handle(context), numLayers(model.num_layers), outputRanks(detail::getOutputRanks(model)) {}
  detail::Handle<LambentContext, lambent_context_destroy> handle;
  std::uint32_t numLayers;
  std::vector<std::uint16_t> outputRanks;
};

/// Runs a module from any number of threads at once.
class Session {
public:
  /// `threads` work on each run; 0: one for each CPU. As of a context, denormal numbers are flushed or kept.
  static Result<Session> create(const Module &module, std::uint32_t threads = 0, bool keepDenormals = false) {
    LambentSessionOptions options = {sizeof(options), nullptr, threads, keepDenormals};
    LambentSession *session = nullptr;
    if (LambentStatus *status = lambent_session_create(module.get(), &options, &session))
      return Status(status);
    return Session(session, module.model());
  }
  /// `cancellation`, if any, may end it: its code is LAMBENT_STATUS_CANCELLED then.
  Status run(const std::vector<Tensor> &inputs, const std::vector<Tensor> &outputs,
             const Cancellation *cancellation = nullptr) {
    auto in = detail::getAll(inputs), out = detail::getAll(outputs);
    LambentRunOptions options = {};
    options.size = sizeof(options);
    options.cancellation = cancellation ? cancellation->get() : nullptr;
    return Status(lambent_session_run(handle.get(), in.data(), static_cast<std::uint32_t>(in.size()), out.data(),
                                      static_cast<std::uint32_t>(out.size()), &options));
  }
  /// The shapes of all outputs for inputs of these shapes, whose data is not looked at; a dim that data decides is -1.
  Result<std::vector<std::vector<std::int64_t>>> inferShapes(const std::vector<Tensor> &inputs) {
    auto in = detail::getAll(inputs);
    return detail::DescribedOutputs(outputRanks).get([&](LambentTensor *outputs, std::uint32_t count) {
      return lambent_session_infer_shapes(handle.get(), in.data(), static_cast<std::uint32_t>(in.size()), outputs, count);
    });
  }
  LambentSession *get() const { return handle.get(); }

private:
  Session(LambentSession *session, const LambentModel &model)
      : handle(session), outputRanks(detail::getOutputRanks(model)) {}
  detail::Handle<LambentSession, lambent_session_destroy> handle;
  std::vector<std::uint16_t> outputRanks;
};

/// Where a model comes from.
class ModelSource {
public:
  /// Finds external data of a model in memory: its bytes, or null.
  using FindExternalData = std::function<const void *(const std::string &location, std::uint64_t &size)>;

  /// `followLinks`: weights beside it may be links (see LambentModelSource).
  static ModelSource fromFile(std::string path, bool followLinks = false) {
    ModelSource source;
    source.path = std::move(path);
    source.followLinks = followLinks;
    return source;
  }
  /// The bytes are not copied: they must stay until the model is compiled.
  static ModelSource fromMemory(const void *data, std::uint64_t size, std::string name = "model",
                                FindExternalData findExternalData = nullptr) {
    ModelSource source;
    source.path = std::move(name);
    source.data = data;
    source.dataSize = size;
    source.findExternalData = std::move(findExternalData);
    return source;
  }
  /// Valid while this source lives.
  LambentModelSource get() const {
    LambentModelSource source = {};
    source.size = sizeof(source);
    source.path = path.c_str();
    source.data = data;
    source.data_size = dataSize;
    source.follow_links = followLinks;
    source.user = const_cast<ModelSource *>(this);
    if (findExternalData)
      source.find_external_data = [](void *user, const char *location, const void **bytes, std::uint64_t *size) {
        *bytes = static_cast<ModelSource *>(user)->findExternalData(location, *size);
        return *bytes ? 0 : 1;
      };
    return source;
  }

private:
  ModelSource() = default;
  std::string path;
  const void *data = nullptr;
  std::uint64_t dataSize = 0;
  FindExternalData findExternalData;
  bool followLinks = false;
};

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
};

namespace detail {
/// The C form of options; valid while they live.
class COptions {
public:
  explicit COptions(const CompileOptions &options) {
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
  std::vector<const char *> extraOutputs;
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
