//===- Execution.h - A context with the tensors that it runs on -----------===//

#ifndef LAMBENT_TOOLS_EXECUTION_H
#define LAMBENT_TOOLS_EXECUTION_H

#include "Model.h"

namespace lambent::driver {

/// Runs a prepared model on its inputs, as often as one likes.
class Execution {
public:
  explicit Execution(PreparedModel &model) : model(model) {}

  /// Makes the context and the outputs. Prints what is wrong; returns an exit
  /// status, as run does.
  int create(LambentThreadPool *pool, bool times = false, bool trace = false);
  int run();

  LambentContext *getContext() { return context.get(); }
  LambentTensorSet *getOutputs() { return outputs.get(); }

private:
  int donate();

  bool hasDonated = false;
  PreparedModel &model;
  Context context;
  TensorSet outputs;
};

} // namespace lambent::driver

#endif
