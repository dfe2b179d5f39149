//===- ArgumentsTest.cpp - What callers of the runtime give ---------------===//
//
// Every function of lambent-c/runtime.h, aot.h and tensor_file.h with every
// pointer null in turn, and every structure with what it must not hold.
//
//===----------------------------------------------------------------------===//

#include "Models.h"
#include "lambent-c/aot.h"
#include "lambent-c/tensor_file.h"
#include <limits.h>

using namespace lambent::test;

namespace {

std::string isNull(const char *function, const char *argument) {
  return std::string(function) + ": expected a value for '" + argument +
         "', but got a null pointer";
}

/// A module of the hand-written model.
class Arguments : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_EQ(take(lambent_module_create(&model, nullptr, nullptr, &module)),
              "");
    ASSERT_EQ(take(lambent_context_create(module, nullptr, &context)), "");
  }
  void TearDown() override {
    lambent_context_destroy(context);
    lambent_module_destroy(module);
  }
  LambentModel model = makeTwoLayers();
  LambentModule *module = nullptr;
  LambentContext *context = nullptr;
};

TEST_F(Arguments, nullModules) {
  LambentModule *out = module;
  EXPECT_EQ(take(lambent_module_load(nullptr, nullptr, &out)),
            isNull("lambent_module_load", "path"));
  EXPECT_EQ(take(lambent_module_load("m.so", nullptr, nullptr)),
            isNull("lambent_module_load", "module"));
  EXPECT_EQ(take(lambent_module_create(nullptr, nullptr, nullptr, &out)),
            isNull("lambent_module_create", "model"));
  EXPECT_EQ(take(lambent_module_create(&model, nullptr, nullptr, nullptr)),
            isNull("lambent_module_create", "module"));
  EXPECT_EQ(take(lambent_module_create_with_file(nullptr, "w", nullptr, &out)),
            isNull("lambent_module_create_with_file", "model"));
  EXPECT_EQ(
      take(lambent_module_create_with_file(&model, nullptr, nullptr, &out)),
      isNull("lambent_module_create_with_file", "weights_path"));
  EXPECT_EQ(
      take(lambent_module_create_with_file(&model, "w", nullptr, nullptr)),
      isNull("lambent_module_create_with_file", "module"));
  LambentArtefactKind kind;
  EXPECT_EQ(take(lambent_artefact_kind(nullptr, &kind)),
            isNull("lambent_artefact_kind", "path"));
  EXPECT_EQ(take(lambent_artefact_kind("m.so", nullptr)),
            isNull("lambent_artefact_kind", "kind"));
  LambentArtefact *artefact;
  EXPECT_EQ(take(lambent_artefact_read(nullptr, &artefact)),
            isNull("lambent_artefact_read", "path"));
  EXPECT_EQ(take(lambent_artefact_read("m.so", nullptr)),
            isNull("lambent_artefact_read", "artefact"));
  EXPECT_EQ(lambent_artefact_model(nullptr), nullptr);
  lambent_artefact_destroy(nullptr);
  EXPECT_EQ(lambent_module_model(nullptr), nullptr);
  EXPECT_EQ(lambent_tensor_info_bytes(nullptr), 0u);
  EXPECT_EQ(lambent_hash64(nullptr, 8), lambent_hash64("", 0));
  EXPECT_EQ(lambent_status_code(nullptr), LAMBENT_STATUS_OK);
  EXPECT_STREQ(lambent_status_message(nullptr), "");
}

TEST_F(Arguments, aFailureLeavesNoHandle) {
  LambentModule *out = module;
  EXPECT_NE(take(lambent_module_load("/no/such/file", nullptr, &out)), "");
  EXPECT_EQ(out, nullptr);
}

TEST_F(Arguments, nullsAreDestroyedFreely) {
  lambent_status_destroy(nullptr);
  lambent_thread_pool_destroy(nullptr);
  lambent_module_destroy(nullptr);
  lambent_context_destroy(nullptr);
  lambent_session_destroy(nullptr);
  lambent_tensor_set_destroy(nullptr);
  lambent_aot_destroy(nullptr);
}

TEST_F(Arguments, nullContextsAndSessions) {
  LambentContext *anotherContext;
  LambentSession *session;
  EXPECT_EQ(take(lambent_context_create(nullptr, nullptr, &anotherContext)),
            isNull("lambent_context_create", "module"));
  EXPECT_EQ(take(lambent_context_create(module, nullptr, nullptr)),
            isNull("lambent_context_create", "context"));
  EXPECT_EQ(take(lambent_context_run(nullptr, nullptr, 0, nullptr, 0, nullptr)),
            isNull("lambent_context_run", "context"));
  EXPECT_EQ(lambent_context_layer_times(nullptr), nullptr);
  EXPECT_EQ(take(lambent_context_write_trace(nullptr, "t.json")),
            isNull("lambent_context_write_trace", "context"));
  EXPECT_EQ(take(lambent_context_write_trace(context, nullptr)),
            isNull("lambent_context_write_trace", "path"));
  EXPECT_EQ(take(lambent_session_create(nullptr, nullptr, &session)),
            isNull("lambent_session_create", "module"));
  EXPECT_EQ(take(lambent_session_create(module, nullptr, nullptr)),
            isNull("lambent_session_create", "session"));
  EXPECT_EQ(take(lambent_session_run(nullptr, nullptr, 0, nullptr, 0, nullptr)),
            isNull("lambent_session_run", "session"));
  EXPECT_EQ(take(lambent_context_infer_shapes(nullptr, nullptr, 0, nullptr, 0)),
            isNull("lambent_context_infer_shapes", "context"));
  EXPECT_EQ(take(lambent_session_infer_shapes(nullptr, nullptr, 0, nullptr, 0)),
            isNull("lambent_session_infer_shapes", "session"));
  EXPECT_EQ(take(lambent_context_infer_shapes(context, nullptr, 1, nullptr, 0)),
            "expected 1 outputs, but got 0");
  EXPECT_EQ(lambent_model_find_symbol(nullptr, 0), nullptr);
  EXPECT_EQ(lambent_tensor_set_allocate(nullptr, 0, 1), nullptr);
}

TEST_F(Arguments, shapesOfBoundOutputs) {
  Tensor input;
  LambentTensor output = {};
  input.tensor.data = nullptr;
  auto infer = [&] {
    return take(
        lambent_context_infer_shapes(context, &input.tensor, 1, &output, 1));
  };
  EXPECT_EQ(infer(), "");
  EXPECT_EQ(output.ndim, 2);
  EXPECT_EQ(output.shape[1], TWO_LAYERS_COLUMNS);
  input.dims[1] = 3;
  EXPECT_EQ(infer(), "input 'x': expected f32[64x100], but got f32[64x3]");
}

TEST_F(Arguments, nullTensors) {
  Tensor input, output;
  EXPECT_EQ(take(lambent_context_run(context, nullptr, 1, &output.tensor, 1,
                                     nullptr)),
            "expected 1 inputs, but got a null pointer");
  EXPECT_EQ(
      take(lambent_context_run(context, &input.tensor, 1, nullptr, 1, nullptr)),
      "expected 1 outputs, but got a null pointer");
  input.tensor.shape = nullptr;
  EXPECT_EQ(take(lambent_context_run(context, &input.tensor, 1, &output.tensor,
                                     1, nullptr)),
            "input 'x': expected f32[64x100], but got f32[]");
}

TEST_F(Arguments, ranksAndLanes) {
  Tensor input, output;
  for (int32_t rank : {-1, INT_MIN}) {
    input.tensor.ndim = rank;
    EXPECT_EQ(take(lambent_context_run(context, &input.tensor, 1,
                                       &output.tensor, 1, nullptr)),
              "input 'x': expected f32[64x100], but got f32[]");
  }
  input.tensor.ndim = 2;
  input.tensor.dtype.lanes = 4;
  EXPECT_EQ(take(lambent_context_run(context, &input.tensor, 1, &output.tensor,
                                     1, nullptr)),
            "input 'x': expected elements of 1 lane, but got 4");
}

TEST_F(Arguments, structuresWithoutASize) {
  LambentContext *anotherContext = context;
  LambentSession *session;
  LambentContextOptions contextOptions = {};
  LambentSessionOptions sessionOptions = {};
  LambentRunOptions runOptions = {};
  EXPECT_EQ(
      take(lambent_context_create(module, &contextOptions, &anotherContext)),
      "LambentContextOptions.size is 0, but expected at least 24");
  EXPECT_EQ(anotherContext, nullptr);
  EXPECT_EQ(take(lambent_session_create(module, &sessionOptions, &session)),
            "LambentSessionOptions.size is 0, but expected at least 24");
  Tensor input, output;
  EXPECT_EQ(take(lambent_context_run(context, &input.tensor, 1, &output.tensor,
                                     1, &runOptions)),
            "LambentRunOptions.size is 0, but expected at least 24");
}

TEST_F(Arguments, flagsAndReservedFields) {
  LambentModule *another;
  LambentLoadOptions load = {sizeof(load), 2, 0, nullptr};
  EXPECT_EQ(take(lambent_module_create(&model, nullptr, &load, &another)),
            "LambentLoadOptions.skip_weight_hash: expected 0 or 1, but got 2");
  load = {sizeof(load), 0, 7, nullptr};
  EXPECT_EQ(take(lambent_module_load("m.so", &load, &another)),
            "LambentLoadOptions.reserved: expected 0, but got 7");
  LambentContext *anotherContext;
  LambentContextOptions times = {sizeof(times), nullptr, 9, 0, 0, 0};
  EXPECT_EQ(take(lambent_context_create(module, &times, &anotherContext)),
            "LambentContextOptions.collect_times: expected 0 or 1, but got 9");
  LambentContextOptions trace = {sizeof(trace), nullptr, 0, 9, 0, 0};
  EXPECT_EQ(take(lambent_context_create(module, &trace, &anotherContext)),
            "LambentContextOptions.collect_trace: expected 0 or 1, but got 9");
  LambentContextOptions mode = {sizeof(mode), nullptr, 0, 0, 9, 0};
  EXPECT_EQ(take(lambent_context_create(module, &mode, &anotherContext)),
            "LambentContextOptions.keep_denormals: expected 0 or 1, but got 9");
  LambentContextOptions more = {sizeof(more), nullptr, 0, 0, 0, 9};
  EXPECT_EQ(take(lambent_context_create(module, &more, &anotherContext)),
            "LambentContextOptions.reserved: expected 0, but got 9");
  LambentSession *session;
  LambentSessionOptions options = {sizeof(options), nullptr, 1, 3};
  EXPECT_EQ(take(lambent_session_create(module, &options, &session)),
            "LambentSessionOptions.keep_denormals: expected 0 or 1, but got 3");
}

TEST_F(Arguments, incompleteDescriptions) {
  const char *complaint =
      "'two_layers' is damaged: its description is not complete";
  auto create = [](const LambentModel &model) {
    LambentModule *module = nullptr;
    std::string message =
        take(lambent_module_create(&model, nullptr, nullptr, &module));
    lambent_module_destroy(module);
    return message;
  };
  for (auto field : {&LambentModel::producer, &LambentModel::cpu,
                     &LambentModel::cpu_features}) {
    LambentModel bad = model;
    bad.*field = nullptr;
    EXPECT_EQ(create(bad), complaint);
  }
  LambentModel bad = model;
  bad.name = nullptr;
  EXPECT_EQ(create(bad), "'model' is damaged: its description is not complete");
  bad = model;
  bad.run = nullptr;
  EXPECT_EQ(create(bad), complaint);
  bad = model;
  bad.outputs = nullptr;
  EXPECT_EQ(create(bad), complaint);
  LambentTensorInfo input = model.inputs[0];
  bad = model;
  bad.inputs = &input;
  input.name = nullptr;
  EXPECT_EQ(create(bad), complaint);
  input.name = "x";
  input.dims = nullptr;
  EXPECT_EQ(create(bad), complaint);
  bad = model;
  bad.num_checks = 1;
  EXPECT_EQ(create(bad), complaint);
  LambentCheckInfo check = {1, 0, "something"};
  bad.checks = &check;
  EXPECT_EQ(create(bad), "");
  check.layer = 2;
  EXPECT_EQ(create(bad), complaint);
  check = {0, 0, nullptr};
  EXPECT_EQ(create(bad), complaint);
}

TEST_F(Arguments, threadPools) {
  LambentThreadPool *pool;
  EXPECT_EQ(take(lambent_thread_pool_create(2, nullptr)),
            isNull("lambent_thread_pool_create", "pool"));
  EXPECT_EQ(take(lambent_thread_pool_wrap(nullptr, &pool)),
            isNull("lambent_thread_pool_wrap", "external"));
  LambentExternalPool external = {};
  external.size = sizeof(external);
  EXPECT_EQ(take(lambent_thread_pool_wrap(&external, nullptr)),
            isNull("lambent_thread_pool_wrap", "pool"));
  EXPECT_EQ(lambent_thread_pool_size(nullptr), 0u);
}

/// A number that is no worker's would choose memory that is not there.
TEST_F(Arguments, aPoolThatCountsWrongly) {
  LambentExternalPool external = {};
  external.size = sizeof(external);
  external.threads = 2;
  external.run = [](void *, void (*task)(void *, uint32_t), void *argument,
                    uint32_t count) {
    for (uint32_t i : {count, 1000u, UINT32_MAX})
      task(argument, i);
  };
  LambentThreadPool *pool;
  ASSERT_EQ(take(lambent_thread_pool_wrap(&external, &pool)), "");
  LambentContextOptions options = {sizeof(options), pool, 0, 0, 0, 0};
  LambentContext *onPool;
  ASSERT_EQ(take(lambent_context_create(module, &options, &onPool)), "");
  Tensor input(1.0f), output;
  ASSERT_EQ(take(lambent_context_run(onPool, &input.tensor, 1, &output.tensor,
                                     1, nullptr)),
            "");
  EXPECT_EQ(output.data, expectedOutput(input));
  lambent_context_destroy(onPool);
  lambent_thread_pool_destroy(pool);
}

TEST_F(Arguments, compiledModels) {
  char error[256];
  EXPECT_EQ(lambent_aot_create(nullptr, nullptr, 1, error, sizeof(error)),
            nullptr);
  EXPECT_EQ(error, isNull("lambent_module_create", "model"));
  EXPECT_EQ(lambent_aot_create(nullptr, nullptr, 1, nullptr, 0), nullptr);
  EXPECT_EQ(lambent_aot_create(&model, nullptr, 5000, error, sizeof(error)),
            nullptr);
  EXPECT_STREQ(error,
               "a pool of 5000 threads is more than the 1024 that are allowed");
  LambentSession *session =
      lambent_aot_create(&model, nullptr, 1, error, sizeof(error));
  ASSERT_NE(session, nullptr) << error;
  Tensor input, output;
  const void *inputs[] = {input.data.data()};
  void *outputs[] = {output.data.data()};
  EXPECT_EQ(lambent_aot_run(session, inputs, outputs), LAMBENT_STATUS_OK);
  EXPECT_EQ(lambent_aot_run(nullptr, inputs, outputs), LAMBENT_STATUS_ERROR);
  EXPECT_EQ(lambent_aot_run(session, nullptr, outputs), LAMBENT_STATUS_ERROR);
  EXPECT_EQ(lambent_aot_run(session, inputs, nullptr), LAMBENT_STATUS_ERROR);
  inputs[0] = reinterpret_cast<const char *>(input.data.data()) + 1;
  EXPECT_EQ(lambent_aot_run(session, inputs, outputs), LAMBENT_STATUS_ERROR);
  lambent_aot_destroy(session);
}

TEST_F(Arguments, tensorFiles) {
  LambentTensorSet *set = nullptr;
  Tensor tensor;
  EXPECT_EQ(take(lambent_tensor_read(nullptr, &set)),
            isNull("lambent_tensor_read", "path"));
  EXPECT_EQ(take(lambent_tensor_read("x.npy", nullptr)),
            isNull("lambent_tensor_read", "set"));
  EXPECT_EQ(take(lambent_tensor_write(nullptr, &tensor.tensor, nullptr)),
            isNull("lambent_tensor_write", "path"));
  EXPECT_EQ(take(lambent_tensor_write("x.npy", nullptr, nullptr)),
            isNull("lambent_tensor_write", "tensor"));
  const char *names[] = {"x", nullptr};
  EXPECT_EQ(take(lambent_tensor_set_read(nullptr, names, 1, &set)),
            isNull("lambent_tensor_set_read", "folder"));
  EXPECT_EQ(take(lambent_tensor_set_read(".", names, 1, nullptr)),
            isNull("lambent_tensor_set_read", "set"));
  EXPECT_EQ(take(lambent_tensor_set_read(".", nullptr, 1, &set)),
            isNull("lambent_tensor_set_read", "names"));
  EXPECT_EQ(take(lambent_tensor_set_read(".", names, 2, &set)),
            "lambent_tensor_set_read: expected a name of tensor 1, but got a "
            "null pointer");
  EXPECT_EQ(take(lambent_tensor_set_create(nullptr, 1, &set)),
            isNull("lambent_tensor_set_create", "infos"));
  EXPECT_EQ(take(lambent_tensor_set_create(model.outputs, 1, nullptr)),
            isNull("lambent_tensor_set_create", "set"));
  LambentTensorInfo wrong = model.outputs[0];
  wrong.dims = nullptr;
  EXPECT_EQ(take(lambent_tensor_set_create(&wrong, 1, &set)),
            "lambent_tensor_set_create: expected a shape of tensor 0, but got "
            "a null pointer");
  wrong = model.outputs[0];
  wrong.name = nullptr;
  EXPECT_EQ(take(lambent_tensor_set_create(&wrong, 1, &set)),
            "lambent_tensor_set_create: expected a name of tensor 0, but got a "
            "null pointer");
  wrong = model.outputs[0];
  wrong.type_bits = 0;
  EXPECT_EQ(take(lambent_tensor_set_create(&wrong, 1, &set)),
            "lambent_tensor_set_create: tensor 'z': expected elements of at "
            "least 1 bit, but got 0");
  ASSERT_EQ(take(lambent_tensor_set_create(model.outputs, 1, &set)), "");
  EXPECT_EQ(take(lambent_tensor_set_write(nullptr, ".", names, 0)),
            isNull("lambent_tensor_set_write", "set"));
  EXPECT_EQ(take(lambent_tensor_set_write(set, nullptr, names, 0)),
            isNull("lambent_tensor_set_write", "folder"));
  EXPECT_EQ(take(lambent_tensor_set_write(set, ".", nullptr, 0)),
            isNull("lambent_tensor_set_write", "names"));
  EXPECT_EQ(take(lambent_tensor_set_write(set, ".", names, 2)),
            "as_protobuf: expected 0 or 1, but got 2");
  lambent_tensor_set_destroy(set);
  EXPECT_EQ(lambent_tensor_set_tensors(nullptr), nullptr);
  EXPECT_EQ(lambent_tensor_set_size(nullptr), 0u);
  EXPECT_EQ(lambent_tensor_set_is_protobuf(nullptr), 0);
}

/// What cannot be written is no file, and not a file of something else.
TEST_F(Arguments, tensorsToWrite) {
  std::string path = testing::TempDir() + "/refused.npy";
  auto write = [&](const LambentTensor &tensor) {
    std::string message =
        take(lambent_tensor_write(path.c_str(), &tensor, nullptr));
    std::string start = "tensor '" + path + "': ";
    return message.compare(0, start.size(), start) == 0
               ? message.substr(start.size())
               : message;
  };
  Tensor good;
  LambentTensor tensor = good.tensor;
  tensor.ndim = -1;
  EXPECT_EQ(write(tensor), "expected a rank from 0 to 64, but got -1");
  tensor = good.tensor;
  tensor.shape = nullptr;
  EXPECT_EQ(write(tensor), "expected a shape, but got a null pointer");
  tensor = good.tensor;
  int64_t dims[] = {-2, 3}, strides[] = {1, 64};
  tensor.shape = dims;
  EXPECT_EQ(write(tensor),
            "expected dims of at least 0 that memory can hold, but got -2");
  tensor = good.tensor;
  tensor.strides = strides;
  EXPECT_EQ(write(tensor),
            "expected a dense row-major tensor, but got strides");
  tensor = good.tensor;
  tensor.data = nullptr;
  EXPECT_EQ(write(tensor), "expected data, but got a null pointer");
  tensor = good.tensor;
  tensor.device.device_type = 2;
  EXPECT_EQ(write(tensor), "expected CPU memory, but got device type 2");
  tensor = good.tensor;
  tensor.dtype.lanes = 2;
  EXPECT_EQ(write(tensor), "expected elements of 1 lane, but got 2");
}

} // namespace
