//===- Arguments.h - The driver's command lines -----------------*- C++ -*-===//
//
// A subcommand states its options in a table; parsing, complaints and the
// manual all read that table.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_TOOLS_ARGUMENTS_H
#define LAMBENT_TOOLS_ARGUMENTS_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lambent::driver {

/// One option: "--dim", what its value is called in the manual (empty: it
/// takes none), a sentence, and whether it may be given more than once.
struct Option {
  std::string_view name;
  std::string_view value;
  std::string_view help;
  bool repeats = false;
};

class Arguments;

struct Command {
  std::string_view name;
  /// "MODEL.onnx"; every command takes one.
  std::string_view operand;
  /// The options that it cannot do without, as the synopsis shows them.
  std::string_view needs;
  std::string_view summary;
  std::string_view description;
  std::vector<Option> options;
  std::string_view examples;
  int (*run)(const Arguments &);
  /// The option that may stand for the operand, if there is one.
  std::string_view instead = {};
  /// A second operand, which may be left out; empty: there is none.
  std::string_view second = {};
  /// Whether it looks at the clock itself where there is a --time-limit, so
  /// that it is not ended by force at once.
  bool watchesClock = true;
  /// Files that a run has while it works, and that must not outlive it; null:
  /// none.
  std::vector<std::string> (*listTemporary)(const Arguments &) = nullptr;
};

/// A parsed command line.
class Arguments {
public:
  /// Prints what is wrong with the words and returns nothing on failure: which
  /// of all commands have an option that this one has not.
  static std::optional<Arguments> parse(const Command &command, int count,
                                        char **words,
                                        const std::vector<Command> &all);

  const std::string &operand() const { return theOperand; }
  /// Empty where there is none.
  const std::string &second() const { return theSecond; }
  bool has(std::string_view option) const { return find(option); }
  /// The option's value, or `otherwise`.
  std::string get(std::string_view option, std::string otherwise = "") const;
  /// Its values in order.
  std::vector<std::string> all(std::string_view option) const;
  /// A number in digits, from 0 to `most`. Prints what is wrong and returns
  /// nothing on failure.
  std::optional<uint32_t> wholeNumber(std::string_view option,
                                      uint32_t otherwise, uint32_t most) const;
  /// The same with decimals.
  std::optional<double> number(std::string_view option, double otherwise,
                               uint32_t most) const;
  /// A percentage, or 0. Prints what is wrong and returns nothing on failure.
  std::optional<double> percent(std::string_view option) const;
  /// NODE=PERCENT, each time that it is given, the same way.
  std::optional<std::vector<std::pair<std::string, double>>>
  nodePercents(std::string_view option) const;

private:
  bool add(const Option &option, std::string value);
  const std::string *find(std::string_view option) const;
  std::string theOperand, theSecond;
  std::vector<std::pair<std::string, std::string>> values;
};

/// The manual of the driver and of one command.
std::string manual(const std::vector<Command> &commands);
std::string manual(const Command &command);

} // namespace lambent::driver

#endif
