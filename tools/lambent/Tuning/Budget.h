//===- Budget.h - How long a search may take --------------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_TUNING_BUDGET_H
#define LAMBENT_TOOLS_TUNING_BUDGET_H

#include "../Arguments.h"
#include <chrono>

namespace lambent::driver {

/// Counts from when it is made.
class Budget {
public:
  explicit Budget(double seconds) : seconds(seconds) {}
  double passed() const {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }
  /// Whether what takes so many seconds would end in time.
  bool allows(double more) const { return passed() + more <= seconds; }

  /// --budget: a number of seconds, "90s" or "2m". Prints what is wrong and
  /// returns nothing on failure.
  static std::optional<Budget> parse(const Arguments &arguments,
                                     double otherwise);

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
  double seconds;
};

} // namespace lambent::driver

#endif
