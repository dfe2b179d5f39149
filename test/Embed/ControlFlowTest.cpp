//===- ControlFlowTest.cpp - Running a model that calls others ------------===//

#include "Models.h"
#include <cstring>

using namespace lambent::test;

namespace {

constexpr int64_t size = 4;
const int64_t vectorDims[] = {size}, longDims[] = {size + 1};
const LambentTensorInfo vectors[] = {
    {"x", LAMBENT_FLOAT, 32, 1, 0, vectorDims, nullptr, 0, 0, 0, 0, -1, 0, 0}};
const LambentTensorInfo longVectors[] = {
    {"y", LAMBENT_FLOAT, 32, 1, 0, longDims, nullptr, 0, 0, 0, 0, -1, 0, 0}};
const LambentTensorInfo inputs[] = {
    {"c", LAMBENT_BOOL, 8, 0, 0, vectorDims, nullptr, 0, 0, 0, 0, -1, 0, 0},
    vectors[0]};
constexpr LambentLayerInfo makeLayer(const char *name, const char *op) {
  LambentLayerInfo layer = {};
  layer.name = name;
  layer.kernel = layer.op = op;
  layer.shapes = "";
  layer.choice_key = "";
  return layer;
}
const LambentLayerInfo layers[] = {makeLayer("choose", "if"),
                                   makeLayer("copy", "copy")};

template <int factor>
void scale(void *const *buffers, int64_t begin, int64_t end, void *) {
  for (int64_t i = begin; i < end; ++i)
    static_cast<float *>(buffers[1])[i] =
        static_cast<float>(factor) * static_cast<const float *>(buffers[0])[i];
}

template <int factor> void runBody(LambentCall *call) {
  void *buffers[] = {call->inputs[0], call->outputs[0]};
  call->parallel_for(call, 0, scale<factor>, buffers, size);
}

template <int64_t layer> void runMain(LambentCall *call) {
  void *operands[] = {call->inputs[0], call->inputs[1]};
  if (call->invoke(call, layer, operands))
    return;
  void *buffers[] = {call->slots[0], call->outputs[0]};
  call->parallel_for(call, 1, scale<1>, buffers, size);
}

LambentModel makeModel(const char *name, void (*run)(LambentCall *)) {
  LambentModel model = {};
  model.magic = LAMBENT_MODEL_MAGIC;
  model.abi = LAMBENT_MODEL_ABI;
  model.size = sizeof(model);
  model.name = name;
  model.producer = "by hand";
  model.cpu = "x86-64";
  model.cpu_features = "";
  model.metadata = "";
  model.num_inputs = model.num_outputs = 1;
  model.inputs = model.outputs = vectors;
  model.num_layers = 2;
  model.layers = layers;
  model.tuning.description = "generic";
  model.run = run;
  return model;
}

class ControlFlowTest : public testing::Test {
protected:
  ControlFlowTest() {
    call.bodies[0] = &twice;
    call.bodies[1] = &negative;
    call.num_operands = 2;
    call.num_results = 1;
    call.operands = inputs;
    call.results = vectors;
    model.num_inputs = 2;
    model.inputs = inputs;
    model.num_calls = model.num_slots = 1;
    model.calls = &call;
  }
  void TearDown() override {
    lambent_context_destroy(context);
    lambent_module_destroy(module);
  }
  std::string make() {
    lambent_module_destroy(module);
    module = nullptr;
    return take(lambent_module_create(&model, nullptr, nullptr, &module));
  }
  bool isDamaged() {
    return make() == "'choice' is damaged: its description is not complete";
  }
  std::string run(bool condition) {
    if (std::string problem = make(); !problem.empty())
      return problem;
    lambent_context_destroy(context);
    context = nullptr;
    if (std::string problem =
            take(lambent_context_create(module, nullptr, &context));
        !problem.empty())
      return problem;
    float x[size] = {1, 2, 3, 4};
    int64_t dims[] = {size};
    LambentTensor given[2] = {}, result = {};
    given[0] = {&condition, {LAMBENT_DEVICE_CPU, 0},
                0,          {LAMBENT_BOOL, 8, 1},
                nullptr,    nullptr,
                0};
    given[1] = {
        x, {LAMBENT_DEVICE_CPU, 0}, 1, {LAMBENT_FLOAT, 32, 1}, dims, nullptr,
        0};
    result = given[1];
    result.data = y;
    return take(lambent_context_run(context, given, 2, &result, 1, nullptr));
  }

  LambentModel twice = makeModel("twice", runBody<2>),
               negative = makeModel("negative", runBody<-1>),
               model = makeModel("choice", runMain<0>);
  LambentCallInfo call = {};
  LambentModule *module = nullptr;
  LambentContext *context = nullptr;
  alignas(64) float y[size + 1] = {};
};

TEST_F(ControlFlowTest, callsTheBranchThatTheConditionSays) {
  ASSERT_EQ(run(true), "");
  EXPECT_EQ(y[3], 8);
  ASSERT_EQ(run(false), "");
  EXPECT_EQ(y[3], -4);
}

TEST_F(ControlFlowTest, refusesResultsOfOtherSizes) {
  negative.outputs = longVectors;
  EXPECT_EQ(run(true), "");
  EXPECT_EQ(run(false), "layer 'choose': expected dim 0 of output 0 to be 4, "
                        "but got 5");
}

TEST_F(ControlFlowTest, refusesCodeThatCallsWhatIsNoCall) {
  model.run = runMain<1>;
  EXPECT_EQ(run(true), "'choice' is damaged: its code wants of the runtime "
                       "what no layer says");
}

TEST_F(ControlFlowTest, refusesDamagedCalls) {
  LambentCallInfo good = call;
  auto isDamagedBy = [&](auto damage) {
    call = good;
    damage();
    return isDamaged();
  };
  EXPECT_TRUE(isDamagedBy([&] { call.bodies[1] = nullptr; }));
  EXPECT_TRUE(isDamagedBy([&] { call.bodies[0] = nullptr; }));
  EXPECT_TRUE(isDamagedBy([&] { call.layer = 2; }));
  EXPECT_TRUE(isDamagedBy([&] { call.kind = 7; }));
  EXPECT_TRUE(isDamagedBy([&] { call.num_operands = 1; }));
  EXPECT_TRUE(isDamagedBy([&] { call.num_results = 0; }));
  EXPECT_TRUE(isDamagedBy([&] { call.operands = nullptr; }));
  EXPECT_TRUE(isDamagedBy([&] { call.results = inputs; }));
  EXPECT_TRUE(isDamagedBy([&] { call.first_slot = 1; }));
  EXPECT_TRUE(isDamagedBy([&] { call.bodies[0] = &model; }));
  // As a loop it has a body too many, and then one of too few inputs.
  EXPECT_TRUE(isDamagedBy([&] { call.kind = LAMBENT_CALL_LOOP; }));
  EXPECT_TRUE(isDamagedBy([&] {
    call.kind = LAMBENT_CALL_LOOP;
    call.bodies[1] = nullptr;
  }));
  call = good;
  EXPECT_EQ(make(), "");
  twice.run = nullptr;
  EXPECT_TRUE(isDamaged());
  model.calls = nullptr;
  EXPECT_TRUE(isDamaged());
}

} // namespace
