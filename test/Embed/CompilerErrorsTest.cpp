//===- CompilerErrorsTest.cpp - What the C API says of wrong requests -----===//

#include "SmallModel.h"

using namespace lambent::test;

namespace {

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

} // namespace
