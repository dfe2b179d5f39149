//===- Commands.h - The driver's subcommands --------------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_COMMANDS_H
#define LAMBENT_TOOLS_COMMANDS_H

#include "Arguments.h"

namespace lambent::driver {

Command compileCommand();
Command runCommand();
Command benchCommand();
Command inspectCommand();
Command checkCommand();
Command tuneCommand();
Command profileCommand();
Command pruneCommand();
Command quantizeCommand();
Command compareCommand();

} // namespace lambent::driver

#endif
