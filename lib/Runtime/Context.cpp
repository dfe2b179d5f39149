//===- Context.cpp - The memory of one run at a time ----------------------===//

#include "Context.h"
#include "Callbacks.h"
#include "Donation.h"
#include "FloatMode.h"
#include "InputSizes.h"
#include "ListTensors.h"
#include "StringTensors.h"
#include "TensorCheck.h"
#include "lambent/Runtime/Arguments.h"
#include <new>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

namespace lambent::runtime {

LambentStatus *Context::create(Module *module,
                               const LambentContextOptions &options,
                               Context **result) {
  if (LambentStatus *status = createFor(
          module->getModel(), static_cast<const char *>(module->getWeights()),
          unwrap(options.pool), options, result))
    return status;
  (*result)->module = module;
  module->retain();
  return nullptr;
}

LambentStatus *Context::createFor(const LambentModel &model,
                                  const char *weights, ThreadPool *pool,
                                  const LambentContextOptions &options,
                                  Context **result) {
  void *memory = malloc(sizeof(Context));
  if (!memory)
    return makeOutOfMemory("a context", sizeof(Context));
  auto *context = new (memory) Context();
  context->model = &model;
  context->weights = weights;
  context->pool = pool;
  context->keepsDenormals = model.keeps_denormals || options.keep_denormals;
  if (LambentStatus *status = context->allocate(options)) {
    context->destroy();
    return status;
  }
  *result = context;
  return nullptr;
}

LambentStatus *Context::allocate(const LambentContextOptions &options) {
  LambentStatus *status =
      Mapping::allocate(model->arena_bytes, "the arena", arena);
  if (!status)
    status = allocateScratch(model->scratch_bytes);
  if (!status && model->num_values)
    status = OpenSizes::create(*model, &sizes);
  if (!status && model->num_calls)
    status = Calls::create(*model, &calls);
  if (!status)
    status = LayerGroup::create(*model, &waiting);
  uint64_t tensors = uint64_t(model->num_inputs) + model->num_outputs;
  pointers = static_cast<void **>(calloc(tensors + 1, sizeof(void *)));
  handles = static_cast<int64_t *>(calloc(tensors + 1, sizeof(int64_t)));
  lengths = static_cast<int64_t *>(
      calloc(uint64_t(model->num_outputs) + 1, sizeof(int64_t)));
  faults = static_cast<LambentFault *>(
      calloc(uint64_t(model->num_checks) + 1, sizeof(LambentFault)));
  if (options.collect_times)
    layerTimes = static_cast<uint64_t *>(
        calloc(uint64_t(model->num_layers) + 1, sizeof(uint64_t)));
  if (!status &&
      (!pointers || !handles || !lengths || !faults ||
       (options.collect_times && !layerTimes)))
    status = makeOutOfMemory("a context", tensors * sizeof(void *));
  if (!status)
    status = allocateStrings();
  if (!status && options.collect_trace)
    status = Trace::create(*model, countWorkers(), &trace);
  return status;
}

LambentStatus *Context::allocateScratch(uint64_t bytes) {
  // Whole pages, so that no two workers share a line or a page; one line more
  // against cache-set conflicts.
  uint64_t stride, all;
  if (__builtin_add_overflow(bytes, 4095 + 64, &stride) ||
      __builtin_mul_overflow(stride, countWorkers(), &all))
    return makeOutOfMemory("scratch memory", UINT64_MAX);
  scratch = Mapping();
  scratchStride = (bytes + 4095) / 4096 * 4096 + 64;
  return Mapping::allocate(scratchStride * countWorkers(), "scratch memory",
                           scratch);
}

void Context::destroy() {
  if (sizes)
    sizes->destroy();
  if (calls)
    calls->destroy();
  if (waiting)
    waiting->destroy();
  if (fallback)
    fallback->destroy();
  if (trace)
    trace->destroy();
  freeStrings();
  free(layerTimes);
  free(pointers);
  free(handles);
  free(lengths);
  free(faults);
  Module *last = module;
  this->~Context();
  free(this);
  if (last)
    last->release();
}

//===----------------------------------------------------------------------===//
// A run
//===----------------------------------------------------------------------===//

LambentStatus *Context::bindInput(uint32_t i, const LambentTensor &tensor) {
  const LambentTensorInfo &info = getModel().inputs[i];
  if (isList(info))
    return bindList(i, tensor);
  if (!tensor.data && info.default_offset) {
    pointers[i] = const_cast<char *>(reinterpret_cast<const char *>(info.dims) +
                                     info.default_offset);
    return nullptr;
  }
  pointers[i] = static_cast<char *>(tensor.data) + tensor.byte_offset;
  // Where its output is known to be right, see checkDonatedInputs.
  if (info.donated)
    return nullptr;
  LambentStatus *status = sizes && isOpen(info)
                              ? checkOpenInput(tensor, info)
                              : checkTensor(tensor, info, "input");
  return status || !isString(info) ? status : bindStrings(i, tensor);
}

LambentStatus *Context::bindOutput(uint32_t i, const LambentTensorInfo &info,
                                   LambentTensor &tensor,
                                   const LambentRunOptions &options) {
  uint32_t place = getModel().num_inputs + i;
  if (isList(info)) {
    pointers[place] = &handles[place];
    return nullptr;
  }
  if (isString(info))
    return bindStringOutput(i, info, tensor);
  if (info.donated) {
    pointers[place] = static_cast<char *>(tensor.data) + tensor.byte_offset;
    return checkTaker(*model, info, tensor, getValues(),
                      pointers[place] == pointers[info.donated - 1]);
  }
  if (!tensor.data) {
    uint64_t bytes = lambent_tensor_info_bytes(&info);
    if (bytes && !options.allocate)
      return makeError("output '%s' has no data, and no allocator was given",
                       info.name);
    describeTensor(info, tensor);
    if (bytes)
      tensor.data = callAllocate(options, i, bytes);
    if (bytes && !tensor.data)
      return makeOutOfMemory(info.name, bytes);
  }
  if (LambentStatus *status = checkTensor(tensor, info, "output"))
    return status;
  pointers[place] = static_cast<char *>(tensor.data) + tensor.byte_offset;
  return nullptr;
}

LambentStatus *Context::bindTensors(const LambentTensor *inputs,
                                    LambentTensor *outputs,
                                    const LambentRunOptions &options) {
  const LambentModel &model = getModel();
  if (strings)
    strings->forget();
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    if (LambentStatus *status = bindInput(i, inputs[i]))
      return status;
  if (sizes)
    if (LambentStatus *status = enterEpoch(outputs, options))
      return status;
  for (uint32_t i = 0; !sizes && i < model.num_outputs; ++i)
    if (LambentStatus *status =
            bindOutput(i, model.outputs[i], outputs[i], options))
      return status;
  return checkDonatedInputs(inputs);
}

LambentStatus *Context::checkDonatedInputs(const LambentTensor *inputs) const {
  const LambentModel &model = getModel();
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    if (model.inputs[i].donated)
      if (LambentStatus *status =
              checkDonated(model.inputs[i], inputs[i], "input", getValues()))
        return status;
  return nullptr;
}

/// The first check that failed. The run went on, as it would have without
/// checks, up to where it decides sizes.
LambentStatus *Context::reportFaults() const {
  const LambentModel &model = getModel();
  for (uint32_t i = 0; i < model.num_checks; ++i)
    if (faults[i].failed) {
      const LambentCheckInfo &check = model.checks[i];
      return makeError("layer '%s': expected %s, but got %lld",
                       model.layers[check.layer].name, check.expected,
                       static_cast<long long>(faults[i].value));
    }
  return nullptr;
}

LambentStatus *Context::makeInUse() {
  return makeError("this context is in use by another thread: each concurrent "
                   "run needs its own");
}

LambentStatus *Context::checkCounts(const LambentTensor *inputs,
                                    uint32_t numInputs,
                                    const LambentTensor *outputs,
                                    uint32_t numOutputs) const {
  const LambentModel &model = getModel();
  if (numInputs != model.num_inputs)
    return makeError("expected %u inputs, but got %u", model.num_inputs,
                     numInputs);
  if (numOutputs != model.num_outputs)
    return makeError("expected %u outputs, but got %u", model.num_outputs,
                     numOutputs);
  if (numInputs && !inputs)
    return makeError("expected %u inputs, but got a null pointer", numInputs);
  if (numOutputs && !outputs)
    return makeError("expected %u outputs, but got a null pointer", numOutputs);
  return nullptr;
}

LambentStatus *Context::run(const LambentTensor *inputs, uint32_t numInputs,
                            LambentTensor *outputs, uint32_t numOutputs,
                            const LambentRunOptions *options) {
  if (LambentStatus *status =
          checkCounts(inputs, numInputs, outputs, numOutputs))
    return status;
  LambentRunOptions given;
  if (LambentStatus *status =
          readStructure(options, "LambentRunOptions", given,
                        offsetof(LambentRunOptions, cancellation)))
    return status;
  if (running.exchange(true, std::memory_order_acquire))
    return makeInUse();
  RunStop stop(lambent::runtime::unwrap(given.cancellation));
  region = pool && pool->size() > 1 ? pool->open() : nullptr;
  LambentStatus *status = execute(inputs, outputs, given, stop, nullptr);
  if (region)
    pool->close(region);
  region = nullptr;
  running.store(false, std::memory_order_release);
  return status;
}

LambentStatus *Context::readSizes(const LambentTensor *inputs,
                                  const LambentTensor *outputs,
                                  const int64_t *given, Context *&version) {
  version = this;
  LambentStatus *refused =
      sizes ? sizes->readInputs(inputs, outputs, given) : nullptr;
  if (!refused || !model->fallback)
    return refused;
  LambentContextOptions options = {};
  options.keep_denormals = keepsDenormals;
  LambentStatus *status =
      fallback ? nullptr
               : createFor(*model->fallback, weights, pool, options, &fallback);
  if (!status)
    status = fallback->readSizes(inputs, outputs, given, version);
  lambent_status_destroy(status ? status : refused);
  return status ? refused : nullptr;
}

LambentStatus *Context::execute(const LambentTensor *inputs,
                                LambentTensor *outputs,
                                const LambentRunOptions &options, RunStop &stop,
                                const int64_t *given) {
  Context *version;
  if (LambentStatus *status = readSizes(inputs, outputs, given, version))
    return status;
  hasRun = version == this;
  if (hasRun)
    return executeVersion(inputs, outputs, options, stop);
  // Nothing of this one was run.
  if (layerTimes)
    memset(layerTimes, 0, model->num_layers * sizeof(uint64_t));
  version->region = region;
  LambentStatus *status =
      version->executeVersion(inputs, outputs, options, stop);
  version->region = nullptr;
  return status;
}

LambentStatus *Context::executeVersion(const LambentTensor *inputs,
                                       LambentTensor *outputs,
                                       const LambentRunOptions &options,
                                       RunStop &stop) {
  LambentStatus *status = bindTensors(inputs, outputs, options);
  if (!status)
    status = compute(outputs, options, stop);
  ownLists.clear();
  return status;
}

LambentStatus *Context::compute(LambentTensor *outputs,
                                const LambentRunOptions &options,
                                RunStop &stop) {
  Call call = {};
  call.inputs = pointers;
  call.outputs = pointers + model->num_inputs;
  call.arena = arena.data();
  call.weights = weights;
  call.parallel_for = parallelFor;
  call.faults = faults;
  call.context = this;
  call.stop = &stop;
  if (sizes)
    addSizes(call, outputs, options);
  call.slots = calls ? calls->getSlots() : nullptr;
  call.invoke = invoke;
  // A run that ends early leaves layers that would have written theirs.
  if (sizes || calls)
    memset(faults, 0, model->num_checks * sizeof(LambentFault));
  if (layerTimes)
    memset(layerTimes, 0, model->num_layers * sizeof(uint64_t));
  // A run that was stopped may have left some.
  if (waiting)
    waiting->clear();
  {
    FloatMode mode(keepsDenormals);
    model->run(&call);
  }
  if (LambentStatus *status = endRun(call))
    return status;
  if (LambentStatus *status = giveLists(outputs, options))
    return status;
  return strings ? giveStrings(outputs, options) : nullptr;
}

LambentStatus *Context::endRun(Call &call) const {
  LambentStatus *status = call.stop->hasStopped()
                              ? makeCancelled("the run was cancelled, or its "
                                              "time is up")
                              : reportFaults();
  if (status) {
    lambent_status_destroy(call.failure);
    return status;
  }
  if (!call.failure && sizes && !sizes->isComplete())
    return makeError("'%s' is damaged: its code left sizes undecided",
                     model->name);
  return call.failure;
}

} // namespace lambent::runtime

//===----------------------------------------------------------------------===//
// The C API
//===----------------------------------------------------------------------===//

using namespace lambent::runtime;

static Context *unwrap(LambentContext *context) {
  return reinterpret_cast<Context *>(context);
}
static const Context *unwrap(const LambentContext *context) {
  return reinterpret_cast<const Context *>(context);
}

LambentStatus *lambent_context_create(LambentModule *module,
                                      const LambentContextOptions *options,
                                      LambentContext **context) {
  if (LambentStatus *status = requireArguments(
          __func__, {{"module", module}, {"context", context}}))
    return status;
  *context = nullptr;
  LambentContextOptions given;
  if (LambentStatus *status =
          readStructure(options, "LambentContextOptions", given,
                        offsetof(LambentContextOptions, keep_denormals)))
    return status;
  if (LambentStatus *status = requireFlag("LambentContextOptions.collect_times",
                                          given.collect_times))
    return status;
  if (LambentStatus *status = requireFlag("LambentContextOptions.collect_trace",
                                          given.collect_trace))
    return status;
  if (LambentStatus *status = requireFlag(
          "LambentContextOptions.keep_denormals", given.keep_denormals))
    return status;
  if (LambentStatus *status =
          requireZero("LambentContextOptions.reserved", given.reserved))
    return status;
  return Context::create(unwrap(module), given,
                         reinterpret_cast<Context **>(context));
}

LambentStatus *lambent_context_run(LambentContext *context,
                                   const LambentTensor *inputs,
                                   uint32_t numInputs, LambentTensor *outputs,
                                   uint32_t numOutputs,
                                   const LambentRunOptions *options) {
  if (LambentStatus *status =
          requireArguments(__func__, {{"context", context}}))
    return status;
  return unwrap(context)->run(inputs, numInputs, outputs, numOutputs, options);
}

LambentStatus *lambent_context_infer_shapes(LambentContext *context,
                                            const LambentTensor *inputs,
                                            uint32_t numInputs,
                                            LambentTensor *outputs,
                                            uint32_t numOutputs) {
  if (LambentStatus *status =
          requireArguments(__func__, {{"context", context}}))
    return status;
  return unwrap(context)->inferShapes(inputs, numInputs, outputs, numOutputs);
}

void lambent_context_destroy(LambentContext *context) {
  if (context)
    unwrap(context)->destroy();
}

const uint64_t *lambent_context_layer_times(const LambentContext *context) {
  return context ? unwrap(context)->getLayerTimes() : nullptr;
}

LambentStatus *lambent_context_layer_work(const LambentContext *context,
                                          uint32_t layer, uint64_t *flops,
                                          uint64_t *bytes) {
  if (LambentStatus *status = requireArguments(
          __func__, {{"context", context}, {"flops", flops}, {"bytes", bytes}}))
    return status;
  return unwrap(context)->getLayerWork(layer, *flops, *bytes);
}

LambentStatus *lambent_context_write_trace(const LambentContext *context,
                                           const char *path) {
  if (LambentStatus *status =
          requireArguments(__func__, {{"context", context}, {"path", path}}))
    return status;
  const Trace *trace = unwrap(context)->getTrace();
  return trace ? trace->write(path)
               : makeError("this context does not collect a trace");
}
