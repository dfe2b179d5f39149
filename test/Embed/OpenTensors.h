//===- OpenTensors.h - Tensors for the model of open sizes ------*- C++ -*-===//

#ifndef LAMBENT_TEST_OPENTENSORS_H
#define LAMBENT_TEST_OPENTENSORS_H

#include "Models.h"
#include "OpenLayers.h"

namespace lambent::test {

/// A tensor of f32 of any shape.
struct OpenTensor {
  std::vector<int64_t> dims;
  std::vector<float> data;
  LambentTensor tensor = {};

  explicit OpenTensor(std::vector<int64_t> shape) : dims(std::move(shape)) {
    size_t count = 1;
    for (int64_t dim : dims)
      count *= static_cast<size_t>(dim);
    data.resize(count);
    tensor.data = data.data();
    tensor.device = {LAMBENT_DEVICE_CPU, 0};
    tensor.ndim = static_cast<int32_t>(dims.size());
    tensor.dtype = {LAMBENT_FLOAT, 32, 1};
    tensor.shape = dims.data();
  }
  OpenTensor(const OpenTensor &) = delete;
};

/// Inputs of one size, and what the model makes of them.
struct OpenCase {
  OpenTensor x, mask, doubled;
  std::vector<float> expectedDoubled, expectedFound;

  OpenCase(int64_t batch, int64_t seq)
      : x({batch, seq}), mask({batch, 3, 2 * seq}), doubled({batch, seq}) {
    for (size_t i = 0; i < x.data.size(); ++i)
      x.data[i] =
          static_cast<float>((i * 7 + 3 * static_cast<size_t>(seq)) % 23) - 11;
    for (int64_t i = 0; i < batch && seq; ++i)
      mask.data[static_cast<size_t>(i * 3 * 2 * seq)] =
          static_cast<float>(i % 5);
    for (size_t i = 0; i < x.data.size(); ++i) {
      float row = static_cast<float>(i / static_cast<size_t>(seq) % 5);
      expectedDoubled.push_back(2 * x.data[i] + row);
      if (expectedDoubled.back() > 0) {
        expectedFound.push_back(expectedDoubled.back());
        expectedFound.push_back(-expectedDoubled.back());
      }
    }
  }
  std::vector<LambentTensor> inputs() const { return {x.tensor, mask.tensor}; }
};

/// Memory for outputs that the run describes.
struct Allocator {
  std::vector<float> memory[2];
  LambentRunOptions options = {};

  Allocator() {
    options.size = sizeof(options);
    options.user = this;
    options.allocate = [](void *user, uint32_t output,
                          uint64_t bytes) -> void * {
      auto &memory = static_cast<Allocator *>(user)->memory[output];
      memory.assign(bytes / sizeof(float) + 16, -99.0f);
      auto address = reinterpret_cast<uintptr_t>(memory.data());
      return reinterpret_cast<void *>((address + 63) / 64 * 64);
    };
  }
  Allocator(const Allocator &) = delete;
};

inline std::vector<float> getData(const LambentTensor &tensor) {
  size_t count = 1;
  for (int32_t i = 0; i < tensor.ndim; ++i)
    count *= static_cast<size_t>(tensor.shape[i]);
  auto *data = static_cast<const float *>(tensor.data);
  return count ? std::vector<float>(data, data + count) : std::vector<float>();
}

inline std::vector<int64_t> getShape(const LambentTensor &tensor) {
  return {tensor.shape, tensor.shape + tensor.ndim};
}

} // namespace lambent::test

#endif
