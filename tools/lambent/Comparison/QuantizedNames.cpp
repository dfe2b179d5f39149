//===- QuantizedNames.cpp - What others read of a tensor ------------------===//

#include "QuantizedNames.h"
#include "../Handles.h"

namespace lambent::driver {

LambentStatus *QuantizedNames::read(const LambentModelSource *source) {
  const LambentModelSummary *summary = nullptr;
  if (LambentStatus *status = lambent_summarize(source, &summary))
    return status;
  ModelSummary owned(summary);
  for (uint64_t i = 0; i < summary->num_outputs; ++i)
    readElsewhere.insert(summary->outputs[i].name);
  auto add = [](void *user, const LambentGraphNode *node) {
    auto &names = *static_cast<QuantizedNames *>(user);
    for (uint64_t i = 0; i < node->num_inputs; ++i)
      if (i == 0 && node->num_outputs == 1)
        names.readers[node->inputs[0]].push_back({node->op, node->outputs[0]});
      else
        names.readElsewhere.insert(node->inputs[i]);
  };
  return lambent_list_nodes(source, add, this);
}

const std::string &QuantizedNames::resolve(const std::string &name) const {
  auto found = readers.find(name);
  if (found == readers.end() || readElsewhere.count(name))
    return name;
  const std::string *result = nullptr;
  for (const Reader &reader : found->second) {
    if (reader.op != "QuantizeLinear")
      return name;
    auto integers = readers.find(reader.output);
    if (integers == readers.end())
      continue;
    for (const Reader &next : integers->second)
      if (!result && next.op == "DequantizeLinear")
        result = &next.output;
  }
  return result ? *result : name;
}

} // namespace lambent::driver
