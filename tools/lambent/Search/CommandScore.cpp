//===- CommandScore.cpp - What a command says of a model ------------------===//

#include "../Report.h"
#include "ModelScore.h"
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <sys/wait.h>

namespace lambent::driver {

/// A text as one word of a shell.
static std::string quoteForShell(const std::string &text) {
  std::string word = "'";
  for (char c : text)
    word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

/// The number that a text's last line is, or nothing.
static std::optional<double> readLast(std::string text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
    text.pop_back();
  text.erase(0, text.find_last_of('\n') + 1);
  char *end = nullptr;
  double number = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(number))
    return std::nullopt;
  return number;
}

namespace {

class CommandScore : public ModelScore {
public:
  explicit CommandScore(const std::string &command) : command(command) {}

  int begin(const std::string &model) override { return score(model, whole); }
  int score(const std::string &model, double &score) override;
  double getLoss(double score) const override {
    // Layers that lose nothing still differ by the time that they save.
    constexpr double least = 1e-9;
    return std::max(0.0, whole - score) + least;
  }
  std::string show(double score) const override {
    char text[40];
    std::snprintf(text, sizeof text, "%g", score);
    return text;
  }

  std::string describeFloat() const override {
    return ", and the float model's score is " + show(whole);
  }

private:
  std::string command;
  double whole = 0; ///< the float model's
};

} // namespace

int CommandScore::score(const std::string &model, double &score) {
  std::string line = command + " " + quoteForShell(model), text;
  std::fflush(stdout);
  FILE *pipe = popen(line.c_str(), "r");
  if (!pipe)
    return reportError("cannot run the command " + quoted(command));
  char buffer[4096];
  // The end is enough of what may be long.
  constexpr size_t most = 1 << 16;
  while (size_t count = std::fread(buffer, 1, sizeof buffer, pipe)) {
    text.append(buffer, count);
    if (text.size() > 2 * most)
      text.erase(0, text.size() - most);
  }
  int status = pclose(pipe);
  if (status == -1 || !WIFEXITED(status))
    return reportError("the command " + quoted(command) +
                       " did not end by "
                       "itself");
  if (WEXITSTATUS(status) != 0)
    return reportError("the command " + quoted(command) +
                       " failed with exit status " +
                       std::to_string(WEXITSTATUS(status)));
  std::optional<double> number = readLast(text);
  if (!number)
    return reportError(
        "expected the command " + quoted(command) +
        " to print a number last, its score, but got " +
        quoted(text.size() > 200 ? text.substr(text.size() - 200) : text));
  score = *number;
  return Done;
}

std::unique_ptr<ModelScore> makeCommandScore(const std::string &command) {
  return std::make_unique<CommandScore>(command);
}

} // namespace lambent::driver
