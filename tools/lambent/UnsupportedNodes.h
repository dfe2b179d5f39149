//===- UnsupportedNodes.h - List what a model needs and cannot have -------===//

#ifndef LAMBENT_TOOLS_UNSUPPORTEDNODES_H
#define LAMBENT_TOOLS_UNSUPPORTEDNODES_H

#include "lambent-c/compiler.h"
#include <string>

namespace lambent::driver {

/// Prints the nodes of the model at path `model` that are not supported, a line
/// for each kind; returns ExitStatus::Unsupported.
int reportUnsupported(const std::string &model,
                      const LambentCheckReport &report);

} // namespace lambent::driver

#endif
