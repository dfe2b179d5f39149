//===- Limits.h - How much a command may take -------------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_LIMITS_H
#define LAMBENT_TOOLS_LIMITS_H

#include "Arguments.h"
#include "lambent-c/runtime.h"
#include <cstdint>
#include <memory>
#include <optional>

namespace lambent::driver {

struct Limits {
  uint64_t memory = 0; ///< bytes; 0: no limit
  double seconds = 0;  ///< 0: no limit
  bool isAny() const { return memory != 0 || seconds != 0; }
};

/// Reads --max-memory and --time-limit. Prints what is wrong and returns
/// nothing on failure.
std::optional<Limits> parseLimits(const Arguments &arguments);

/// Makes what ends the library's work when the time is up, or nothing where
/// there is no such limit.
LambentStatus *startClock(const Limits &limits,
                          std::shared_ptr<LambentCancellation> &cancellation);

/// `options` and the two above.
std::vector<Option> withLimits(std::vector<Option> options);

} // namespace lambent::driver

#endif
