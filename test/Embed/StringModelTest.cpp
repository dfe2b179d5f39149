//===- StringModelTest.cpp - Compiled models on strings -------------------===//

#include "OnnxBytes.h"
#include "lambent-c/adaptive.h"
#include "lambent-c/lambent.hpp"
#include <gtest/gtest.h>
#include <stdlib.h>
#include <thread>

using namespace lambent::test;

namespace {

Message stringType(int64_t size) {
  Message dim =
      size < 0 ? Message().text(2, "n") : Message().number(1, uint64_t(size));
  return Message().message(
      1, Message().number(1, 8).message(2, Message().message(1, dim)));
}

Message stringValue(const std::string &name, int64_t size) {
  return Message().text(1, name).message(2, stringType(size));
}

Message sequenceValue(const std::string &name) {
  Message sequence = Message().message(1, stringType(-1));
  return Message().text(1, name).message(2, Message().message(4, sequence));
}

Message strings(const std::string &name, const std::vector<std::string> &list) {
  Message tensor = Message().number(1, list.size()).number(2, 8).text(8, name);
  for (const std::string &text : list)
    tensor.text(6, text);
  return tensor;
}

Message node(const std::string &op, std::vector<std::string> inputs,
             const std::string &output) {
  Message message;
  for (const std::string &input : inputs)
    message.text(1, input);
  return message.text(2, output).text(4, op);
}

std::string finish(const Message &graph) {
  return Message()
      .number(1, 8)
      .message(7, graph)
      .message(8, Message().number(2, 19))
      .bytes;
}

/// y = Concat(x, w), and where it is x's first; x is string[size].
std::string joiningModel(int64_t size) {
  Message axis = Message().text(1, "axis").number(3, 0).number(20, 2);
  Message untyped = Message().text(1, "y").message(
              2, Message().message(1, Message().number(1, 8))),
          isFirst = Message().text(1, "z").message(
              2, Message().message(1, Message().number(1, 9)));
  Message zero =
      Message().number(1, 1).number(2, 7).text(8, "zero").number(7, 0);
  return finish(
      Message()
          .message(1, node("Concat", {"x", "w"}, "y").message(5, axis))
          .message(1, node("Gather", {"x", "zero"}, "first"))
          .message(1, node("Equal", {"y", "first"}, "z"))
          .text(2, "graph")
          .message(5, strings("w", {"yes", "", "no"}))
          .message(5, zero)
          .message(11, stringValue("x", size))
          .message(12, untyped)
          .message(12, isFirst));
}

lambent::ModelSource inMemory(const std::string &bytes) {
  return lambent::ModelSource::fromMemory(bytes.data(), bytes.size());
}

std::vector<std::string> copy(const std::vector<LambentString> &strings) {
  std::vector<std::string> texts;
  for (const LambentString &string : strings)
    texts.emplace_back(lambent::view(string));
  return texts;
}

using Texts = std::vector<std::string>;

TEST(StringModel, movesAndComparesStrings) {
  std::string bytes = joiningModel(2);
  auto module = lambent::compile(inMemory(bytes));
  ASSERT_TRUE(module) << module.message();
  EXPECT_EQ(module->model().inputs[0].type_code, LAMBENT_STRING);
  EXPECT_EQ(module->model().outputs[0].type_bits, 128);
  auto session = lambent::Session::create(*module, 1);
  ASSERT_TRUE(session) << session.message();
  Texts texts = {"no", std::string("\xff\0", 2)};
  std::vector<LambentString> x = lambent::viewStrings(texts), y(5);
  bool z[5];
  lambent::Status status =
      session->run({lambent::Tensor(x.data(), {2})},
                   {lambent::Tensor(y.data(), {5}), lambent::Tensor(z, {5})});
  ASSERT_TRUE(status) << status.message();
  EXPECT_EQ(copy(y), (Texts{"no", texts[1], "yes", "", "no"}));
  EXPECT_TRUE(z[0] && z[4] && !z[1] && !z[2] && !z[3]);
  // The bytes are the input's.
  EXPECT_EQ(y[1].data, texts[1].data());
}

TEST(StringModel, sessionsKeepRunsApart) {
  std::string bytes = joiningModel(-1);
  auto module = lambent::compile(inMemory(bytes));
  ASSERT_TRUE(module) << module.message();
  auto session = lambent::Session::create(*module, 2);
  ASSERT_TRUE(session) << session.message();
  auto work = [&](int which) {
    for (int64_t size = 1; size < 200; ++size) {
      Texts texts;
      for (int64_t i = 0; i < size; ++i)
        texts.push_back(std::to_string(which) + "/" + std::to_string(i % 50));
      std::vector<LambentString> x = lambent::viewStrings(texts);
      std::vector<LambentString> y(size_t(size) + 3);
      auto z = std::make_unique<bool[]>(y.size());
      lambent::Status status =
          session->run({lambent::Tensor(x.data(), {size})},
                       {lambent::Tensor(y.data(), {size + 3}),
                        lambent::Tensor(z.get(), {size + 3})});
      ASSERT_TRUE(status) << status.message();
      Texts wanted = texts;
      for (const char *own : {"yes", "", "no"})
        wanted.push_back(own);
      ASSERT_EQ(copy(y), wanted);
      for (size_t i = 0; i < y.size(); ++i)
        ASSERT_EQ(z[i], wanted[i] == wanted[0]);
    }
  };
  std::thread first(work, 1), second(work, 2);
  first.join();
  second.join();
}

TEST(StringModel, givesSequencesOfStrings) {
  std::string bytes =
      finish(Message()
                 .message(1, node("SequenceInsert", {"s", "x"}, "t"))
                 .text(2, "graph")
                 .message(11, sequenceValue("s"))
                 .message(11, stringValue("x", -1))
                 .message(12, sequenceValue("t")));
  auto module = lambent::compile(inMemory(bytes));
  ASSERT_TRUE(module) << module.message();
  auto context = lambent::Context::create(*module);
  ASSERT_TRUE(context) << context.message();
  Texts texts = {"a", "", "long enough not to lie in place", "a"};
  std::vector<LambentString> given = lambent::viewStrings(texts);
  LambentTensor values[] = {lambent::Tensor(given.data(), {3}).get()};
  int64_t dims[] = {3}, length = 1, size = 1;
  values[0].shape = dims;
  LambentTensor inputs[] = {{values,
                             {LAMBENT_DEVICE_CPU, 0},
                             1,
                             {LAMBENT_SEQUENCE, 0, 1},
                             &length,
                             nullptr,
                             0},
                            lambent::Tensor(given.data() + 3, {1}).get()};
  inputs[1].shape = &size;
  LambentTensor output = {};
  LambentRunOptions options = {};
  options.size = sizeof(options);
  void *block = nullptr;
  options.user = &block;
  options.allocate = [](void *user, uint32_t, uint64_t bytes) {
    return *static_cast<void **>(user) =
               aligned_alloc(64, (bytes + 63) / 64 * 64);
  };
  lambent::Status status(
      lambent_context_run(context->get(), inputs, 2, &output, 1, &options));
  ASSERT_TRUE(status) << status.message();
  for (std::string &text : texts)
    text.assign(text.size(), '?');
  ASSERT_EQ(output.shape[0], 2);
  auto *found = static_cast<const LambentTensor *>(output.data);
  EXPECT_EQ(found[0].dtype.code, LAMBENT_STRING);
  auto *first = static_cast<const LambentString *>(found[0].data);
  EXPECT_EQ(copy({first, first + 3}),
            (Texts{"a", "", "long enough not to lie in place"}));
  EXPECT_EQ(lambent::view(*static_cast<const LambentString *>(found[1].data)),
            "a");
  // One without its bytes is refused as in a tensor.
  given[1] = {nullptr, 7};
  status = lambent::Status(
      lambent_context_run(context->get(), inputs, 2, &output, 1, &options));
  EXPECT_EQ(status.message(), "input 's': expected the bytes of string 1, but "
                              "got a null pointer");
  free(block);
}

TEST(StringModel, refusesWhatOnlyNumbersHave) {
  std::string bytes = joiningModel(-1);
  lambent::CompileOptions options;
  options.donations = {{"x", "y"}};
  auto donated = lambent::compile(inMemory(bytes), options);
  EXPECT_EQ(donated.message(), "input 'x' can't be donated: it is a tensor of "
                               "strings, of which code sees numbers");
  options.donations.clear();
  LambentString word = {"a", 1};
  options.constants = {{"x", lambent::Tensor(&word, {1})}};
  auto constant = lambent::compile(inMemory(bytes), options);
  EXPECT_EQ(constant.code(), LAMBENT_STATUS_UNSUPPORTED);
  EXPECT_EQ(constant.message(), "input 'x': constants of its element type are "
                                "not supported");
}

} // namespace
