//===- CallsCheck.cpp - Does what a model says of its calls hold? ---------===//

#include "Calls.h"
#include "ModelCheck.h"

namespace lambent::runtime {

/// How deep calls lie within each other at most: a model that has more was not
/// compiled by us.
static constexpr unsigned deepestCalls = 512;

/// Whether what a body takes or gives instead of a list is a number.
static bool isTensorOrHandle(const LambentTensorInfo &info) {
  return info.list == 0 ||
         (info.list == LAMBENT_LIST_HANDLE && info.rank == 0 &&
          info.type_code == LAMBENT_INT && info.type_bits == 64);
}

/// Types may differ in their sizes: those are compared in a run. `others` are a
/// body's.
static bool haveRanks(const LambentTensorInfo *infos,
                      const LambentTensorInfo *others, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i)
    if (infos[i].rank != others[i].rank || (infos[i].rank && !infos[i].dims) ||
        !isTensorOrHandle(others[i]))
      return false;
  return true;
}

static bool areValues(const LambentModel &model, const LambentTensorInfo *infos,
                      uint32_t count) {
  for (uint32_t i = 0; i < count; ++i)
    for (uint32_t dim = 0; infos[i].sizes && dim < infos[i].rank; ++dim)
      if (infos[i].sizes[dim] < -1 ||
          infos[i].sizes[dim] >= static_cast<int32_t>(model.num_values))
        return false;
  return true;
}

/// Its own numbers, given complete bodies.
static bool isIfSound(const LambentCallInfo &call) {
  for (const LambentModel *body : call.bodies)
    if (!body || call.num_operands != body->num_inputs + 1 ||
        call.num_results != body->num_outputs ||
        !haveRanks(call.operands + 1, body->inputs, body->num_inputs) ||
        !haveRanks(call.results, body->outputs, body->num_outputs))
      return false;
  return true;
}

static bool isLoopSound(const LambentCallInfo &call) {
  const LambentModel &body = *call.bodies[0];
  if (call.bodies[1] || call.has_trip > 1 || call.has_condition > 1 ||
      call.num_carried > call.num_results ||
      body.num_outputs != uint64_t(call.num_results) + 1 || body.num_inputs < 2)
    return false;
  uint32_t control = call.has_trip + call.has_condition,
           given = body.num_inputs - 2;
  if (given < call.num_carried ||
      call.num_operands != uint64_t(control) + given ||
      !haveRanks(call.operands + control, body.inputs + 2, given) ||
      !haveRanks(call.results, body.outputs + 1, call.num_carried))
    return false;
  for (uint32_t i = call.num_carried; i < call.num_results; ++i)
    if (call.results[i].rank != body.outputs[1 + i].rank + 1)
      return false;
  return true;
}

static bool isSound(const LambentModel &model, const LambentCallInfo &call) {
  if (call.layer >= model.num_layers || !call.bodies[0] ||
      (call.num_operands && !call.operands) ||
      (call.num_results && !call.results) ||
      call.first_slot > model.num_slots ||
      call.num_results > model.num_slots - call.first_slot ||
      !areValues(model, call.operands, call.num_operands) ||
      !areValues(model, call.results, call.num_results))
    return false;
  return call.kind == LAMBENT_CALL_IF     ? isIfSound(call)
         : call.kind == LAMBENT_CALL_LOOP ? isLoopSound(call)
                                          : false;
}

static bool areCallsSound(const LambentModel &model, unsigned depth) {
  if (depth > deepestCalls || (model.num_calls && !model.calls))
    return false;
  for (uint32_t i = 0; i < model.num_calls; ++i) {
    for (const LambentModel *body : model.calls[i].bodies)
      if (body && (!isDescribed(*body, model.num_values) ||
                   !areCallsSound(*body, depth + 1)))
        return false;
    if (!isSound(model, model.calls[i]))
      return false;
  }
  return true;
}

bool areCallsSound(const LambentModel &model) {
  return areCallsSound(model, 0);
}

} // namespace lambent::runtime
