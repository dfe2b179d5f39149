//===- Aot.cpp - What a compiled model's header calls ---------------------===//

#include "Aot.h"
#include "Session.h"
#include "TensorCheck.h"
#include "lambent-c/aot.h"
#include "lambent/Runtime/Status.h"
#include <stdio.h>
#include <stdlib.h>

namespace lambent::runtime {

LambentSession *createSession(LambentStatus *status, LambentModule *module,
                              unsigned threads, char *error, size_t errorSize) {
  LambentSession *session = nullptr;
  if (!status) {
    LambentSessionOptions options = {};
    options.size = sizeof(options);
    options.threads = threads;
    status = lambent_session_create(module, &options, &session);
    lambent_module_destroy(module);
  }
  if (error && errorSize)
    snprintf(error, errorSize, "%s", lambent_status_message(status));
  lambent_status_destroy(status);
  return session;
}

} // namespace lambent::runtime

using namespace lambent::runtime;

LambentSession *lambent_aot_create(const LambentModel *model,
                                   const char *weightsPath, unsigned threads,
                                   char *error, size_t errorSize) {
  LambentModule *module = nullptr;
  LambentStatus *status =
      weightsPath ? lambent_module_create_with_file(model, weightsPath, nullptr,
                                                    &module)
                  : lambent_module_create(model, nullptr, nullptr, &module);
  return createSession(status, module, threads, error, errorSize);
}

int lambent_aot_run(LambentSession *session, const void *const *inputs,
                    void *const *outputs) {
  if (!session)
    return LAMBENT_STATUS_ERROR;
  const LambentModel &model = unwrap(session)->getModule()->getModel();
  if ((model.num_inputs && !inputs) || (model.num_outputs && !outputs))
    return LAMBENT_STATUS_ERROR;
  uint64_t count = uint64_t(model.num_inputs) + model.num_outputs;
  auto *tensors =
      static_cast<LambentTensor *>(calloc(count + 1, sizeof(LambentTensor)));
  if (!tensors)
    return LAMBENT_STATUS_ERROR;
  for (uint32_t i = 0; i < model.num_inputs; ++i) {
    describeTensor(model.inputs[i], tensors[i]);
    tensors[i].data = const_cast<void *>(inputs[i]);
  }
  for (uint32_t i = 0; i < model.num_outputs; ++i) {
    describeTensor(model.outputs[i], tensors[model.num_inputs + i]);
    tensors[model.num_inputs + i].data = outputs[i];
  }
  LambentStatus *status = lambent_session_run(
      session, tensors, model.num_inputs, tensors + model.num_inputs,
      model.num_outputs, nullptr);
  free(tensors);
  LambentStatusCode code = lambent_status_code(status);
  lambent_status_destroy(status);
  return code;
}

void lambent_aot_destroy(LambentSession *session) {
  lambent_session_destroy(session);
}
