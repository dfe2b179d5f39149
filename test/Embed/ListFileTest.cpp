//===- ListFileTest.cpp - Sequences and optionals in files ----------------===//

#include "Models.h"
#include "lambent-c/tensor_file.h"
#include <filesystem>
#include <fstream>
#include <random>
#include <string.h>
#include <unistd.h>

using namespace lambent::test;
namespace fs = std::filesystem;

namespace {

class ListFileTest : public testing::Test {
protected:
  void SetUp() override {
    folder = fs::temp_directory_path() /
             ("lambent-lists-" + std::to_string(getpid()));
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string path(const std::string &name) const {
    return (folder / name).string();
  }
  static LambentTensor makeTensor(std::vector<float> &data,
                                  std::vector<int64_t> &dims) {
    return {data.data(),
            {LAMBENT_DEVICE_CPU, 0},
            int32_t(dims.size()),
            {LAMBENT_FLOAT, 32, 1},
            dims.data(),
            nullptr,
            0};
  }
  static LambentTensor
  makeList(uint8_t code, std::vector<LambentTensor> &values, int64_t &length) {
    length = int64_t(values.size());
    return {values.data(),
            {LAMBENT_DEVICE_CPU, 0},
            1,
            {code, 0, 1},
            &length,
            nullptr,
            0};
  }
  /// Reads input 'x', a value of `code`, from the folder; the message, or "".
  std::string read(uint8_t code, LambentTensorSet *&set) {
    const char *name = "x";
    set = nullptr;
    return take(lambent_tensor_set_read_values(folder.c_str(), &name, nullptr,
                                               &code, 1, &set));
  }

  fs::path folder;
  std::vector<float> first{1, 2, 3, 4, 5, 6}, second{7};
  std::vector<int64_t> firstDims{2, 3}, secondDims{};
  std::vector<LambentTensor> tensors{makeTensor(first, firstDims),
                                     makeTensor(second, secondDims)};
};

TEST_F(ListFileTest, sequencesSurviveBothForms) {
  int64_t length;
  LambentTensor list = makeList(LAMBENT_SEQUENCE, tensors, length);
  for (const char *file : {"x.npy", "input_0.pb"}) {
    ASSERT_EQ(take(lambent_tensor_write(path(file).c_str(), &list, "x")), "");
    LambentTensorSet *set;
    ASSERT_EQ(read(LAMBENT_SEQUENCE, set), "") << file;
    const LambentTensor &back = *lambent_tensor_set_tensors(set);
    ASSERT_EQ(back.dtype.code, LAMBENT_SEQUENCE);
    ASSERT_EQ(back.shape[0], 2);
    auto *values = static_cast<const LambentTensor *>(back.data);
    EXPECT_EQ(values[0].ndim, 2);
    EXPECT_EQ(values[0].shape[1], 3);
    EXPECT_EQ(memcmp(values[0].data, first.data(), 6 * sizeof(float)), 0);
    EXPECT_EQ(values[1].ndim, 0);
    EXPECT_EQ(*static_cast<const float *>(values[1].data), 7);
    lambent_tensor_set_destroy(set);
  }
}

TEST_F(ListFileTest, aShorterSequenceLeavesNothingOfALongerOne) {
  int64_t length;
  LambentTensor list = makeList(LAMBENT_SEQUENCE, tensors, length);
  ASSERT_EQ(take(lambent_tensor_write(path("x.npy").c_str(), &list, "x")), "");
  length = 1;
  ASSERT_EQ(take(lambent_tensor_write(path("x.npy").c_str(), &list, "x")), "");
  EXPECT_TRUE(fs::exists(folder / "x" / "0.npy"));
  EXPECT_FALSE(fs::exists(folder / "x" / "1.npy"));
}

TEST_F(ListFileTest, optionalsSurviveBothForms) {
  int64_t length, inner;
  std::vector<LambentTensor> one{tensors[0]}, none,
      sequence{makeList(LAMBENT_SEQUENCE, tensors, inner)};
  for (const char *file : {"x.npy", "input_0.pb"})
    for (std::vector<LambentTensor> *values : {&none, &one, &sequence}) {
      fs::remove_all(folder);
      fs::create_directories(folder);
      LambentTensor optional = makeList(LAMBENT_OPTIONAL, *values, length);
      ASSERT_EQ(take(lambent_tensor_write(path(file).c_str(), &optional, "x")),
                "");
      LambentTensorSet *set;
      ASSERT_EQ(read(LAMBENT_OPTIONAL, set), "") << file;
      const LambentTensor &back = *lambent_tensor_set_tensors(set);
      EXPECT_EQ(back.dtype.code, LAMBENT_OPTIONAL);
      ASSERT_EQ(back.shape[0], length);
      if (length) {
        auto *value = static_cast<const LambentTensor *>(back.data);
        EXPECT_EQ(value->dtype.code, (*values)[0].dtype.code);
        EXPECT_EQ(value->shape[0], (*values)[0].shape[0]);
      }
      lambent_tensor_set_destroy(set);
    }
}

TEST_F(ListFileTest, wrongFilesAreRefused) {
  LambentTensorSet *set;
  EXPECT_EQ(read(LAMBENT_SEQUENCE, set),
            "cannot open '" + path("x") +
                "': expected a folder with the tensors of a sequence, 0.npy, "
                "1.npy ...");
  auto write = [&](const std::string &bytes) {
    fs::remove(path("input_0.pb"));
    std::ofstream(path("input_0.pb"), std::ios::binary) << bytes;
  };
  write("\x1a\x7f");
  EXPECT_EQ(read(LAMBENT_SEQUENCE, set),
            "'" + path("input_0.pb") +
                "' is not a SequenceProto, or is damaged");
  write(std::string("\x10\x01\x1a\x00\x1a\x00", 6));
  EXPECT_EQ(read(LAMBENT_OPTIONAL, set),
            "'" + path("input_0.pb") +
                "' is not an OptionalProto, or is damaged");
  write("\x10\x04");
  EXPECT_EQ(read(LAMBENT_SEQUENCE, set),
            "'" + path("input_0.pb") +
                "': a SequenceProto of other values than tensors is not "
                "supported");
}

TEST_F(ListFileTest, wrongListsAreNotWritten) {
  int64_t length;
  LambentTensor list = makeList(LAMBENT_SEQUENCE, tensors, length);
  length = -1;
  EXPECT_EQ(take(lambent_tensor_write(path("x.npy").c_str(), &list, "x")),
            "tensor '" + path("x.npy") +
                "': expected a list of tensors, with its length as its shape");
}

TEST_F(ListFileTest, randomMutationsNeverCrash) {
  int64_t length, inner;
  std::vector<LambentTensor> sequence{
      makeList(LAMBENT_SEQUENCE, tensors, inner)};
  LambentTensor list = makeList(LAMBENT_OPTIONAL, sequence, length);
  ASSERT_EQ(take(lambent_tensor_write(path("input_0.pb").c_str(), &list, "x")),
            "");
  std::ifstream file(path("input_0.pb"), std::ios::binary);
  std::string good((std::istreambuf_iterator<char>(file)), {});
  std::mt19937 random(3);
  for (int i = 0; i < 500; ++i) {
    std::string bytes = good;
    for (unsigned n = random() % 4 + 1; n > 0; --n)
      bytes[random() % bytes.size()] = char(random());
    fs::remove(path("input_0.pb"));
    std::ofstream(path("input_0.pb"), std::ios::binary) << bytes;
    for (uint8_t code : {LAMBENT_SEQUENCE, LAMBENT_OPTIONAL}) {
      LambentTensorSet *set;
      (void)read(code, set);
      lambent_tensor_set_destroy(set);
    }
  }
}

} // namespace
