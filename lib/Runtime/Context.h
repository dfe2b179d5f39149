//===- Context.h - The memory of one run at a time --------------*- C++ -*-===//
//
// A context owns an arena and a scratch area per worker, and implements the
// call that generated code is given.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_CONTEXT_H
#define LAMBENT_RUNTIME_CONTEXT_H

#include "Calls.h"
#include "Cancellation.h"
#include "LayerGroup.h"
#include "ListStore.h"
#include "Mapping.h"
#include "Module.h"
#include "OpenSizes.h"
#include "StringTable.h"
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
  /// Arithmetic and bytes of a layer in the last run; 0 where that took another
  /// version of the model.
  LambentStatus *getLayerWork(uint32_t layer, uint64_t &flops,
                              uint64_t &bytes) const;

  Context *next = nullptr; ///< links a session's idle contexts

private:
  /// What generated code sees, and the way back from it.
  struct Call : LambentCall {
    Context *context;
    RunStop *stop;
    LambentStatus *failure; ///< why the runtime ended the run
    // The rest serves models of open sizes.
    LambentTensor *outputTensors;
    const LambentRunOptions *options;
  };
  struct Layer;
  class CallRun;

  Context() = default;
  ~Context() = default;
  /// A context of a model whose code and weights others keep.
  static LambentStatus *createFor(const LambentModel &model,
                                  const char *weights, ThreadPool *pool,
                                  const LambentContextOptions &options,
                                  Context **context);
  LambentStatus *allocate(const LambentContextOptions &options);
  const LambentModel &getModel() const { return *model; }
  /// Runs the model. `given` are the symbols that a caller decides, or null.
  LambentStatus *execute(const LambentTensor *inputs, LambentTensor *outputs,
                         const LambentRunOptions &options, RunStop &stop,
                         const int64_t *given);
  /// Begins a run, or a question about one: reads the inputs' sizes and says
  /// which version of the model takes them. Where none does, why this one does
  /// not.
  LambentStatus *readSizes(const LambentTensor *inputs,
                           const LambentTensor *outputs, const int64_t *given,
                           Context *&version);
  /// Runs the model with the sizes that were read.
  LambentStatus *executeVersion(const LambentTensor *inputs,
                                LambentTensor *outputs,
                                const LambentRunOptions &options,
                                RunStop &stop);
  LambentStatus *compute(LambentTensor *outputs,
                         const LambentRunOptions &options, RunStop &stop);
  /// What is wrong with a run that ended.
  LambentStatus *endRun(Call &call) const;
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
  LambentStatus *checkDonatedInputs(const LambentTensor *inputs) const;
  /// Of the run's sizes; null where every dim is bound.
  const int64_t *getValues() const {
    return sizes ? sizes->getPlan().values : nullptr;
  }
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
  static void computeGroup(void *argument, int64_t begin, int64_t end,
                           unsigned worker);
  void runMeasured(Layer &layer, int64_t chunks);

  // What open sizes add (OpenRun.cpp).
  LambentStatus *describeOutputs(const LambentTensor *inputs,
                                 LambentTensor *outputs);
  LambentStatus *enterEpoch(LambentTensor *outputs,
                            const LambentRunOptions &options);
  void addSizes(Call &call, LambentTensor *outputs,
                const LambentRunOptions &options);
  static int32_t define(LambentCall *call, int64_t layer, int64_t symbol,
                        const int64_t *decided, int64_t count);

  // Layers that the runtime does itself (LayerRun.cpp).
  static int32_t invoke(LambentCall *call, int64_t layer, void *const *buffers);
  LambentStatus *runLayer(Call &call, int64_t layer, void *const *buffers);

  // What strings add (StringRun.cpp).
  /// Where the model takes or gives strings.
  LambentStatus *allocateStrings();
  void freeStrings();
  /// Room for the numbers of an input's or output's strings.
  LambentStatus *reserveNumbers(uint32_t place, const LambentTensor &tensor,
                                const char *name);
  /// An input that was checked.
  LambentStatus *bindStrings(uint32_t input, const LambentTensor &tensor);
  LambentStatus *bindStringOutput(uint32_t output,
                                  const LambentTensorInfo &info,
                                  LambentTensor &tensor);
  /// Gives the outputs that are strings to the caller.
  LambentStatus *giveStrings(LambentTensor *outputs,
                             const LambentRunOptions &options);

  // What sequences and optionals add (ListRun.cpp).
  /// An output before it is given: its length is -1.
  void describeList(uint32_t output, LambentTensor &tensor);
  int64_t *findLength(uint32_t output, const LambentTensor &tensor);
  LambentStatus *bindList(uint32_t input, const LambentTensor &tensor);
  /// Gives the outputs that are lists to the caller.
  LambentStatus *giveLists(LambentTensor *outputs,
                           const LambentRunOptions &options);
  /// The list that a layer makes or reads; null where it does not.
  const LambentListInfo *findList(int64_t layer) const;

  Module *module = nullptr; ///< null for what control flow calls
  const LambentModel *model = nullptr;
  const char *weights = nullptr;
  ThreadPool *pool = nullptr;
  /// Our place in the pool, while run is active.
  ThreadPool::Region *region = nullptr;
  Mapping arena, scratch;
  uint64_t scratchStride = 0;     ///< from one worker's to the next's
  OpenSizes *sizes = nullptr;     ///< null where every dim is bound
  Calls *calls = nullptr;         ///< null where there is no control flow
  LayerGroup *waiting = nullptr;  ///< null where no layer waits
  Context *fallback = nullptr;    ///< null until it is needed
  LambentFault *faults = nullptr; ///< one for each check of the model
  void **pointers = nullptr;      ///< the inputs' and then the outputs' data
  int64_t *handles = nullptr;     ///< those of lists among them
  int64_t *lengths = nullptr;     ///< of outputs that are lists
  StringTable *strings = nullptr; ///< null where there are none
  GrowingMemory *numbers = nullptr; ///< of inputs and outputs that are strings
  bool keepsDenormals = false;
  ListStore ownLists;
  ListStore *lists = &ownLists; ///< those of the run around a body
  uint64_t *layerTimes = nullptr;
  bool hasRun = false; ///< this version, last
  Trace *trace = nullptr;
  std::atomic<bool> running{false};
};

} // namespace lambent::runtime

#endif
