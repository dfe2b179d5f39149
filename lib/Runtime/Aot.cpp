//===- Aot.cpp - What a compiled model's header calls ---------------------===//

#include "Aot.h"
#include "InputSizes.h"
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

namespace {

/// The tensors of one call, inputs first.
class Tensors {
public:
  explicit Tensors(const LambentModel &model)
      : model(model), all(static_cast<LambentTensor *>(calloc(
                          uint64_t(model.num_inputs) + model.num_outputs + 1,
                          sizeof(LambentTensor)))) {
    for (uint32_t i = 0; all && i < model.num_inputs; ++i)
      describeTensor(model.inputs[i], inputs()[i]);
    for (uint32_t i = 0; all && i < model.num_outputs; ++i)
      describeTensor(model.outputs[i], outputs()[i]);
    for (uint32_t i = 0; all && i < model.num_outputs; ++i)
      outputs()[i].ndim = getMostRank(model.outputs[i]);
  }
  Tensors(const Tensors &) = delete;
  ~Tensors() { free(all); }

  bool isComplete() const { return all != nullptr; }
  LambentTensor *inputs() { return all; }
  LambentTensor *outputs() { return all + model.num_inputs; }

  /// False where an input of open dims has none, or an output no room.
  bool setDims(const int64_t *const *inputDims, int64_t *const *outputDims) {
    for (uint32_t i = 0; i < model.num_inputs; ++i)
      if (inputDims && inputDims[i])
        inputs()[i].shape = const_cast<int64_t *>(inputDims[i]);
      else if (isOpen(model.inputs[i]))
        return false;
    for (uint32_t i = 0; i < model.num_outputs; ++i) {
      if (!isOpen(model.outputs[i]) && !model.outputs[i].most_rank)
        continue;
      if (!outputDims || !outputDims[i])
        return false;
      outputs()[i].shape = outputDims[i];
    }
    return true;
  }
  /// Those of outputs whose dims are bound are the model's until here.
  void copyDims(int64_t *const *outputDims) {
    for (uint32_t i = 0; outputDims && i < model.num_outputs; ++i)
      for (uint32_t j = 0; outputDims[i] && j < getMostRank(model.outputs[i]);
           ++j)
        outputDims[i][j] = static_cast<int32_t>(j) < outputs()[i].ndim
                               ? outputs()[i].shape[j]
                               : noDim;
  }
  void setData(const void *const *inputData, void *const *outputData) {
    for (uint32_t i = 0; i < model.num_inputs; ++i)
      inputs()[i].data = const_cast<void *>(inputData[i]);
    for (uint32_t i = 0; i < model.num_outputs; ++i) {
      LambentTensor &output = outputs()[i];
      output.data = outputData[i];
      if (output.data && model.outputs[i].most_rank)
        while (output.ndim && output.shape[output.ndim - 1] == noDim)
          --output.ndim;
    }
  }

private:
  static constexpr int64_t noDim = -2; ///< behind the last dim

  const LambentModel &model;
  LambentTensor *all;
};

} // namespace

static int finish(LambentStatus *status) {
  LambentStatusCode code = lambent_status_code(status);
  lambent_status_destroy(status);
  return code;
}

int lambent_aot_run(LambentSession *session, const void *const *inputs,
                    void *const *outputs) {
  if (!session)
    return LAMBENT_STATUS_ERROR;
  const LambentModel &model = unwrap(session)->getModule()->getModel();
  if ((model.num_inputs && !inputs) || (model.num_outputs && !outputs))
    return LAMBENT_STATUS_ERROR;
  Tensors tensors(model);
  if (!tensors.isComplete() || !tensors.setDims(nullptr, nullptr))
    return LAMBENT_STATUS_ERROR;
  tensors.setData(inputs, outputs);
  return finish(lambent_session_run(session, tensors.inputs(), model.num_inputs,
                                    tensors.outputs(), model.num_outputs,
                                    nullptr));
}

int lambent_aot_output_dims(LambentSession *session,
                            const int64_t *const *inputDims,
                            int64_t *const *outputDims) {
  if (!session)
    return LAMBENT_STATUS_ERROR;
  const LambentModel &model = unwrap(session)->getModule()->getModel();
  Tensors tensors(model);
  if (!tensors.isComplete() || !tensors.setDims(inputDims, outputDims))
    return LAMBENT_STATUS_ERROR;
  int code = finish(
      lambent_session_infer_shapes(session, tensors.inputs(), model.num_inputs,
                                   tensors.outputs(), model.num_outputs));
  if (!code)
    tensors.copyDims(outputDims);
  return code;
}

int lambent_aot_run_open(LambentSession *session, const void *const *inputs,
                         const int64_t *const *inputDims, void **outputs,
                         int64_t *const *outputDims,
                         void *(*allocate)(void *user, uint32_t output,
                                           uint64_t bytes),
                         void *user) {
  if (!session)
    return LAMBENT_STATUS_ERROR;
  const LambentModel &model = unwrap(session)->getModule()->getModel();
  if ((model.num_inputs && !inputs) || (model.num_outputs && !outputs))
    return LAMBENT_STATUS_ERROR;
  Tensors tensors(model);
  if (!tensors.isComplete() || !tensors.setDims(inputDims, outputDims))
    return LAMBENT_STATUS_ERROR;
  tensors.setData(inputs, outputs);
  LambentRunOptions options = {};
  options.size = sizeof(options);
  options.allocate = allocate;
  options.user = user;
  int code = finish(lambent_session_run(session, tensors.inputs(),
                                        model.num_inputs, tensors.outputs(),
                                        model.num_outputs, &options));
  for (uint32_t i = 0; !code && i < model.num_outputs; ++i)
    outputs[i] = tensors.outputs()[i].data;
  if (!code)
    tensors.copyDims(outputDims);
  return code;
}

void lambent_aot_destroy(LambentSession *session) {
  lambent_session_destroy(session);
}
