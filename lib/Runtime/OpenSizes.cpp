//===- OpenSizes.cpp - Sizes and memory of a model's open dims ------------===//

#include "OpenSizes.h"
#include "InputSizes.h"
#include "lambent/Runtime/Status.h"
#include <new>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace lambent::runtime {

template <typename T> static bool allocateList(T *&list, uint64_t count) {
  list = static_cast<T *>(calloc(count + 1, sizeof(T)));
  return list != nullptr;
}

bool OpenSizes::allocate() {
  uint64_t dims = 0;
  for (uint32_t i = 0; i < model.num_outputs; ++i)
    dims += model.outputs[i].rank;
  if (!allocateList(epochs, model.num_epochs))
    return false;
  for (uint32_t i = 0; i < model.num_epochs; ++i)
    new (&epochs[i]) Epoch();
  return allocateList(symbols, model.num_symbols) &&
         allocateList(values, model.num_values) &&
         allocateList(blocks, model.num_blocks) &&
         allocateList(outputDims, dims);
}

LambentStatus *OpenSizes::create(const LambentModel &model,
                                 OpenSizes **result) {
  void *memory = malloc(sizeof(OpenSizes));
  auto *sizes = memory ? new (memory) OpenSizes(model) : nullptr;
  if (!sizes || !sizes->allocate()) {
    if (sizes)
      sizes->destroy();
    return makeOutOfMemory("a context", sizeof(OpenSizes) +
                                            model.num_values * sizeof(int64_t));
  }
  *result = sizes;
  return nullptr;
}

void OpenSizes::destroy() {
  this->~OpenSizes();
  free(this);
}

OpenSizes::~OpenSizes() {
  for (uint32_t i = 0; epochs && i < model.num_epochs; ++i)
    epochs[i].~Epoch();
  free(epochs);
  free(symbols);
  free(values);
  free(blocks);
  free(outputDims);
}

LambentStatus *OpenSizes::readInputs(const LambentTensor *inputs,
                                     const LambentTensor *outputs,
                                     const int64_t *given) {
  epoch = 0;
  if (LambentStatus *status =
          readSymbols(model, inputs, outputs, given, symbols))
    return status;
  if (LambentStatus *status =
          epochs[0].plans.get(model, 0, symbols, nullptr, plan))
    return status;
  return checkDerivedDims(model, inputs, plan->values);
}

LambentStatus *OpenSizes::decide(const LambentLayerInfo &layer, int64_t symbol,
                                 const int64_t *decided, int64_t count) {
  bool fits = !isComplete() && symbol >= 0 && count > 0 &&
              symbol <= model.num_symbols &&
              count <= model.num_symbols - symbol;
  for (int64_t i = 0; fits && i < count; ++i)
    fits = model.symbols[symbol + i].input < 0 &&
           model.symbols[symbol + i].epoch == epoch + 1;
  if (!fits)
    return makeError("layer '%s': decided sizes that the model does not "
                     "expect then: it is damaged",
                     layer.name);
  for (int64_t i = 0; i < count; ++i) {
    const LambentSymbolInfo &info = model.symbols[symbol + i];
    char what[192];
    snprintf(what, sizeof(what), "layer '%.64s': expected a size%s%.64s%s",
             layer.name, *info.name ? " (" : "", info.name,
             *info.name ? ")" : "");
    int64_t dim;
    if (__builtin_mul_overflow(decided[i], info.factor, &dim))
      dim = INT64_MAX;
    if (LambentStatus *status = checkRange(info, what, dim))
      return status;
    symbols[symbol + i] = decided[i];
  }
  const SizePlan *next;
  if (LambentStatus *status =
          epochs[epoch + 1].plans.get(model, epoch + 1, symbols, plan, next))
    return status;
  plan = next;
  ++epoch;
  return nullptr;
}

/// Memory that was not touched costs nothing: a little more than is needed
/// saves the next that are a little larger.
LambentStatus *OpenSizes::growArena(Epoch &current) {
  uint64_t needed = plan->arenaBytes, had = current.arena.size();
  if (current.arena.data() && needed <= had)
    return nullptr;
  current.entered = 0;
  current.arena = Mapping();
  uint64_t ample = had + had / 2;
  if (had && ample > needed) {
    LambentStatus *status =
        Mapping::allocate(ample, "the arena", current.arena);
    if (!status)
      return nullptr;
    lambent_status_destroy(status);
  }
  return Mapping::allocate(needed, "the arena", current.arena);
}

LambentStatus *OpenSizes::enter() {
  Epoch &current = epochs[epoch];
  if (LambentStatus *status = growArena(current))
    return status;
  if (current.entered == plan->number)
    return nullptr;
  memcpy(values, plan->values, model.num_values * sizeof(int64_t));
  for (uint32_t i = 0; i < model.num_blocks; ++i)
    if (model.blocks[i].epoch == epoch)
      blocks[i] = current.arena.data() + plan->offsets[i];
  current.entered = plan->number;
  // The numbers of later epochs are gone.
  for (uint32_t i = epoch + 1; i < model.num_epochs; ++i)
    epochs[i].entered = 0;
  return nullptr;
}

static bool hasRoomForDims(uint32_t rank, const LambentTensor &tensor) {
  return tensor.ndim >= static_cast<int32_t>(rank) && tensor.shape;
}

int64_t *OpenSizes::findRoom(uint32_t output, const LambentTensor &tensor) {
  if (!tensor.data && hasRoomForDims(model.outputs[output].rank, tensor))
    return tensor.shape;
  int64_t *dims = outputDims;
  for (uint32_t i = 0; i < output; ++i)
    dims += model.outputs[i].rank;
  return dims;
}

LambentStatus *OpenSizes::describe(uint32_t output, const LambentTensor &tensor,
                                   LambentTensorInfo &known) {
  known = model.outputs[output];
  if (!isOpen(known))
    return nullptr;
  int64_t *dims = findRoom(output, tensor);
  LambentStatus *status = getDims(model, known, plan->values, dims);
  known.dims = dims;
  known.sizes = nullptr;
  return status;
}

void OpenSizes::describeUndecided(uint32_t output, const LambentTensor &tensor,
                                  LambentTensorInfo &known) {
  known = model.outputs[output];
  int64_t *dims = findRoom(output, tensor);
  for (uint32_t i = 0; i < known.rank; ++i)
    dims[i] = known.sizes && known.sizes[i] >= 0 ? -1 : known.dims[i];
  known.dims = dims;
  known.sizes = nullptr;
}

LambentStatus *requireRoomForDims(const LambentModel &model,
                                  const LambentTensor *outputs) {
  for (uint32_t i = 0; i < model.num_outputs; ++i) {
    const LambentTensorInfo &info = model.outputs[i];
    if (info.list && (outputs[i].ndim != 1 || !outputs[i].shape))
      return makeError("output '%s': expected room for its length", info.name);
    uint32_t rank = getMostRank(info);
    if ((isOpen(info) || info.most_rank) && !outputs[i].data &&
        !hasRoomForDims(rank, outputs[i]))
      return outputs[i].shape
                 ? makeError("output '%s': expected room for its %u dims, but "
                             "got room for %d",
                             info.name, rank, outputs[i].ndim)
                 : makeError("output '%s': expected room for its %u dims, but "
                             "got a null pointer",
                             info.name, rank);
  }
  return nullptr;
}

} // namespace lambent::runtime
