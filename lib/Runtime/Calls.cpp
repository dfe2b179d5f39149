//===- Calls.cpp - What a context keeps for control flow ------------------===//

#include "Calls.h"
#include "Context.h"
#include "lambent/Runtime/Status.h"
#include <new>
#include <stdlib.h>
#include <string.h>

namespace lambent::runtime {

LambentStatus *GrowingMemory::reserve(uint64_t bytes, uint64_t kept,
                                      const char *what) {
  uint64_t had = memory.size();
  if (memory.data() && bytes <= had)
    return nullptr;
  // What grows step by step is not mapped anew at each step.
  uint64_t ample = had && bytes < UINT64_MAX / 2 ? bytes + bytes / 2 : bytes;
  Mapping larger;
  LambentStatus *status = Mapping::allocate(ample, what, larger);
  if (status && ample > bytes) {
    lambent_status_destroy(status);
    status = Mapping::allocate(bytes, what, larger);
  }
  if (status)
    return status;
  if (kept)
    memcpy(larger.data(), memory.data(), kept);
  memory = static_cast<Mapping &&>(larger);
  return nullptr;
}

static uint64_t countDims(const LambentTensorInfo *infos, uint32_t count) {
  uint64_t dims = 0;
  for (uint32_t i = 0; i < count; ++i)
    dims += infos[i].rank;
  return dims;
}

template <typename T> static bool allocateList(T *&list, uint64_t count) {
  list = static_cast<T *>(calloc(count + 1, sizeof(T)));
  return list != nullptr;
}

bool Calls::allocate() {
  if (!allocateList(slots, model.num_slots) ||
      !allocateList(states, model.num_calls))
    return false;
  for (uint32_t i = 0; i < model.num_calls; ++i) {
    const LambentCallInfo &info = model.calls[i];
    CallState &state = states[i];
    state.info = &info;
    const LambentModel &body = *info.bodies[0];
    if (!allocateList(state.inputs, body.num_inputs) ||
        !allocateList(state.outputs, body.num_outputs) ||
        !allocateList(state.inputDims,
                      countDims(body.inputs, body.num_inputs)) ||
        !allocateList(state.outputDims,
                      countDims(body.outputs, body.num_outputs)) ||
        !allocateList(state.decided, info.num_symbols) ||
        !allocateList(state.resultDims,
                      countDims(info.results, info.num_results)) ||
        !allocateList(state.results, info.num_results) ||
        !allocateList(state.others, info.num_carried) ||
        !allocateList(state.carriedLists, info.num_carried))
      return false;
    // Zeroed memory is a GrowingMemory without any.
  }
  return true;
}

LambentStatus *Calls::create(const LambentModel &model, Calls **result) {
  void *memory = malloc(sizeof(Calls));
  auto *calls = memory ? new (memory) Calls(model) : nullptr;
  if (!calls || !calls->allocate()) {
    if (calls)
      calls->destroy();
    return makeOutOfMemory("a context", sizeof(Calls));
  }
  *result = calls;
  return nullptr;
}

void Calls::destroy() {
  this->~Calls();
  free(this);
}

Calls::~Calls() {
  for (uint32_t i = 0; states && i < model.num_calls; ++i) {
    CallState &state = states[i];
    for (Context *body : state.bodies)
      if (body)
        body->destroy();
    for (uint32_t j = 0; state.results && j < state.info->num_results; ++j)
      state.results[j].~GrowingMemory();
    for (uint32_t j = 0; state.others && j < state.info->num_carried; ++j)
      state.others[j].~GrowingMemory();
    free(state.inputs);
    free(state.outputs);
    free(state.inputDims);
    free(state.outputDims);
    free(state.resultDims);
    free(state.decided);
    free(state.results);
    free(state.others);
    free(state.carriedLists);
  }
  free(states);
  free(slots);
}

CallState *Calls::find(int64_t layer) {
  for (uint32_t i = 0; i < model.num_calls; ++i)
    if (model.calls[i].layer == layer)
      return &states[i];
  return nullptr;
}

} // namespace lambent::runtime
