//===- Session.h - Run a model from many threads at once --------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_SESSION_H
#define LAMBENT_RUNTIME_SESSION_H

#include "Module.h"
#include <pthread.h>

namespace lambent::runtime {

class Context;

/// Keeps the contexts that are idle; makes one when none is.
class Session {
public:
  static LambentStatus *create(Module *module,
                               const LambentSessionOptions &options,
                               Session **session);
  void destroy();
  LambentStatus *acquire(Context **context);
  void release(Context *context);
  const Module *getModule() const { return module; }

private:
  Session() = default;

  Module *module = nullptr;
  LambentThreadPool *pool = nullptr;
  bool ownsPool = false;
  bool keepsDenormals = false;
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  Context *idle = nullptr; ///< the one used last is first: its memory is warm
};

inline Session *unwrap(LambentSession *session) {
  return reinterpret_cast<Session *>(session);
}

} // namespace lambent::runtime

#endif
