//===- Budget.cpp - How long a search may take ----------------------------===//

#include "Budget.h"
#include "../Report.h"
#include <cstdlib>

namespace lambent::driver {

std::optional<Budget> Budget::parse(const Arguments &arguments,
                                    double otherwise) {
  if (!arguments.has("--budget"))
    return Budget(otherwise);
  constexpr double most = 86400;
  std::string text = arguments.get("--budget");
  char *end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  std::string_view unit = end;
  bool isNumber =
      end != text.c_str() &&
      text.find_first_not_of("0123456789.") >= text.size() - unit.size();
  double seconds = unit == "m" ? 60 * value : value;
  if (isNumber && (unit.empty() || unit == "s" || unit == "m") &&
      seconds <= most)
    return Budget(seconds);
  reportError("expected a time of at most a day as 90s or 2m for --budget, but "
              "got " +
              quoted(text));
  return std::nullopt;
}

} // namespace lambent::driver
