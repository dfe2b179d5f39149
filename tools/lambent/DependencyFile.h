//===- DependencyFile.h - What an output was made from ----------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_DEPENDENCYFILE_H
#define LAMBENT_TOOLS_DEPENDENCYFILE_H

#include "CompileRequest.h"
#include "ReadFiles.h"

namespace lambent::driver {

/// Writes a rule of make to `path`: `output` depends on `model`, on the files
/// with its weights, and on `files`. Prints what is wrong; returns an exit
/// status.
int writeDependencyFile(const std::string &path, const std::string &output,
                        const std::string &model, const CompileRequest &request,
                        ReadFiles files);

} // namespace lambent::driver

#endif
