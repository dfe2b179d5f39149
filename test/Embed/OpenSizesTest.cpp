//===- OpenSizesTest.cpp - Running a model of open sizes ------------------===//

#include "OpenTensors.h"
#include <atomic>
#include <random>
#include <thread>

using namespace lambent::test;

namespace {

/// Counts how often sizes are computed: that is, planned.
std::atomic<int> evaluations{0};

class OpenSizesTest : public testing::TestWithParam<unsigned> {
protected:
  void SetUp() override {
    if (GetParam()) {
      ASSERT_EQ(take(lambent_thread_pool_create(GetParam(), &pool)), "");
    }
    model.evaluate = [](int64_t *values, int64_t epoch) {
      ++evaluations;
      open_layers_model.evaluate(values, epoch);
    };
    make();
  }
  void TearDown() override {
    lambent_context_destroy(context);
    lambent_module_destroy(module);
    lambent_thread_pool_destroy(pool);
  }
  /// The context of the model as it is now.
  void make() {
    lambent_context_destroy(context);
    lambent_module_destroy(module);
    module = nullptr;
    context = nullptr;
    ASSERT_EQ(take(lambent_module_create(&model, nullptr, nullptr, &module)),
              "");
    LambentContextOptions options = {sizeof(options), pool, 0, 0, 0, 0};
    ASSERT_EQ(take(lambent_context_create(module, &options, &context)), "");
  }
  std::string run(const std::vector<LambentTensor> &inputs) {
    outputs[0] = outputs[1] = {};
    return take(lambent_context_run(context, inputs.data(), inputs.size(),
                                    outputs, 2, &allocator.options));
  }
  std::string run(int64_t batch, int64_t seq) {
    return run(OpenCase(batch, seq).inputs());
  }
  /// The message of a run with one wrong dim.
  std::string runWith(int input, int dim, int64_t size) {
    OpenCase of(2, 16);
    OpenTensor &tensor = input ? of.mask : of.x;
    tensor.dims[dim] = size;
    return run(of.inputs());
  }
  void check(int64_t batch, int64_t seq) {
    OpenCase of(batch, seq);
    ASSERT_EQ(run(of.inputs()), "") << batch << "x" << seq;
    EXPECT_EQ(getShape(outputs[0]), of.doubled.dims);
    EXPECT_EQ(getData(outputs[0]), of.expectedDoubled);
    std::vector<int64_t> found = {int64_t(of.expectedFound.size()) / 2, 2};
    EXPECT_EQ(getShape(outputs[1]), found);
    EXPECT_EQ(getData(outputs[1]), of.expectedFound);
  }

  LambentModel model = open_layers_model;
  LambentModule *module = nullptr;
  LambentThreadPool *pool = nullptr;
  LambentContext *context = nullptr;
  LambentTensor outputs[2] = {};
  Allocator allocator;
};

INSTANTIATE_TEST_SUITE_P(Threads, OpenSizesTest, testing::Values(0, 2, 5));

TEST_P(OpenSizesTest, computesAtAnySize) {
  for (auto [batch, seq] : std::vector<std::pair<int64_t, int64_t>>{
           {1, 8}, {2, 16}, {1, 8}, {100, 512}, {3, 24}, {100, 512}, {16, 16}})
    check(batch, seq);
  std::mt19937 random(5);
  for (int i = 0; i < 100; ++i) {
    int64_t seq = 8 * (random() % 20);
    int64_t batch = seq ? random() % std::min<int64_t>(seq, 12) : 0;
    check(batch, seq);
  }
}

TEST_P(OpenSizesTest, computesOnNothing) {
  check(0, 0);
  check(0, 8);
  check(2, 16);
  check(0, 0);
}

TEST_P(OpenSizesTest, keepsPlansOfSizesThatItSaw) {
  for (int64_t seq = 8; seq <= 8 * 16; seq += 8)
    check(2, seq);
  int before = evaluations;
  for (int round = 0; round < 3; ++round)
    for (int64_t seq = 8; seq <= 8 * 16; seq += 8)
      check(2, seq);
  EXPECT_EQ(evaluations, before);
  check(2, 8 * 17); // which takes the place of the size used longest ago
  EXPECT_EQ(evaluations, before + 2);
  check(2, 16);
  EXPECT_EQ(evaluations, before + 2);
  check(2, 8);
  EXPECT_EQ(evaluations, before + 4);
}

/// What data decides is planned by itself.
TEST_P(OpenSizesTest, keepsPlansOfWhatDataDecided) {
  OpenCase few(2, 16), many(2, 16);
  std::fill(few.x.data.begin(), few.x.data.end(), -5.0f);
  std::fill(many.x.data.begin(), many.x.data.end(), 5.0f);
  ASSERT_EQ(run(few.inputs()), "");
  EXPECT_EQ(getShape(outputs[1]), (std::vector<int64_t>{0, 2}));
  EXPECT_EQ(outputs[1].data, nullptr);
  int before = evaluations;
  ASSERT_EQ(run(many.inputs()), "");
  EXPECT_EQ(getShape(outputs[1]), (std::vector<int64_t>{32, 2}));
  EXPECT_EQ(evaluations, before + 1);
  ASSERT_EQ(run(few.inputs()), "");
  ASSERT_EQ(run(many.inputs()), "");
  EXPECT_EQ(evaluations, before + 1);
}

TEST_P(OpenSizesTest, infersShapes) {
  OpenCase of(3, 24);
  of.x.tensor.data = of.mask.tensor.data = nullptr; // only shapes are read
  std::vector<LambentTensor> inputs = of.inputs();
  int64_t room[2] = {7, 7};
  outputs[0].ndim = 2;
  outputs[0].shape = room;
  int before = evaluations;
  auto infer = [&] {
    return take(
        lambent_context_infer_shapes(context, inputs.data(), 2, outputs, 2));
  };
  ASSERT_EQ(infer(), "");
  EXPECT_EQ(outputs[0].shape, room);
  EXPECT_EQ(getShape(outputs[0]), (std::vector<int64_t>{3, 24}));
  EXPECT_EQ(outputs[0].dtype.bits, 32);
  EXPECT_EQ(outputs[0].data, nullptr);
  EXPECT_EQ(getShape(outputs[1]), (std::vector<int64_t>{-1, 2}));
  EXPECT_EQ(evaluations, before + 1);
  check(3, 24);
  EXPECT_EQ(evaluations, before + 2); // for what data decided alone
  of.x.dims[1] = 20;
  EXPECT_EQ(infer(), "input 'x': expected dim 1 (seq) to be a multiple of 8, "
                     "but got 20");
  EXPECT_EQ(
      take(lambent_context_infer_shapes(context, inputs.data(), 1, outputs, 2)),
      "expected 2 inputs, but got 1");
}

TEST_P(OpenSizesTest, fillsOutputsThatTheCallerHas) {
  OpenCase of(3, 24);
  std::vector<LambentTensor> inputs = of.inputs();
  OpenTensor found({int64_t(of.expectedFound.size()) / 2, 2});
  LambentTensor given[] = {of.doubled.tensor, found.tensor};
  auto fill = [&] {
    return take(
        lambent_context_run(context, inputs.data(), 2, given, 2, nullptr));
  };
  ASSERT_EQ(fill(), "");
  EXPECT_EQ(of.doubled.data, of.expectedDoubled);
  EXPECT_EQ(found.data, of.expectedFound);
  of.doubled.dims[1] = 32;
  EXPECT_EQ(fill(), "output 'doubled': expected f32[3x24], but got f32[3x32]");
  of.doubled.dims[1] = 24;
  found.dims[0] = 1;
  EXPECT_NE(fill().find("output 'found': expected f32["), std::string::npos);
  given[1] = {};
  EXPECT_EQ(fill(), "output 'found' has no data, and no allocator was given");
}

TEST_P(OpenSizesTest, namesWrongDims) {
  EXPECT_EQ(
      runWith(0, 1, 13),
      "input 'x': expected dim 1 (seq) to be a multiple of 8, but got 13");
  EXPECT_EQ(runWith(0, 1, 520),
            "input 'x': expected dim 1 (seq) to be between 0 and 512, but got "
            "520");
  EXPECT_EQ(runWith(0, 0, -3),
            "input 'x': expected dim 0 to be at least 0, but got -3");
  EXPECT_EQ(runWith(1, 0, 3), "input 'mask': expected dim 0 (batch) to be 2 as "
                              "in input 'x', but got 3");
  EXPECT_EQ(runWith(1, 1, 4),
            "input 'mask': expected dim 1 to be 3, but got 4");
  EXPECT_EQ(runWith(1, 2, 16), "input 'mask': expected dim 2 to be 32, which "
                               "follows from other dims, but got 16");
}

TEST_P(OpenSizesTest, namesARangeWithoutAnEnd) {
  LambentSymbolInfo symbols[3];
  std::copy(model.symbols, model.symbols + 3, symbols);
  symbols[0].least = 3;
  model.symbols = symbols;
  make();
  EXPECT_EQ(run(2, 8),
            "input 'x': expected dim 0 (batch) to be at least 3, but got 2");
  check(3, 8);
}

TEST_P(OpenSizesTest, namesDimsOfOneInputThatDiffer) {
  const int32_t square[] = {0, 0};
  LambentTensorInfo inputs[] = {model.inputs[0], model.inputs[1]};
  inputs[0].sizes = square;
  LambentSymbolInfo symbols[3];
  std::copy(model.symbols, model.symbols + 3, symbols);
  symbols[1].dim = 0;
  model.symbols = symbols;
  model.inputs = inputs;
  make();
  EXPECT_EQ(run(8, 16), "input 'x': expected dim 1 (batch) to be 8 as dim 0, "
                        "but got 16");
}

TEST_P(OpenSizesTest, namesWrongTypesAndRanks) {
  OpenCase of(2, 16);
  of.x.tensor.dtype = {LAMBENT_INT, 64, 1};
  EXPECT_EQ(run(of.inputs()),
            "input 'x': expected f32[batch x seq], but got i64[2x16]");
  of.x.tensor.dtype = {LAMBENT_FLOAT, 32, 2};
  EXPECT_EQ(run(of.inputs()),
            "input 'x': expected elements of 1 lane, but got 2");
  of.x.tensor.dtype.lanes = 1;
  of.mask.tensor.ndim = 2;
  EXPECT_EQ(run(of.inputs()),
            "input 'mask': expected f32[batch x 3 x ?], but got f32[2x3]");
  of.mask.tensor.ndim = 3;
  of.mask.tensor.shape = nullptr;
  EXPECT_EQ(run(of.inputs()),
            "input 'mask': expected f32[batch x 3 x ?], but got f32[]");
  of.mask.tensor.shape = of.mask.dims.data();
  of.x.tensor.data = nullptr;
  EXPECT_EQ(run(of.inputs()), "input 'x': expected data, but got a null "
                              "pointer");
}

TEST_P(OpenSizesTest, namesSizesThatLayersRefuse) {
  EXPECT_EQ(run(9, 8), "layer 'add': expected as many columns as rows, but got "
                       "batch=9, seq=8");
  EXPECT_EQ(run(13, 16), "layer 'double': expected a number of rows other than "
                         "13, but got batch=13");
  check(8, 8);
}

TEST_P(OpenSizesTest, refusesSizesThatNoMemoryHolds) {
  LambentSizeCheck noChecks[] = {model.size_checks[1]};
  model.size_checks = noChecks;
  model.num_size_checks = 1;
  make();
  OpenCase of(2, 16);
  // Nobody has so much data, and none is read.
  of.x.dims[0] = of.mask.dims[0] = INT64_MAX / 8;
  EXPECT_EQ(run(of.inputs()),
            "the sizes are too large: what follows from them, with "
            "batch=1152921504606846975, seq=16 is more than memory can hold");
  of.x.dims[0] = of.mask.dims[0] = int64_t(1) << 54;
  EXPECT_NE(run(of.inputs()).find("out of memory: the arena needs "),
            std::string::npos);
  of.x.dims[0] = of.mask.dims[0] = int64_t(1) << 48;
  EXPECT_NE(run(of.inputs()).find("out of memory: the arena needs "),
            std::string::npos);
  check(2, 16);
}

TEST_P(OpenSizesTest, reportsThatAnOutputGotNoMemory) {
  allocator.options.allocate = [](void *, uint32_t, uint64_t) -> void * {
    return nullptr;
  };
  EXPECT_EQ(run(2, 16), "out of memory: doubled needs 128 bytes");
  allocator.options.allocate = [](void *user, uint32_t output,
                                  uint64_t) -> void * {
    auto &memory = static_cast<Allocator *>(user)->memory[output];
    memory.resize(32);
    return output ? nullptr : memory.data();
  };
  EXPECT_NE(run(2, 16).find("out of memory: found needs "), std::string::npos);
}

//===----------------------------------------------------------------------===//
// Sizes that data decides
//===----------------------------------------------------------------------===//

TEST_P(OpenSizesTest, namesADecidedSizeOutOfItsRange) {
  LambentSymbolInfo symbols[3];
  std::copy(model.symbols, model.symbols + 3, symbols);
  symbols[2].most = 3;
  model.symbols = symbols;
  make();
  EXPECT_EQ(run(16, 16), "layer 'count': expected a size to be between 0 and "
                         "3, but got 134");
  symbols[2].name = "hits";
  EXPECT_EQ(run(16, 16), "layer 'count': expected a size (hits) to be between "
                         "0 and 3, but got 134");
  symbols[2].most = 100000;
  check(16, 16);
}

TEST_P(OpenSizesTest, refusesCodeThatDecidesOtherSizes) {
  static int64_t symbol, count;
  model.run = [](LambentCall *call) {
    const int64_t decided[] = {1, 2, 3};
    EXPECT_EQ(call->define(call, 0, symbol, decided, count), 1);
    EXPECT_EQ(call->define(call, 0, 2, decided, 1), 1); // the run has ended
  };
  make();
  for (auto [wrongSymbol, wrongCount] :
       std::vector<std::pair<int64_t, int64_t>>{
           {0, 1}, {2, 2}, {-1, 1}, {3, 1}, {2, 0}, {2, INT64_MAX}}) {
    symbol = wrongSymbol;
    count = wrongCount;
    EXPECT_EQ(run(2, 16), "layer 'double': decided sizes that the model does "
                          "not expect then: it is damaged");
  }
}

TEST_P(OpenSizesTest, refusesCodeThatDecidesTwiceOrNever) {
  model.run = [](LambentCall *call) {
    const int64_t decided[] = {1};
    EXPECT_EQ(call->define(call, 0, 2, decided, 1), 0);
    EXPECT_EQ(call->define(call, 0, 2, decided, 1), 1);
  };
  make();
  EXPECT_EQ(run(2, 16), "layer 'double': decided sizes that the model does not "
                        "expect then: it is damaged");
  model.run = [](LambentCall *) {};
  make();
  EXPECT_EQ(run(2, 16),
            "'open_layers' is damaged: its code left sizes undecided");
}

TEST_P(OpenSizesTest, saysWhatAStrictCheckFoundFirst) {
  const LambentCheckInfo checks[] = {{0, 0, "a number"}, {4, 0, "another"}};
  model.checks = checks;
  model.num_checks = 2;
  model.run = [](LambentCall *call) {
    call->faults[0] = {*static_cast<float *>(call->inputs[0]) != -11, 5};
    const int64_t decided[] = {999999};
    if (call->define(call, 0, 2, decided, 1))
      return;
    call->faults[1] = {1, 7};
  };
  make();
  EXPECT_EQ(run(2, 8), "layer 'double': expected a number, but got 5");
  // What the run before found is forgotten.
  OpenCase of(2, 8);
  of.x.data[0] = -11;
  EXPECT_EQ(
      run(of.inputs()),
      "layer 'double': expected a size to be between 0 and 100000, but got "
      "999999");
}

//===----------------------------------------------------------------------===//
// Sessions
//===----------------------------------------------------------------------===//

class OpenSession : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_EQ(take(lambent_module_create(&open_layers_model, nullptr, nullptr,
                                         &module)),
              "");
    LambentSessionOptions options = {sizeof(options), nullptr, 2, 0};
    ASSERT_EQ(take(lambent_session_create(module, &options, &session)), "");
  }
  void TearDown() override {
    lambent_session_destroy(session);
    lambent_module_destroy(module);
  }
  LambentModule *module = nullptr;
  LambentSession *session = nullptr;
};

TEST_F(OpenSession, runsManySizesFromManyThreads) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&, i] {
      std::mt19937 random(i);
      for (int round = 0; round < 100; ++round) {
        int64_t seq = 8 * (1 + random() % 30);
        OpenCase of(random() % 8, seq);
        std::vector<LambentTensor> inputs = of.inputs();
        Allocator allocator;
        int64_t dims[2][2];
        LambentTensor outputs[2] = {};
        for (int j = 0; j < 2; ++j) {
          outputs[j].ndim = 2;
          outputs[j].shape = dims[j];
        }
        wrong += !take(lambent_session_run(session, inputs.data(), 2, outputs,
                                           2, &allocator.options))
                      .empty();
        wrong += getData(outputs[0]) != of.expectedDoubled;
        wrong += getData(outputs[1]) != of.expectedFound;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(OpenSession, wantsRoomForDims) {
  OpenCase of(2, 16);
  std::vector<LambentTensor> inputs = of.inputs();
  Allocator allocator;
  LambentTensor outputs[2] = {of.doubled.tensor};
  int64_t dims[2];
  auto run = [&] {
    return take(lambent_session_run(session, inputs.data(), 2, outputs, 2,
                                    &allocator.options));
  };
  EXPECT_EQ(run(), "output 'found': expected room for its 2 dims, but got a "
                   "null pointer");
  outputs[1].shape = dims;
  outputs[1].ndim = 1;
  EXPECT_EQ(run(), "output 'found': expected room for its 2 dims, but got "
                   "room for 1");
  outputs[1].ndim = 2;
  EXPECT_EQ(run(), "");
  EXPECT_EQ(dims[1], 2);
  outputs[1].data = nullptr;
  EXPECT_EQ(
      take(lambent_session_infer_shapes(session, inputs.data(), 2, outputs, 2)),
      "");
  EXPECT_EQ(getShape(outputs[1]), (std::vector<int64_t>{-1, 2}));
}

} // namespace
