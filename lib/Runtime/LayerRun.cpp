//===- LayerRun.cpp - One layer of a run ----------------------------------===//
//
// What generated code calls for a layer: for its kernel, or for what the
// runtime does itself.
//
//===----------------------------------------------------------------------===//

#include "CallRun.h"
#include "Clock.h"
#include "FloatMode.h"
#include "lambent/Runtime/Status.h"

namespace lambent::runtime {

/// One call of parallel_for.
struct Context::Layer {
  Context *context;
  int64_t index;
  LambentKernel kernel;
  void *const *buffers;
  RunStop *stop;
};

/// Asks between chunks whether to go on: rarely where they are short, since a
/// kernel may work once for all chunks of a call.
void Context::computeInPieces(const Layer &layer, int64_t begin, int64_t end,
                              void *scratch) {
  constexpr uint64_t enough = 500'000; // nanoseconds
  uint64_t start = getNanoseconds();
  for (int64_t count = 1; begin < end && !layer.stop->check();) {
    count = count < end - begin ? count : end - begin;
    layer.kernel(layer.buffers, begin, begin + count, scratch);
    begin += count;
    uint64_t now = getNanoseconds();
    count = now - start < enough ? 2 * count : count / 2;
    count = count ? count : 1;
    start = now;
  }
}

void Context::computeChunks(void *argument, int64_t begin, int64_t end,
                            unsigned worker) {
  auto *layer = static_cast<Layer *>(argument);
  Context *context = layer->context;
  void *scratch = context->scratchOf(worker);
  FloatMode mode(context->keepsDenormals);
  uint64_t start = context->trace ? getNanoseconds() : 0;
  if (layer->stop->isPossible())
    computeInPieces(*layer, begin, end, scratch);
  else
    layer->kernel(layer->buffers, begin, end, scratch);
  if (!context->trace)
    return;
  context->trace->record(worker, static_cast<uint32_t>(layer->index), start,
                         getNanoseconds(), begin, end);
}

/// Whether a layer that may wait should. Where its own chunks keep all threads
/// busy it should not: each thread then finds in its caches the part of the
/// data that it wrote in the layer before (SqueezeNet on two threads took 5 %
/// longer, DLRM 20 %). Nor should one that takes no longer than it takes to
/// call the threads.
static bool leavesThreadsIdle(const LambentLayerInfo &layer, int64_t chunks,
                              unsigned threads) {
  constexpr uint64_t flopsPerMicrosecond = 50'000, bytesPerMicrosecond = 20'000,
                     worth = 4; // microseconds
  return chunks < 2 * int64_t(threads) &&
         layer.flops / flopsPerMicrosecond +
                 layer.bytes / bytesPerMicrosecond >=
             worth;
}

void Context::parallelFor(LambentCall *call, int64_t index,
                          LambentKernel kernel, void *const *buffers,
                          int64_t chunks) {
  Context *context = static_cast<Call *>(call)->context;
  RunStop *stop = static_cast<Call *>(call)->stop;
  if (stop->check())
    return;
  Layer layer = {context, index, kernel, buffers, stop};
  if (context->layerTimes)
    return context->runMeasured(layer, chunks);
  if (!context->region)
    return computeChunks(&layer, 0, chunks, 0);
  LayerGroup *waiting = context->waiting;
  const LambentLayerInfo &info = context->model->layers[index];
  if (info.waits && leavesThreadsIdle(info, chunks, context->pool->size()))
    return waiting->addWaiting(index, kernel, buffers, info.waits, chunks);
  if (!waiting || waiting->isEmpty())
    return context->pool->run(context->region, computeChunks, &layer, chunks);
  waiting->add(index, kernel, buffers, chunks);
  context->pool->run(context->region, computeGroup, &layer,
                     waiting->countChunks());
  waiting->clear();
}

/// `argument` is the group's last layer.
void Context::computeGroup(void *argument, int64_t begin, int64_t end,
                           unsigned worker) {
  auto *last = static_cast<Layer *>(argument);
  last->context->waiting->forEachLayer(
      begin, end, [&](const LayerGroup::Layer &each, int64_t from, int64_t to) {
        Layer layer = {last->context, each.index, each.kernel, each.buffers,
                       last->stop};
        computeChunks(&layer, from, to, worker);
      });
}

void Context::runMeasured(Layer &layer, int64_t chunks) {
  uint64_t start = getNanoseconds();
  if (region)
    pool->run(region, computeChunks, &layer, chunks);
  else
    computeChunks(&layer, 0, chunks, 0);
  layerTimes[layer.index] += getNanoseconds() - start;
}

LambentStatus *Context::runLayer(Call &call, int64_t layer,
                                 void *const *buffers) {
  if (CallState *state = calls ? calls->find(layer) : nullptr)
    return CallRun(*this, call, *state, buffers).run();
  if (const LambentListInfo *list = findList(layer))
    return lists->run({*list, model->layers[layer], buffers, call.values});
  return makeError("'%s' is damaged: its code wants of the runtime what no "
                   "layer says",
                   model->name);
}

int32_t Context::invoke(LambentCall *call, int64_t layer,
                        void *const *buffers) {
  auto *own = static_cast<Call *>(call);
  Context &context = *own->context;
  // A run that was stopped has not computed its buffers.
  if (own->failure || own->stop->check())
    return 1;
  bool isTimed = context.layerTimes || context.trace;
  uint64_t start = isTimed ? getNanoseconds() : 0;
  LambentStatus *status = context.runLayer(*own, layer, buffers);
  if (status && own->failure)
    lambent_status_destroy(status);
  else if (status)
    own->failure = status;
  if (context.layerTimes)
    context.layerTimes[layer] += getNanoseconds() - start;
  if (context.trace)
    context.trace->record(0, static_cast<uint32_t>(layer), start,
                          getNanoseconds(), 0, 1);
  return own->failure || own->stop->hasStopped() ? 1 : 0;
}

LambentStatus *Context::getLayerWork(uint32_t layer, uint64_t &flops,
                                     uint64_t &bytes) const {
  if (layer >= getModel().num_layers)
    return makeError("expected a layer below %u, but got %u",
                     getModel().num_layers, layer);
  const LambentLayerInfo &info = getModel().layers[layer];
  auto get = [&](uint64_t number, uint32_t value) {
    if (!value)
      return number;
    int64_t size = hasRun ? sizes->getPlan().values[value - 1] : 0;
    return static_cast<uint64_t>(size < 0 ? 0 : size);
  };
  flops = get(info.flops, info.flops_value);
  bytes = get(info.bytes, info.bytes_value);
  return nullptr;
}

} // namespace lambent::runtime
