//===- StringRun.cpp - What strings add to a run --------------------------===//

#include "Callbacks.h"
#include "Context.h"
#include "ListTensors.h"
#include "OwnedTensor.h"
#include "StringTensors.h"
#include "TensorCheck.h"
#include "lambent/Runtime/Status.h"
#include <stdlib.h>

namespace lambent::runtime {

LambentStatus *Context::allocateStrings() {
  bool isNeeded = false;
  for (uint32_t i = 0; i < model->num_inputs; ++i)
    isNeeded |= isString(model->inputs[i]);
  for (uint32_t i = 0; i < model->num_outputs; ++i)
    isNeeded |= isString(model->outputs[i]);
  if (!isNeeded)
    return nullptr;
  uint64_t tensors = uint64_t(model->num_inputs) + model->num_outputs;
  // Zeroed memory is a GrowingMemory without any.
  numbers =
      static_cast<GrowingMemory *>(calloc(tensors + 1, sizeof(GrowingMemory)));
  if (!numbers)
    return makeOutOfMemory("a context", tensors * sizeof(GrowingMemory));
  return StringTable::create(*model, &strings);
}

void Context::freeStrings() {
  if (strings)
    strings->destroy();
  for (uint64_t i = 0;
       numbers && i < uint64_t(model->num_inputs) + model->num_outputs; ++i)
    numbers[i].~GrowingMemory();
  free(numbers);
}

LambentStatus *Context::reserveNumbers(uint32_t place,
                                       const LambentTensor &tensor,
                                       const char *name) {
  uint64_t bytes = countElements(tensor) * sizeof(int64_t);
  if (LambentStatus *status = numbers[place].reserve(bytes, 0, name))
    return status;
  pointers[place] = numbers[place].data();
  return nullptr;
}

LambentStatus *Context::bindStrings(uint32_t i, const LambentTensor &tensor) {
  const char *name = getModel().inputs[i].name;
  if (LambentStatus *status = reserveNumbers(i, tensor, name))
    return status;
  return readStrings(tensor, name, *strings,
                     static_cast<int64_t *>(pointers[i]));
}

LambentStatus *Context::bindStringOutput(uint32_t i,
                                         const LambentTensorInfo &info,
                                         LambentTensor &tensor) {
  if (!tensor.data)
    describeTensor(info, tensor);
  else if (LambentStatus *status = checkTensor(tensor, info, "output"))
    return status;
  return reserveNumbers(getModel().num_inputs + i, tensor, info.name);
}

LambentStatus *Context::giveStrings(LambentTensor *outputs,
                                    const LambentRunOptions &options) {
  const LambentModel &model = getModel();
  for (uint32_t i = 0; i < model.num_outputs; ++i) {
    const LambentTensorInfo &info = model.outputs[i];
    LambentTensor &tensor = outputs[i];
    if (!isString(info) || isList(info))
      continue;
    auto *found = static_cast<const int64_t *>(pointers[model.num_inputs + i]);
    uint64_t count = countElements(tensor), bytes = 0;
    if (LambentStatus *status =
            countStringBytes(found, count, info.name, *strings, bytes))
      return status;
    if (tensor.data) {
      viewStrings(found, count, *strings, getStrings(tensor));
      continue;
    }
    if (!count)
      continue;
    if (!options.allocate)
      return makeError("output '%s' has no data, and no allocator was given",
                       info.name);
    tensor.data = callAllocate(options, i, bytes);
    if (!tensor.data)
      return makeOutOfMemory(info.name, bytes);
    copyStrings(found, count, *strings, static_cast<char *>(tensor.data));
  }
  return nullptr;
}

} // namespace lambent::runtime
