//===- Models.h - The hand-written model in tests ---------------*- C++ -*-===//

#ifndef LAMBENT_TEST_MODELS_H
#define LAMBENT_TEST_MODELS_H

#include "TwoLayers.h"
#include "lambent-c/runtime.h"
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace lambent::test {

/// The code and message of a status, which it destroys.
inline std::string take(LambentStatus *status) {
  std::string text = lambent_status_message(status);
  lambent_status_destroy(status);
  return text;
}

/// An input or output whose dims are bound.
inline LambentTensorInfo makeInfo(const char *name, uint8_t code, uint8_t bits,
                                  size_t rank, const int64_t *dims) {
  LambentTensorInfo info = {};
  info.name = name;
  info.type_code = code;
  info.type_bits = bits;
  info.rank = static_cast<uint16_t>(rank);
  info.dims = dims;
  return info;
}

/// The hand-written model with its weights.
inline LambentModel makeTwoLayers() {
  LambentModel model = two_layers_model;
  model.weights = two_layers_weights;
  return model;
}

/// A tensor of its own memory: f32[64x100].
struct Tensor {
  std::vector<float> data =
      std::vector<float>(TWO_LAYERS_ROWS * TWO_LAYERS_COLUMNS);
  std::vector<int64_t> dims = {TWO_LAYERS_ROWS, TWO_LAYERS_COLUMNS};
  LambentTensor tensor = {data.data(),
                          {LAMBENT_DEVICE_CPU, 0},
                          2,
                          {LAMBENT_FLOAT, 32, 1},
                          dims.data(),
                          nullptr,
                          0};

  Tensor() = default;
  explicit Tensor(float start) {
    for (size_t i = 0; i < data.size(); ++i)
      data[i] = start + static_cast<float>(i % 97);
  }
  Tensor(const Tensor &) = delete;
};

/// What the model computes.
inline std::vector<float> expectedOutput(const Tensor &input) {
  std::vector<float> output(input.data.size());
  for (size_t i = 0; i < output.size(); ++i) {
    float y = 2.0f * input.data[i] + two_layers_weights[i % TWO_LAYERS_COLUMNS];
    output[i] = y * y;
  }
  return output;
}

} // namespace lambent::test

#endif
