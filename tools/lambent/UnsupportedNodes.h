//===- UnsupportedNodes.h - List what a model needs and cannot have -------===//

#ifndef LAMBENT_TOOLS_UNSUPPORTEDNODES_H
#define LAMBENT_TOOLS_UNSUPPORTEDNODES_H

#include "lambent-c/compiler.h"
#include <string>

namespace lambent::driver {

/// Prints every node of the model at path `model` with its op, opset and
/// reason; returns ExitStatus::Unsupported.
int reportUnsupported(const std::string &model,
                      const LambentCheckReport &report);

} // namespace lambent::driver

#endif
