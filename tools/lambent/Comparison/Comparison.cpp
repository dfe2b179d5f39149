//===- Comparison.cpp - Two compilations, tensor by tensor ----------------===//

#include "Comparison.h"
#include "../Report.h"
#include "QuantizedNames.h"
#include <algorithm>
#include <map>

namespace lambent::driver {

const ComparedTensor *Comparison::findFirst() const {
  auto found = std::find_if(
      tensors.begin(), tensors.end(),
      [&](const ComparedTensor &tensor) { return isBelow(tensor); });
  return found == tensors.end() ? nullptr : &*found;
}

const ComparedTensor *Comparison::findWorst() const {
  const ComparedTensor *worst = nullptr;
  for (const ComparedTensor &tensor : tensors)
    if (!tensor.difference.isExact() &&
        (!worst || *tensor.difference.sqnr() < *worst->difference.sqnr()))
      worst = &tensor;
  return worst;
}

namespace {

class ModelPair {
public:
  ModelPair(const ComparedModel &first, const ComparedModel &second,
            LambentThreadPool *pool, Comparison &comparison)
      : models{&first, &second},
        requests{{first.path, first.options}, {second.path, second.options}},
        pool(pool), comparison(comparison) {}

  int run(const SampleInputs &samples) {
    if (int status = open())
      return status;
    comparison.samples = samples.size();
    for (size_t i = 0; i < samples.size(); ++i) {
      samples.showProgress(i);
      TensorSet inputs;
      if (int status = samples.read(i, inputs))
        return status;
      if (int status = addSample(inputs.get()))
        return status;
    }
    samples.showProgress(samples.size());
    // A name may be of a tensor in one of both only.
    std::erase_if(comparison.tensors, [](const ComparedTensor &tensor) {
      return tensor.difference.shape.empty();
    });
    if (comparison.tensors.empty())
      return reportError(quoted(models[0]->path) + " and " +
                         quoted(models[1]->path) +
                         " have no float tensors of the same names");
    return Done;
  }

private:
  int open() {
    auto addNode = [](void *user, const LambentGraphNode *node) {
      auto &tensors = static_cast<ModelPair *>(user)->comparison.tensors;
      for (uint64_t i = 0; i < node->num_outputs; ++i)
        if (*node->outputs[i])
          tensors.push_back({node->outputs[i], node->name, node->op, {}});
    };
    if (int status = reportStatus(
            lambent_list_nodes(requests[0].source(), addNode, this)))
      return status;
    for (int i : {0, 1}) {
      const LambentModelSummary *summary = nullptr;
      if (int status =
              reportStatus(lambent_summarize(requests[i].source(), &summary)))
        return status;
      ModelSummary owned(summary);
      for (uint64_t j = 0; j < summary->num_inputs; ++j)
        inputNames[i].push_back(summary->inputs[j].name);
      if (int status = reportStatus(names[i].read(requests[i].source())))
        return status;
    }
    for (const std::string &name : inputNames[1])
      if (std::find(inputNames[0].begin(), inputNames[0].end(), name) ==
          inputNames[0].end())
        return reportError(quoted(models[1]->path) + " has an input " +
                           quoted(name) + ", but " + quoted(models[0]->path) +
                           " has none of this name");
    return observe(0, {});
  }

  int observe(int index, const std::vector<const char *> &tensors) {
    LambentObserver *observer = nullptr;
    int status = reportStatus(lambent_observer_create(
        requests[index].source(), requests[index].options(), tensors.data(),
        static_cast<uint32_t>(tensors.size()), pool, &observer));
    observers[index].reset(observer);
    return status;
  }

  /// Of the second model those are looked at that stand for a float tensor of
  /// the first one, which a run of it shows.
  int observeSecond() {
    std::erase_if(comparison.tensors, [&](const ComparedTensor &tensor) {
      return !kept.count(names[0].resolve(tensor.name));
    });
    std::vector<const char *> wanted;
    for (size_t i = 0; i < comparison.tensors.size(); ++i) {
      const std::string &name = names[1].resolve(comparison.tensors[i].name);
      if (places.emplace(name, i).second)
        wanted.push_back(name.c_str());
    }
    return observe(1, wanted);
  }

  int addSample(LambentTensorSet *inputs) {
    kept.clear();
    auto keep = [](void *user, const LambentObservedTensor *tensor) {
      static_cast<ModelPair *>(user)->kept[tensor->name] = {
          {tensor->dims, tensor->dims + tensor->rank},
          {tensor->elements, tensor->elements + tensor->num_elements}};
    };
    auto compare = [](void *user, const LambentObservedTensor *tensor) {
      auto &pair = *static_cast<ModelPair *>(user);
      ComparedTensor &row =
          pair.comparison.tensors[pair.places.at(tensor->name)];
      row.difference.add(pair.kept.at(pair.names[0].resolve(row.name)),
                         *tensor);
    };
    const LambentTensor *given = lambent_tensor_set_tensors(inputs);
    if (int status = reportStatus(
            lambent_observer_run(observers[0].get(), given,
                                 lambent_tensor_set_size(inputs), keep, this)))
      return status;
    if (!observers[1])
      if (int status = observeSecond())
        return status;
    std::vector<LambentTensor> others;
    for (const std::string &name : inputNames[1])
      others.push_back(
          given[std::find(inputNames[0].begin(), inputNames[0].end(), name) -
                inputNames[0].begin()]);
    return reportStatus(lambent_observer_run(
        observers[1].get(), others.data(), static_cast<uint32_t>(others.size()),
        compare, this));
  }

  const ComparedModel *models[2];
  CompileRequest requests[2];
  LambentThreadPool *pool;
  Comparison &comparison;
  Observer observers[2];
  std::vector<std::string> inputNames[2];
  QuantizedNames names[2];
  /// Of the second model's tensors in the comparison.
  std::map<std::string, size_t> places;
  /// The first model's tensors of the sample that is being run.
  std::map<std::string, KeptTensor> kept;
};

} // namespace

int compareModels(const ComparedModel &first, const ComparedModel &second,
                  const SampleInputs &samples, LambentThreadPool *pool,
                  Comparison &comparison) {
  return ModelPair(first, second, pool, comparison).run(samples);
}

} // namespace lambent::driver
