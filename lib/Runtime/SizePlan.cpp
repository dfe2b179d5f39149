//===- SizePlan.cpp - What follows from the sizes of a run ----------------===//

#include "SizePlan.h"
#include "BlockPlacement.h"
#include "lambent/Runtime/Status.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace lambent::runtime {

static bool isAbout(const LambentSizeCheck &check, uint32_t symbol) {
  for (uint32_t i = 0; i < check.num_symbols; ++i)
    if (check.symbols[i] == static_cast<int32_t>(symbol))
      return true;
  return false;
}

SizesText::SizesText(const LambentModel &model, const int64_t *values,
                     uint32_t epoch, const LambentSizeCheck *check) {
  text[0] = 0;
  size_t used = 0;
  for (uint32_t i = 0; i < model.num_symbols; ++i) {
    const LambentSymbolInfo &symbol = model.symbols[i];
    if (symbol.epoch > epoch || !*symbol.name || (check && !isAbout(*check, i)))
      continue;
    int length = snprintf(text + used, sizeof(text) - used, "%s%s=%lld",
                          used ? ", " : "", symbol.name,
                          static_cast<long long>(symbol.factor * values[i]));
    if (length < 0 || used + size_t(length) >= sizeof(text)) {
      text[used] = 0; // half a name says nothing
      return;
    }
    used += size_t(length);
  }
}

LambentStatus *makeTooLarge(const LambentModel &model, const int64_t *values,
                            uint32_t epoch) {
  SizesText sizes(model, values, epoch);
  return makeError("the sizes are too large: what follows from them%s%s is "
                   "more than memory can hold",
                   *sizes.text ? ", with " : "", sizes.text);
}

static LambentStatus *checkSizes(const LambentModel &model, uint32_t epoch,
                                 const int64_t *values) {
  for (uint32_t i = 0; i < model.num_size_checks; ++i) {
    const LambentSizeCheck &check = model.size_checks[i];
    int64_t value = values[check.value];
    if (check.epoch != epoch || (check.is_zero ? value == 0 : value >= 0))
      continue;
    SizesText sizes(model, values, epoch, &check);
    return *sizes.text ? makeError("layer '%s': expected %s, but got %s",
                                   check.layer, check.expected, sizes.text)
                       : makeError("layer '%s': expected %s", check.layer,
                                   check.expected);
  }
  return nullptr;
}

static LambentStatus *placeEpoch(const LambentModel &model, uint32_t epoch,
                                 SizePlan &plan) {
  auto *blocks = static_cast<Block *>(
      malloc((uint64_t(model.num_blocks) + 1) * sizeof(Block)));
  if (!blocks)
    return makeOutOfMemory("a plan of the arena",
                           model.num_blocks * sizeof(Block));
  LambentStatus *status = nullptr;
  uint32_t count = 0;
  for (uint32_t i = 0; i < model.num_blocks && !status; ++i) {
    const LambentBlockInfo &info = model.blocks[i];
    int64_t bytes = plan.values[info.bytes];
    if (info.epoch != epoch)
      continue;
    if (bytes < 0 || bytes == INT64_MAX)
      status = makeTooLarge(model, plan.values, epoch);
    blocks[count++] = {static_cast<uint64_t>(bytes), info.first, info.last, 0};
  }
  if (!status)
    status = placeBlocks(blocks, count, plan.arenaBytes);
  count = 0;
  for (uint32_t i = 0; i < model.num_blocks && !status; ++i)
    if (model.blocks[i].epoch == epoch)
      plan.offsets[i] = blocks[count++].offset;
  free(blocks);
  return status;
}

/// Fills a plan whose values hold the symbols and what was known before.
static LambentStatus *fill(const LambentModel &model, uint32_t epoch,
                           SizePlan &plan) {
  model.evaluate(plan.values, epoch);
  if (LambentStatus *status = checkSizes(model, epoch, plan.values))
    return status;
  plan.scratchBytes = model.scratch_bytes;
  if (model.scratch_value >= 0) {
    int64_t bytes = plan.values[model.scratch_value];
    if (bytes < 0 || bytes == INT64_MAX)
      return makeTooLarge(model, plan.values, epoch);
    if (static_cast<uint64_t>(bytes) > plan.scratchBytes)
      plan.scratchBytes = static_cast<uint64_t>(bytes);
  }
  return placeEpoch(model, epoch, plan);
}

SizePlans::~SizePlans() {
  while (SizePlan *plan = plans) {
    plans = plan->next;
    free(plan);
  }
}

/// A new plan or, where there are enough, the one that was used longest ago.
LambentStatus *SizePlans::takeUnused(const LambentModel &model,
                                     SizePlan *&plan) {
  unsigned count = 0;
  for (SizePlan **link = &plans; *link; link = &(*link)->next)
    if (++count == most) {
      plan = *link;
      *link = nullptr;
      return nullptr;
    }
  uint64_t bytes = sizeof(SizePlan) + model.num_values * sizeof(int64_t) +
                   model.num_blocks * sizeof(uint64_t);
  plan = static_cast<SizePlan *>(malloc(bytes));
  if (!plan)
    return makeOutOfMemory("a plan of the arena", bytes);
  plan->values = reinterpret_cast<int64_t *>(plan + 1);
  plan->offsets = reinterpret_cast<uint64_t *>(plan->values + model.num_values);
  return nullptr;
}

LambentStatus *SizePlans::get(const LambentModel &model, uint32_t epoch,
                              const int64_t *symbols, const SizePlan *before,
                              const SizePlan *&result) {
  uint64_t keyBytes = model.num_symbols * sizeof(int64_t);
  for (SizePlan **link = &plans; *link; link = &(*link)->next) {
    SizePlan *plan = *link;
    if (memcmp(plan->values, symbols, keyBytes) != 0)
      continue;
    *link = plan->next;
    plan->next = plans;
    result = plans = plan;
    return nullptr;
  }
  SizePlan *plan;
  if (LambentStatus *status = takeUnused(model, plan))
    return status;
  if (before)
    memcpy(plan->values, before->values, model.num_values * sizeof(int64_t));
  else
    memset(plan->values, 0, model.num_values * sizeof(int64_t));
  memcpy(plan->values, symbols, keyBytes);
  if (LambentStatus *status = fill(model, epoch, *plan)) {
    free(plan);
    return status;
  }
  plan->number = ++made;
  plan->next = plans;
  result = plans = plan;
  return nullptr;
}

} // namespace lambent::runtime
