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

int Execution::run() {
  LambentTensorSet *inputs = model.inputs.get();
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
