//===- ProductChain.cpp - Products whose weights come from afar -----------===//

#include "ProductChain.h"
#include "../Execution.h"
#include "../MadeInputs.h"
#include "../Report.h"
#include "ProtoMessage.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <random>

namespace lambent::driver {

// Numbers of fields in onnx.proto.
static Message makeValue(const std::string &name, uint64_t rows,
                         uint64_t columns) {
  Message shape;
  for (uint64_t dim : {rows, columns})
    shape.message(1, Message().number(1, dim));
  Message tensor = Message().number(1, 1).message(2, shape);
  return Message().text(1, name).message(2, Message().message(1, tensor));
}

static Message makeWeight(const std::string &name, uint64_t rows,
                          uint64_t columns) {
  constexpr uint64_t isFloat = 1, isExternal = 1;
  Message place = Message().text(1, "location").text(2, name);
  return Message()
      .number(1, rows)
      .number(1, columns)
      .number(2, isFloat)
      .text(8, name)
      .message(13, place)
      .number(14, isExternal);
}

// Weights differ by so many values, so that none are taken for equal.
static constexpr uint64_t step = 16;

ProductChain::ProductChain(uint64_t rows, uint64_t wide, uint64_t narrow,
                           uint64_t bytes)
    : name(std::to_string(rows) + "x" + std::to_string(wide) + "x" +
           std::to_string(narrow)),
      weightBytes(wide * narrow * sizeof(float)),
      count(std::max<uint64_t>(2, (bytes / weightBytes + 1) / 2 * 2)),
      flops(2.0 * static_cast<double>(count * rows * wide * narrow)) {
  values.resize(wide * narrow + count * step);
  // What is multiplied neither vanishes nor grows on its way.
  std::minstd_rand generator;
  float size = 1 / std::sqrt(static_cast<float>(std::min(wide, narrow)));
  for (float &value : values)
    value = generator() & 1024 ? size : -size;
  Message graph;
  std::string last = "x";
  for (uint64_t i = 0; i < count; ++i) {
    std::string weight = "w" + std::to_string(i),
                next = i + 1 == count ? "y" : "t" + std::to_string(i);
    graph.message(1, Message().text(1, last).text(1, weight).text(2, next).text(
                         4, "MatMul"));
    last = next;
  }
  graph.text(2, "chain");
  for (uint64_t i = 0; i < count; ++i)
    graph.message(5, makeWeight("w" + std::to_string(i), i % 2 ? narrow : wide,
                                i % 2 ? wide : narrow));
  graph.message(11, makeValue("x", rows, wide));
  graph.message(12, makeValue("y", rows, wide));
  constexpr uint64_t irVersion = 8, opset = 17;
  model = Message()
              .number(1, irVersion)
              .message(7, graph)
              .message(8, Message().text(1, "").number(2, opset))
              .bytes;
}

int ProductChain::findWeights(void *user, const char *location,
                              const void **data, uint64_t *size) {
  auto &chain = *static_cast<ProductChain *>(user);
  *data = chain.values.data() + step * std::strtoull(location + 1, nullptr, 10);
  *size = chain.weightBytes;
  return 0;
}

int ProductChain::measure(const std::string &description, double &gflops) {
  LambentModelSource source = {};
  source.size = sizeof source;
  source.path = "products";
  source.data = model.data();
  source.data_size = model.size();
  source.find_external_data = findWeights;
  source.user = this;
  LambentCompileOptions options = {};
  options.size = sizeof options;
  options.cpu_description = description.c_str();
  options.tuned_choices = "";
  PreparedModel prepared;
  LambentModule *module = nullptr;
  if (int status = reportStatus(lambent_compile(&source, &options, &module)))
    return status;
  prepared.module.reset(module);
  if (int status =
          makeInputs(prepared.description(), ModelOptions(), prepared.inputs))
    return status;
  LambentThreadPool *pool = nullptr;
  if (int status = reportStatus(lambent_thread_pool_create(1, &pool)))
    return status;
  ThreadPool owned(pool);
  Execution execution(prepared);
  if (int status = execution.create(pool))
    return status;
  using Clock = std::chrono::steady_clock;
  constexpr int leastRuns = 4;
  constexpr auto time = std::chrono::milliseconds(200);
  Clock::time_point end = Clock::now() + time;
  double best = 0;
  for (int i = 0; i < leastRuns || Clock::now() < end; ++i) {
    Clock::time_point start = Clock::now();
    if (int status = execution.run())
      return status;
    std::chrono::duration<double, std::nano> taken = Clock::now() - start;
    best = std::max(best, flops / taken.count());
  }
  gflops = best;
  return Done;
}

} // namespace lambent::driver
