//===- main.cpp - The lambent command -------------------------------------===//
//
// A thin client of the C API: whatever the command does, an application can.
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "Report.h"
#include "StandardStreams.h"
#include "Supervision.h"
#include "lambent-c/compiler.h"
#include <cstdio>
#include <cstring>
#include <new>

using namespace lambent::driver;

static bool asksForHelp(int count, char **words) {
  for (int i = 0; i < count && std::strcmp(words[i], "--") != 0; ++i)
    if (!std::strcmp(words[i], "--help") || !std::strcmp(words[i], "-h"))
      return true;
  return false;
}

static int runDriver(int argc, char **argv) {
  const std::vector<Command> commands = {
      compileCommand(),  runCommand(),    benchCommand(),   inspectCommand(),
      checkCommand(),    tuneCommand(),   profileCommand(), pruneCommand(),
      quantizeCommand(), compareCommand()};
  if (argc < 2)
    return reportError("expected a command: compile, run, bench, inspect, "
                       "check, tune, profile, prune, quantize or compare; "
                       "'lambent --help' says more");
  std::string_view word = argv[1];
  if (word == "--version") {
    std::printf("lambent %s\n", lambent_version());
    return Done;
  }
  if (word == "--operators") {
    auto print = [](void *, const char *op, int64_t since) {
      std::printf("%s %lld\n", op, static_cast<long long>(since));
    };
    lambent_list_operators(print, nullptr);
    return Done;
  }
  if (word == "--help" || word == "-h" || word == "help") {
    std::fputs(manual(commands).c_str(), stdout);
    return Done;
  }
  for (const Command &command : commands) {
    if (command.name != word)
      continue;
    if (asksForHelp(argc - 2, argv + 2)) {
      std::fputs(manual(command).c_str(), stdout);
      return Done;
    }
    std::optional<Arguments> arguments =
        Arguments::parse(command, argc - 2, argv + 2, commands);
    if (!arguments)
      return Error;
    std::optional<Limits> limits = parseLimits(*arguments);
    if (!limits)
      return Error;
    SupervisedWork work = {arguments->get("-o", "."), {}, command.watchesClock};
    if (command.listTemporary)
      work.temporary = command.listTemporary(*arguments);
    return supervise(*limits, work, [&] { return command.run(*arguments); });
  }
  return reportError("unknown command " + quoted(word) +
                     "; 'lambent --help' lists the commands");
}

int main(int argc, char **argv) {
  fillStandardStreams();
  // The one exception that the standard library may throw at any time.
  try {
    return closeStandardOutput(runDriver(argc, argv));
  } catch (const std::bad_alloc &) {
    return reportError("out of memory");
  }
}
