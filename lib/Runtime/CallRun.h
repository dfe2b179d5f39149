//===- CallRun.h - One layer that is a call, in a run -----------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_CALLRUN_H
#define LAMBENT_RUNTIME_CALLRUN_H

#include "Context.h"

namespace lambent::runtime {

class Context::CallRun {
public:
  CallRun(Context &context, Call &call, CallState &state, void *const *buffers)
      : context(context), call(call), state(state), info(*state.info),
        buffers(buffers) {}

  LambentStatus *run() {
    return info.kind == LAMBENT_CALL_IF ? runIf() : runLoop();
  }

private:
  using Allocate = void *(*)(void *run, uint32_t output, uint64_t bytes);

  LambentStatus *runIf();
  /// Runs a body on `state.inputs`; its outputs go where `allocate` says.
  LambentStatus *runBody(unsigned index, Allocate allocate);
  LambentStatus *getBody(unsigned index, Context *&body);
  /// Operand `operand` becomes input `input` of a body; its dims go to `dims`,
  /// behind which the next ones go.
  void bindInput(const LambentModel &body, uint32_t input, uint32_t operand,
                 int64_t *&dims);
  /// Makes room for the outputs' dims.
  void prepareOutputs(const LambentModel &body);
  static void *allocateResult(void *run, uint32_t output, uint64_t bytes);
  /// Decides the symbols, now that the results and their dims are there, and
  /// checks the other dims.
  LambentStatus *finish();

  // Loops (LoopRun.cpp).
  LambentStatus *runLoop();
  LambentStatus *iterate();
  LambentStatus *keepInitial();
  void bindLoopInputs();
  void carry();
  LambentStatus *checkSlice(uint32_t output);
  void finishLoop(int64_t iterations);
  void dropLists();
  static void *allocateLoopOutput(void *run, uint32_t output, uint64_t bytes);
  void *allocateSlice(uint32_t output, uint64_t bytes);

  int64_t getDim(const LambentTensorInfo &tensor, uint32_t dim) const {
    int32_t size = tensor.sizes ? tensor.sizes[dim] : -1;
    return size < 0 ? tensor.dims[dim] : call.values[size];
  }
  const char *getName() const {
    return context.getModel().layers[info.layer].name;
  }

  Context &context;
  Call &call;
  CallState &state;
  const LambentCallInfo &info;
  void *const *buffers;
  LambentStatus *failure = nullptr; ///< of an allocation
  // Of a loop.
  int64_t iteration = 0;
  uint8_t condition = 1, next = 1;
  ListStore::Mark listsBefore = context.lists->getMark();
  uint64_t mostListBytes = UINT64_C(1) << 20; ///< before lists are dropped
};

} // namespace lambent::runtime

#endif
