//===- Samples.cpp - Shows a model the samples of a caller ----------------===//

#include "Samples.h"
#include "Convert.h"
#include "Observer.h"
#include "lambent/Graph/Import/ModelBytes.h"
#include "lambent/Runtime/ParallelLoop.h"
#include "llvm/ADT/StringExtras.h"

using namespace lambent;
using namespace lambent::capi;
using namespace lambent::runtime;

LambentStatus *capi::nameSample(LambentStatus *status, const char *name) {
  if (!status || lambent_status_code(status) == LAMBENT_STATUS_CANCELLED)
    return status;
  std::string lines = lambent_status_message(status), text;
  for (llvm::StringRef line : llvm::split(lines, '\n'))
    text += (text.empty() ? "sample '" : "\nsample '") + makePrintable(name) +
            "': " + line.str();
  LambentStatusCode code = lambent_status_code(status);
  lambent_status_destroy(status);
  return makeLines(code, text.c_str());
}

CallerSamples::CallerSamples(const ModelSource &source,
                             const LambentSampleSet &samples,
                             StatusHandle &failure)
    : source(graph::shareSource(source)), samples(samples), failure(failure) {}

llvm::Error CallerSamples::readNames(const ModelSource &model,
                                     std::vector<std::string> &names) {
  llvm::Expected<ModelSummary> summary =
      summarizeModel(graph::shareSource(model));
  if (!summary)
    return summary.takeError();
  for (const ModelSummary::Value &input : summary->inputs)
    names.push_back(input.name);
  return llvm::Error::success();
}

LambentStatus *
capi::readSamples(const LambentSampleSet *given, const ModelSource &source,
                  std::shared_ptr<quantization::SampleRunner> &samples,
                  StatusHandle &failure) {
  if (!given)
    return nullptr;
  LambentSampleSet read;
  if (LambentStatus *status = readStructure(given, "LambentSampleSet", read,
                                            sizeof(LambentSampleSet)))
    return status;
  if (!read.read)
    return requireArguments("LambentSampleSet", {{"read", nullptr}});
  if (!read.count)
    return makeError("expected samples in LambentSampleSet, but got none");
  samples = std::make_shared<CallerSamples>(source, read, failure);
  return nullptr;
}

static LambentStatus *checkSample(const LambentSample &sample,
                                  llvm::ArrayRef<std::string> names) {
  if (sample.num_inputs != names.size())
    return makeError("expected %zu inputs, but got %zu", names.size(),
                     size_t(sample.num_inputs));
  for (auto [name, input] :
       llvm::zip(names, llvm::ArrayRef(sample.inputs, sample.num_inputs)))
    if (input.ndim > 0 && !input.shape)
      return makeError("input '%s': expected a shape and data, but got a null "
                       "pointer",
                       name.c_str());
  return nullptr;
}

llvm::Error CallerSamples::readAll(Use use) {
  if (names.empty())
    if (llvm::Error error = readNames(source, names))
      return error;
  for (uint64_t i = 0; i < samples.count && !failure; ++i) {
    LambentSample sample = {};
    if (samples.read(samples.user, i, &sample)) {
      failure.reset(makeError("sample %llu of %llu cannot be read",
                              static_cast<unsigned long long>(i + 1),
                              static_cast<unsigned long long>(samples.count)));
    } else if (!sample.name || (sample.num_inputs && !sample.inputs)) {
      failure.reset(makeError("sample %llu of %llu: expected a name and "
                              "inputs, but got a null pointer",
                              static_cast<unsigned long long>(i + 1),
                              static_cast<unsigned long long>(samples.count)));
    } else {
      LambentStatus *status = checkSample(sample, names);
      if (!status)
        status = use(i, sample);
      if (status)
        failure.reset(nameSample(status, sample.name));
    }
  }
  if (failure)
    return llvm::createStringError("the samples were not read");
  return llvm::Error::success();
}

llvm::Error CallerSamples::readDims(SeeDims see) {
  return readAll([&](uint64_t index, const LambentSample &sample) {
    for (uint32_t i = 0; i < sample.num_inputs; ++i) {
      const LambentTensor &input = sample.inputs[i];
      see(index, names[i],
          llvm::ArrayRef(input.shape, size_t(std::max(input.ndim, 0))));
    }
    return static_cast<LambentStatus *>(nullptr);
  });
}

void CallerSamples::forEach(int64_t count,
                            llvm::function_ref<void(int64_t)> body) {
  auto call = [](void *argument, int64_t i) {
    (*static_cast<llvm::function_ref<void(int64_t)> *>(argument))(i);
  };
  runLoop(samples.pool, count, call, &body);
}

/// Floats as an input.
static LambentTensor makeTensor(const quantization::TensorView &view) {
  LambentTensor tensor = {};
  tensor.data = const_cast<float *>(view.elements.data());
  tensor.device.device_type = LAMBENT_DEVICE_CPU;
  tensor.ndim = int32_t(view.dims.size());
  tensor.dtype = {LAMBENT_FLOAT, 32, 1};
  tensor.shape = const_cast<int64_t *>(view.dims.data());
  return tensor;
}

llvm::Error CallerSamples::run(const ModelSource &piece,
                               llvm::ArrayRef<std::string> tensors, Give give,
                               See see) {
  std::vector<std::string> inputNames;
  if (llvm::Error error = readNames(piece, inputNames))
    return error;
  CompileOptions options;
  // Rounded weights are floats here, whose codes would be found in vain.
  options.keepFloatWeights = true;
  options.kernelCache = kernels;
  // There are many pieces, each of which is compiled once.
  constexpr unsigned mostBound = 0;
  Observer observer(graph::shareSource(piece), options, tensors.vec(),
                    samples.pool, mostBound);
  return readAll([&](uint64_t index, const LambentSample &sample) {
    std::vector<LambentTensor> inputs;
    for (const std::string &name : inputNames) {
      if (auto given = give(index, name)) {
        inputs.push_back(makeTensor(*given));
        continue;
      }
      auto found = llvm::find(names, name);
      if (found == names.end())
        return makeError("the model's input '%s' is unknown", name.c_str());
      inputs.push_back(sample.inputs[found - names.begin()]);
    }
    return observer.run(inputs, [&](const quantization::TensorView &tensor) {
      return toStatus(see(index, tensor));
    });
  });
}
