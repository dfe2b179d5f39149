//===- Limits.cpp - How much a command may take ---------------------------===//

#include "Limits.h"
#include "Report.h"

namespace lambent::driver {

/// A whole number of at most 15 digits and K, M, G or T, or 0 for another text.
static uint64_t parseBytes(const std::string &text) {
  size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0 || text.empty() || text.size() > 16)
    return 0;
  unsigned shift = 0;
  if (digits != std::string::npos) {
    size_t unit = std::string_view("KMGT").find(text[digits]);
    if (unit == std::string::npos || digits + 1 != text.size())
      return 0;
    shift = 10 * static_cast<unsigned>(unit + 1);
  }
  uint64_t count = std::stoull(text.substr(0, digits));
  return count > (UINT64_MAX >> shift) ? 0 : count << shift;
}

std::optional<Limits> parseLimits(const Arguments &arguments) {
  constexpr uint32_t mostSeconds = 1000000;
  Limits limits;
  if (arguments.has("--max-memory")) {
    std::string text = arguments.get("--max-memory");
    limits.memory = parseBytes(text);
    if (limits.memory == 0) {
      reportError("expected a size as 500M or 2G for --max-memory, but got " +
                  quoted(text));
      return std::nullopt;
    }
  }
  std::optional<double> seconds =
      arguments.number("--time-limit", 0, mostSeconds);
  if (!seconds)
    return std::nullopt;
  if (arguments.has("--time-limit") && *seconds == 0) {
    reportError("expected more than 0 seconds for --time-limit");
    return std::nullopt;
  }
  limits.seconds = *seconds;
  return limits;
}

LambentStatus *startClock(const Limits &limits,
                          std::shared_ptr<LambentCancellation> &cancellation) {
  if (limits.seconds == 0)
    return nullptr;
  LambentCancellation *created = nullptr;
  if (LambentStatus *status = lambent_cancellation_create(&created))
    return status;
  cancellation.reset(created, lambent_cancellation_destroy);
  lambent_cancellation_set_deadline(
      created, static_cast<uint64_t>(limits.seconds * 1e9));
  return nullptr;
}

std::vector<Option> withLimits(std::vector<Option> options) {
  options.push_back(
      {"--max-memory", "SIZE",
       "End with an error where more memory than that is needed, as in "
       "--max-memory=2G (K, M, G or T). Files that are mapped, as the weights "
       "of a model, do not count."});
  options.push_back(
      {"--time-limit", "SECONDS",
       "End with an error when so much time has passed, and leave nothing "
       "behind."});
  return options;
}

} // namespace lambent::driver
