//===- SizePlan.h - What follows from the sizes of a run --------*- C++ -*-===//
//
// A model of open sizes decides its symbols in epochs (lambent-c/model.h). What
// follows from those of one epoch, and of the epochs before, is a plan. Plans
// are kept: sizes that were seen before cost nothing.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_SIZEPLAN_H
#define LAMBENT_RUNTIME_SIZEPLAN_H

#include "lambent-c/runtime.h"

namespace lambent::runtime {

struct SizePlan {
  SizePlan *next;    ///< used longer ago
  uint64_t number;   ///< no other plan of the epoch has it
  int64_t *values;   ///< of this epoch and those before; the others are 0
  uint64_t *offsets; ///< of the epoch's blocks in its arena
  uint64_t arenaBytes;
  uint64_t scratchBytes; ///< of one worker, as far as it is known
};

/// The plans of one epoch, the one used last first.
class SizePlans {
public:
  SizePlans() = default;
  SizePlans(const SizePlans &) = delete;
  ~SizePlans();

  /// Finds or makes the plan for these symbols: of this epoch and those before,
  /// with 0 for the others. `before` is the plan of the epoch before, null for
  /// the first. A plan stays until `most` others were asked for since.
  LambentStatus *get(const LambentModel &model, uint32_t epoch,
                     const int64_t *symbols, const SizePlan *before,
                     const SizePlan *&plan);

  static constexpr unsigned most = 16;

private:
  LambentStatus *takeUnused(const LambentModel &model, SizePlan *&plan);

  SizePlan *plans = nullptr;
  uint64_t made = 0;
};

/// That these sizes lead to numbers beyond all memory.
LambentStatus *makeTooLarge(const LambentModel &model, const int64_t *values,
                            uint32_t epoch);

/// "batch=3, seq=7": the dims that symbols with names decide, of this epoch and
/// those before; with a check, only those of which it says something.
struct SizesText {
  char text[192];
  SizesText(const LambentModel &model, const int64_t *values, uint32_t epoch,
            const LambentSizeCheck *check = nullptr);
};

} // namespace lambent::runtime

#endif
