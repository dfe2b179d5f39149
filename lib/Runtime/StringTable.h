//===- StringTable.h - The strings of a run by number -----------*- C++ -*-===//
//
// Equal bytes have one number, so that code moves and compares numbers only.
// Number 0 is the empty string, and a model's own strings keep theirs; those
// that a run is given come behind them. Their bytes stay the caller's.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_STRINGTABLE_H
#define LAMBENT_RUNTIME_STRINGTABLE_H

#include "lambent-c/runtime.h"

namespace lambent::runtime {

class StringTable {
public:
  static LambentStatus *create(const LambentModel &model, StringTable **table);
  void destroy();

  /// Forgets the strings of the run before.
  void forget();
  LambentStatus *add(const LambentString &string, int64_t &number);
  /// Null where the number is no string's: an index that led out of its dim
  /// may have read anything.
  const LambentString *find(int64_t number) const {
    return static_cast<uint64_t>(number) < count ? &entries[number].string
                                                 : nullptr;
  }

private:
  struct Entry {
    LambentString string;
    uint64_t hash;
    uint64_t slot; ///< where `slots` has it
  };

  StringTable() = default;
  ~StringTable() = default;
  LambentStatus *grow(uint64_t wanted);
  /// The slot of a string, which is free where it is not in the table.
  uint64_t findSlot(const LambentString &string, uint64_t hash) const;

  Entry *entries = nullptr; ///< by number
  uint64_t count = 0, capacity = 0;
  uint64_t own = 0; ///< the model's, which stay
  /// 1 + a number, or 0. Twice as many as there is room for entries: a search
  /// ends soon.
  uint64_t *slots = nullptr;
};

} // namespace lambent::runtime

#endif
