//===- Context.h - The memory of one run at a time --------------*- C++ -*-===//
//
// A context owns an arena and a scratch area per worker, and implements the
// call that generated code is given.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_CONTEXT_H
#define LAMBENT_RUNTIME_CONTEXT_H

#include "Cancellation.h"
#include "Mapping.h"
#include "Module.h"
#include "OpenSizes.h"
#include "ThreadPool.h"
#include "Trace.h"
#include <atomic>

namespace lambent::runtime {

class Context {
public:
  static LambentStatus *create(Module *module,
                               const LambentContextOptions &options,
                               Context **context);
  void destroy();

  LambentStatus *run(const LambentTensor *inputs, uint32_t numInputs,
                     LambentTensor *outputs, uint32_t numOutputs,
                     const LambentRunOptions *options);
  /// Describes the outputs for inputs of these shapes.
  LambentStatus *inferShapes(const LambentTensor *inputs, uint32_t numInputs,
                             LambentTensor *outputs, uint32_t numOutputs);
  /// Null unless times are collected.
  const uint64_t *getLayerTimes() const { return layerTimes; }
  const Trace *getTrace() const { return trace; }

  Context *next = nullptr; ///< links a session's idle contexts

private:
  /// What generated code sees, and the way back from it.
  struct Call : LambentCall {
    Context *context;
    RunStop *stop;
    // The rest serves models of open sizes.
    LambentTensor *outputTensors;
    const LambentRunOptions *options;
    LambentStatus *failure; ///< why `define` ended the run
  };
  struct Layer;

  Context() = default;
  ~Context() = default;
  LambentStatus *checkCounts(const LambentTensor *inputs, uint32_t numInputs,
                             const LambentTensor *outputs,
                             uint32_t numOutputs) const;
  LambentStatus *bindTensors(const LambentTensor *inputs,
                             LambentTensor *outputs,
                             const LambentRunOptions &options);
  LambentStatus *bindInput(uint32_t input, const LambentTensor &tensor);
  /// An output whose dims are known: they are `info`'s.
  LambentStatus *bindOutput(uint32_t output, const LambentTensorInfo &info,
                            LambentTensor &tensor,
                            const LambentRunOptions &options);
  LambentStatus *allocateScratch(uint64_t bytes);
  unsigned countWorkers() const { return pool ? pool->size() : 1; }
  static LambentStatus *makeInUse();
  void *scratchOf(unsigned worker) const {
    return scratch.data() + worker * scratchStride;
  }
  LambentStatus *reportFaults() const;
  static void parallelFor(LambentCall *call, int64_t layer,
                          LambentKernel kernel, void *const *buffers,
                          int64_t chunks);
  static void computeInPieces(const Layer &layer, int64_t begin, int64_t end,
                              void *scratch);
  static void computeChunks(void *argument, int64_t begin, int64_t end,
                            unsigned worker);
  void runMeasured(Layer &layer, int64_t chunks);

  // What open sizes add (OpenRun.cpp).
  LambentStatus *enterEpoch(LambentTensor *outputs,
                            const LambentRunOptions &options);
  void addSizes(Call &call, LambentTensor *outputs,
                const LambentRunOptions &options);
  /// What is wrong with a run that ended, given what its checks say.
  LambentStatus *endOpenRun(Call &call, LambentStatus *status) const;
  static int32_t define(LambentCall *call, int64_t layer, int64_t symbol,
                        const int64_t *decided, int64_t count);

  Module *module = nullptr;
  ThreadPool *pool = nullptr;
  /// Our place in the pool, while run is active.
  ThreadPool::Region *region = nullptr;
  Mapping arena, scratch;
  uint64_t scratchStride = 0;     ///< from one worker's to the next's
  OpenSizes *sizes = nullptr;     ///< null where every dim is bound
  LambentFault *faults = nullptr; ///< one for each check of the model
  void **pointers = nullptr;      ///< the inputs' and then the outputs' data
  uint64_t *layerTimes = nullptr;
  Trace *trace = nullptr;
  std::atomic<bool> running{false};
};

} // namespace lambent::runtime

#endif
