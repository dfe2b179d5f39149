//===- NumberArrays.h - Data for kernel tests, run everywhere -------------===//

#ifndef LAMBENT_TEST_BACKENDS_CPU_NUMBERARRAYS_H
#define LAMBENT_TEST_BACKENDS_CPU_NUMBERARRAYS_H

#include "KernelHarness.h"
#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace lambent::test {

inline int64_t count(const std::vector<int64_t> &shape) {
  int64_t n = 1;
  for (int64_t size : shape)
    n *= size;
  return n;
}

inline std::string memrefType(const std::vector<int64_t> &shape,
                              const std::string &type) {
  std::string text = "memref<";
  for (int64_t size : shape)
    text += std::to_string(size) + "x";
  return text + type + ">";
}

template <typename T> std::string elementName() {
  if constexpr (std::is_same_v<T, bool>)
    return "i1";
  return (std::is_floating_point_v<T> ? "f" : "i") +
         std::to_string(sizeof(T) * 8);
}

/// One element; std::vector<bool> is not an array.
template <typename T>
using Stored = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;

/// `n` numbers: floats around 0, all values of integers.
template <typename T>
std::vector<T> randomNumbers(int64_t n, std::mt19937 &random) {
  std::vector<T> values(n);
  for (int64_t i = 0; i < n; ++i)
    if constexpr (std::is_floating_point_v<T>)
      values[i] = std::uniform_real_distribution<T>(-2, 2)(random);
    else if constexpr (std::is_same_v<T, bool>)
      values[i] = random() & 1;
    else
      values[i] = static_cast<T>(random() | uint64_t(random()) << 32);
  return values;
}

template <typename T>
std::vector<Stored<T>> stored(const std::vector<T> &values) {
  return std::vector<Stored<T>>(values.begin(), values.end());
}

/// Compares arrays; floats within `tolerance` of the larger of 1 and the
/// expected number.
template <typename T>
void expectNear(const std::vector<Stored<T>> &got,
                const std::vector<T> &expected, double tolerance) {
  ASSERT_EQ(got.size(), expected.size());
  int reported = 0;
  for (size_t i = 0; i < got.size() && reported < 5; ++i) {
    bool same;
    if constexpr (std::is_floating_point_v<T>)
      same = got[i] == expected[i] ||
             (std::isnan(got[i]) && std::isnan(expected[i])) ||
             std::abs(got[i] - expected[i]) <=
                 tolerance * std::max<double>(1, std::abs(expected[i]));
    else
      same = got[i] == Stored<T>(expected[i]);
    if (!same) {
      ADD_FAILURE() << "element " << i << ": expected "
                    << +Stored<T>(expected[i]) << ", but got " << +got[i];
      ++reported;
    }
  }
}

/// Runs `text` on each test CPU with chunks forwards and backwards; `data`
/// holds the inputs and what the output holds before. All runs on one CPU must
/// give the same bits.
template <typename T, typename Out = T>
void runEverywhere(const std::string &text,
                   const std::vector<std::vector<T>> &inputs,
                   const std::vector<Out> &before,
                   const std::vector<Out> &expected, double tolerance) {
  for (const std::string &cpu : getTestCPUs()) {
    SCOPED_TRACE(cpu);
    auto kernel = CompiledKernel::compile(text, cpu);
    ASSERT_TRUE(kernel);
    std::vector<std::vector<Stored<T>>> arrays;
    std::vector<const void *> pointers;
    for (const std::vector<T> &input : inputs)
      arrays.push_back(stored<T>(input));
    for (auto &array : arrays)
      pointers.push_back(array.data());
    std::vector<Stored<Out>> forward = stored<Out>(before), backward = forward;
    kernel->run(pointers, {forward.data()}, 0);
    kernel->run(pointers, {backward.data()}, 1);
    expectNear<Out>(forward, expected, tolerance);
    EXPECT_EQ(0, std::memcmp(forward.data(), backward.data(),
                             forward.size() * sizeof(Stored<Out>)));
  }
}

/// The same with the output's old contents last in `data`.
template <typename T>
void runEverywhere(const std::string &text,
                   const std::vector<std::vector<T>> &data,
                   const std::vector<T> &expected, double tolerance) {
  std::vector<std::vector<T>> inputs(data.begin(), data.end() - 1);
  runEverywhere<T, T>(text, inputs, data.back(), expected, tolerance);
}

} // namespace lambent::test

#endif
