//===- ArtefactTest.cpp - Libraries as programs load them ----------------===//

#include "ArtefactFixture.h"

using namespace lambent;
using namespace lambent::test;

namespace {

TEST_F(ArtefactTest, libraryLoadsAndRuns) {
  ASSERT_EQ(emit(OutputForm::Library, "m.so"), "");
  EXPECT_EQ(list(), (std::vector<std::string>{"m.h", "m.so"}));
  LambentModule *module;
  LambentContext *context;
  ASSERT_EQ(take(lambent_module_load(path("m.so").c_str(), nullptr, &module)),
            "");
  ASSERT_EQ(take(lambent_context_create(module, nullptr, &context)), "");
  lambent_module_destroy(module);
  Tensor input(2.0f), output;
  ASSERT_EQ(take(lambent_context_run(context, &input.tensor, 1, &output.tensor,
                                     1, nullptr)),
            "");
  EXPECT_EQ(output.data, expectedOutput(input));
  lambent_context_destroy(context);
}

std::string producerOf(LambentModule *module) {
  return lambent_module_model(module)->producer;
}

/// The loader of the system takes what it has loaded under a name for what the
/// name leads to.
TEST_F(ArtefactTest, libraryThatWasReplacedIsLoadedAnew) {
  emitBy("the old", "m.so");
  LambentModule *first, *again, *second, *third;
  auto load = [&](const std::string &file, LambentModule **module) {
    return take(lambent_module_load(file.c_str(), nullptr, module));
  };
  ASSERT_EQ(load(path("m.so"), &first), "");
  ASSERT_EQ(load(path("m.so"), &again), "");
  EXPECT_EQ(lambent_module_model(first), lambent_module_model(again))
      << "one file is loaded once";
  emitBy("the new", "m.so");
  ASSERT_EQ(load(path("m.so"), &second), "");
  EXPECT_EQ(producerOf(first), "the old");
  EXPECT_EQ(producerOf(second), "the new");
  // A program may have loaded it by its name, too.
  void *handle = dlopen(path("m.so").c_str(), RTLD_NOW);
  ASSERT_NE(handle, nullptr);
  emitBy("a third", "m.so");
  ASSERT_EQ(load(path("m.so"), &third), "");
  EXPECT_EQ(producerOf(third), "a third");
  dlclose(handle);
  for (LambentModule *module : {first, again, second, third})
    lambent_module_destroy(module);
}

TEST_F(ArtefactTest, oneNameInTwoFoldersIsTwoLibraries) {
  fs::path before = fs::current_path();
  LambentModule *modules[2];
  for (int i : {0, 1}) {
    fs::path own = folder / std::to_string(i);
    fs::create_directories(own);
    emitBy("folder" + std::to_string(i), std::to_string(i) + "/m.so");
    fs::current_path(own);
    ASSERT_EQ(take(lambent_module_load("m.so", nullptr, &modules[i])), "");
  }
  fs::current_path(before);
  for (int i : {0, 1}) {
    EXPECT_EQ(producerOf(modules[i]), "folder" + std::to_string(i));
    lambent_module_destroy(modules[i]);
  }
}

TEST_F(ArtefactTest, whatTheLoaderRefusesIsNamed) {
  std::ofstream(path("m.so")) << "no ELF file";
  ASSERT_EQ(take(writeArtefact(path("m.so").c_str(), ArtefactKind::Library,
                               "m_model", nullptr, 0, nullptr, 0, 0)),
            "");
  EXPECT_EQ(load("m.so"),
            "cannot load '" + path("m.so") + "': invalid ELF header");
}

TEST_F(ArtefactTest, libraryRunsThroughItsOwnFunctions) {
  ASSERT_EQ(emit(OutputForm::Library, "m.so"), "");
  LoadedLibrary library(path("m.so"));
  ASSERT_TRUE(library.isComplete()) << dlerror();
  EXPECT_EQ(dlsym(library.handle, "lambent_session_run"), nullptr)
      << "the runtime inside must be hidden";
  char error[256];
  void *session = library.create(2, error, sizeof(error));
  ASSERT_NE(session, nullptr) << error;
  Tensor input(2.0f), output;
  EXPECT_EQ(library.runOn(session, input, output), 0);
  EXPECT_EQ(output.data, expectedOutput(input));
  const void *inputs[] = {nullptr};
  void *outputs[] = {output.data.data()};
  EXPECT_EQ(library.run(session, inputs, outputs), LAMBENT_STATUS_ERROR);
  EXPECT_EQ(library.run(nullptr, inputs, outputs), LAMBENT_STATUS_ERROR);
  library.destroy(session);
  library.destroy(nullptr);
  dlclose(library.handle);
}

/// Sessions keep their library; the last one takes it along, from inside its
/// own destroy.
TEST_F(ArtefactTest, libraryStaysWhileASessionLives) {
  ASSERT_EQ(emit(OutputForm::Library, "m.so"), "");
  Tensor input(2.0f);
  auto isLoaded = [&] {
    void *handle = dlopen(path("m.so").c_str(), RTLD_NOW | RTLD_NOLOAD);
    if (handle)
      dlclose(handle);
    return handle != nullptr;
  };
  for (unsigned threads : {1u, 2u, 4u})
    for (int round = 0; round < 10; ++round) {
      LoadedLibrary library(path("m.so"));
      ASSERT_TRUE(library.isComplete()) << dlerror();
      void *first = library.create(threads, nullptr, 0),
           *second = library.create(threads, nullptr, 0);
      ASSERT_TRUE(first && second);
      dlclose(library.handle);
      for (void *session : {first, second}) {
        Tensor output;
        ASSERT_TRUE(isLoaded());
        EXPECT_EQ(library.runOn(session, input, output), 0);
        EXPECT_EQ(output.data, expectedOutput(input));
        library.destroy(session);
      }
      EXPECT_FALSE(isLoaded());
    }
}

/// What its name leads to does not matter once it is loaded.
TEST_F(ArtefactTest, libraryOfAFileThatIsGoneMakesSessions) {
  Tensor input(2.0f);
  for (bool isReplaced : {false, true}) {
    fs::create_directories(folder / "new\nline (deleted)");
    std::string name = "new\nline (deleted)/m.so";
    ASSERT_EQ(emit(OutputForm::Library, name), "");
    LoadedLibrary library(path(name));
    ASSERT_TRUE(library.isComplete()) << dlerror();
    fs::remove_all(folder / "new\nline (deleted)");
    if (isReplaced) {
      fs::create_directories(folder / "new\nline (deleted)");
      writeText(path(name), "another file");
    }
    char error[256];
    void *session = library.create(1, error, sizeof(error));
    ASSERT_NE(session, nullptr) << error;
    Tensor output;
    EXPECT_EQ(library.runOn(session, input, output), 0);
    EXPECT_EQ(output.data, expectedOutput(input));
    library.destroy(session);
    dlclose(library.handle);
  }
}

/// No session, no user: whoever fails to make one may unload the library.
TEST_F(ArtefactTest, libraryIsUnloadedAfterAFailure) {
  ASSERT_EQ(emit(OutputForm::Library, "m.so"), "");
  LoadedLibrary library(path("m.so"));
  ASSERT_TRUE(library.isComplete()) << dlerror();
  char error[256];
  EXPECT_EQ(library.create(5000, error, sizeof(error)), nullptr);
  EXPECT_STREQ(error,
               "a pool of 5000 threads is more than the 1024 that are allowed");
  dlclose(library.handle);
  EXPECT_EQ(dlopen(path("m.so").c_str(), RTLD_NOW | RTLD_NOLOAD), nullptr);
}

} // namespace
