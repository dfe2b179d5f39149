//===- StringTest.cpp - Running a model on strings ------------------------===//

#include "Models.h"
#include "Runtime/StringTable.h"
#include <cstring>
#include <stdlib.h>

using namespace lambent::test;
using lambent::runtime::StringTable;

namespace {

std::string textOf(const LambentString &string) {
  return string.length ? std::string(string.data, string.length)
                       : std::string();
}

LambentString viewOf(const std::string &text) {
  return {text.data(), text.size()};
}

constexpr int64_t size = 3;
const int64_t vectorDims[] = {size};
constexpr LambentLayerInfo makeLayer() {
  LambentLayerInfo layer = {};
  layer.name = "turn";
  layer.kernel = layer.op = "copy";
  layer.shapes = "";
  layer.choice_key = "";
  return layer;
}
const LambentLayerInfo layers[] = {makeLayer()};
const LambentString own[] = {{"", 0}, {"own", 3}};

/// y = x backwards, and where x is "own".
void runTurn(LambentCall *call) {
  auto *x = static_cast<const int64_t *>(call->inputs[0]);
  auto *y = static_cast<int64_t *>(call->outputs[0]);
  for (int64_t i = 0; i < size; ++i) {
    y[size - 1 - i] = x[i];
    static_cast<bool *>(call->outputs[1])[i] = x[i] == 1;
  }
}

/// Numbers that are no string's, as an index out of its dim may find.
template <int64_t number> void runWrong(LambentCall *call) {
  for (int64_t i = 0; i < size; ++i)
    static_cast<int64_t *>(call->outputs[0])[i] = number;
}

class StringTest : public testing::Test {
protected:
  StringTest() {
    infos[0] = makeInfo("x", LAMBENT_STRING, 128, 1, vectorDims);
    infos[1] = makeInfo("y", LAMBENT_STRING, 128, 1, vectorDims);
    infos[2] = makeInfo("own", LAMBENT_BOOL, 8, 1, vectorDims);
    model.magic = LAMBENT_MODEL_MAGIC;
    model.abi = LAMBENT_MODEL_ABI;
    model.size = sizeof(model);
    model.name = "turn";
    model.producer = "by hand";
    model.cpu = "x86-64";
    model.cpu_features = model.metadata = "";
    model.num_inputs = 1;
    model.num_outputs = 2;
    model.inputs = infos;
    model.outputs = infos + 1;
    model.num_layers = 1;
    model.layers = layers;
    model.tuning.description = "generic";
    model.run = runTurn;
    model.num_strings = 2;
    model.strings = own;
    describe(outputs[0], nullptr, infos[1]);
    describe(outputs[1], isOwn, infos[2]);
  }
  void TearDown() override {
    lambent_context_destroy(context);
    lambent_module_destroy(module);
    for (void *block : blocks)
      free(block);
  }
  static void describe(LambentTensor &tensor, void *data,
                       const LambentTensorInfo &info) {
    tensor = {data,
              {LAMBENT_DEVICE_CPU, 0},
              1,
              {info.type_code, info.type_bits, 1},
              const_cast<int64_t *>(vectorDims),
              nullptr,
              0};
  }
  static void *allocate(void *user, uint32_t, uint64_t bytes) {
    auto *test = static_cast<StringTest *>(user);
    test->asked = bytes;
    test->blocks.push_back(aligned_alloc(64, (bytes + 63) / 64 * 64));
    return test->blocks.back();
  }
  std::string make() {
    lambent_module_destroy(module);
    module = nullptr;
    return take(lambent_module_create(&model, nullptr, nullptr, &module));
  }
  std::string run(LambentString *x, bool allocates = true) {
    if (!context) {
      EXPECT_EQ(make(), "");
      EXPECT_EQ(take(lambent_context_create(module, nullptr, &context)), "");
    }
    LambentTensor input;
    describe(input, x, infos[0]);
    LambentRunOptions options = {};
    options.size = sizeof(options);
    options.allocate = allocates ? allocate : nullptr;
    options.user = this;
    return take(lambent_context_run(context, &input, 1, outputs, 2, &options));
  }
  const LambentString *y() const {
    return static_cast<const LambentString *>(outputs[0].data);
  }

  LambentTensorInfo infos[3];
  LambentModel model = {};
  LambentModule *module = nullptr;
  LambentContext *context = nullptr;
  LambentTensor outputs[2];
  bool isOwn[size] = {};
  uint64_t asked = 0;
  std::vector<void *> blocks;
};

TEST_F(StringTest, outputsWithoutDataGetOneBlockOfTheirOwn) {
  std::string bytes[] = {std::string("a\0b", 3), "", "own"};
  LambentString x[] = {viewOf(bytes[0]), {nullptr, 0}, viewOf(bytes[2])};
  ASSERT_EQ(run(x), "");
  EXPECT_EQ(asked, 3 * sizeof(LambentString) + 6 + 3);
  for (std::string &text : bytes)
    std::fill(text.begin(), text.end(), '?');
  EXPECT_EQ(textOf(y()[0]), "own");
  EXPECT_EQ(textOf(y()[1]), "");
  EXPECT_EQ(textOf(y()[2]), std::string("a\0b", 3));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(y()[i].data[y()[i].length], 0);
  EXPECT_FALSE(isOwn[0]);
  EXPECT_TRUE(isOwn[2]);
}

TEST_F(StringTest, outputsWithDataPointToWhereTheBytesAre) {
  std::string first = "first", last = "own";
  LambentString x[] = {viewOf(first), viewOf(first), viewOf(last)}, found[3];
  outputs[0].data = found;
  ASSERT_EQ(run(x, /*allocates=*/false), "");
  EXPECT_EQ(found[2].data, first.data());
  EXPECT_EQ(found[0].data, own[1].data);
  EXPECT_EQ(asked, 0u);
}

TEST_F(StringTest, runsShareNoStrings) {
  for (int i = 0; i < 300; ++i) {
    std::string texts[size];
    LambentString x[size];
    for (int64_t j = 0; j < size; ++j) {
      texts[j] = std::to_string(j ? i : 7) + std::string(size_t(i % 40), 'z');
      x[j] = viewOf(texts[j]);
    }
    outputs[0].data = nullptr;
    ASSERT_EQ(run(x), "");
    for (int64_t j = 0; j < size; ++j)
      ASSERT_EQ(textOf(y()[size - 1 - j]), texts[j]);
  }
}

TEST_F(StringTest, refusesWhatCantBeRead) {
  LambentString x[] = {{"a", 1}, {nullptr, 2}, {"b", 1}};
  EXPECT_EQ(run(x), "input 'x': expected the bytes of string 1, but got a null "
                    "pointer");
  EXPECT_EQ(run(nullptr), "input 'x': expected data, but got a null pointer");
  alignas(8) char bytes[sizeof(x) + 8];
  auto *odd = reinterpret_cast<LambentString *>(bytes + 4);
  EXPECT_NE(run(odd).find("expected data aligned to its elements' 8 bytes"),
            std::string::npos);
  x[1].length = 0;
  EXPECT_EQ(run(x, /*allocates=*/false),
            "output 'y' has no data, and no allocator was given");
  outputs[0].data = bytes + 4;
  EXPECT_NE(run(x).find("output 'y': expected data aligned to its elements' 8 "
                        "bytes"),
            std::string::npos);
  outputs[0].data = nullptr;
  outputs[0].dtype.bits = 64;
  EXPECT_EQ(run(x), ""); // what is described is not looked at
}

TEST_F(StringTest, refusesNumbersOfNoString) {
  LambentString x[] = {{"a", 1}, {"b", 1}, {"c", 1}};
  for (auto *wrong : {runWrong<-1>, runWrong<5>, runWrong<INT64_MIN>}) {
    lambent_context_destroy(context);
    context = nullptr;
    model.run = wrong;
    EXPECT_EQ(run(x), "output 'y': element 0 is no string of the run: an index "
                      "may have led out of its dim");
  }
}

TEST_F(StringTest, damagedTablesAreRefused) {
  const LambentString noEmpty[] = {{"own", 3}, {"", 0}},
                      noBytes[] = {{"", 0}, {nullptr, 3}},
                      twice[] = {{"", 0}, {nullptr, 0}};
  for (const LambentString *strings :
       {static_cast<const LambentString *>(nullptr), noEmpty, noBytes}) {
    model.strings = strings;
    EXPECT_EQ(make(), "'turn' is damaged: its description is not complete");
  }
  model.strings = twice;
  ASSERT_EQ(make(), "");
  EXPECT_EQ(take(lambent_context_create(module, nullptr, &context)),
            "'turn' is damaged: two of its strings are equal");
  model.strings = own;
  infos[0].donated = infos[1].donated = 1;
  EXPECT_EQ(make(), "'turn' is damaged: its description is not complete");
}

/// Many strings, of which the table has to forget some and grow for others.
TEST_F(StringTest, tablesNumberEqualStringsAlike) {
  StringTable *table;
  ASSERT_EQ(take(StringTable::create(model, &table)), "");
  std::vector<std::string> texts;
  for (int i = 0; i < 5000; ++i)
    texts.push_back("word " + std::to_string(i * i % 4001));
  for (size_t count : {10, 5000, 3, 900}) {
    table->forget();
    EXPECT_EQ(table->find(2), nullptr);
    std::vector<int64_t> numbers(count);
    for (size_t i = 0; i < count; ++i)
      ASSERT_EQ(take(table->add(viewOf(texts[i]), numbers[i])), "");
    for (size_t i = 0; i < count; ++i) {
      ASSERT_EQ(textOf(*table->find(numbers[i])), texts[i]);
      for (size_t j = 0; j < i; j += 97)
        ASSERT_EQ(numbers[i] == numbers[j], texts[i] == texts[j]);
    }
    int64_t number;
    ASSERT_EQ(take(table->add({"", 0}, number)), "");
    EXPECT_EQ(number, 0);
    ASSERT_EQ(take(table->add({"own", 3}, number)), "");
    EXPECT_EQ(number, 1);
  }
  table->destroy();
}

} // namespace
