//===- Trial.cpp - Whether another version gives the same bits ------------===//

#include "Trial.h"
#include "lambent/ElementTypes/ElementType.h"
#include <algorithm>
#include <cstdlib>
#include <cstring>

using namespace lambent;
using namespace lambent::capi;

static uint64_t countBytes(const LambentTensor &tensor) {
  uint64_t count = 1;
  for (int32_t i = 0; i < tensor.ndim; ++i)
    count *= static_cast<uint64_t>(tensor.shape[i]);
  return getPackedBytes(count, tensor.dtype.bits);
}

Trial::Trial(const LambentModel &model, const LambentTensor *given,
             const LambentTensor *results) {
  whole = copy(given, model.num_inputs, inputs) &&
          copy(results, model.num_outputs, outputs);
}

bool Trial::copy(const LambentTensor *tensors, uint32_t count,
                 std::vector<Copy> &copies) {
  for (uint32_t i = 0; i < count; ++i) {
    const LambentTensor &tensor = tensors[i];
    if (tensor.ndim < 0 || (tensor.ndim > 0 && !tensor.shape))
      return false;
    uint64_t bytes = countBytes(tensor);
    if (bytes && !tensor.data)
      return false;
    Copy copy{{tensor.shape, tensor.shape + tensor.ndim}, {}, tensor};
    const char *data = static_cast<const char *>(tensor.data);
    if (bytes)
      copy.bytes.assign(data + tensor.byte_offset,
                        data + tensor.byte_offset + bytes);
    copies.push_back(std::move(copy));
  }
  return true;
}

namespace {
/// Memory for outputs, freed when it goes.
struct Memory {
  ~Memory() {
    for (void *block : blocks)
      free(block);
  }
  static void *allocate(void *user, uint32_t, uint64_t bytes) {
    void *block = aligned_alloc(64, (bytes + 63) / 64 * 64);
    static_cast<Memory *>(user)->blocks.push_back(block);
    return block;
  }
  std::vector<void *> blocks;
};
} // namespace

bool Trial::passes(const Compiled &version) {
  std::vector<LambentTensor> given, results;
  for (Copy &copy : inputs) {
    given.push_back(copy.tensor);
    given.back().data = copy.bytes.data();
    given.back().byte_offset = 0;
    given.back().shape = copy.dims.data();
  }
  std::vector<std::vector<int64_t>> shapes;
  for (const Copy &copy : outputs)
    shapes.emplace_back(copy.dims.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    LambentTensor tensor = {};
    tensor.ndim = static_cast<int32_t>(shapes[i].size());
    tensor.shape = shapes[i].data();
    results.push_back(tensor);
  }
  Memory memory;
  LambentRunOptions options = {};
  options.size = sizeof(options);
  options.allocate = Memory::allocate;
  options.user = &memory;
  if (LambentStatus *status = lambent_session_run(
          version.session.get(), given.data(),
          static_cast<uint32_t>(given.size()), results.data(),
          static_cast<uint32_t>(results.size()), &options)) {
    lambent_status_destroy(status);
    return false;
  }
  for (auto [want, got] = std::pair(outputs.begin(), results.begin());
       want != outputs.end(); ++want, ++got)
    if (size_t(got->ndim) != want->dims.size() ||
        !std::equal(want->dims.begin(), want->dims.end(), got->shape) ||
        countBytes(*got) != want->bytes.size() ||
        (!want->bytes.empty() &&
         memcmp(got->data, want->bytes.data(), want->bytes.size()) != 0))
      return false;
  return true;
}
