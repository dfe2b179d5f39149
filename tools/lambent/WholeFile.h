//===- WholeFile.h - Files that are complete or not there -------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_WHOLEFILE_H
#define LAMBENT_TOOLS_WHOLEFILE_H

#include <string>

namespace lambent::driver {

/// Work before may take long: says at once that a file cannot be written for
/// want of a folder. Prints what is wrong; returns an exit status.
int checkPlace(const std::string &output);

/// Fails where a report would replace the output, under whatever name. Prints
/// what is wrong; returns an exit status.
int checkApart(const std::string &report, const std::string &output);

/// Writes a file beside the one of that name, which it replaces when it is
/// complete. Prints what is wrong; returns an exit status.
int writeWholeFile(const std::string &output, const std::string &text);

} // namespace lambent::driver

#endif
