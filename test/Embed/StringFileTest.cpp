//===- StringFileTest.cpp - Strings in .npy and .pb files -----------------===//

#include "Models.h"
#include "lambent-c/tensor_file.h"
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace lambent::test;
namespace fs = std::filesystem;

namespace {

class StringFileTest : public testing::Test {
protected:
  void SetUp() override {
    folder = fs::temp_directory_path() /
             ("lambent-strings-" + std::to_string(getpid()));
    fs::create_directories(folder);
  }
  void TearDown() override {
    lambent_tensor_set_destroy(set);
    fs::remove_all(folder);
  }
  std::string path(const std::string &name) const {
    return (folder / name).string();
  }
  /// The message with the path cut out.
  std::string shorten(std::string message, const std::string &name) const {
    size_t at = message.find(path(name));
    return at == std::string::npos
               ? message
               : message.replace(at, path(name).size(), name);
  }
  std::string write(const std::string &name,
                    const std::vector<std::string> &texts,
                    std::vector<int64_t> dims) {
    std::vector<LambentString> strings;
    for (const std::string &text : texts)
      strings.push_back({text.data(), text.size()});
    LambentTensor tensor = {strings.data(),
                            {LAMBENT_DEVICE_CPU, 0},
                            int32_t(dims.size()),
                            {LAMBENT_STRING, 128, 1},
                            dims.data(),
                            nullptr,
                            0};
    return shorten(take(lambent_tensor_write(path(name).c_str(), &tensor, "t")),
                   name);
  }
  std::string read(const std::string &name) {
    lambent_tensor_set_destroy(set);
    set = nullptr;
    return shorten(take(lambent_tensor_read(path(name).c_str(), &set)), name);
  }
  std::vector<std::string> found() const {
    const LambentTensor &tensor = *lambent_tensor_set_tensors(set);
    EXPECT_EQ(tensor.dtype.code, LAMBENT_STRING);
    EXPECT_EQ(tensor.dtype.bits, 128);
    int64_t count = 1;
    for (int32_t i = 0; i < tensor.ndim; ++i)
      count *= tensor.shape[i];
    std::vector<std::string> texts;
    for (int64_t i = 0; i < count; ++i) {
      auto &string = static_cast<const LambentString *>(tensor.data)[i];
      texts.emplace_back(string.length ? string.data : "", string.length);
    }
    return texts;
  }
  /// A file of format 1.0 with an array of the type.
  std::string readNpy(const std::string &type, const std::string &shape,
                      const std::string &data, bool fortran = false) {
    std::string header = "{'descr': '" + type +
                         "', 'fortran_order': " + (fortran ? "True" : "False") +
                         ", 'shape': (" + shape + "), }";
    std::string bytes = std::string("\x93NUMPY\x01\x00", 8);
    bytes += static_cast<char>(header.size());
    bytes += '\0';
    std::ofstream(path("x.npy"), std::ios::binary) << bytes << header << data;
    return read("x.npy");
  }
  /// As an array of unicode has code points.
  static std::string encode(std::initializer_list<uint32_t> points) {
    std::string data;
    for (uint32_t point : points)
      for (int shift = 0; shift < 32; shift += 8)
        data += static_cast<char>(point >> shift);
    return data;
  }

  fs::path folder;
  LambentTensorSet *set = nullptr;
};

TEST_F(StringFileTest, textSurvivesBothForms) {
  const std::vector<std::string> texts = {"one",
                                          "",
                                          "\xc3\xa9t\xc3\xa9",
                                          "\xf0\x9f\x98\x80 \xe2\x82\xac",
                                          std::string("a\0b", 3),
                                          std::string(300, 'x')};
  for (const char *name : {"t.npy", "t.pb"}) {
    ASSERT_EQ(write(name, texts, {2, 3}), "");
    ASSERT_EQ(read(name), "");
    EXPECT_EQ(found(), texts) << name;
    EXPECT_EQ(lambent_tensor_set_tensors(set)->shape[1], 3);
    ASSERT_EQ(write(name, {"scalar"}, {}), "");
    ASSERT_EQ(read(name), "");
    EXPECT_EQ(found(), std::vector<std::string>{"scalar"});
    ASSERT_EQ(write(name, {}, {0, 2}), "");
    ASSERT_EQ(read(name), "");
    EXPECT_EQ(found(), std::vector<std::string>());
    ASSERT_EQ(write(name, {"", ""}, {2}), "");
    ASSERT_EQ(read(name), "");
    EXPECT_EQ(found(), (std::vector<std::string>{"", ""}));
  }
}

TEST_F(StringFileTest, otherBytesSurviveBothForms) {
  // A lone byte of several, a surrogate, and a longer way to write 'A'.
  for (std::string bytes : {"\xff", "\xed\xa0\x80", "\xc1\x81", "\xe2\x82",
                            "\x80", "\xf4\x90\x80\x80"}) {
    const std::vector<std::string> texts = {"plain", bytes, "", "x" + bytes};
    for (const char *name : {"t.npy", "t.pb"}) {
      ASSERT_EQ(write(name, texts, {4}), "");
      ASSERT_EQ(read(name), "");
      EXPECT_EQ(found(), texts) << name;
    }
  }
}

TEST_F(StringFileTest, zerosAtTheEndNeedProtobuf) {
  const std::vector<std::string> texts = {"a", std::string("b\0", 2)};
  EXPECT_EQ(write("t.npy", texts, {2}),
            "cannot write 't.npy': string 1 ends in a zero, which an .npy file "
            "does not keep: write .pb files");
  EXPECT_FALSE(fs::exists(folder / "t.npy"));
  ASSERT_EQ(write("t.pb", texts, {2}), "");
  ASSERT_EQ(read("t.pb"), "");
  EXPECT_EQ(found(), texts);
}

TEST_F(StringFileTest, readsWhatNumPyWrites) {
  ASSERT_EQ(readNpy("|S3", "2, 2", std::string("ab\0abcc\0\0\0\0\0", 12)), "");
  EXPECT_EQ(found(), (std::vector<std::string>{"ab", "abc", "c", ""}));
  ASSERT_EQ(readNpy("|S3", "2, 2", std::string("ab\0abcc\0\0\0\0\0", 12), true),
            "");
  EXPECT_EQ(found(), (std::vector<std::string>{"ab", "c", "abc", ""}));
  ASSERT_EQ(readNpy("<U2", "2,", encode({0x20AC, 0x1F600, 'x', 0})), "");
  EXPECT_EQ(found(),
            (std::vector<std::string>{"\xe2\x82\xac\xf0\x9f\x98\x80", "x"}));
  ASSERT_EQ(readNpy("<U0", "3,", ""), "");
  EXPECT_EQ(found(), (std::vector<std::string>{"", "", ""}));
}

TEST_F(StringFileTest, refusesOtherFiles) {
  EXPECT_EQ(readNpy("|O", "1,", "pickled"),
            "'x.npy': expected an array of numbers or strings, but got one of "
            "objects: save strings as array.astype('U') or, of bytes, "
            "array.astype('S')");
  for (const char *type : {">U1", ">U2"})
    EXPECT_EQ(readNpy(type, "1,", encode({'x'})),
              "'x.npy': expected a little-endian array, but got big-endian '" +
                  std::string(type) + "'");
  EXPECT_EQ(readNpy("<U2", "1,", "abcd"),
            "'x.npy': its header describes string[1], but 4 bytes of data "
            "follow");
  EXPECT_EQ(readNpy("<U1", "1,", encode({0xD800})),
            "'x.npy': element 0 is no text: it has code points that Unicode "
            "does not have");
  EXPECT_EQ(readNpy("<U0", "3000000000,", ""),
            "'x.npy': expected at most 2^20 strings without bytes, but got "
            "3000000000");
  for (const char *type : {"<U", "<Ux", "<U99999999999"})
    EXPECT_EQ(readNpy(type, "1,", ""),
              "'x.npy': expected an array of numbers or strings, but got NumPy "
              "type '" +
                  std::string(type) + "'");
}

TEST_F(StringFileTest, refusesDamagedMessages) {
  auto readPb = [&](const std::string &bytes) {
    std::ofstream(path("x.pb"), std::ios::binary) << bytes;
    return read("x.pb");
  };
  const std::string type("\x08\x02\x10\x08", 4); // string[2]
  ASSERT_EQ(readPb(type +
                   "\x32\x01"
                   "a" +
                   std::string("\x32\x00", 2)),
            "");
  EXPECT_EQ(found(), (std::vector<std::string>{"a", ""}));
  EXPECT_EQ(readPb(type + "\x32\x01"
                          "a"),
            "'x.pb': it describes string[2], but has 1 elements");
  EXPECT_EQ(readPb(type + "\x4a\x02"
                          "ab"),
            "'x.pb': it describes string[2], but has raw data, which strings "
            "can't have");
  EXPECT_EQ(readPb(type + "\x30\x01"), "'x.pb' is not a TensorProto, or is "
                                       "damaged");
  EXPECT_EQ(readPb(type + "\x32\x09"
                          "a"),
            "'x.pb' is not a TensorProto, or is "
            "damaged");
}

TEST_F(StringFileTest, refusesStringsWithoutBytes) {
  LambentString strings[] = {{"a", 1}, {nullptr, 4}};
  int64_t dim = 2;
  LambentTensor tensor = {strings, {LAMBENT_DEVICE_CPU, 0},
                          1,       {LAMBENT_STRING, 128, 1},
                          &dim,    nullptr,
                          0};
  EXPECT_EQ(shorten(take(lambent_tensor_write(path("t.npy").c_str(), &tensor,
                                              nullptr)),
                    "t.npy"),
            "tensor 't.npy': expected the bytes of string 1, but got a null "
            "pointer");
}

TEST_F(StringFileTest, sequencesOfStringsSurviveBothForms) {
  LambentString strings[] = {{"a", 1}, {"bc", 2}};
  int64_t dims[] = {2, 1}, length = 2;
  LambentTensor values[2];
  for (int i = 0; i < 2; ++i)
    values[i] = {strings + i,
                 {LAMBENT_DEVICE_CPU, 0},
                 1,
                 {LAMBENT_STRING, 128, 1},
                 dims + i,
                 nullptr,
                 0};
  values[1].shape = dims + 1;
  LambentTensor list = {values,  {LAMBENT_DEVICE_CPU, 0},
                        1,       {LAMBENT_SEQUENCE, 0, 1},
                        &length, nullptr,
                        0};
  for (const char *file : {"x.npy", "input_0.pb"}) {
    ASSERT_EQ(take(lambent_tensor_write(path(file).c_str(), &list, "x")), "");
    const char *name = "x";
    uint8_t code = LAMBENT_SEQUENCE;
    lambent_tensor_set_destroy(set);
    set = nullptr;
    ASSERT_EQ(take(lambent_tensor_set_read_values(folder.c_str(), &name,
                                                  nullptr, &code, 1, &set)),
              "");
    const LambentTensor &back = *lambent_tensor_set_tensors(set);
    auto *found = static_cast<const LambentTensor *>(back.data);
    ASSERT_EQ(back.shape[0], 2);
    EXPECT_EQ(found[0].shape[0], 2);
    auto *last = static_cast<const LambentString *>(found[1].data);
    EXPECT_EQ(std::string(last->data, last->length), "bc");
  }
}

} // namespace
