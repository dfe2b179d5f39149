//===- CallRun.cpp - What control flow adds to a run ----------------------===//
//
// Bodies run on the region and with the cancellation of the run around them.
//
//===----------------------------------------------------------------------===//

#include "CallRun.h"
#include "TensorCheck.h"
#include "lambent/Runtime/Status.h"

namespace lambent::runtime {

LambentStatus *Context::CallRun::getBody(unsigned index, Context *&body) {
  LambentContextOptions options = {};
  options.keep_denormals = context.keepsDenormals;
  if (!state.bodies[index])
    if (LambentStatus *status =
            createFor(*info.bodies[index], context.weights, context.pool,
                      options, &state.bodies[index]))
      return status;
  body = state.bodies[index];
  return nullptr;
}

void Context::CallRun::bindInput(const LambentModel &body, uint32_t input,
                                 uint32_t operand, int64_t *&dims) {
  LambentTensor &tensor = state.inputs[input];
  describeTensor(body.inputs[input], tensor);
  const LambentTensorInfo &given = info.operands[operand];
  for (uint32_t dim = 0; dim < given.rank; ++dim)
    dims[dim] = getDim(given, dim);
  tensor.shape = dims;
  dims += given.rank;
  tensor.data = buffers[operand];
}

void Context::CallRun::prepareOutputs(const LambentModel &body) {
  int64_t *dims = state.outputDims;
  for (uint32_t i = 0; i < body.num_outputs; ++i) {
    LambentTensor &tensor = state.outputs[i];
    describeTensor(body.outputs[i], tensor);
    tensor.shape = dims;
    tensor.data = nullptr;
    dims += body.outputs[i].rank;
  }
}

LambentStatus *Context::CallRun::runBody(unsigned index, Allocate allocate) {
  Context *body;
  if (LambentStatus *status = getBody(index, body))
    return status;
  prepareOutputs(*info.bodies[index]);
  LambentRunOptions options{sizeof(LambentRunOptions), allocate, this, nullptr};
  body->region = context.region;
  body->lists = context.lists;
  LambentStatus *status = body->execute(state.inputs, state.outputs, options,
                                        *call.stop, call.values);
  body->region = nullptr;
  body->lists = &body->ownLists;
  if (!failure)
    return status;
  lambent_status_destroy(status);
  return failure;
}

void *Context::CallRun::allocateResult(void *user, uint32_t output,
                                       uint64_t bytes) {
  auto *run = static_cast<CallRun *>(user);
  GrowingMemory &memory = run->state.results[output];
  run->failure = memory.reserve(bytes, 0, run->getName());
  return run->failure ? nullptr : memory.data();
}

LambentStatus *Context::CallRun::runIf() {
  unsigned index = *static_cast<const uint8_t *>(buffers[0]) ? 0 : 1;
  const LambentModel &body = *info.bodies[index];
  int64_t *dims = state.inputDims;
  for (uint32_t i = 0; i < body.num_inputs; ++i)
    bindInput(body, i, 1 + i, dims);
  if (LambentStatus *status = runBody(index, allocateResult))
    return status;
  dims = state.resultDims;
  for (uint32_t i = 0; i < info.num_results; ++i) {
    context.calls->getSlots()[info.first_slot + i] = state.results[i].data();
    for (uint32_t dim = 0; dim < info.results[i].rank; ++dim)
      *dims++ = state.outputs[i].shape[dim];
  }
  return finish();
}

LambentStatus *Context::CallRun::finish() {
  const int64_t *dims = state.resultDims;
  for (uint32_t i = 0; i < info.num_results; ++i) {
    const LambentTensorInfo &result = info.results[i];
    for (uint32_t dim = 0; dim < result.rank; ++dim, ++dims) {
      int64_t symbol =
          result.sizes ? result.sizes[dim] - info.first_symbol : -1;
      if (symbol >= 0 && symbol < info.num_symbols)
        state.decided[symbol] = *dims;
    }
  }
  if (info.num_symbols && call.define(&call, info.layer, info.first_symbol,
                                      state.decided, info.num_symbols))
    return nullptr; // the call has its failure
  dims = state.resultDims;
  for (uint32_t i = 0; i < info.num_results; ++i)
    for (uint32_t dim = 0; dim < info.results[i].rank; ++dim, ++dims)
      if (int64_t expected = getDim(info.results[i], dim); expected != *dims)
        return makeError("layer '%s': expected dim %u of output %u to be %lld, "
                         "but got %lld",
                         getName(), dim, i, static_cast<long long>(expected),
                         static_cast<long long>(*dims));
  return nullptr;
}

} // namespace lambent::runtime
