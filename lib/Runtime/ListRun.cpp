//===- ListRun.cpp - What sequences and optionals add to a run ------------===//

#include "Callbacks.h"
#include "Context.h"
#include "ListTensors.h"
#include "StringTensors.h"
#include "lambent/Runtime/Status.h"

namespace lambent::runtime {

LambentStatus *Context::bindList(uint32_t i, const LambentTensor &tensor) {
  const List *list;
  if (LambentStatus *status =
          readList(tensor, getModel().inputs[i], *lists, strings, list))
    return status;
  handles[i] = getHandle(list);
  pointers[i] = &handles[i];
  return nullptr;
}

int64_t *Context::findLength(uint32_t output, const LambentTensor &tensor) {
  return tensor.ndim == 1 && tensor.shape ? tensor.shape : &lengths[output];
}

void Context::describeList(uint32_t output, LambentTensor &tensor) {
  int64_t *length = findLength(output, tensor);
  *length = -1;
  tensor = {nullptr, {LAMBENT_DEVICE_CPU, 0},
            1,       {getListCode(getModel().outputs[output]), 0, 1},
            length,  nullptr,
            0};
}

LambentStatus *Context::giveLists(LambentTensor *outputs,
                                  const LambentRunOptions &options) {
  const LambentModel &model = getModel();
  for (uint32_t i = 0; i < model.num_outputs; ++i) {
    const LambentTensorInfo &info = model.outputs[i];
    if (!isList(info))
      continue;
    GivenList given{*getList(handles[model.num_inputs + i]), info,
                    isString(info) ? strings : nullptr};
    uint64_t bytes = 0;
    if (LambentStatus *status = getListBytes(given, bytes))
      return status;
    if (bytes && !options.allocate)
      return makeError("output '%s' is a list, and no allocator was given",
                       info.name);
    describeList(i, outputs[i]);
    char *data =
        bytes ? static_cast<char *>(callAllocate(options, i, bytes)) : nullptr;
    if (bytes && !data)
      return makeOutOfMemory(info.name, bytes);
    writeList(given, data, findLength(i, outputs[i]), outputs[i]);
  }
  return nullptr;
}

const LambentListInfo *Context::findList(int64_t layer) const {
  uint32_t first = 0, last = model->num_lists;
  while (first < last) {
    uint32_t middle = first + (last - first) / 2;
    if (model->lists[middle].layer == layer)
      return &model->lists[middle];
    if (model->lists[middle].layer < layer)
      first = middle + 1;
    else
      last = middle;
  }
  return nullptr;
}

} // namespace lambent::runtime
