//===- SmallModel.h - Compiling a model of one op in tests ------*- C++ -*-===//

#ifndef LAMBENT_TEST_EMBED_SMALLMODEL_H
#define LAMBENT_TEST_EMBED_SMALLMODEL_H

#include "OnnxBytes.h"
#include "lambent-c/lambent.hpp"
#include <gtest/gtest.h>

namespace lambent::test {

/// The constant of the model's op.
inline const std::string weights = floatBytes(1, 2, 3, 4);

inline ModelSource inMemory(const std::string &bytes) {
  return ModelSource::fromMemory(bytes.data(), bytes.size(), "memory.onnx");
}

/// y for x = {10, 20, 30, 40}.
inline std::vector<float> run(Module &module) {
  auto context = Context::create(module);
  EXPECT_TRUE(context) << context.message();
  std::vector<float> x = {10, 20, 30, 40}, y(4);
  Status status =
      context->run({Tensor(x.data(), {4})}, {Tensor(y.data(), {4})});
  EXPECT_TRUE(status) << status.message();
  return y;
}

} // namespace lambent::test

#endif
