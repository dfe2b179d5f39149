//===- OutputForms.h - What 'lambent compile' writes ------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_OUTPUTFORMS_H
#define LAMBENT_TOOLS_OUTPUTFORMS_H

#include "Arguments.h"
#include "lambent-c/compiler.h"

namespace lambent::driver {

/// The form that --emit names or, without it, that the extension of -o stands
/// for. Prints what is wrong and returns nothing on failure.
std::optional<LambentOutputForm> chooseForm(const Arguments &arguments);

} // namespace lambent::driver

#endif
