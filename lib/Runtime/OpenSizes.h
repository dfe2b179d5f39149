//===- OpenSizes.h - Sizes and memory of a model's open dims ----*- C++ -*-===//
//
// What a context keeps for a model of open sizes: plans for the sizes that it
// saw, the numbers of the run at hand, and an arena for each epoch, which grows
// and serves all plans.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_OPENSIZES_H
#define LAMBENT_RUNTIME_OPENSIZES_H

#include "Mapping.h"
#include "SizePlan.h"

namespace lambent::runtime {

class OpenSizes {
public:
  static LambentStatus *create(const LambentModel &model, OpenSizes **sizes);
  void destroy();

  /// Begins a run, or a question about one: reads the symbols off the inputs
  /// and finds or makes their plan. Inputs need have no data. `given` are the
  /// symbols that no input decides, of a model that control flow calls.
  /// `outputs` say how much room donated memory has; null: none.
  LambentStatus *readInputs(const LambentTensor *inputs,
                            const LambentTensor *outputs, const int64_t *given);
  /// Begins the next epoch with the symbols that `layer` decided.
  LambentStatus *decide(const LambentLayerInfo &layer, int64_t symbol,
                        const int64_t *decided, int64_t count);
  /// Makes the numbers of the epoch that began known to generated code, and
  /// gives its blocks their memory.
  LambentStatus *enter();

  uint32_t getEpoch() const { return epoch; }
  const SizePlan &getPlan() const { return *plan; }
  const int64_t *getValues() const { return values; }
  char *const *getBlocks() const { return blocks; }
  /// Whether all that the model decides by its data is decided.
  bool isComplete() const { return epoch + 1 == model.num_epochs; }

  /// An output as it is now that its sizes are known. Its dims are written to
  /// the tensor's shape where it has room for them and no data, else to memory
  /// that the next run overwrites.
  LambentStatus *describe(uint32_t output, const LambentTensor &tensor,
                          LambentTensorInfo &known);
  /// The same for an output that data will decide: its open dims are -1.
  void describeUndecided(uint32_t output, const LambentTensor &tensor,
                         LambentTensorInfo &known);

private:
  struct Epoch {
    SizePlans plans;
    Mapping arena;
    uint64_t entered = 0; ///< the plan that blocks and numbers are of
  };

  explicit OpenSizes(const LambentModel &model) : model(model) {}
  ~OpenSizes();
  bool allocate();
  LambentStatus *growArena(Epoch &current);
  int64_t *findRoom(uint32_t output, const LambentTensor &tensor);

  const LambentModel &model;
  Epoch *epochs = nullptr;
  uint32_t epoch = 0;
  const SizePlan *plan = nullptr; ///< of the epoch
  int64_t *symbols = nullptr;     ///< known so far; the others are 0
  int64_t *values = nullptr;
  char **blocks = nullptr;
  int64_t *outputDims = nullptr; ///< of all outputs, one after the other
};

/// An error where an output of open dims has neither data nor room for them:
/// for callers who cannot see memory of a context.
LambentStatus *requireRoomForDims(const LambentModel &model,
                                  const LambentTensor *outputs);

} // namespace lambent::runtime

#endif
