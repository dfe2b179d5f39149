//===- Execution.cpp - A context with the tensors that it runs on ---------===//

#include "Execution.h"
#include "Report.h"

namespace lambent::driver {

int Execution::create(LambentThreadPool *pool, bool times, bool trace) {
  const LambentModel &description = model.description();
  LambentTensorSet *set = nullptr;
  if (int status = reportStatus(lambent_tensor_set_create(
          description.outputs, description.num_outputs, &set)))
    return status;
  outputs.reset(set);
  LambentContextOptions options = {};
  options.size = sizeof options;
  options.pool = pool;
  options.collect_times = times;
  options.collect_trace = trace;
  LambentContext *created = nullptr;
  int status = reportStatus(
      lambent_context_create(model.module.get(), &options, &created));
  context.reset(created);
  return status;
}

/// Lets outputs take the memory of inputs that are donated to them.
int Execution::donate() {
  const LambentModel &description = model.description();
  LambentTensorSet *inputs = model.inputs.get();
  bool isNeeded = false;
  for (uint32_t i = 0; i < description.num_inputs; ++i)
    isNeeded |= description.inputs[i].donated != 0;
  if (!isNeeded || hasDonated)
    return Done;
  hasDonated = true;
  if (int status = reportStatus(lambent_context_infer_shapes(
          context.get(), lambent_tensor_set_tensors(inputs),
          lambent_tensor_set_size(inputs),
          lambent_tensor_set_tensors(outputs.get()),
          lambent_tensor_set_size(outputs.get()))))
    return status;
  return reportStatus(
      lambent_tensor_set_donate(&description, inputs, outputs.get()));
}

int Execution::run() {
  LambentTensorSet *inputs = model.inputs.get();
  if (int status = donate())
    return status;
  LambentRunOptions options = {};
  options.size = sizeof options;
  // For outputs of open dims.
  options.allocate = lambent_tensor_set_allocate;
  options.user = outputs.get();
  options.cancellation = model.cancellation.get();
  return reportStatus(
      lambent_context_run(context.get(), lambent_tensor_set_tensors(inputs),
                          lambent_tensor_set_size(inputs),
                          lambent_tensor_set_tensors(outputs.get()),
                          lambent_tensor_set_size(outputs.get()), &options));
}

} // namespace lambent::driver
