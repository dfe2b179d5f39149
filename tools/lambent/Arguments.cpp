//===- Arguments.cpp - The driver's command lines -------------------------===//

#include "Arguments.h"
#include "Report.h"
#include <algorithm>
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

/// "'lambent quantize'": the commands that have an option.
static std::string listCommands(const std::vector<Command> &all,
                                std::string_view option) {
  std::string text;
  for (const Command &command : all)
    if (findOption(command, option))
      text += (text.empty() ? "'lambent " : ", 'lambent ") +
              std::string(command.name) + "'";
  return text;
}

static int reportUnknown(const Command &command, std::string_view name,
                         const std::vector<Command> &all) {
  std::string message =
      "unknown option " + quoted(name) + " of " + quoted(command.name);
  if (std::string others = listCommands(all, name); !others.empty())
    return reportError(message + ", which is one of " + others);
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

static int reportMissingValue(const Option &option) {
  return reportError(std::string(option.name) +
                     " needs a value: " + std::string(option.value));
}

bool Arguments::add(const Option &option, std::string value) {
  if (!option.value.empty() && value.empty()) {
    reportMissingValue(option);
    return false;
  }
  if (value == "-" && (option.value == "FILE" || option.value == "DIR")) {
    reportError(std::string(option.name) + ": expected " +
                (option.value == "FILE" ? "a file" : "a folder") +
                ", but got '-'; './-' is one of that name");
    return false;
  }
  if (!option.value.empty() && !option.repeats && has(option.name)) {
    reportError(std::string(option.name) + " is given twice: " +
                quoted(get(option.name)) + " and " + quoted(value));
    return false;
  }
  values.emplace_back(option.name, std::move(value));
  return true;
}

/// Whether a word that stands where a value should is an option: the value was
/// forgotten, or a variable of the shell is empty.
static bool isOption(const Command &command, std::string_view word) {
  return word.substr(0, 2) == "--" &&
         findOption(command, word.substr(0, word.find('=')));
}

/// What a command line must have.
static std::string getOperandText(const Command &command) {
  std::string text(command.operand);
  if (!command.instead.empty())
    text += " or " + std::string(command.instead);
  return text;
}

std::optional<Arguments> Arguments::parse(const Command &command, int count,
                                          char **words,
                                          const std::vector<Command> &all) {
  Arguments result;
  bool hasOperand = false, onlyOperands = false;
  for (int i = 0; i < count; ++i) {
    std::string_view word = words[i];
    if (word == "--" && !onlyOperands) {
      onlyOperands = true;
      continue;
    }
    if (onlyOperands || word.size() < 2 || word.front() != '-') {
      bool mayBeSecond = hasOperand && !command.second.empty();
      if (mayBeSecond && result.theSecond.empty() && !word.empty() &&
          word != "-") {
        result.theSecond = word;
        continue;
      }
      if (mayBeSecond) {
        reportError(quoted(command.name) + " takes " +
                    std::string(command.operand) + " and " +
                    std::string(command.second) + ", but got " + quoted(word) +
                    (result.theSecond.empty() ? "" : ", too"));
        return std::nullopt;
      }
      if (hasOperand) {
        reportError(quoted(command.name) + " takes one " +
                    std::string(command.operand) + ", but got " +
                    quoted(result.theOperand) + " and " + quoted(word));
        return std::nullopt;
      }
      if (word == "-") {
        reportError(quoted(command.name) +
                    " reads no model from standard "
                    "input: expected a file, but got '-'; './-' is one of that "
                    "name");
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
      reportUnknown(command, name, all);
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
      if (++i == count || isOption(command, words[i])) {
        reportMissingValue(*option);
        return std::nullopt;
      }
      value = words[i];
    }
    if (!result.add(*option, std::move(value)))
      return std::nullopt;
  }
  bool mayLack =
      !hasOperand && !command.instead.empty() && result.has(command.instead);
  if (!mayLack && (!hasOperand || result.theOperand.empty())) {
    reportError(quoted(command.name) + " needs a " + getOperandText(command) +
                (hasOperand ? ", but got ''; 'lambent " : "; 'lambent ") +
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

/// A number from 0 to `most`, written in no other characters than `allowed`.
static std::optional<double> parseNumber(std::string_view option,
                                         const std::string &text, uint32_t most,
                                         std::string_view allowed) {
  char *end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  if (text.find_first_not_of(allowed) == std::string::npos && !*end &&
      value <= most)
    return value;
  reportError("expected a " + std::string(allowed.size() > 10 ? "" : "whole ") +
              "number from 0 to " + std::to_string(most) + " for " +
              std::string(option) + ", but got " + quoted(text));
  return std::nullopt;
}

std::optional<uint32_t> Arguments::wholeNumber(std::string_view option,
                                               uint32_t otherwise,
                                               uint32_t most) const {
  const std::string *text = find(option);
  if (!text)
    return otherwise;
  std::optional<double> value = parseNumber(option, *text, most, "0123456789");
  if (!value)
    return std::nullopt;
  return static_cast<uint32_t>(*value);
}

std::optional<double> Arguments::number(std::string_view option,
                                        double otherwise, uint32_t most) const {
  const std::string *text = find(option);
  return text ? parseNumber(option, *text, most, "0123456789.") : otherwise;
}

/// "70" or "70%"; nothing if it is neither.
static std::optional<double> readPercent(std::string text) {
  if (text.ends_with('%'))
    text.pop_back();
  char *end = nullptr;
  double number = std::strtod(text.c_str(), &end);
  bool isNumber = !text.empty() && *end == '\0' && number - number == 0;
  return isNumber ? std::optional(number) : std::nullopt;
}

std::optional<double> Arguments::percent(std::string_view option) const {
  const std::string *text = find(option);
  std::optional<double> value = text ? readPercent(*text) : 0;
  if (!value)
    reportError("expected " + std::string(option) +
                " to be a percentage, as 70, but got " + quoted(*text));
  return value;
}

std::optional<std::vector<std::pair<std::string, double>>>
Arguments::nodePercents(std::string_view option) const {
  std::vector<std::pair<std::string, double>> nodes;
  for (const std::string &text : all(option)) {
    // Names of nodes may hold the sign.
    size_t sign = text.rfind('=');
    std::optional<double> percent;
    if (sign != std::string::npos)
      percent = readPercent(text.substr(sign + 1));
    if (!percent) {
      reportError("expected NODE=PERCENT for " + std::string(option) +
                  ", as conv1=70, but got " + quoted(text));
      return std::nullopt;
    }
    nodes.emplace_back(text.substr(0, sign), *percent);
  }
  return nodes;
}

} // namespace lambent::driver
