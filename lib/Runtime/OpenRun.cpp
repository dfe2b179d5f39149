//===- OpenRun.cpp - What open sizes add to a run -------------------------===//
//
// Epoch 0 is entered before generated code runs, each later one when it calls
// `define`. An epoch brings its numbers, blocks and outputs.
//
//===----------------------------------------------------------------------===//

#include "Context.h"
#include "InputSizes.h"
#include "ListTensors.h"
#include "TensorCheck.h"
#include "lambent/Runtime/Arguments.h"

namespace lambent::runtime {

LambentStatus *Context::enterEpoch(LambentTensor *outputs,
                                   const LambentRunOptions &options) {
  const LambentModel &model = getModel();
  if (LambentStatus *status = sizes->enter())
    return status;
  uint64_t scratchBytes = sizes->getPlan().scratchBytes;
  if (!scratch.data() || scratchBytes + 64 > scratchStride)
    if (LambentStatus *status = allocateScratch(scratchBytes))
      return status;
  for (uint32_t i = 0; i < model.num_outputs; ++i) {
    if (model.outputs[i].epoch != sizes->getEpoch())
      continue;
    LambentTensorInfo known;
    if (LambentStatus *status = sizes->describe(i, outputs[i], known))
      return status;
    if (LambentStatus *status = bindOutput(i, known, outputs[i], options))
      return status;
  }
  return nullptr;
}

void Context::addSizes(Call &call, LambentTensor *outputs,
                       const LambentRunOptions &options) {
  call.values = sizes->getValues();
  call.blocks = sizes->getBlocks();
  call.define = define;
  call.outputTensors = outputs;
  call.options = &options;
}

int32_t Context::define(LambentCall *call, int64_t layer, int64_t symbol,
                        const int64_t *decided, int64_t count) {
  auto *own = static_cast<Call *>(call);
  // A run that was stopped has not computed what it would decide.
  if (own->failure || own->stop->check())
    return 1;
  Context *context = own->context;
  const LambentLayerInfo &info = context->getModel().layers[layer];
  // What is decided may follow from what a check has found wrong.
  own->failure = context->reportFaults();
  if (!own->failure)
    own->failure = context->sizes->decide(info, symbol, decided, count);
  if (!own->failure)
    own->failure = context->enterEpoch(own->outputTensors, *own->options);
  return own->failure ? 1 : 0;
}

/// Of a run with the sizes that were read.
LambentStatus *Context::describeOutputs(const LambentTensor *inputs,
                                        LambentTensor *outputs) {
  const LambentModel &model = getModel();
  LambentStatus *status = nullptr;
  for (uint32_t i = 0; i < model.num_inputs && !status; ++i)
    if (!isOpen(model.inputs[i]) && !isList(model.inputs[i]) &&
        (inputs[i].data || !model.inputs[i].default_offset))
      status = checkType(inputs[i], model.inputs[i], "input");
  for (uint32_t i = 0; i < model.num_outputs && !status; ++i) {
    LambentTensorInfo known = model.outputs[i];
    if (isList(known)) {
      describeList(i, outputs[i]);
      continue;
    }
    LambentTensor room = outputs[i];
    room.data = nullptr; // or there would be none
    if (sizes && known.epoch)
      sizes->describeUndecided(i, room, known);
    else if (sizes)
      status = sizes->describe(i, room, known);
    describeTensor(known, outputs[i]);
  }
  return status;
}

LambentStatus *Context::inferShapes(const LambentTensor *inputs,
                                    uint32_t numInputs, LambentTensor *outputs,
                                    uint32_t numOutputs) {
  if (LambentStatus *status =
          checkCounts(inputs, numInputs, outputs, numOutputs))
    return status;
  if (running.exchange(true, std::memory_order_acquire))
    return makeInUse();
  Context *version;
  LambentStatus *status = readSizes(inputs, nullptr, nullptr, version);
  if (!status)
    status = version->describeOutputs(inputs, outputs);
  running.store(false, std::memory_order_release);
  return status;
}

} // namespace lambent::runtime
