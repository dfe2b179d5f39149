//===- Adaptive.cpp - The C API of sessions that compile as they run ------===//

#include "AdaptiveSession.h"
#include "Convert.h"

using namespace lambent;
using namespace lambent::capi;
using namespace lambent::runtime;

static AdaptiveSession *unwrap(LambentAdaptiveSession *session) {
  return reinterpret_cast<AdaptiveSession *>(session);
}
static const AdaptiveSession *unwrap(const LambentAdaptiveSession *session) {
  return reinterpret_cast<const AdaptiveSession *>(session);
}

LambentStatus *lambent_adaptive_session_create(
    const LambentModelSource *source, const LambentCompileOptions *options,
    const LambentAdaptiveOptions *adaptive, LambentAdaptiveSession **session) {
  if (LambentStatus *status = requireArguments(
          __func__, {{"source", source}, {"session", session}}))
    return status;
  *session = nullptr;
  return protect([&]() -> LambentStatus * {
    CompileOptions given;
    LambentAdaptiveOptions how;
    LambentModelSource from;
    if (LambentStatus *status = readOptions(options, given))
      return status;
    if (LambentStatus *status =
            readStructure(adaptive, "LambentAdaptiveOptions", how))
      return status;
    if (LambentStatus *status =
            readStructure(source, "LambentModelSource", from,
                          offsetof(LambentModelSource, follow_links)))
      return status;
    from.size = sizeof(from);
    auto made = std::make_unique<AdaptiveSession>(from, std::move(given), how);
    if (LambentStatus *status = made->start())
      return status;
    *session = reinterpret_cast<LambentAdaptiveSession *>(made.release());
    return nullptr;
  });
}

const LambentModel *
lambent_adaptive_session_model(const LambentAdaptiveSession *session) {
  return session ? &unwrap(session)->getModel() : nullptr;
}

LambentStatus *lambent_adaptive_session_run(LambentAdaptiveSession *session,
                                            const LambentTensor *inputs,
                                            uint32_t num_inputs,
                                            LambentTensor *outputs,
                                            uint32_t num_outputs,
                                            const LambentRunOptions *options) {
  if (LambentStatus *status =
          requireArguments(__func__, {{"session", session}}))
    return status;
  return protect([&] {
    return unwrap(session)->run(inputs, num_inputs, outputs, num_outputs,
                                options);
  });
}

void lambent_adaptive_session_wait(LambentAdaptiveSession *session) {
  if (session)
    unwrap(session)->wait();
}

uint32_t
lambent_adaptive_session_count_versions(const LambentAdaptiveSession *session) {
  return session ? unwrap(session)->countVersions() : 0;
}

void lambent_adaptive_session_destroy(LambentAdaptiveSession *session) {
  delete unwrap(session);
}
