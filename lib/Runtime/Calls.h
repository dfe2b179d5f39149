//===- Calls.h - What a context keeps for control flow ----------*- C++ -*-===//
//
// A layer that is a call (lambent-c/model.h) runs other models, each in a
// context of its own, which is made at the first call and kept. What they
// compute lies in slots.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_CALLS_H
#define LAMBENT_RUNTIME_CALLS_H

#include "Mapping.h"
#include "lambent-c/runtime.h"

namespace lambent::runtime {

class Context;
struct List;

/// Memory that grows and stays.
class GrowingMemory {
public:
  /// Room for so many bytes, of which the first `kept` keep their contents.
  LambentStatus *reserve(uint64_t bytes, uint64_t kept, const char *what);
  char *data() const { return memory.data(); }

private:
  Mapping memory;
};

/// One call of the model, and what it needs in a run.
struct CallState {
  const LambentCallInfo *info;
  Context *bodies[2];     ///< null until they are called
  LambentTensor *inputs;  ///< of the bodies
  LambentTensor *outputs; ///< of the bodies
  int64_t *inputDims, *outputDims, *resultDims;
  int64_t *decided; ///< the symbols
  GrowingMemory *results;
  /// What a loop carries lies here and in `results` by turns.
  GrowingMemory *others;
  const List **carriedLists; ///< room for as many as a loop carries
};

class Calls {
public:
  static LambentStatus *create(const LambentModel &model, Calls **calls);
  void destroy();

  /// Null where the layer is none.
  CallState *find(int64_t layer);
  char **getSlots() { return slots; }

private:
  explicit Calls(const LambentModel &model) : model(model) {}
  ~Calls();
  bool allocate();

  const LambentModel &model;
  CallState *states = nullptr;
  char **slots = nullptr;
};

/// Whether the model's calls are complete, and those of their bodies.
bool areCallsSound(const LambentModel &model);

} // namespace lambent::runtime

#endif
