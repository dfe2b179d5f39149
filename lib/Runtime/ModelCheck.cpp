//===- ModelCheck.cpp - May this model's code run here? -------------------===//

#include "ModelCheck.h"
#include "Calls.h"
#include "Hash.h"
#include "InputSizes.h"
#include "LayersCheck.h"
#include "SizesCheck.h"
#include "lambent/Runtime/CpuFeatures.h"
#include "lambent/Runtime/Status.h"
#include <stdlib.h>
#include <string.h>

namespace lambent::runtime {

static LambentStatus *checkFeatures(const LambentModel &model,
                                    const char *origin) {
  char *missing;
  LambentStatus *status = listMissingCpuFeatures(model.cpu_features, &missing);
  if (missing)
    status = makeMissingFeatures(origin, model.cpu, missing, askForTiles());
  free(missing);
  return status;
}

static bool isComplete(const LambentTensorInfo *infos, uint32_t count) {
  if (count && !infos)
    return false;
  for (uint32_t i = 0; i < count; ++i)
    if (!infos[i].name || (infos[i].rank && !infos[i].dims))
      return false;
  return true;
}

/// Whether donated inputs and the outputs that take their memory name each
/// other, and are of one rank.
static bool areDonationsSound(const LambentModel &model) {
  auto isPaired = [&model](const LambentTensorInfo &info, uint32_t number,
                           const LambentTensorInfo *others, uint32_t count) {
    return !info.donated || (info.donated <= count && info.grown <= info.rank &&
                             others[info.donated - 1].donated == number + 1 &&
                             others[info.donated - 1].grown == info.grown &&
                             others[info.donated - 1].rank == info.rank &&
                             !info.list && info.type_code != LAMBENT_STRING &&
                             (!info.grown || (info.room >= 0 &&
                                              static_cast<uint32_t>(info.room) <
                                                  model.num_values)));
  };
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    if (!isPaired(model.inputs[i], i, model.outputs, model.num_outputs))
      return false;
  for (uint32_t i = 0; i < model.num_outputs; ++i)
    if (!isPaired(model.outputs[i], i, model.inputs, model.num_inputs))
      return false;
  return true;
}

static bool areChecksComplete(const LambentModel &model) {
  if (model.num_checks && !model.checks)
    return false;
  for (uint32_t i = 0; i < model.num_checks; ++i)
    if (model.checks[i].layer >= model.num_layers || !model.checks[i].expected)
      return false;
  return true;
}

/// Whether the tables of open sizes are there.
static bool areTablesComplete(const LambentModel &model) {
  if ((model.num_symbols && !model.symbols) ||
      (model.num_size_checks && !model.size_checks) ||
      (model.num_blocks && !model.blocks))
    return false;
  for (uint32_t i = 0; i < model.num_symbols; ++i)
    if (!model.symbols[i].name)
      return false;
  for (uint32_t i = 0; i < model.num_size_checks; ++i)
    if (!model.size_checks[i].layer || !model.size_checks[i].expected)
      return false;
  return true;
}

/// Whether what the runtime does with lists is there, and is something that it
/// does.
static bool areListsComplete(const LambentModel &model) {
  constexpr uint32_t highestRank = 64;
  if (model.num_lists && !model.lists)
    return false;
  for (uint32_t i = 0; i < model.num_lists; ++i) {
    const LambentListInfo &list = model.lists[i];
    if (list.layer >= model.num_layers ||
        (i && list.layer <= model.lists[i - 1].layer) ||
        list.action >= LAMBENT_NUM_LIST_ACTIONS || !list.num_operands ||
        !isComplete(list.operands, list.num_operands))
      return false;
    for (uint32_t j = 0; j < list.num_operands; ++j)
      if (list.operands[j].rank > highestRank ||
          list.operands[j].type_code == LAMBENT_STRING)
        return false;
  }
  return true;
}

/// Whether the model's strings are there, the empty one first.
static bool areStringsComplete(const LambentModel &model) {
  if (model.num_strings && (!model.strings || model.strings[0].length))
    return false;
  for (uint32_t i = 0; i < model.num_strings; ++i)
    if (model.strings[i].length && !model.strings[i].data)
      return false;
  return true;
}

bool isDescribed(const LambentModel &model, uint32_t numGiven) {
  return model.run && model.name && model.producer && model.cpu &&
         model.cpu_features && isComplete(model.inputs, model.num_inputs) &&
         isComplete(model.outputs, model.num_outputs) &&
         areDonationsSound(model) && areLayersSound(model) &&
         areChecksComplete(model) && areTablesComplete(model) &&
         areListsComplete(model) && areStringsComplete(model) &&
         (!model.num_values || model.evaluate) &&
         areSizesSound(model, numGiven);
}

static uint32_t getLeastRank(const LambentTensorInfo &info, bool isInput) {
  return !isInput && info.most_rank ? info.least_rank : info.rank;
}

/// Whether the second ones are of the same types, and of the same ranks but for
/// outputs whose rank input sizes decide.
static bool areAlike(const LambentTensorInfo *infos,
                     const LambentTensorInfo *others, uint32_t count,
                     bool isInput) {
  for (uint32_t i = 0; i < count; ++i)
    if (infos[i].type_code != others[i].type_code ||
        infos[i].type_bits != others[i].type_bits ||
        others[i].rank < getLeastRank(infos[i], isInput) ||
        others[i].rank > (isInput ? infos[i].rank : getMostRank(infos[i])) ||
        infos[i].list != others[i].list || others[i].donated)
      return false;
  return true;
}

/// Whether the versions for other sizes are complete, and callers can't tell
/// them from the model.
static bool areVersionsSound(const LambentModel &model) {
  constexpr unsigned mostVersions = 16;
  unsigned count = 0;
  for (const LambentModel *version = model.fallback; version;
       version = version->fallback)
    if (++count > mostVersions || version->num_inputs != model.num_inputs ||
        version->num_outputs != model.num_outputs ||
        version->weight_bytes != model.weight_bytes || !isDescribed(*version) ||
        !areCallsSound(*version) ||
        !areAlike(model.inputs, version->inputs, model.num_inputs,
                  /*isInput=*/true) ||
        !areAlike(model.outputs, version->outputs, model.num_outputs,
                  /*isInput=*/false))
      return false;
  return true;
}

LambentStatus *checkModel(const LambentModel &model, const char *origin) {
  if (model.magic != LAMBENT_MODEL_MAGIC)
    return makeError("'%s' is not a compiled model: its magic number is %08x, "
                     "but expected %08x",
                     origin, model.magic, LAMBENT_MODEL_MAGIC);
  if (model.abi != LAMBENT_MODEL_ABI)
    return makeUnsupported("'%s' was compiled for ABI version %u, but this "
                           "runtime has version %u: compile it again",
                           origin, model.abi, LAMBENT_MODEL_ABI);
  if (model.size < sizeof(LambentModel))
    return makeError(
        "'%s' is damaged: its description has %llu bytes, but expected %zu",
        origin, static_cast<unsigned long long>(model.size),
        sizeof(LambentModel));
  if (!isDescribed(model) || !areCallsSound(model) || !areVersionsSound(model))
    return makeError("'%s' is damaged: its description is not complete",
                     origin);
  if (LambentStatus *status = checkFeatures(model, origin))
    return status;
  return nullptr;
}

/// Weights that take longer to hash than threads take to start are hashed on
/// all CPUs, even when no pool was given.
static uint64_t hashWeights(const void *weights, uint64_t bytes,
                            ThreadPool *pool) {
  constexpr uint64_t worthAPool = 64u << 20;
  if (pool || bytes < worthAPool)
    return hash64(weights, bytes, pool);
  ThreadPool *own = ThreadPool::create(0);
  uint64_t hash = hash64(weights, bytes, own);
  if (own)
    own->destroy();
  return hash;
}

LambentStatus *checkWeights(const LambentModel &model, const char *origin,
                            const void *weights, uint64_t bytes,
                            const LambentLoadOptions &options) {
  if (bytes != model.weight_bytes)
    return makeError("the weights of '%s' have %llu bytes, but expected %llu",
                     origin, static_cast<unsigned long long>(bytes),
                     static_cast<unsigned long long>(model.weight_bytes));
  if (!bytes)
    return nullptr;
  if (!weights)
    return makeError("'%s' needs %llu bytes of weights, but got none", origin,
                     static_cast<unsigned long long>(bytes));
  if (reinterpret_cast<uintptr_t>(weights) % 64)
    return makeError(
        "the weights of '%s' must be 64-byte aligned, but lie at %p", origin,
        weights);
  if (options.skip_weight_hash)
    return nullptr;
  uint64_t hash = hashWeights(weights, bytes, unwrap(options.pool));
  if (hash != model.weight_hash)
    return makeError("the weights of '%s' are damaged or another model's: "
                     "their checksum is %016llx, but expected "
                     "%016llx",
                     origin, static_cast<unsigned long long>(hash),
                     static_cast<unsigned long long>(model.weight_hash));
  return nullptr;
}

} // namespace lambent::runtime
