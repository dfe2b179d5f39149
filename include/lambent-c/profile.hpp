// profile.hpp: what a model's tensors hold on samples. Part of lambent.hpp.
#ifndef LAMBENT_C_PROFILE_HPP
#define LAMBENT_C_PROFILE_HPP

#include "lambent-c/compile.hpp"
#include "lambent-c/profile.h"

namespace lambent {
inline namespace v1 {

/// A node of a model's own graph. A tensor that is left out has the name "".
struct GraphNode {
  std::string name, op, domain;
  std::vector<std::string> inputs, outputs;
};

/// The nodes in the order of the file.
inline Result<std::vector<GraphNode>> listNodes(const ModelSource &source) {
  LambentModelSource from = source.get();
  std::vector<GraphNode> nodes;
  auto add = [](void *user, const LambentGraphNode *node) {
    static_cast<std::vector<GraphNode> *>(user)->push_back({node->name,
                                                            node->op,
                                                            node->domain,
                                                            {node->inputs, node->inputs + node->num_inputs},
                                                            {node->outputs, node->outputs + node->num_outputs}});
  };
  if (LambentStatus *status = lambent_list_nodes(&from, add, &nodes))
    return Status(status);
  return nodes;
}

/// A float tensor of a run, dense and row-major, in f32. Its elements live during the callback.
struct ObservedTensor {
  std::string name;
  std::vector<std::int64_t> dims;
  const float *elements;
  std::uint64_t count;
};

/// Runs a model and shows its tensors. One is for one thread at a time.
class Observer {
public:
  /// Of the tensors named; without names, of all that follow from inputs. The source, the pool and what options point to
  /// must outlive the observer.
  static Result<Observer> create(const ModelSource &source, const CompileOptions &options = {},
                                 const std::vector<std::string> &names = {}, const ThreadPool *pool = nullptr) {
    LambentModelSource from = source.get();
    detail::COptions given(options);
    std::vector<const char *> wanted;
    for (const std::string &name : names)
      wanted.push_back(name.c_str());
    LambentObserver *observer = nullptr;
    if (LambentStatus *status =
            lambent_observer_create(&from, given.get(), wanted.data(), static_cast<std::uint32_t>(wanted.size()),
                                    pool ? pool->get() : nullptr, &observer))
      return Status(status);
    return Observer(observer);
  }
  Status run(const std::vector<Tensor> &inputs, const std::function<void(const ObservedTensor &)> &see) {
    auto in = detail::getAll(inputs);
    auto show = [](void *user, const LambentObservedTensor *tensor) {
      (*static_cast<const std::function<void(const ObservedTensor &)> *>(user))(
          {tensor->name, {tensor->dims, tensor->dims + tensor->rank}, tensor->elements, tensor->num_elements});
    };
    return Status(lambent_observer_run(handle.get(), in.data(), static_cast<std::uint32_t>(in.size()), show,
                                       const_cast<std::function<void(const ObservedTensor &)> *>(&see)));
  }

private:
  explicit Observer(LambentObserver *observer) : handle(observer) {}
  detail::Handle<LambentObserver, lambent_observer_destroy> handle;
};

/// What a model's tensors held on samples, for a quantization.
class Profile {
public:
  /// An empty one. As for an observer.
  static Result<Profile> create(const ModelSource &source, const CompileOptions &options = {},
                                const ThreadPool *pool = nullptr) {
    LambentModelSource from = source.get();
    detail::COptions given(options);
    LambentProfile *profile = nullptr;
    if (LambentStatus *status =
            lambent_profile_create(&from, given.get(), pool ? pool->get() : nullptr, &profile))
      return Status(status);
    return Profile(profile);
  }
  /// Runs the model on a sample, whose name is for messages.
  Status addSample(const std::vector<Tensor> &inputs, const std::string &name) {
    auto in = detail::getAll(inputs);
    return Status(
        lambent_profile_add_sample(handle.get(), in.data(), static_cast<std::uint32_t>(in.size()), name.c_str()));
  }
  /// Adds what a file of a profile of the same model holds.
  Status merge(const std::string &path) { return Status(lambent_profile_merge(handle.get(), path.c_str())); }
  Status write(const std::string &path) const { return Status(lambent_profile_write(handle.get(), path.c_str())); }
  std::uint64_t numSamples() const { return lambent_profile_num_samples(handle.get()); }
  std::uint64_t numTensors() const { return lambent_profile_num_tensors(handle.get()); }

private:
  explicit Profile(LambentProfile *profile) : handle(profile) {}
  detail::Handle<LambentProfile, lambent_profile_destroy> handle;
};

} // namespace v1
} // namespace lambent

#endif
