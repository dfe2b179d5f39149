//===- Session.cpp - Run a model from many threads at once ----------------===//

#include "Session.h"
#include "Context.h"
#include "lambent/Runtime/Arguments.h"
#include <new>
#include <stdlib.h>

namespace lambent::runtime {

LambentStatus *Session::create(Module *module,
                               const LambentSessionOptions &options,
                               Session **result) {
  void *memory = malloc(sizeof(Session));
  if (!memory)
    return makeOutOfMemory("a session", sizeof(Session));
  auto *session = new (memory) Session();
  session->module = module;
  module->retain();
  session->pool = options.pool;
  session->keepsDenormals = options.keep_denormals;
  Context *first = nullptr;
  LambentStatus *status = nullptr;
  if (!options.pool && options.threads != 1) {
    status = lambent_thread_pool_create(options.threads, &session->pool);
    session->ownsPool = !status;
  }
  // A session that exists can run at least once at a time.
  if (!status)
    status = session->acquire(&first);
  if (status) {
    session->destroy();
    return status;
  }
  session->release(first);
  *result = session;
  return nullptr;
}

void Session::destroy() {
  while (Context *context = idle) {
    idle = context->next;
    context->destroy();
  }
  if (ownsPool)
    lambent_thread_pool_destroy(pool);
  module->release();
  pthread_mutex_destroy(&mutex);
  free(this);
}

LambentStatus *Session::acquire(Context **context) {
  pthread_mutex_lock(&mutex);
  *context = idle;
  if (idle)
    idle = idle->next;
  pthread_mutex_unlock(&mutex);
  if (*context)
    return nullptr;
  LambentContextOptions options = {};
  options.pool = pool;
  options.keep_denormals = keepsDenormals;
  return Context::create(module, options, context);
}

void Session::release(Context *context) {
  pthread_mutex_lock(&mutex);
  context->next = idle;
  idle = context;
  pthread_mutex_unlock(&mutex);
}

} // namespace lambent::runtime

//===----------------------------------------------------------------------===//
// The C API
//===----------------------------------------------------------------------===//

using namespace lambent::runtime;

LambentStatus *lambent_session_create(LambentModule *module,
                                      const LambentSessionOptions *options,
                                      LambentSession **session) {
  if (LambentStatus *status = requireArguments(
          __func__, {{"module", module}, {"session", session}}))
    return status;
  *session = nullptr;
  LambentSessionOptions given;
  if (LambentStatus *status =
          readStructure(options, "LambentSessionOptions", given))
    return status;
  if (LambentStatus *status = requireFlag(
          "LambentSessionOptions.keep_denormals", given.keep_denormals))
    return status;
  return Session::create(unwrap(module), given,
                         reinterpret_cast<Session **>(session));
}

/// Memory of a context is not the caller's: another thread may be the next to
/// run on it.
static LambentStatus *requireRoomForDims(LambentSession &session,
                                         const LambentTensor *outputs,
                                         uint32_t numOutputs) {
  const LambentModel &model = unwrap(&session)->getModule()->getModel();
  if (!outputs || numOutputs != model.num_outputs)
    return nullptr;
  return requireRoomForDims(model, outputs);
}

/// Calls \p function with a context of \p session that no other thread has.
template <typename Function>
static LambentStatus *withContext(const char *caller, LambentSession *session,
                                  const LambentTensor *outputs,
                                  uint32_t numOutputs, Function function) {
  if (LambentStatus *status = requireArguments(caller, {{"session", session}}))
    return status;
  if (LambentStatus *status = requireRoomForDims(*session, outputs, numOutputs))
    return status;
  Context *context;
  if (LambentStatus *status = unwrap(session)->acquire(&context))
    return status;
  LambentStatus *status = function(*context);
  unwrap(session)->release(context);
  return status;
}

LambentStatus *lambent_session_run(LambentSession *session,
                                   const LambentTensor *inputs,
                                   uint32_t numInputs, LambentTensor *outputs,
                                   uint32_t numOutputs,
                                   const LambentRunOptions *options) {
  return withContext(
      __func__, session, outputs, numOutputs, [&](Context &context) {
        return context.run(inputs, numInputs, outputs, numOutputs, options);
      });
}

LambentStatus *lambent_session_infer_shapes(LambentSession *session,
                                            const LambentTensor *inputs,
                                            uint32_t numInputs,
                                            LambentTensor *outputs,
                                            uint32_t numOutputs) {
  return withContext(
      __func__, session, outputs, numOutputs, [&](Context &context) {
        return context.inferShapes(inputs, numInputs, outputs, numOutputs);
      });
}

void lambent_session_destroy(LambentSession *session) {
  if (session)
    unwrap(session)->destroy();
}
