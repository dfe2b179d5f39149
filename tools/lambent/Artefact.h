//===- Artefact.h - What 'lambent compile' wrote ----------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_ARTEFACT_H
#define LAMBENT_TOOLS_ARTEFACT_H

#include "Handles.h"
#include <string>
#include <vector>

namespace lambent::driver {

/// Whether a file is a compiled artefact; everything else is taken for ONNX.
bool isArtefact(const std::string &path);

/// Whether an artefact is a program of its own. False also for what is no
/// sound artefact: loading it says so.
bool isExecutable(const std::string &path);

/// Loads a library, an object or a bundle's object. Prints what is wrong;
/// returns an exit status.
int loadArtefact(const std::string &path, Module &module);

/// Becomes the program of an executable artefact. Returns an exit status only
/// where that fails, and has printed why.
int becomeExecutable(const std::string &path,
                     const std::vector<std::string> &arguments);

} // namespace lambent::driver

#endif
