//===- CompilerArgumentsTest.cpp - What callers of the compiler give ------===//
//
// Every function of lambent-c/compiler.h with every pointer null in turn, and
// callbacks that throw.
//
//===----------------------------------------------------------------------===//

#include "OnnxBytes.h"
#include "lambent-c/lambent.hpp"
#include <filesystem>
#include <gtest/gtest.h>
#include <stdexcept>

using namespace lambent::test;

namespace {

std::string take(LambentStatus *status) {
  return lambent::Status(status).message();
}

std::string isNull(const char *function, const char *argument) {
  return std::string(function) + ": expected a value for '" + argument +
         "', but got a null pointer";
}

class CompilerArguments : public testing::Test {
protected:
  CompilerArguments() {
    source.size = sizeof(source);
    source.data = model.data();
    source.data_size = model.size();
    options.size = sizeof(options);
  }
  std::string compile() {
    LambentModule *module = nullptr;
    std::string message = take(lambent_compile(&source, &options, &module));
    lambent_module_destroy(module);
    return message;
  }

  std::string model = binaryModel("Add", {4}, floatBytes(1, 2, 3, 4));
  LambentModelSource source = {};
  LambentCompileOptions options = {};
};

TEST_F(CompilerArguments, nullPointers) {
  LambentModule *module = nullptr;
  EXPECT_EQ(take(lambent_compile(nullptr, nullptr, &module)),
            isNull("lambent_compile", "source"));
  EXPECT_EQ(take(lambent_compile(&source, nullptr, nullptr)),
            isNull("lambent_compile", "module"));
  EXPECT_EQ(take(lambent_compile_to_file(nullptr, nullptr,
                                         LAMBENT_FORM_OBJECT, "x.o")),
            isNull("lambent_compile_to_file", "source"));
  EXPECT_EQ(take(lambent_compile_to_file(&source, nullptr,
                                         LAMBENT_FORM_OBJECT, nullptr)),
            "expected a path to write to, but got none");
  EXPECT_EQ(take(lambent_module_link(nullptr, nullptr, &module)),
            isNull("lambent_module_link", "path"));
  EXPECT_EQ(take(lambent_module_link("x.o", nullptr, nullptr)),
            isNull("lambent_module_link", "module"));
  const LambentCheckReport *report = nullptr;
  EXPECT_EQ(take(lambent_check(nullptr, nullptr, &report)),
            isNull("lambent_check", "source"));
  EXPECT_EQ(take(lambent_check(&source, nullptr, nullptr)),
            isNull("lambent_check", "report"));
  const LambentModelSummary *summary = nullptr;
  EXPECT_EQ(take(lambent_summarize(nullptr, &summary)),
            isNull("lambent_summarize", "source"));
  EXPECT_EQ(take(lambent_summarize(&source, nullptr)),
            isNull("lambent_summarize", "summary"));
  lambent_check_report_destroy(nullptr);
  lambent_model_summary_destroy(nullptr);
}

TEST_F(CompilerArguments, loadOptionsOfALink) {
  LambentModule *module = nullptr;
  LambentLoadOptions load = {sizeof(load), 5, 0, nullptr};
  EXPECT_EQ(take(lambent_module_link("x.o", &load, &module)),
            "LambentLoadOptions.skip_weight_hash: expected 0 or 1, but got 5");
}

TEST_F(CompilerArguments, listsWithoutEntries) {
  options.num_dims = 1;
  EXPECT_EQ(compile(), isNull("LambentCompileOptions", "dims"));
  LambentDimBinding dim = {nullptr, 4};
  options.dims = &dim;
  EXPECT_EQ(compile(), "a bound dim needs a name");
  options.num_dims = 0;
  options.num_shapes = 1;
  EXPECT_EQ(compile(), isNull("LambentCompileOptions", "shapes"));
  int64_t dims[] = {4};
  LambentShapeBinding shape = {nullptr, dims, 1, 0};
  options.shapes = &shape;
  EXPECT_EQ(compile(), "a bound shape needs an input's name and dims");
  shape = {"x", nullptr, 1, 0};
  EXPECT_EQ(compile(), "a bound shape needs an input's name and dims");
  shape = {"x", dims, 1, 2};
  EXPECT_EQ(compile(), "LambentShapeBinding.reserved: expected 0, but got 2");
  options.num_shapes = 0;
  options.num_constants = 1;
  EXPECT_EQ(compile(), isNull("LambentCompileOptions", "constants"));
  LambentConstantBinding constant = {"x", nullptr};
  options.constants = &constant;
  EXPECT_EQ(compile(), "a constant needs an input's name and a value");
}

TEST_F(CompilerArguments, numbersOutOfRange) {
  options.threads = 1u << 30;
  EXPECT_EQ(compile(), "LambentCompileOptions.threads: expected at most 1024, "
                       "but got 1073741824");
  options.threads = 0;
  options.watch_signals = 2;
  EXPECT_EQ(compile(),
            "LambentCompileOptions.watch_signals: expected 0 or 1, but got 2");
  options.watch_signals = 0;
  LambentDimBinding dim = {"n", -5};
  options.dims = &dim;
  options.num_dims = 1;
  model = binaryModel("Add", {-1}, floatBytes(1, 2, 3, 4));
  source.data = model.data();
  source.data_size = model.size();
  EXPECT_NE(compile().find("-5"), std::string::npos) << compile();
}

TEST_F(CompilerArguments, fieldsOfVersion5) {
  options.num_extra_outputs = 1;
  EXPECT_EQ(compile(), "LambentCompileOptions: expected a value for "
                       "'extra_outputs', but got a null pointer");
  const char *none = nullptr;
  options.extra_outputs = &none;
  EXPECT_EQ(compile(), "an extra output needs a name");
  options.num_extra_outputs = 0;
  options.num_ranges = 1;
  EXPECT_EQ(compile(), "LambentCompileOptions: expected a value for "
                       "'ranges', but got a null pointer");
  LambentDimRange range = {nullptr, 1, 4, 1};
  options.ranges = &range;
  EXPECT_EQ(compile(), "a dim with a range needs a name");
  options.num_ranges = 0;
  source.follow_links = 2;
  EXPECT_EQ(compile(),
            "LambentModelSource.follow_links: expected 0 or 1, but got 2");
  source.follow_links = 0;
  source.reserved = 1;
  EXPECT_EQ(compile(), "LambentModelSource.reserved: expected 0, but got 1");
  // What an application has that was built with an older header.
  source.size = offsetof(LambentModelSource, follow_links);
  options.size = offsetof(LambentCompileOptions, ranges);
  options.num_ranges = 1;
  EXPECT_EQ(compile(), "");
}

TEST_F(CompilerArguments, externalDataThatIsNull) {
  model = binaryModel("Mul", {4}, "", "w.bin");
  source.data = model.data();
  source.data_size = model.size();
  source.find_external_data = [](void *, const char *, const void **data,
                                 uint64_t *size) {
    *data = nullptr;
    *size = 16;
    return 0;
  };
  EXPECT_NE(compile().find("expected the bytes of external data 'w.bin' from "
                           "the application, but got a null pointer"),
            std::string::npos)
      << compile();
}

/// Looking for a file may fail in C++'s way: it was not found.
TEST_F(CompilerArguments, externalDataThatThrows) {
  model = binaryModel("Mul", {4}, "", "w.bin");
  auto compileWith = [&](lambent::ModelSource::FindExternalData find) {
    return lambent::compile(lambent::ModelSource::fromMemory(
                                model.data(), model.size(), "m", find))
        .message();
  };
  std::string message = compileWith(
      [](const std::string &, uint64_t &) -> const void * {
        throw std::runtime_error("the shelf is empty");
      });
  EXPECT_NE(message.find("the application has no external data 'w.bin': its "
                         "callback threw an exception: the shelf is empty"),
            std::string::npos)
      << message;
  message = compileWith(
      [](const std::string &, uint64_t &) -> const void * { throw 7; });
  EXPECT_NE(message.find("its callback threw an exception"), std::string::npos)
      << message;
}

TEST_F(CompilerArguments, progressThatThrowsEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  auto compileAndCatch = [&] {
    lambent::CompileOptions throwing;
    throwing.progress = [](const std::string &, uint32_t, uint32_t) {
      throw std::runtime_error("no screen");
    };
    try {
      (void)lambent::compile(
          lambent::ModelSource::fromMemory(model.data(), model.size()),
          throwing);
    } catch (...) {
    }
    _exit(0);
  };
  EXPECT_DEATH(compileAndCatch(), "terminate.*no screen");
}

} // namespace
