//===- LoopRun.cpp - A loop in a run --------------------------------------===//
//
// What is carried lies in two memories by turns: an iteration reads one and
// writes the other. Slices are appended to the memory of their result. Of the
// lists that iterations make, those that are not carried are dropped whenever
// all lists have doubled, so that this costs no more than making them.
//
//===----------------------------------------------------------------------===//

#include "CallRun.h"
#include "TensorCheck.h"
#include "lambent/Runtime/Status.h"
#include <string.h>

namespace lambent::runtime {

/// Bytes of a tensor that was described.
static uint64_t getBytes(const LambentTensor &tensor) {
  uint64_t count = 1;
  for (int32_t i = 0; i < tensor.ndim; ++i)
    count *= static_cast<uint64_t>(tensor.shape[i]);
  return getBytes(count, tensor.dtype);
}

/// The number, the condition, what is carried, the captures. What is carried
/// has room for the dims of any iteration.
void Context::CallRun::bindLoopInputs() {
  const LambentModel &body = *info.bodies[0];
  uint32_t operand = info.has_trip + info.has_condition;
  int64_t *dims = state.inputDims;
  for (uint32_t i = 0; i < body.num_inputs; ++i) {
    if (i >= 2) {
      bindInput(body, i, operand++, dims);
      continue;
    }
    describeTensor(body.inputs[i], state.inputs[i]);
    state.inputs[i].data =
        i == 0 ? static_cast<void *>(&iteration) : &condition;
  }
}

void *Context::CallRun::allocateSlice(uint32_t output, uint64_t bytes) {
  uint64_t used, all;
  if (__builtin_mul_overflow(uint64_t(iteration), bytes, &used) ||
      __builtin_add_overflow(used, bytes, &all)) {
    failure = makeOutOfMemory(getName(), UINT64_MAX);
    return nullptr;
  }
  GrowingMemory &memory = state.results[output - 1];
  failure = memory.reserve(all, used, getName());
  return failure ? nullptr : memory.data() + used;
}

void *Context::CallRun::allocateLoopOutput(void *user, uint32_t output,
                                           uint64_t bytes) {
  auto *run = static_cast<CallRun *>(user);
  if (output == 0)
    return &run->next;
  if (output > run->info.num_carried) {
    run->failure = run->checkSlice(output);
    return run->failure ? nullptr : run->allocateSlice(output, bytes);
  }
  GrowingMemory *memories =
      run->iteration % 2 ? run->state.others : run->state.results;
  GrowingMemory &memory = memories[output - 1];
  run->failure = memory.reserve(bytes, 0, run->getName());
  return run->failure ? nullptr : memory.data();
}

/// The slices of one result have the same dims: those of the first iteration,
/// which are kept as its dims.
LambentStatus *Context::CallRun::checkSlice(uint32_t output) {
  int64_t *dims = state.resultDims;
  for (uint32_t i = 0; i + 1 < output; ++i)
    dims += info.results[i].rank;
  const LambentTensor &slice = state.outputs[output];
  for (int32_t dim = 0; dim < slice.ndim; ++dim) {
    int64_t &first = dims[1 + dim], size = slice.shape[dim];
    if (iteration == 0)
      first = size;
    else if (first != size)
      return makeError("layer '%s': expected slices of one shape, but dim %d "
                       "of output %u is %lld and later %lld",
                       getName(), dim, output - 1,
                       static_cast<long long>(first),
                       static_cast<long long>(size));
  }
  return nullptr;
}

/// What was written becomes what is read.
void Context::CallRun::carry() {
  for (uint32_t i = 0; i < info.num_carried; ++i) {
    LambentTensor &input = state.inputs[2 + i];
    const LambentTensor &output = state.outputs[1 + i];
    if (output.ndim) // a scalar has no list of dims
      memcpy(input.shape, output.shape, output.ndim * sizeof(int64_t));
    input.data = output.data;
  }
  condition = next;
}

/// Drops the lists that nothing can read any more: what the loop made is found
/// from what it carries.
void Context::CallRun::dropLists() {
  ListStore &lists = *context.lists;
  if (lists.countBytes() < mostListBytes)
    return;
  const LambentModel &body = *info.bodies[0];
  uint64_t count = 0;
  for (uint32_t i = 0; i < info.num_carried; ++i)
    if (body.inputs[2 + i].list & LAMBENT_LIST_HANDLE)
      state.carriedLists[count++] =
          getList(*static_cast<const int64_t *>(state.inputs[2 + i].data));
  lists.collect(listsBefore, state.carriedLists, count);
  mostListBytes = 2 * lists.countBytes() + (UINT64_C(1) << 20);
}

LambentStatus *Context::CallRun::iterate() {
  if (LambentStatus *status = runBody(0, allocateLoopOutput))
    return status;
  // Those of no elements were not asked for.
  for (uint32_t i = info.num_carried; i < info.num_results; ++i)
    if (LambentStatus *status = checkSlice(1 + i))
      return status;
  carry();
  dropLists();
  return nullptr;
}

/// Without an iteration, what was given is the result.
LambentStatus *Context::CallRun::keepInitial() {
  for (uint32_t i = 0; i < info.num_carried; ++i) {
    LambentTensor &input = state.inputs[2 + i];
    uint64_t bytes = getBytes(input);
    if (LambentStatus *status = state.results[i].reserve(bytes, 0, getName()))
      return status;
    if (bytes)
      memcpy(state.results[i].data(), input.data, bytes);
    input.data = state.results[i].data();
  }
  return nullptr;
}

/// Tells the results and their dims.
void Context::CallRun::finishLoop(int64_t iterations) {
  int64_t *dims = state.resultDims;
  for (uint32_t i = 0; i < info.num_results; ++i) {
    const LambentTensorInfo &result = info.results[i];
    char *&slot = context.calls->getSlots()[info.first_slot + i];
    if (i < info.num_carried) {
      const LambentTensor &last = state.inputs[2 + i];
      slot = static_cast<char *>(last.data);
      memcpy(dims, last.shape, result.rank * sizeof(int64_t));
    } else {
      slot = state.results[i].data();
      dims[0] = iterations;
      // Slices that nobody made have the sizes that all would have, or none.
      for (uint32_t dim = 1; iterations == 0 && dim < result.rank; ++dim) {
        int64_t symbol =
            result.sizes ? result.sizes[dim] - info.first_symbol : -1;
        bool isDecided = symbol >= 0 && symbol < info.num_symbols;
        dims[dim] = isDecided ? 0 : getDim(result, dim);
      }
    }
    dims += result.rank;
  }
}

LambentStatus *Context::CallRun::runLoop() {
  int64_t trip = INT64_MAX;
  if (info.has_trip)
    trip = *static_cast<const int64_t *>(buffers[0]);
  if (info.has_condition)
    condition = *static_cast<const uint8_t *>(buffers[info.has_trip]) != 0;
  bindLoopInputs();
  for (; condition && iteration < trip; ++iteration) {
    if (call.stop->check())
      return nullptr; // the run tells
    if (LambentStatus *status = iterate())
      return status;
  }
  if (iteration == 0)
    if (LambentStatus *status = keepInitial())
      return status;
  finishLoop(iteration);
  return finish();
}

} // namespace lambent::runtime
