//===- UnsupportedNodes.h - List what a model needs and cannot have -------===//

#ifndef LAMBENT_TOOLS_UNSUPPORTEDNODES_H
#define LAMBENT_TOOLS_UNSUPPORTEDNODES_H

#include "lambent-c/compiler.h"

namespace lambent::driver {

/// Prints every node with its op, opset and reason; returns
/// ExitStatus::Unsupported.
int reportUnsupported(const LambentCheckReport &report);

} // namespace lambent::driver

#endif
