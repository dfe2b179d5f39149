//===- Arguments.cpp - The driver's command lines -------------------------===//

#include "Arguments.h"
#include "Report.h"
#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace lambent::driver {

static size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j < row.size(); ++j)
    row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t substituted = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

static const Option *findOption(const Command &command, std::string_view name) {
  for (const Option &option : command.options)
    if (option.name == name)
      return &option;
  return nullptr;
}

static int reportUnknown(const Command &command, std::string_view name) {
  std::string message =
      "unknown option " + quoted(name) + " of " + quoted(command.name);
  size_t best = 3;
  std::string_view near;
  for (const Option &option : command.options) {
    size_t distance = editDistance(option.name, name);
    if (distance < best) {
      best = distance;
      near = option.name;
    }
  }
  if (!near.empty())
    message += ", did you mean " + quoted(near) + "?";
  else
    message +=
        "; 'lambent " + std::string(command.name) + " --help' lists them";
  return reportError(message);
}

std::optional<Arguments> Arguments::parse(const Command &command, int count,
                                          char **words) {
  Arguments result;
  bool hasOperand = false, onlyOperands = false;
  for (int i = 0; i < count; ++i) {
    std::string_view word = words[i];
    if (word == "--" && !onlyOperands) {
      onlyOperands = true;
      continue;
    }
    if (onlyOperands || word.size() < 2 || word.front() != '-') {
      if (hasOperand) {
        reportError(quoted(command.name) + " takes one " +
                    std::string(command.operand) + ", but got " +
                    quoted(result.theOperand) + " and " + quoted(word));
        return std::nullopt;
      }
      result.theOperand = word;
      hasOperand = true;
      continue;
    }
    size_t equals =
        word.substr(0, 2) == "--" ? word.find('=') : std::string_view::npos;
    std::string_view name = word.substr(0, equals);
    const Option *option = findOption(command, name);
    if (!option) {
      reportUnknown(command, name);
      return std::nullopt;
    }
    std::string value;
    if (equals != std::string_view::npos) {
      value = word.substr(equals + 1);
      if (option->value.empty()) {
        reportError(std::string(name) + " takes no value");
        return std::nullopt;
      }
    } else if (!option->value.empty()) {
      if (++i == count) {
        reportError(std::string(name) +
                    " needs a value: " + std::string(option->value));
        return std::nullopt;
      }
      value = words[i];
    }
    result.values.emplace_back(name, value);
  }
  if (!hasOperand) {
    reportError(quoted(command.name) + " needs a " +
                std::string(command.operand) + "; 'lambent " +
                std::string(command.name) + " --help' says more");
    return std::nullopt;
  }
  return result;
}

const std::string *Arguments::find(std::string_view option) const {
  const std::string *found = nullptr;
  for (const auto &[name, value] : values)
    if (name == option)
      found = &value;
  return found;
}

std::string Arguments::get(std::string_view option,
                           std::string otherwise) const {
  const std::string *value = find(option);
  return value ? *value : otherwise;
}

std::vector<std::string> Arguments::all(std::string_view option) const {
  std::vector<std::string> result;
  for (const auto &[name, value] : values)
    if (name == option)
      result.push_back(value);
  return result;
}

std::optional<double> Arguments::number(std::string_view option,
                                        double otherwise, double least,
                                        double most) const {
  const std::string *text = find(option);
  if (!text)
    return otherwise;
  char *end = nullptr;
  double value = std::strtod(text->c_str(), &end);
  if (!text->empty() && !*end && value >= least && value <= most)
    return value;
  reportError("expected a number from " + std::to_string((long long)least) +
              " to " + std::to_string((long long)most) + " for " +
              std::string(option) + ", but got " + quoted(*text));
  return std::nullopt;
}

} // namespace lambent::driver
