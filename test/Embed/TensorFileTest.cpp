//===- TensorFileTest.cpp - .npy and .pb files ----------------------------===//

#include "Models.h"
#include "lambent-c/tensor_file.h"
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string.h>
#include <unistd.h>

using namespace lambent::test;
namespace fs = std::filesystem;

namespace {

class TensorFileTest : public testing::Test {
protected:
  void SetUp() override {
    folder = fs::temp_directory_path() /
             ("lambent-tensors-" + std::to_string(getpid()));
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string path(const std::string &name) const {
    return (folder / name).string();
  }
  void write(const std::string &name, const std::string &bytes) {
    // A new file is many times faster to write than an old one that is cut to
    // nothing.
    fs::remove(path(name));
    std::ofstream(path(name), std::ios::binary) << bytes;
  }
  std::string read(const std::string &name) {
    std::stringstream text;
    text << std::ifstream(path(name), std::ios::binary).rdbuf();
    return text.str();
  }
  /// A file of format 1.0 with the given header.
  void writeNpy(const std::string &name, const std::string &header,
                const std::string &data) {
    std::string bytes = std::string("\x93NUMPY\x01\x00", 8);
    bytes += static_cast<char>(header.size() & 255);
    bytes += static_cast<char>(header.size() >> 8);
    write(name, bytes + header + data);
  }
  /// The message of a failed reading with the path cut out, or "".
  std::string fail(const std::string &name) {
    LambentTensorSet *set = nullptr;
    std::string message = take(lambent_tensor_read(path(name).c_str(), &set));
    lambent_tensor_set_destroy(set);
    size_t at = message.find(path(name));
    return at == std::string::npos
               ? message
               : message.replace(at, path(name).size(), name);
  }
  fs::path folder;
};

TEST_F(TensorFileTest, everyTypeSurvivesBothForms) {
  const LambentDataType types[] = {
      {LAMBENT_BOOL, 8, 1},   {LAMBENT_INT, 8, 1},    {LAMBENT_INT, 16, 1},
      {LAMBENT_INT, 32, 1},   {LAMBENT_INT, 64, 1},   {LAMBENT_UINT, 8, 1},
      {LAMBENT_UINT, 16, 1},  {LAMBENT_UINT, 32, 1},  {LAMBENT_UINT, 64, 1},
      {LAMBENT_FLOAT, 16, 1}, {LAMBENT_FLOAT, 32, 1}, {LAMBENT_FLOAT, 64, 1},
      {LAMBENT_BFLOAT, 16, 1}};
  std::vector<unsigned char> data(2 * 3 * 8);
  for (size_t i = 0; i < data.size(); ++i)
    data[i] = i % 2;
  for (const char *name : {"t.npy", "t.pb"})
    for (LambentDataType type : types)
      for (std::vector<int64_t> dims :
           {std::vector<int64_t>{2, 3}, {}, {5}, {0, 3}}) {
        LambentTensor tensor = {
            data.data(), {1, 0}, int32_t(dims.size()), type, dims.data(),
            nullptr,     0};
        ASSERT_EQ(take(lambent_tensor_write(path(name).c_str(), &tensor, "t")),
                  "");
        LambentTensorSet *set;
        ASSERT_EQ(take(lambent_tensor_read(path(name).c_str(), &set)), "");
        const LambentTensor &back = *lambent_tensor_set_tensors(set);
        EXPECT_EQ(back.dtype.code, type.code);
        EXPECT_EQ(back.dtype.bits, type.bits);
        EXPECT_EQ(std::vector<int64_t>(back.shape, back.shape + back.ndim),
                  dims);
        size_t bytes = type.bits / 8;
        for (int64_t dim : dims)
          bytes *= dim;
        EXPECT_EQ(memcmp(back.data, data.data(), bytes), 0);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(back.data) % 64, 0u);
        lambent_tensor_set_destroy(set);
      }
}

TEST_F(TensorFileTest, narrowTypesArePackedInProtobufOnly) {
  struct {
    LambentDataType type;
    unsigned char mask, packed[3];
    size_t packedBytes;
  } cases[] = {{{LAMBENT_INT, 4, 1}, 15, {0x21, 0x43, 0x05}, 3},
               {{LAMBENT_UINT, 2, 1}, 3, {0x39, 0x01, 0}, 2},
               {{LAMBENT_FLOAT4_E2M1FN, 4, 1}, 15, {0x21, 0x43, 0x05}, 3},
               {{LAMBENT_FLOAT8_E8M0FNU, 8, 1}, 255, {1, 2, 3}, 3}};
  for (auto &row : cases) {
    int64_t count = row.type.bits == 8 ? 3 : 5;
    LambentTensor tensor = {row.packed, {1, 0}, 1, row.type,
                            &count,     nullptr, 0};
    for (const char *name : {"t.npy", "t.pb"}) {
      bool isNpy = std::string(name) == "t.npy";
      ASSERT_EQ(take(lambent_tensor_write(path(name).c_str(), &tensor, "t")),
                "");
      LambentTensorSet *set;
      ASSERT_EQ(take(lambent_tensor_read(path(name).c_str(), &set)), "");
      LambentTensor &back = *lambent_tensor_set_tensors(set);
      EXPECT_EQ(back.dtype.code, isNpy ? LAMBENT_OPAQUE : row.type.code);
      EXPECT_EQ(back.dtype.bits, isNpy ? 8 : row.type.bits);
      if (isNpy) {
        auto *bytes = static_cast<unsigned char *>(back.data);
        for (int64_t i = 0; i < count; ++i)
          EXPECT_EQ(bytes[i], (i + 1) & row.mask);
      }
      ASSERT_EQ(take(lambent_tensor_set_type(set, 0, row.type)), "");
      EXPECT_EQ(back.dtype.code, row.type.code);
      EXPECT_EQ(back.dtype.bits, row.type.bits);
      EXPECT_EQ(memcmp(back.data, row.packed, row.packedBytes), 0);
      // Only opaque elements are told what they are.
      ASSERT_EQ(take(lambent_tensor_set_type(set, 0, {LAMBENT_INT, 8, 1})), "");
      EXPECT_EQ(back.dtype.code, row.type.code);
      EXPECT_NE(take(lambent_tensor_set_type(set, 1, row.type))
                    .find("expected an index below 1, but got 1"),
                std::string::npos);
      lambent_tensor_set_destroy(set);
    }
  }
}

/// What ml_dtypes writes of e5m2, which NumPy does not read back.
TEST_F(TensorFileTest, oneFloatByteIsE5M2) {
  writeNpy("f.npy", "{'descr': '<f1', 'fortran_order': False, 'shape': (2,), }",
           std::string("\x3c\x7b", 2));
  LambentTensorSet *set;
  ASSERT_EQ(take(lambent_tensor_read(path("f.npy").c_str(), &set)), "");
  EXPECT_EQ(lambent_tensor_set_tensors(set)->dtype.code, LAMBENT_FLOAT8_E5M2);
  lambent_tensor_set_destroy(set);
}

/// Each number of int32_data is a byte of packed elements.
TEST_F(TensorFileTest, packedElementsComeAsNumbers) {
  write("t.pb", std::string("\x08\x03\x10\x16\x2a\x03\xa1\x01\x02", 9));
  LambentTensorSet *set;
  ASSERT_EQ(take(lambent_tensor_read(path("t.pb").c_str(), &set)), "");
  EXPECT_EQ(memcmp(lambent_tensor_set_tensors(set)->data, "\xa1\x02", 2), 0);
  lambent_tensor_set_destroy(set);
  write("t.pb", std::string("\x08\x03\x10\x16\x2a\x02\xa1\x01", 8));
  EXPECT_EQ(fail("t.pb"), "'t.pb': it describes i4[3], but has 1 elements");
}

TEST_F(TensorFileTest, fortranOrderIsTransposed) {
  writeNpy("f.npy",
           "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }",
           std::string("\0\1\2\3\4\5", 6));
  LambentTensorSet *set;
  ASSERT_EQ(take(lambent_tensor_read(path("f.npy").c_str(), &set)), "");
  EXPECT_EQ(memcmp(lambent_tensor_set_tensors(set)->data, "\0\2\4\1\3\5", 6),
            0);
  lambent_tensor_set_destroy(set);
}

TEST_F(TensorFileTest, boolsBecomeZeroOrOne) {
  writeNpy("b.npy", "{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }",
           std::string("\0\7\1", 3));
  LambentTensorSet *set;
  ASSERT_EQ(take(lambent_tensor_read(path("b.npy").c_str(), &set)), "");
  EXPECT_EQ(memcmp(lambent_tensor_set_tensors(set)->data, "\0\1\1", 3), 0);
  lambent_tensor_set_destroy(set);
}

TEST_F(TensorFileTest, wrongNpyFilesAreRefused) {
  EXPECT_EQ(fail("none.npy"),
            "cannot open 'none.npy': No such file or directory");
  write("a.npy", "");
  EXPECT_EQ(fail("a.npy"), "'a.npy' is not a NumPy file");
  write("a.npy", "\x93NUMPY\x09");
  EXPECT_EQ(fail("a.npy"),
            "'a.npy': expected NumPy's format 1.0, 2.0 or 3.0, but got 9.0");
  write("a.npy", std::string("\x93NUMPY\x01\x00\xff\xff{", 11));
  EXPECT_EQ(fail("a.npy"),
            "'a.npy' is truncated or its NumPy header is damaged");
  writeNpy("a.npy", "{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }",
           "abcd");
  EXPECT_EQ(
      fail("a.npy"),
      "'a.npy': expected a little-endian array, but got big-endian '>f4'");
  writeNpy("a.npy", "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }",
           "abcd");
  EXPECT_EQ(
      fail("a.npy"),
      "'a.npy': expected an array of numbers or strings, but got NumPy type "
      "'<c8'");
  writeNpy("a.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }",
           "abcd");
  EXPECT_EQ(fail("a.npy"),
            "'a.npy': its header describes f32[2], but 4 bytes of data follow");
  writeNpy("a.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }",
           "abcde");
  EXPECT_EQ(fail("a.npy"),
            "'a.npy': its header describes f32[1], but 5 bytes of data follow");
  writeNpy("a.npy",
           "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, "
           "4294967296, 4), }",
           "abcd");
  EXPECT_NE(fail("a.npy").find("but 4 bytes of data follow"),
            std::string::npos);
  std::string damaged = "'a.npy': its NumPy header is damaged or describes "
                        "more than an array of numbers";
  for (const char *header :
       {"", "{", "{}",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': "
        "(99999999999999999999,), }",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,), }",
        "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': "
        "(1,), }",
        "{'descr': '<f4", "{'shape': (1,1"}) {
    writeNpy("a.npy", header, "abcd");
    EXPECT_EQ(fail("a.npy"), damaged) << header;
  }
}

TEST_F(TensorFileTest, typedFieldsOfATensorProtoAreRead) {
  // dims: 3 (unpacked 1, packed 3); int64; int64_data packed 1, 2 and unpacked
  // -1.
  write("t.pb", std::string("\x08\x01\x0a\x01\x03\x10\x07\x3a\x02\x01\x02\x38"
                            "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
                            22));
  LambentTensorSet *set;
  ASSERT_EQ(take(lambent_tensor_read(path("t.pb").c_str(), &set)), "");
  const LambentTensor &tensor = *lambent_tensor_set_tensors(set);
  ASSERT_EQ(tensor.ndim, 2);
  EXPECT_EQ(tensor.shape[1], 3);
  const int64_t *data = static_cast<const int64_t *>(tensor.data);
  EXPECT_EQ(std::vector<int64_t>(data, data + 3),
            (std::vector<int64_t>{1, 2, -1}));
  lambent_tensor_set_destroy(set);
}

TEST_F(TensorFileTest, wrongTensorProtosAreRefused) {
  write("t.pb", "");
  EXPECT_EQ(fail("t.pb"), "'t.pb' is not a TensorProto, or is damaged");
  write("t.pb", "\xff\xff");
  EXPECT_EQ(fail("t.pb"), "'t.pb' is not a TensorProto, or is damaged");
  // raw_data is longer than the file.
  write("t.pb", std::string("\x10\x01\x4a\x7f\x00", 5));
  EXPECT_EQ(fail("t.pb"), "'t.pb' is not a TensorProto, or is damaged");
  write("t.pb", std::string("\x08\x02\x10\x01\x4a\x04\x00\x00\x00\x00", 10));
  EXPECT_EQ(fail("t.pb"),
            "'t.pb': it describes f32[2], but has 4 bytes of data");
  write("t.pb", "\x08\xff\xff\xff\xff\x0f\x10\x01");
  EXPECT_EQ(fail("t.pb"),
            "'t.pb': it describes f32[4294967295], but has fewer elements");
  write("t.pb", "\x10\x01\x70\x01");
  EXPECT_EQ(
      fail("t.pb"),
      "'t.pb': a TensorProto whose data lies in another file is not supported");
}

TEST_F(TensorFileTest, absurdShapesAreRefused) {
  auto messageOf = [](const std::vector<int64_t> &dims) {
    LambentTensorInfo info =
        makeInfo("x", LAMBENT_FLOAT, 32, dims.size(), dims.data());
    LambentTensorSet *set = nullptr;
    std::string message = take(lambent_tensor_set_create(&info, 1, &set));
    lambent_tensor_set_destroy(set);
    return message;
  };
  EXPECT_EQ(messageOf(std::vector<int64_t>(65, 1)),
            "'x': expected a rank of at most 64, but got 65");
  EXPECT_EQ(messageOf({-1}), "'x': expected dims of at least 0, but got -1");
  EXPECT_EQ(messageOf({int64_t(1) << 40, int64_t(1) << 40}),
            "'x': its dims multiply to more elements than memory can hold");
}

TEST_F(TensorFileTest, unknownTypesAreNotWritten) {
  char data = 0;
  LambentTensor tensor = {&data,   {LAMBENT_DEVICE_CPU, 0},
                          0,       {LAMBENT_FLOAT, 8, 1},
                          nullptr, nullptr,
                          0};
  EXPECT_NE(take(lambent_tensor_write(path("t.pb").c_str(), &tensor, "name"))
                .find("': no TensorProto type for its elements"),
            std::string::npos);
  EXPECT_NE(take(lambent_tensor_write(path("t.npy").c_str(), &tensor, "name"))
                .find("': NumPy has no such array"),
            std::string::npos);
}

/// Under sanitizers this finds what the cases above do not.
TEST_F(TensorFileTest, randomMutationsNeverCrash) {
  Tensor tensor(1.0f);
  tensor.dims = {3, 4};
  std::mt19937 random(1);
  for (const char *name : {"m.npy", "m.pb"}) {
    ASSERT_EQ(
        take(lambent_tensor_write(path(name).c_str(), &tensor.tensor, "name")),
        "");
    std::string good = read(name);
    for (int i = 0; i < 1500; ++i) {
      std::string bad = good;
      for (unsigned j = random() % 4; j < 4; ++j)
        bad[random() % bad.size()] = static_cast<char>(random());
      if (random() % 4 == 0)
        bad.resize(random() % bad.size());
      write(name, bad);
      fail(name);
    }
  }
}

TEST_F(TensorFileTest, foldersFollowTheNames) {
  const char *names[] = {"a:0", "b/c"};
  int64_t dim = 2;
  LambentTensorInfo infos[] = {makeInfo(names[0], LAMBENT_FLOAT, 32, 1, &dim),
                               makeInfo(names[1], LAMBENT_INT, 8, 1, &dim)};
  LambentTensorSet *set;
  ASSERT_EQ(take(lambent_tensor_set_create(infos, 2, &set)), "");
  EXPECT_EQ(lambent_tensor_set_size(set), 2u);
  static_cast<float *>(lambent_tensor_set_tensors(set)[0].data)[1] = 4.0f;
  ASSERT_EQ(
      take(lambent_tensor_set_write(set, path("new/out").c_str(), names, 0)),
      "");
  EXPECT_TRUE(fs::exists(folder / "new" / "out" / "a_0.npy"));
  EXPECT_TRUE(fs::exists(folder / "new" / "out" / "b_c.npy"));
  ASSERT_EQ(
      take(lambent_tensor_set_write(set, path("new/out").c_str(), names, 1)),
      "");
  fs::rename(folder / "new" / "out" / "output_0.pb",
             folder / "new" / "out" / "input_0.pb");
  fs::rename(folder / "new" / "out" / "output_1.pb",
             folder / "new" / "out" / "input_1.pb");
  lambent_tensor_set_destroy(set);
  for (bool protobuf : {true, false}) {
    ASSERT_EQ(
        take(lambent_tensor_set_read(path("new/out").c_str(), names, 2, &set)),
        "");
    EXPECT_EQ(lambent_tensor_set_is_protobuf(set), protobuf);
    EXPECT_EQ(static_cast<float *>(lambent_tensor_set_tensors(set)[0].data)[1],
              4.0f);
    lambent_tensor_set_destroy(set);
    fs::remove(folder / "new" / "out" / "input_0.pb");
  }
  const char *clash[] = {"a:0", "a;0"};
  EXPECT_EQ(
      take(lambent_tensor_set_read(path("new/out").c_str(), clash, 2, &set)),
      "inputs 'a:0' and 'a;0' share the file name '" + path("new/out") +
          "/a_0.npy'");
  ASSERT_EQ(
      take(lambent_tensor_set_read(path("none").c_str(), nullptr, 0, &set)),
      "");
  EXPECT_FALSE(lambent_tensor_set_is_protobuf(set));
  lambent_tensor_set_destroy(set);
}

/// What folders.test shows of the driver, for applications.
TEST_F(TensorFileTest, outputsReplaceNothingThatWasRead) {
  const char *names[] = {"x", "y"};
  int64_t dim = 2;
  LambentTensorInfo infos[] = {makeInfo(names[0], LAMBENT_FLOAT, 32, 1, &dim),
                               makeInfo(names[1], LAMBENT_FLOAT, 32, 1, &dim)};
  LambentTensorSet *both = nullptr, *inputs = nullptr;
  ASSERT_EQ(take(lambent_tensor_set_create(infos, 2, &both)), "");
  std::string in = path("in"), out = path("out"), other = path("kept");
  ASSERT_EQ(take(lambent_tensor_set_write(both, in.c_str(), names, 0)), "");
  ASSERT_EQ(take(lambent_tensor_set_read(in.c_str(), names, 1, &inputs)), "");

  EXPECT_EQ(take(lambent_tensor_set_write_outputs(both, in.c_str(), names,
                                                  inputs, nullptr, 0)),
            "cannot write '" + in +
                "/x.npy': it is the file of an input; write the outputs to "
                "another folder");
  EXPECT_EQ(take(lambent_tensor_set_write_outputs(both, out.c_str(), names,
                                                  inputs, nullptr, 0)),
            "");
  fs::rename(folder / "out" / "y.npy", other);
  fs::create_symlink(other, folder / "out" / "y.npy");
  const char *kept = other.c_str();
  EXPECT_EQ(take(lambent_tensor_set_write_outputs(both, out.c_str(), names,
                                                  inputs, &kept, 1)),
            "cannot write '" + out + "/y.npy': it is the file '" + other +
                "', which was read; write the outputs to another folder");
  EXPECT_EQ(take(lambent_tensor_set_write_outputs(both, out.c_str(), names,
                                                  nullptr, nullptr, 0)),
            "lambent_tensor_set_write_outputs: expected a value for 'inputs', "
            "but got a null pointer");
  EXPECT_EQ(take(lambent_tensor_set_write_outputs(both, out.c_str(), names,
                                                  inputs, nullptr, 1)),
            "lambent_tensor_set_write_outputs: expected a value for 'kept', "
            "but got a null pointer");
  lambent_tensor_set_destroy(inputs);
  lambent_tensor_set_destroy(both);
}

TEST_F(TensorFileTest, straysAreFound) {
  for (const char *name : {"a.npy", "b.npy", "y.npy", "z.npy", ".hidden"})
    write(name, "");
  fs::create_directory(folder / "folder");
  const char *inputs[] = {"b"}, *outputs[] = {"y"};
  std::string found;
  auto add = [](void *user, const char *file) {
    *static_cast<std::string *>(user) +=
        fs::path(file).filename().string() + " ";
  };
  std::string where = folder.string();
  EXPECT_EQ(take(lambent_tensor_folder_find_strays(where.c_str(), inputs, 1,
                                                   outputs, 1, add, &found)),
            "");
  EXPECT_EQ(found, "a.npy z.npy ");
  // In a folder of ONNX's tests the outputs are no strays.
  for (const char *name : {"input_0.pb", "input_1.pb", "output_0.pb"})
    write(name, "");
  found.clear();
  EXPECT_EQ(take(lambent_tensor_folder_find_strays(where.c_str(), inputs, 1,
                                                   outputs, 1, add, &found)),
            "");
  EXPECT_EQ(found, "a.npy b.npy input_1.pb y.npy z.npy ");
  EXPECT_EQ(take(lambent_tensor_folder_find_strays(
                where.c_str(), inputs, 1, outputs, 1, nullptr, &found)),
            "lambent_tensor_folder_find_strays: expected a value for 'found', "
            "but got a null pointer");
}

/// Each name is compared with its neighbours only: 20,000 take no time.
TEST_F(TensorFileTest, manyOutputsAreNamedQuickly) {
  std::vector<std::string> texts;
  for (int i = 0; i < 20000; ++i)
    texts.push_back("output:" + std::to_string(i));
  texts.push_back("output;7");
  std::vector<const char *> names;
  for (const std::string &text : texts)
    names.push_back(text.c_str());
  LambentTensorSet *set = nullptr;
  EXPECT_EQ(
      take(lambent_tensor_set_read(path("none").c_str(), names.data(),
                                   static_cast<uint32_t>(names.size()), &set)),
      "inputs 'output:7' and 'output;7' share the file name '" + path("none") +
          "/output_7.npy'");
}

} // namespace
