//===- CompilerTest.cpp - Compiling through the C API and its C++ wrapper -===//

#include "OnnxBytes.h"
#include "lambent-c/lambent.hpp"
#include <atomic>
#include <cstddef>
#include <dlfcn.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <string.h>
#include <thread>
#include <unistd.h>

using namespace lambent::test;

namespace {

const std::string weights = floatBytes(1, 2, 3, 4);

lambent::ModelSource inMemory(const std::string &bytes) {
  return lambent::ModelSource::fromMemory(bytes.data(), bytes.size(),
                                          "memory.onnx");
}

/// y for x = {10, 20, 30, 40}.
std::vector<float> run(lambent::Module &module) {
  auto context = lambent::Context::create(module);
  EXPECT_TRUE(context) << context.message();
  std::vector<float> x = {10, 20, 30, 40}, y(4);
  lambent::Status status = context->run({lambent::Tensor(x.data(), {4})},
                                        {lambent::Tensor(y.data(), {4})});
  EXPECT_TRUE(status) << status.message();
  return y;
}

TEST(Compiler, compilesFromMemory) {
  std::string model = binaryModel("Add", {4}, weights);
  auto module = lambent::compile(inMemory(model));
  ASSERT_TRUE(module) << module.message();
  EXPECT_STREQ(module->model().inputs[0].name, "x");
  EXPECT_EQ(run(*module), (std::vector<float>{11, 22, 33, 44}));
}

TEST(Compiler, asksForExternalData) {
  std::string model = binaryModel("Mul", {4}, "", "w.bin"), asked;
  auto source = lambent::ModelSource::fromMemory(
      model.data(), model.size(), "memory.onnx",
      [&](const std::string &location, uint64_t &size) -> const void * {
        asked = location;
        size = weights.size();
        return weights.data();
      });
  auto module = lambent::compile(source);
  ASSERT_TRUE(module) << module.message();
  EXPECT_EQ(asked, "w.bin");
  EXPECT_EQ(run(*module), (std::vector<float>{10, 40, 90, 160}));
}

TEST(Compiler, namesExternalDataThatIsMissing) {
  std::string model = binaryModel("Mul", {4}, "", "w.bin");
  auto module = lambent::compile(inMemory(model));
  ASSERT_FALSE(module);
  EXPECT_EQ(module.code(), LAMBENT_STATUS_ERROR);
  EXPECT_NE(
      module.message().find("the application has no external data 'w.bin'"),
      std::string::npos)
      << module.message();
}

TEST(Compiler, refusesWhatIsNoModel) {
  for (std::string bytes : {std::string(), std::string("no model"),
                            binaryModel("Add", {4}, weights).substr(0, 60)}) {
    auto module = lambent::compile(inMemory(bytes));
    ASSERT_FALSE(module);
    EXPECT_EQ(module.code(), LAMBENT_STATUS_ERROR);
    EXPECT_NE(module.message(), "");
  }
  auto module =
      lambent::compile(lambent::ModelSource::fromFile("/no/such/model.onnx"));
  ASSERT_FALSE(module);
  EXPECT_NE(module.message().find("/no/such/model.onnx"), std::string::npos);
}

TEST(Compiler, namesUnsupportedNodes) {
  std::string model = binaryModel("FlyToTheMoon", {4}, weights);
  auto module = lambent::compile(inMemory(model));
  ASSERT_FALSE(module);
  EXPECT_EQ(module.code(), LAMBENT_STATUS_UNSUPPORTED);
  EXPECT_NE(module.message().find("the_node"), std::string::npos)
      << module.message();
  LambentModelSource source = {};
  source.size = sizeof(source);
  source.data = model.data();
  source.data_size = model.size();
  const LambentCheckReport *report = nullptr;
  lambent::Status status(lambent_check(&source, nullptr, &report));
  ASSERT_TRUE(status) << status.message();
  ASSERT_EQ(report->num_nodes, 1u);
  EXPECT_STREQ(report->nodes[0].name, "the_node");
  EXPECT_STREQ(report->nodes[0].op, "FlyToTheMoon");
  lambent_check_report_destroy(report);
}

/// What `lambent_check` says of a model in memory: the status, and the report.
static lambent::Status check(const std::string &model,
                             const LambentCheckReport **report) {
  LambentModelSource source = {};
  source.size = sizeof(source);
  source.data = model.data();
  source.data_size = model.size();
  return lambent::Status(lambent_check(&source, nullptr, report));
}

TEST(Compiler, checkGivesErrorsAndNodes) {
  const LambentCheckReport *report = nullptr;
  lambent::Status status = check(binaryModel("Add", {4}, weights), &report);
  ASSERT_TRUE(status) << status.message();
  EXPECT_EQ(report->num_nodes, 0u);
  EXPECT_EQ(report->num_unchecked, 0u);
  lambent_check_report_destroy(report);

  // The op is unknown, and nothing produces one of the inputs.
  Message node = Message()
                     .text(1, "x")
                     .text(1, "nothing")
                     .text(2, "y")
                     .text(3, "both")
                     .text(4, "FlyToTheMoon");
  Message graph = Message().message(1, node).text(2, "graph");
  graph.message(11, floatValue("x", {4})).message(12, floatValue("y", {4}));
  Message model = Message().number(1, 8).message(7, graph);
  model.message(8, Message().number(2, 17));
  status = check(model.bytes, &report);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.code(), LAMBENT_STATUS_ERROR);
  EXPECT_NE(status.message().find("node 'both' (FlyToTheMoon): reads "
                                  "'nothing', which nothing produces"),
            std::string::npos)
      << status.message();
  ASSERT_NE(report, nullptr);
  ASSERT_EQ(report->num_nodes, 1u);
  EXPECT_STREQ(report->nodes[0].name, "both");
  lambent_check_report_destroy(report);

  status = check(binaryModel("Add", {-1}, weights), &report);
  ASSERT_TRUE(status) << status.message();
  EXPECT_EQ(report->num_unchecked, 0u);
  lambent_check_report_destroy(report);
}

TEST(Compiler, bindsOpenDims) {
  std::string model = binaryModel("Add", {-1}, weights);
  auto open = lambent::compile(inMemory(model));
  ASSERT_TRUE(open) << open.message();
  EXPECT_EQ(open->model().num_symbols, 1u);
  EXPECT_EQ(run(*open), (std::vector<float>{11, 22, 33, 44}));
  lambent::CompileOptions options;
  options.dims = {{"n", 4}};
  auto module = lambent::compile(inMemory(model), options);
  ASSERT_TRUE(module) << module.message();
  EXPECT_EQ(run(*module), (std::vector<float>{11, 22, 33, 44}));
  options.dims.clear();
  options.shapes = {{"x", {4}}};
  module = lambent::compile(inMemory(model), options);
  ASSERT_TRUE(module) << module.message();
}

TEST(Compiler, refusesWrongOptions) {
  std::string model = binaryModel("Add", {4}, weights);
  lambent::CompileOptions options;
  options.name = "2fast";
  EXPECT_EQ(lambent::compile(inMemory(model), options).message(),
            "expected a C identifier as the model's name, but got '2fast'");
  options = {};
  options.accuracy = LAMBENT_ACCURACY_STRICT;
  EXPECT_TRUE(lambent::compile(inMemory(model), options));
  options.accuracy = 3;
  EXPECT_EQ(lambent::compile(inMemory(model), options).message(),
            "expected an accuracy of LambentAccuracy, but got 3");
  options = {};
  options.productType = "bf16";
  EXPECT_TRUE(lambent::compile(inMemory(model), options));
  options.blockFormat = "mxfp8";
  EXPECT_EQ(
      lambent::compile(inMemory(model), options).message(),
      "expected products' operands to be rounded to a type or to a format "
      "of blocks, but got both, 'bf16' and 'mxfp8'");
  options.blockFormat = "";
  options.productType = "f16";
  EXPECT_EQ(lambent::compile(inMemory(model), options).message(),
            "expected bf16 as the type of products' operands, but got 'f16'");
  options = {};
  options.winogradZeros = 80;
  EXPECT_TRUE(lambent::compile(inMemory(model), options));
  options.winogradZeros = 100;
  EXPECT_EQ(lambent::compile(inMemory(model), options).message(),
            "expected the zeros of Winograd filters to be at least 0 % and "
            "below 100 %, but got 100 %");
  options.winogradZeros = 80;
  options.accuracy = LAMBENT_ACCURACY_STRICT;
  EXPECT_EQ(lambent::compile(inMemory(model), options).message(),
            "expected no zeros of Winograd filters with strict accuracy, which "
            "takes no Winograd convolutions, but got 80 %");
  options = {};
  options.winogradLayers = {{"nothing", 80}};
  EXPECT_EQ(
      lambent::compile(inMemory(model), options).message(),
      "memory.onnx: it has no Conv 'nothing' of which to leave zeros out");
  LambentModelSource source = {};
  LambentModule *module;
  LambentLayerZeros nameless = {nullptr, 50};
  LambentCompileOptions given = {};
  given.size = sizeof(given);
  given.num_winograd_layers = 1;
  source.size = sizeof(source);
  source.path = "none.onnx";
  EXPECT_EQ(
      lambent::Status(lambent_compile(&source, &given, &module)).message(),
      "LambentCompileOptions: expected a value for 'winograd_layers', but got "
      "a "
      "null pointer");
  given.winograd_layers = &nameless;
  EXPECT_EQ(
      lambent::Status(lambent_compile(&source, &given, &module)).message(),
      "a node that has a share of zeros needs a name");
  source = {};
  EXPECT_EQ(
      lambent::Status(lambent_compile(&source, nullptr, &module)).message(),
      "LambentModelSource.size is 0, but expected at least 48");
  source.size = sizeof(source);
  EXPECT_EQ(
      lambent::Status(lambent_compile(&source, nullptr, &module)).message(),
      "a model source needs a path or data");
}

TEST(Compiler, refusesToRunCodeForAnotherArchitecture) {
  std::string model = binaryModel("Add", {4}, weights);
#if defined(__aarch64__)
  const std::string other = "x86-64";
#else
  const std::string other = "aarch64";
#endif
  lambent::CompileOptions options;
  options.cpu = other;
  auto module = lambent::compile(inMemory(model), options);
  EXPECT_EQ(module.code(), LAMBENT_STATUS_UNSUPPORTED);
  EXPECT_EQ(module.message(),
            "code for CPU '" + other +
                "' cannot run here: this machine is of another architecture; "
                "compile it to a file for another machine, or for 'native'");
}

#if defined(__x86_64__)
TEST(Compiler, refusesToRunCodeForACPUWithMoreFeatures) {
  // Few machines have both AVX-512 and AVX-VNNI.
  __builtin_cpu_init();
  bool hasAVX512 = __builtin_cpu_supports("avx512f");
  std::string model = binaryModel("Add", {4}, weights);
  lambent::CompileOptions options;
  options.cpu = hasAVX512 ? "arrowlake" : "knl";
  auto module = lambent::compile(inMemory(model), options);
  if (module)
    GTEST_SKIP() << "this machine has both AVX-512 and AVX-VNNI";
  EXPECT_EQ(module.code(), LAMBENT_STATUS_UNSUPPORTED);
  EXPECT_EQ(module.message().find("code for CPU '" + options.cpu +
                                  "' cannot run here: this machine lacks "),
            0u);
  EXPECT_NE(module.message().find(hasAVX512 ? "avxvnni" : "avx512f"),
            std::string::npos);
}
#endif

TEST(Compiler, refusesWrongOutputs) {
  std::string model = binaryModel("Add", {4}, weights);
  EXPECT_EQ(
      lambent::compileToFile(inMemory(model), {}, LAMBENT_FORM_LIBRARY, "")
          .message(),
      "expected a path to write to, but got none");
  EXPECT_EQ(lambent::compileToFile(inMemory(model), {},
                                   static_cast<LambentOutputForm>(99), "x")
                .message(),
            "expected a form of LambentOutputForm, but got 99");
}

TEST(Compiler, saysWhichArtefactsCanBeLoaded) {
  std::string model = binaryModel("Add", {4}, weights);
  std::filesystem::path folder = std::filesystem::temp_directory_path() /
                                 ("lambent-kinds-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  auto write = [&](LambentOutputForm form, const char *name) {
    std::string path = (folder / name).string();
    EXPECT_TRUE(lambent::compileToFile(inMemory(model), {}, form, path));
    return path;
  };
  auto messageOf = [](auto open, const std::string &path) {
    LambentModule *module = nullptr;
    std::string message =
        lambent::Status(open(path.c_str(), nullptr, &module)).message();
    lambent_module_destroy(module);
    return message;
  };
  std::string object = write(LAMBENT_FORM_OBJECT, "object.o"),
              library = write(LAMBENT_FORM_LIBRARY, "library.so");
  write(LAMBENT_FORM_BUNDLE, "bundle.o");
  EXPECT_EQ(messageOf(lambent_module_load, library), "");
  EXPECT_EQ(messageOf(lambent_module_load, object),
            "'" + object +
                "' is an object artefact: link it into a program, or compile "
                "the model as a library");
  std::string bundle = (folder / "bundle.weights").string();
  EXPECT_EQ(messageOf(lambent_module_load, bundle),
            "'" + bundle +
                "' holds the weights of a bundle: link the bundle's object "
                "into a program, or compile the model as a library");
  std::string header = (folder / "object.h").string();
  EXPECT_EQ(messageOf(lambent_module_load, header),
            "'" + header + "' is not an artefact of Lambent");
  EXPECT_EQ(messageOf(lambent_module_link, object), "");
  EXPECT_EQ(messageOf(lambent_module_link, library),
            "'" + library + "' is not an object artefact");
  std::filesystem::remove_all(folder);
}

TEST(Compiler, takesConstants) {
  std::string model = reshapeModel();
  auto open = lambent::compile(inMemory(model));
  ASSERT_TRUE(open) << open.message(); // a run decides
  EXPECT_EQ(open->model().num_epochs, 2u);

  lambent::CompileOptions options;
  std::vector<int64_t> shape = {2, 2};
  options.constants = {{"w", lambent::Tensor(shape.data(), {2})}};
  auto module = lambent::compile(inMemory(model), options);
  ASSERT_TRUE(module) << module.message();
  EXPECT_EQ(module->model().num_inputs, 2u);
  // The value was copied, and that of a run is not read.
  shape = {-7, 12};
  auto context = lambent::Context::create(*module);
  ASSERT_TRUE(context) << context.message();
  std::vector<float> x = {10, 20, 30, 40}, y(4);
  lambent::Status status = context->run(
      {lambent::Tensor(x.data(), {4}), lambent::Tensor(shape.data(), {2})},
      {lambent::Tensor(y.data(), {2, 2})});
  EXPECT_TRUE(status) << status.message();
  EXPECT_EQ(x, y);
}

TEST(Compiler, refusesWrongConstants) {
  std::string model = reshapeModel();
  std::vector<int32_t> shape = {2, 2};
  auto message = [&](const std::string &name, lambent::Tensor value) {
    lambent::CompileOptions options;
    options.constants = {{name, value}};
    auto module = lambent::compile(inMemory(model), options);
    return module ? "" : module.message();
  };
  EXPECT_EQ(message("w", lambent::Tensor(shape.data(), {2})),
            "memory.onnx: input 'w': expected i64[2], but got i32[2]");
  EXPECT_EQ(message("w", lambent::Tensor(shape.data(), {1, 2})),
            "memory.onnx: input 'w': expected i64[2], but got i32[1x2]");
  EXPECT_EQ(message("v", lambent::Tensor(shape.data(), {2})),
            "memory.onnx: no input is named 'v'; there are x, w");
  EXPECT_EQ(
      message("w", lambent::Tensor(shape.data(),
                                   LambentDataType{LAMBENT_INT, 32, 2}, {2})),
      "input 'w': expected a tensor in CPU memory with one lane and a "
      "shape as its constant");
  EXPECT_EQ(message("w", lambent::Tensor(shape.data(), {-2})),
            "input 'w': its constant has an impossible shape");
  EXPECT_EQ(message("w", lambent::Tensor(shape.data(), LambentDataType{9, 8, 1},
                                         {2})),
            "input 'w': constants of its element type are not supported");
  EXPECT_EQ(message("w", lambent::Tensor(static_cast<int32_t *>(nullptr), {2})),
            "input 'w': expected data of its constant, but got a null pointer");
}

/// An application that was built with the first version of the header.
TEST(Compiler, takesOptionsOfOldHeaders) {
  std::string model = binaryModel("Add", {4}, weights);
  LambentModelSource source = {};
  source.size = sizeof(source);
  source.data = model.data();
  source.data_size = model.size();
  LambentCompileOptions options;
  memset(&options, 0xff, sizeof(options));
  memset(&options, 0, offsetof(LambentCompileOptions, constants));
  options.size = offsetof(LambentCompileOptions, constants);
  LambentModule *module = nullptr;
  lambent::Status status(lambent_compile(&source, &options, &module));
  EXPECT_TRUE(status) << status.message();
  lambent_module_destroy(module);
  options.size -= 8;
  status = lambent::Status(lambent_compile(&source, &options, &module));
  EXPECT_EQ(status.message(),
            "LambentCompileOptions.size is 72, but expected at least 80");
}

TEST(Compiler, namesAWrongInput) {
  std::string model = binaryModel("Add", {4}, weights);
  auto module = lambent::compile(inMemory(model));
  ASSERT_TRUE(module) << module.message();
  auto session = lambent::Session::create(*module);
  ASSERT_TRUE(session) << session.message();
  std::vector<double> x(4);
  std::vector<float> y(4);
  EXPECT_EQ(session
                ->run({lambent::Tensor(x.data(), {4})},
                      {lambent::Tensor(y.data(), {4})})
                .message(),
            "input 'x': expected f32[4], but got f64[4]");
}

TEST(Compiler, infersShapes) {
  std::string model = binaryModel("Add", {4}, weights);
  auto module = lambent::compile(inMemory(model));
  ASSERT_TRUE(module) << module.message();
  auto session = lambent::Session::create(*module);
  auto context = lambent::Context::create(*module);
  ASSERT_TRUE(session && context);
  float *none = nullptr;
  for (int64_t size : {4, 5}) {
    auto inSession = session->inferShapes({lambent::Tensor(none, {size})});
    auto inContext = context->inferShapes({lambent::Tensor(none, {size})});
    ASSERT_EQ(bool(inSession), size == 4);
    ASSERT_EQ(bool(inContext), size == 4);
    if (size == 4) {
      std::vector<std::vector<int64_t>> expected = {{4}};
      EXPECT_EQ(*inSession, expected);
      EXPECT_EQ(*inContext, expected);
    } else {
      EXPECT_EQ(inSession.message(),
                "input 'x': expected f32[4], but got f32[5]");
    }
  }
}

TEST(Compiler, reportsProgress) {
  std::string model = binaryModel("Add", {4}, weights);
  lambent::CompileOptions options;
  unsigned calls = 0;
  options.progress = [&](const std::string &phase, uint32_t done,
                         uint32_t total) {
    ++calls;
    EXPECT_NE(phase, "");
    EXPECT_LE(done, total);
  };
  ASSERT_TRUE(lambent::compile(inMemory(model), options));
  EXPECT_GT(calls, 0u);
}

TEST(Compiler, makesNoThreadForOne) {
  auto countThreads = [] {
    std::filesystem::directory_iterator tasks("/proc/self/task");
    return std::distance(begin(tasks), end(tasks));
  };
  std::string model = binaryModel("Add", {4}, weights);
  lambent::CompileOptions options;
  options.threads = 1;
  ptrdiff_t most = 0, before = countThreads();
  options.progress = [&](const std::string &, uint32_t, uint32_t) {
    most = std::max(most, countThreads());
  };
  ASSERT_TRUE(lambent::compile(inMemory(model), options));
  EXPECT_EQ(most, before);
}

TEST(Compiler, summarizes) {
  std::string model = binaryModel("Add", {-1, 4}, weights);
  LambentModelSource source = {};
  source.size = sizeof(source);
  source.data = model.data();
  source.data_size = model.size();
  const LambentModelSummary *summary = nullptr;
  lambent::Status status(lambent_summarize(&source, &summary));
  ASSERT_TRUE(status) << status.message();
  EXPECT_STREQ(summary->producer, "test");
  EXPECT_EQ(summary->ir_version, 8);
  EXPECT_EQ(summary->weight_bytes, 16u);
  ASSERT_EQ(summary->num_inputs, 1u);
  EXPECT_STREQ(summary->inputs[0].name, "x");
  ASSERT_EQ(summary->inputs[0].rank, 2u);
  EXPECT_EQ(summary->inputs[0].dims[0], -1);
  EXPECT_STREQ(summary->inputs[0].dim_names[0], "n");
  EXPECT_EQ(summary->inputs[0].dims[1], 4);
  ASSERT_EQ(summary->num_op_counts, 1u);
  EXPECT_STREQ(summary->op_counts[0].name, "Add");
  EXPECT_EQ(summary->op_counts[0].value, 1);
  ASSERT_EQ(summary->num_opsets, 1u);
  EXPECT_EQ(summary->opsets[0].value, 17);
  lambent_model_summary_destroy(summary);
}

TEST(Compiler, writesALibraryThatRunsAlike) {
  std::string model = binaryModel("Add", {4}, weights);
  auto path = std::filesystem::temp_directory_path() /
              ("lambent-api-" + std::to_string(getpid()) + ".so");
  lambent::Status status =
      lambent::compileToFile(inMemory(model), {}, LAMBENT_FORM_LIBRARY, path);
  ASSERT_TRUE(status) << status.message();
  auto module = lambent::Module::load(path);
  ASSERT_TRUE(module) << module.message();
  EXPECT_EQ(run(*module), (std::vector<float>{11, 22, 33, 44}));
  std::filesystem::remove(path);
  std::filesystem::remove(path.replace_extension(".h"));
}

TEST(Compiler, linksAnObjectThatRunsAlike) {
  std::string model = binaryModel("Add", {4}, weights);
  auto path = std::filesystem::temp_directory_path() /
              ("lambent-api-" + std::to_string(getpid()) + ".o");
  for (LambentOutputForm form : {LAMBENT_FORM_OBJECT, LAMBENT_FORM_BUNDLE}) {
    lambent::Status status =
        lambent::compileToFile(inMemory(model), {}, form, path);
    ASSERT_TRUE(status) << status.message();
    auto module = lambent::linkObject(path);
    ASSERT_TRUE(module) << module.message();
    EXPECT_EQ(run(*module), (std::vector<float>{11, 22, 33, 44}));
  }
  EXPECT_FALSE(lambent::Module::load(path));
  for (const char *extension : {".o", ".h", ".weights"})
    std::filesystem::remove(path.replace_extension(extension));
}

TEST(Compiler, compilesOnSeveralThreads) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      std::string model = binaryModel(i % 2 ? "Add" : "Mul", {4}, weights);
      auto module = lambent::compile(inMemory(model));
      wrong += !module || run(*module)[3] != (i % 2 ? 44.0f : 160.0f);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}

/// gdb's interface to code that was made at run time: a list of object files.
TEST(Compiler, tellsGdbOfItsCode) {
  struct Entry {
    Entry *next, *previous;
    const char *file;
    uint64_t size;
  };
  struct Descriptor {
    uint32_t version, action;
    Entry *relevant, *first;
  };
  auto *descriptor =
      static_cast<Descriptor *>(dlsym(RTLD_DEFAULT, "__jit_debug_descriptor"));
  ASSERT_NE(descriptor, nullptr);
  auto isListed = [&](std::string_view symbol) {
    for (Entry *entry = descriptor->first; entry; entry = entry->next)
      if (std::string_view(entry->file, entry->size).find(symbol) !=
          std::string_view::npos)
        return true;
    return false;
  };
  lambent::CompileOptions options;
  options.name = "shown_to_gdb";
  std::string model = binaryModel("Add", {4}, weights);
  {
    auto module = lambent::compile(inMemory(model), options);
    ASSERT_TRUE(module) << module.message();
    EXPECT_TRUE(isListed("shown_to_gdb_model"));
  }
  EXPECT_FALSE(isListed("shown_to_gdb_model"));
}

/// perf's: one file for each process, where JITDUMPDIR says.
TEST(Compiler, writesCodeForPerf) {
  std::string folder =
      ::testing::TempDir() + "perf." + std::to_string(getpid());
  std::filesystem::create_directories(folder);
  setenv("JITDUMPDIR", folder.c_str(), 1);
  std::string model = binaryModel("Add", {4}, weights);
  auto module = lambent::compile(inMemory(model));
  unsetenv("JITDUMPDIR");
  ASSERT_TRUE(module) << module.message();
  bool isWritten = false;
  for (const auto &entry :
       std::filesystem::recursive_directory_iterator(folder))
    isWritten |= entry.path().filename() ==
                     "jit-" + std::to_string(getpid()) + ".dump" &&
                 entry.file_size() > 0;
  EXPECT_TRUE(isWritten);
  std::filesystem::remove_all(folder);
}

TEST(Compiler, versionsAgree) {
  EXPECT_EQ(lambent_api_version(), LAMBENT_API_VERSION);
  EXPECT_STREQ(lambent_version(), "0.1.0");
}

} // namespace
