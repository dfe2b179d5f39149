//===- CompilerCodeTest.cpp - Code in files, and what tools see of it -----===//

#include "SmallModel.h"
#include <dlfcn.h>
#include <filesystem>
#include <unistd.h>

using namespace lambent::test;

namespace {

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

} // namespace
