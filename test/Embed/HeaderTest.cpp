//===- HeaderTest.cpp - The C header that comes with an artefact ----------===//

#include "Compiler/Artefact/HeaderWriter.h"
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

using namespace lambent;

namespace {

HeaderModel makeModel(OutputForm form) {
  HeaderModel model;
  model.name = "digits";
  model.producer = "lambent 0.1.0";
  model.form = form;
  model.inputs = {{"image:0", LAMBENT_FLOAT, 32, {1, 28, 28}},
                  {"image_0", LAMBENT_BOOL, 8, {}},
                  {"*/ #error \" \n \\", LAMBENT_BFLOAT, 16, {2}},
                  {"int", LAMBENT_UINT, 64, {3, 0}},
                  {"", LAMBENT_INT, 4, {7}}};
  model.outputs = {{"\xc3\xa9", LAMBENT_FLOAT, 16, {10}},
                   {"image:0", LAMBENT_FLOAT, 64, {10}}};
  return model;
}

TEST(Header, namesAndTypesParameters) {
  std::string text = writeHeader(makeModel(OutputForm::Object));
  EXPECT_NE(text.find("digits_infer(digits_session *session, const float "
                      "*in_image_0, const bool *in_image_0_1, "
                      "const uint16_t *in_____error______, const uint64_t "
                      "*in_int, const int8_t *in_, "
                      "uint16_t *out___, double *out_image_0)"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("#define digits_in_image_0_elements ((size_t)784u)"),
            std::string::npos);
  EXPECT_NE(text.find("#define digits_in_image_0_1_elements ((size_t)1u)"),
            std::string::npos);
}

/// Whatever the tensors' names, the header is good C and C++ without a warning.
TEST(Header, compilesAsCAndAsCxx) {
  namespace fs = std::filesystem;
  fs::path folder = fs::temp_directory_path() /
                    ("lambent-header-" + std::to_string(getpid()));
  fs::create_directories(folder);
  for (OutputForm form :
       {OutputForm::Library, OutputForm::Object, OutputForm::Bundle}) {
    std::ofstream(folder / "digits.h") << writeHeader(makeModel(form));
    std::ofstream(folder / "user.c")
        << "#include \"digits.h\"\n#include \"digits.h\"\n"
           "int use(digits_session *s) { return digits_run(s, 0, 0); }\n";
    for (const char *compiler :
         {TEST_CC " -std=c99 -x c", TEST_CXX " -std=c++17 -x c++"}) {
      std::string command = std::string(compiler) +
                            " -Wall -Wextra -Wpedantic -Werror -fsyntax-only " +
                            (folder / "user.c").string();
      EXPECT_EQ(system(command.c_str()), 0) << command;
    }
  }
  fs::remove_all(folder);
}

} // namespace
