//===- Observer.cpp - Runs a model and shows its tensors ------------------===//

#include "Observer.h"
#include "CompileModule.h"
#include "Convert.h"
#include "FloatElements.h"
#include "lambent-c/tensor_file.h"
#include "lambent/ElementTypes/ElementType.h"
#include "lambent/Graph/Import/ModelBytes.h"
#include "llvm/ADT/StringMap.h"

using namespace lambent;
using namespace lambent::capi;
using namespace lambent::runtime;
using llvm::ArrayRef;

Observer::Observer(ModelSource source, CompileOptions options,
                   std::vector<std::string> names, LambentThreadPool *pool,
                   unsigned mostBound)
    : source(std::move(source)), options(std::move(options)),
      names(std::move(names)), pool(pool), mostBound(mostBound) {
  this->options.floatOutputs = this->names;
  // Versions of other sizes have many kernels in common.
  if (!this->options.kernelCache)
    this->options.kernelCache = createKernelCache();
}

LambentStatus *Observer::readInputNames() {
  if (isRead)
    return nullptr;
  llvm::Expected<ModelSummary> summary =
      summarizeModel(graph::shareSource(source));
  if (!summary)
    return toStatus(summary.takeError());
  for (const ModelSummary::Value &input : summary->inputs)
    inputNames.push_back(input.name);
  isRead = true;
  return nullptr;
}

//===-- Versions ----------------------------------------------------------===//

static bool isList(const LambentTensor &input) {
  return input.dtype.code == LAMBENT_SEQUENCE ||
         input.dtype.code == LAMBENT_OPTIONAL;
}

LambentStatus *Observer::compile(const CompileOptions &how,
                                 std::shared_ptr<Version> &version) {
  auto made = std::make_shared<Version>();
  LambentModule *module = nullptr;
  if (LambentStatus *status =
          compileModule(graph::shareSource(source), how, &module))
    return status;
  made->compiled.module.reset(module);
  LambentSessionOptions session = {};
  session.size = sizeof session;
  session.pool = pool;
  session.threads = 1; // where there is no pool
  LambentSession *created = nullptr;
  if (LambentStatus *status =
          lambent_session_create(module, &session, &created))
    return status;
  made->compiled.session.reset(created);
  version = std::move(made);
  return nullptr;
}

/// A value in the form that a compilation takes; nothing where sizes cannot
/// follow from it.
static std::optional<OfferedConstant> makeOffer(llvm::StringRef name,
                                                const LambentTensor &input) {
  if (input.ndim < 0 || isList(input) || input.dtype.code == LAMBENT_STRING)
    return std::nullopt;
  OfferedConstant offer;
  offer.input = name.str();
  offer.typeCode = input.dtype.code;
  offer.typeBits = input.dtype.bits;
  offer.dims.assign(input.shape, input.shape + input.ndim);
  uint64_t count = 1;
  for (int64_t dim : offer.dims)
    count *= uint64_t(dim);
  offer.bytes = {static_cast<const char *>(input.data) + input.byte_offset,
                 getPackedBytes(count, input.dtype.bits)};
  return offer;
}

/// Compiles for these sizes, and for these values where sizes or axes follow
/// from them and cannot be decided in a run.
LambentStatus *Observer::compileFor(ArrayRef<LambentTensor> inputs,
                                    std::shared_ptr<Version> &version,
                                    bool &fitsOthers) {
  CompileOptions bound = options;
  for (auto [name, input] : llvm::zip(inputNames, inputs)) {
    bool isGiven = llvm::any_of(
        options.shapes, [&](const auto &shape) { return shape.first == name; });
    if (input.ndim >= 0 && !isList(input) && !isGiven)
      bound.shapes.emplace_back(
          name, std::vector<int64_t>(input.shape, input.shape + input.ndim));
  }
  LambentStatus *status = compile(bound, version);
  fitsOthers = !status;
  if (!status || lambent_status_code(status) == LAMBENT_STATUS_CANCELLED)
    return status;
  lambent_status_destroy(status);
  for (auto [name, input] : llvm::zip(inputNames, inputs)) {
    bool isGiven =
        llvm::any_of(options.constants, [&](const OfferedConstant &constant) {
          return constant.input == name;
        });
    std::optional<OfferedConstant> offer = makeOffer(name, input);
    if (!isGiven && offer)
      bound.constants.push_back(std::move(*offer));
  }
  return compile(bound, version);
}

LambentStatus *Observer::findVersion(ArrayRef<LambentTensor> inputs,
                                     std::shared_ptr<Version> &version) {
  constexpr size_t mostVersions = 4;
  Key key;
  for (const LambentTensor &input : inputs) {
    key.insert(key.end(), {input.dtype.code, input.dtype.bits, input.ndim});
    if (input.ndim > 0 && !isList(input))
      key.insert(key.end(), input.shape, input.shape + input.ndim);
  }
  auto found = llvm::find_if(
      versions, [&](const auto &known) { return known->key == key; });
  if (found != versions.end()) {
    std::rotate(found, found + 1, versions.end());
    version = versions.back();
    return nullptr;
  }
  if (numBound >= mostBound && mayBeGeneral) {
    if (!general)
      if (LambentStatus *status = compile(options, general)) {
        if (lambent_status_code(status) == LAMBENT_STATUS_CANCELLED)
          return status;
        lambent_status_destroy(status);
        mayBeGeneral = false;
      }
    version = general;
    if (version)
      return nullptr;
  }
  bool fitsOthers = false;
  if (LambentStatus *status = compileFor(inputs, version, fitsOthers))
    return status;
  if (!fitsOthers)
    return nullptr;
  ++numBound;
  version->key = std::move(key);
  if (versions.size() == mostVersions)
    versions.erase(versions.begin());
  versions.push_back(version);
  return nullptr;
}

//===-- Runs --------------------------------------------------------------===//

LambentStatus *Observer::run(ArrayRef<LambentTensor> inputs, See see) {
  if (LambentStatus *status = readInputNames())
    return status;
  if (inputs.size() != inputNames.size())
    return makeError("expected %zu inputs, but got %zu", inputNames.size(),
                     inputs.size());
  for (auto [name, input] : llvm::zip(inputNames, inputs))
    if ((input.ndim > 0 && !input.shape) ||
        (input.ndim >= 0 && !input.data &&
         llvm::none_of(ArrayRef(input.shape, size_t(input.ndim)),
                       [](int64_t dim) { return dim == 0; })))
      return makeError("input '%s': expected a shape and data, but got a null "
                       "pointer",
                       name.c_str());
  std::shared_ptr<Version> version;
  if (LambentStatus *status = findVersion(inputs, version))
    return status;
  return runVersion(*version, inputs, see);
}

namespace {
struct DestroyTensors {
  void operator()(LambentTensorSet *set) const {
    lambent_tensor_set_destroy(set);
  }
};
} // namespace

LambentStatus *Observer::runVersion(const Version &version,
                                    ArrayRef<LambentTensor> inputs, See see) {
  const LambentModel &model = version.getModel();
  std::vector<LambentTensor> given;
  // Some with a default may be constants of the compiled model.
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    given.push_back(inputs[size_t(llvm::find(inputNames, model.inputs[i].name) -
                                  inputNames.begin())]);
  LambentTensorSet *set = nullptr;
  if (LambentStatus *status =
          lambent_tensor_set_create(model.outputs, model.num_outputs, &set))
    return status;
  std::unique_ptr<LambentTensorSet, DestroyTensors> outputs(set);
  LambentRunOptions how = {};
  how.size = sizeof how;
  how.allocate = lambent_tensor_set_allocate;
  how.user = set;
  if (options.interruption)
    how.cancellation = options.interruption->getCancellation();
  if (LambentStatus *status = lambent_session_run(
          version.compiled.session.get(), given.data(), model.num_inputs,
          lambent_tensor_set_tensors(set), model.num_outputs, &how))
    return status;
  llvm::StringMap<const LambentTensor *> results;
  for (uint32_t i = 0; i < model.num_outputs; ++i)
    results.try_emplace(model.outputs[i].name,
                        lambent_tensor_set_tensors(set) + i);
  std::vector<float> converted;
  for (const std::string &name : names) {
    auto found = results.find(name);
    if (found == results.end() || !hasFloats(*found->second))
      continue;
    const LambentTensor &tensor = *found->second;
    if (LambentStatus *status =
            see({name, ArrayRef(tensor.shape, size_t(tensor.ndim)),
                 readFloats(tensor, converted)}))
      return status;
  }
  return nullptr;
}
