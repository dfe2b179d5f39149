//===- StandardStreams.h - Standard output, from start to end ---*- C++ -*-===//

#ifndef LAMBENT_TOOLS_STANDARDSTREAMS_H
#define LAMBENT_TOOLS_STANDARDSTREAMS_H

namespace lambent::driver {

/// Gives the standard streams that the caller closed a file that can't be used,
/// so that no output file gets their numbers.
void fillStandardStreams();

/// Writes out what was printed. Returns `status`, or an error's where that
/// fails, as on a full disk.
int closeStandardOutput(int status);

} // namespace lambent::driver

#endif
