// run.hpp: thread pools, modules, and what runs them. Part of lambent.hpp.
#ifndef LAMBENT_C_RUN_HPP
#define LAMBENT_C_RUN_HPP

#include "lambent-c/values.hpp"

namespace lambent {
inline namespace v1 {

namespace detail {
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

namespace detail {

/// Calls `entry`, which runs `object`, a context or a session.
template <typename Object, typename Entry>
Status run(Entry entry, Object *object, const std::vector<Tensor> &inputs, const std::vector<Tensor> &outputs,
           const Cancellation *cancellation) {
  auto in = getAll(inputs), out = getAll(outputs);
  LambentRunOptions options = {};
  options.size = sizeof(options);
  options.cancellation = cancellation ? cancellation->get() : nullptr;
  return Status(entry(object, in.data(), static_cast<std::uint32_t>(in.size()), out.data(),
                      static_cast<std::uint32_t>(out.size()), &options));
}

} // namespace detail

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
    return detail::run(lambent_context_run, handle.get(), inputs, outputs, cancellation);
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
    return detail::run(lambent_session_run, handle.get(), inputs, outputs, cancellation);
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

} // namespace v1
} // namespace lambent

#endif
