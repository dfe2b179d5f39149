//===- Profile.cpp - Looking at a model's tensors, for the C API ----------===//

#include "lambent-c/profile.h"
#include "Convert.h"
#include "Observer.h"
#include "Samples.h"
#include "lambent/Graph/Import/ModelBytes.h"
#include "lambent/Quantization/ProfileFile.h"
#include "lambent/Quantization/Profiler.h"
#include "llvm/ADT/StringExtras.h"

using namespace lambent;
using namespace lambent::capi;
using namespace lambent::runtime;
using llvm::Expected;

//===-- Nodes -------------------------------------------------------------===//

static std::vector<const char *>
viewNames(const std::vector<std::string> &names) {
  std::vector<const char *> views;
  for (const std::string &name : names)
    views.push_back(name.c_str());
  return views;
}

/// Reads a model's own graph, too.
static LambentStatus *readGraph(const LambentModelSource *source,
                                ModelSource &model, graph::ModelGraph &graph) {
  if (LambentStatus *status = readSource(source, model))
    return status;
  Expected<graph::ModelGraph> found = graph::readModelGraph(model);
  if (!found)
    return toStatus(found.takeError());
  graph = std::move(*found);
  return nullptr;
}

LambentStatus *lambent_list_nodes(const LambentModelSource *source,
                                  void (*found)(void *user,
                                                const LambentGraphNode *node),
                                  void *user) {
  return protect([&]() -> LambentStatus * {
    if (LambentStatus *status = requireArguments(
            "lambent_list_nodes",
            {{"source", source},
             {"found", reinterpret_cast<const void *>(found)}}))
      return status;
    ModelSource model;
    graph::ModelGraph graph;
    if (LambentStatus *status = readGraph(source, model, graph))
      return status;
    for (const graph::ModelNode &node : graph.nodes) {
      std::vector<const char *> inputs = viewNames(node.inputs),
                                outputs = viewNames(node.outputs);
      LambentGraphNode view = {node.name.c_str(),   node.op.c_str(),
                               node.domain.c_str(), inputs.data(),
                               outputs.data(),      inputs.size(),
                               outputs.size()};
      found(user, &view);
    }
    return nullptr;
  });
}

//===-- Observers ---------------------------------------------------------===//

/// Reads what both handles are made of; `names` become those of all tensors
/// where there are none.
static LambentStatus *makeObserver(const LambentModelSource *source,
                                   const LambentCompileOptions *options,
                                   std::vector<std::string> names,
                                   LambentThreadPool *pool,
                                   std::unique_ptr<Observer> &observer) {
  ModelSource model;
  CompileOptions given;
  if (LambentStatus *status = readSource(source, model))
    return status;
  if (LambentStatus *status = readOptions(options, given))
    return status;
  if (!given.extraOutputs.empty() || !given.donations.empty())
    return makeError("expected no extra_outputs and donations for a model "
                     "whose tensors are looked at");
  if (names.empty()) {
    Expected<graph::ModelGraph> graph = graph::readModelGraph(model);
    if (!graph)
      return toStatus(graph.takeError());
    for (quantization::ProfiledTensor &tensor :
         quantization::listProfiledTensors(*graph))
      names.push_back(std::move(tensor.name));
  }
  observer = std::make_unique<Observer>(std::move(model), std::move(given),
                                        std::move(names), pool);
  return nullptr;
}

struct LambentObserver {
  std::unique_ptr<Observer> observer;
};

LambentStatus *lambent_observer_create(const LambentModelSource *source,
                                       const LambentCompileOptions *options,
                                       const char *const *names,
                                       uint32_t num_names,
                                       LambentThreadPool *pool,
                                       LambentObserver **observer) {
  return protect([&]() -> LambentStatus * {
    if (LambentStatus *status =
            requireArguments("lambent_observer_create",
                             {{"source", source}, {"observer", observer}}))
      return status;
    *observer = nullptr;
    if (num_names && !names)
      return requireArguments("lambent_observer_create", {{"names", names}});
    std::vector<std::string> wanted;
    for (const char *name : llvm::ArrayRef(names, num_names)) {
      if (!name)
        return makeError("a tensor to look at needs a name");
      wanted.push_back(name);
    }
    auto made = std::make_unique<LambentObserver>();
    if (LambentStatus *status = makeObserver(source, options, std::move(wanted),
                                             pool, made->observer))
      return status;
    *observer = made.release();
    return nullptr;
  });
}

LambentStatus *lambent_observer_run(
    LambentObserver *observer, const LambentTensor *inputs, uint32_t num_inputs,
    void (*see)(void *user, const LambentObservedTensor *tensor), void *user) {
  return protect([&]() -> LambentStatus * {
    if (LambentStatus *status =
            requireArguments("lambent_observer_run",
                             {{"observer", observer},
                              {"see", reinterpret_cast<const void *>(see)}}))
      return status;
    if (num_inputs && !inputs)
      return requireArguments("lambent_observer_run", {{"inputs", inputs}});
    return observer->observer->run(
        llvm::ArrayRef(inputs, num_inputs),
        [&](const quantization::TensorView &tensor) -> LambentStatus * {
          // Names of the observer end in a zero.
          LambentObservedTensor view = {
              tensor.name.data(), tensor.dims.data(), tensor.elements.data(),
              tensor.dims.size(), tensor.elements.size()};
          see(user, &view);
          return nullptr;
        });
  });
}

void lambent_observer_destroy(LambentObserver *observer) { delete observer; }

//===-- Profiles ----------------------------------------------------------===//

/// An error as one line, whatever the names in it are.
static LambentStatus *toLine(llvm::Error error) {
  return error ? makeError("%s", llvm::toString(std::move(error)).c_str())
               : nullptr;
}

struct LambentProfile {
  std::unique_ptr<Observer> observer;
  std::unique_ptr<quantization::Profiler> profiler;
};

LambentStatus *lambent_profile_create(const LambentModelSource *source,
                                      const LambentCompileOptions *options,
                                      LambentThreadPool *pool,
                                      LambentProfile **profile) {
  return protect([&]() -> LambentStatus * {
    if (LambentStatus *status =
            requireArguments("lambent_profile_create",
                             {{"source", source}, {"profile", profile}}))
      return status;
    *profile = nullptr;
    ModelSource model;
    graph::ModelGraph graph;
    if (LambentStatus *status = readGraph(source, model, graph))
      return status;
    Expected<std::string> hash = graph::hashModel(model);
    if (!hash)
      return toStatus(hash.takeError());
    auto made = std::make_unique<LambentProfile>();
    made->profiler = std::make_unique<quantization::Profiler>(
        std::move(*hash), quantization::listProfiledTensors(graph));
    if (LambentStatus *status =
            makeObserver(source, options, {}, pool, made->observer))
      return status;
    *profile = made.release();
    return nullptr;
  });
}

LambentStatus *lambent_profile_add_sample(LambentProfile *profile,
                                          const LambentTensor *inputs,
                                          uint32_t num_inputs,
                                          const char *name) {
  return protect([&]() -> LambentStatus * {
    if (LambentStatus *status =
            requireArguments("lambent_profile_add_sample",
                             {{"profile", profile}, {"name", name}}))
      return status;
    if (num_inputs && !inputs)
      return requireArguments("lambent_profile_add_sample",
                              {{"inputs", inputs}});
    profile->profiler->dropSample();
    LambentStatus *status =
        profile->observer->run(llvm::ArrayRef(inputs, num_inputs),
                               [&](const quantization::TensorView &tensor) {
                                 return toLine(profile->profiler->see(tensor));
                               });
    if (!status)
      profile->profiler->finishSample();
    return nameSample(status, name);
  });
}

LambentStatus *lambent_profile_merge(LambentProfile *profile,
                                     const char *path) {
  return protect([&]() -> LambentStatus * {
    if (LambentStatus *status = requireArguments(
            "lambent_profile_merge", {{"profile", profile}, {"path", path}}))
      return status;
    Expected<quantization::Profile> read = quantization::readProfile(path);
    if (!read)
      return toLine(read.takeError());
    if (llvm::Error error = profile->profiler->merge(*read))
      return toLine(llvm::createStringError(
          "'" + llvm::Twine(path) + "': " + llvm::toString(std::move(error))));
    return nullptr;
  });
}

LambentStatus *lambent_profile_write(const LambentProfile *profile,
                                     const char *path) {
  return protect([&]() -> LambentStatus * {
    if (LambentStatus *status = requireArguments(
            "lambent_profile_write", {{"profile", profile}, {"path", path}}))
      return status;
    return toLine(
        quantization::writeProfile(profile->profiler->getProfile(), path));
  });
}

uint64_t lambent_profile_num_samples(const LambentProfile *profile) {
  return profile ? profile->profiler->getProfile().samples : 0;
}

uint64_t lambent_profile_num_tensors(const LambentProfile *profile) {
  return profile ? profile->profiler->getProfile().tensors.size() : 0;
}

void lambent_profile_destroy(LambentProfile *profile) { delete profile; }
