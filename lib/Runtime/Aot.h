//===- Aot.h - Sessions for compiled models' headers ------------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_AOT_H
#define LAMBENT_RUNTIME_AOT_H

#include "lambent-c/runtime.h"

namespace lambent::runtime {

/// Makes a session of a module and gives the module up; or turns the failure to
/// make the module into a message.
LambentSession *createSession(LambentStatus *status, LambentModule *module,
                              unsigned threads, char *error, size_t errorSize);

} // namespace lambent::runtime

#endif
