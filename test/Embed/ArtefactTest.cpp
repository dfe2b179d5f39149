//===- ArtefactTest.cpp - Libraries, executables and bundles --------------===//
//
// The hand-written model's object takes the place of the compiler's output.
//
//===----------------------------------------------------------------------===//

#include "lambent/Runtime/Artefact.h"
#include "Compiler/Artefact/ArtefactLinker.h"
#include "Compiler/Artefact/HeaderWriter.h"
#include "OpenTensors.h"
#include "lambent-c/aot.h"
#include "lambent-c/tensor_file.h"
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdlib.h>
#include <sys/wait.h>

using namespace lambent;
using namespace lambent::test;
namespace fs = std::filesystem;

namespace {

std::string readFile(const fs::path &path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void writeFile(const fs::path &path, const std::string &text) {
  std::ofstream(path, std::ios::binary) << text;
}

/// A library artefact as a program that loads it sees it.
struct LoadedLibrary {
  explicit LoadedLibrary(const std::string &path)
      : handle(dlopen(path.c_str(), RTLD_NOW)) {
    if (!handle)
      return;
    create =
        reinterpret_cast<decltype(create)>(dlsym(handle, "two_layers_create"));
    run = reinterpret_cast<decltype(run)>(dlsym(handle, "two_layers_run"));
    destroy = reinterpret_cast<decltype(destroy)>(
        dlsym(handle, "two_layers_destroy"));
  }
  bool isComplete() const { return handle && create && run && destroy; }
  int runOn(void *session, const Tensor &input, Tensor &output) const {
    const void *inputs[] = {input.data.data()};
    void *outputs[] = {output.data.data()};
    return run(session, inputs, outputs);
  }
  void *handle;
  void *(*create)(unsigned, char *, size_t) = nullptr;
  int (*run)(void *, const void *const *, void *const *) = nullptr;
  void (*destroy)(void *) = nullptr;
};

class ArtefactTest : public testing::Test {
protected:
  void SetUp() override {
    folder =
        fs::temp_directory_path() /
        ("lambent-" +
         std::string(
             testing::UnitTest::GetInstance()->current_test_info()->name()) +
         "-" + std::to_string(getpid()));
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }

  /// Emits the hand-written model as `form`; the error's text or "".
  std::string emit(OutputForm form, const std::string &output) {
    std::string object = readFile(TWO_LAYERS_OBJECT);
    llvm::ArrayRef<char> weights(
        reinterpret_cast<const char *>(two_layers_weights),
        sizeof(two_layers_weights));
    HeaderModel header = HeaderModel::get(two_layers_model, form);
    header.artefact = output;
    return write(form, "two_layers", object, weights, writeHeader(header),
                 output);
  }
  /// Writes files as a compilation to `output` does.
  std::string write(OutputForm form, const std::string &name,
                    const std::string &object, llvm::ArrayRef<char> weights,
                    const std::string &header, const std::string &output) {
    llvm::Expected<OutputPlan> plan = OutputPlan::create(form, path(output));
    if (!plan)
      return llvm::toString(plan.takeError());
    if (llvm::Error error = plan->checkOwners())
      return llvm::toString(std::move(error));
    SignalWatch watch(/*isWanted=*/false);
    StagedFiles files(watch);
    return llvm::toString(writeArtefactFiles(
        form, name, llvm::MemoryBufferRef(object, "object"), weights,
        lambent_hash64(weights.data(), weights.size()), header, *plan, files));
  }
  /// The same of the model of open sizes, which has no weights.
  std::string emitOpen(OutputForm form, const std::string &output) {
    HeaderModel header = HeaderModel::get(open_layers_model, form);
    header.artefact = output;
    return write(form, "open_layers", readFile(OPEN_LAYERS_OBJECT), {},
                 writeHeader(header), output);
  }
  std::string path(const std::string &name) const {
    return (folder / name).string();
  }
  /// A library of the hand-written model whose producer is `producer`: a model
  /// that is another only in what it says.
  void emitBy(const std::string &producer, const std::string &output) {
    std::string object = readFile(TWO_LAYERS_OBJECT), old = "by hand";
    ASSERT_EQ(producer.size(), old.size());
    object.replace(object.find(old), old.size(), producer);
    llvm::ArrayRef<char> weights(
        reinterpret_cast<const char *>(two_layers_weights),
        sizeof(two_layers_weights));
    HeaderModel header =
        HeaderModel::get(two_layers_model, OutputForm::Library);
    header.artefact = fs::path(output).filename();
    ASSERT_EQ(write(OutputForm::Library, "two_layers", object, weights,
                    writeHeader(header), output),
              "");
  }
  std::string load(const std::string &file) {
    LambentModule *module = nullptr;
    LambentStatus *status =
        lambent_module_load(path(file).c_str(), nullptr, &module);
    lambent_module_destroy(module);
    return take(status);
  }
  std::vector<std::string> list() const {
    std::vector<std::string> names;
    for (const auto &entry : fs::directory_iterator(folder))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  fs::path folder;
};

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
      writeFile(path(name), "another file");
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

TEST_F(ArtefactTest, everyFlippedBitIsFound) {
  ASSERT_EQ(emit(OutputForm::Library, "m.so"), "");
  std::string good = readFile(path("m.so"));
  ASSERT_EQ(load("m.so"), "");
  size_t step = good.size() / 400; // a sample, and all of the trailer
  for (size_t i = 0; i < good.size();
       i += i < good.size() - 256 ? std::min(step, good.size() - 256 - i) : 1) {
    std::string bad = good;
    bad[i] ^= 1 << i % 8;
    writeFile(path("bad.so"), bad);
    EXPECT_NE(load("bad.so"), "") << "byte " << i;
    fs::remove(path("bad.so"));
  }
}

TEST_F(ArtefactTest, damageHasItsOwnMessage) {
  ASSERT_EQ(emit(OutputForm::Library, "m.so"), "");
  std::string good = readFile(path("m.so"));
  auto loadWith = [&](size_t at) {
    std::string bad = good;
    bad[at] ^= 1;
    writeFile(path("bad.so"), bad);
    return load("bad.so").substr(path("bad.so").size() + 1);
  };
  EXPECT_EQ(loadWith(1000), "' is damaged: its code's checksum is wrong");
  EXPECT_NE(loadWith(good.size() - sizeof(ArtefactTrailer) - 1)
                .find("are damaged or another model's"),
            std::string::npos);
  EXPECT_EQ(loadWith(good.size() - 200),
            "' is damaged: its trailer's checksum is wrong");
  for (size_t size :
       {size_t(0), size_t(100), good.size() / 2, good.size() - 1}) {
    writeFile(path("bad.so"), good.substr(0, size));
    EXPECT_NE(load("bad.so"), "") << size;
  }
  writeFile(path("bad.so"),
            good + good.substr(good.size() - sizeof(ArtefactTrailer)));
  EXPECT_EQ(load("bad.so"),
            "'" + path("bad.so") +
                "' is damaged: its size is not what its trailer says");
  EXPECT_EQ(load("none.so"),
            "cannot open '" + path("none.so") + "': No such file or directory");
  EXPECT_EQ(load(""), "cannot read '" + path("") + "': not a regular file");
}

TEST_F(ArtefactTest, otherFilesAreNamed) {
  ASSERT_EQ(emit(OutputForm::Executable, "program"), "");
  ASSERT_EQ(emit(OutputForm::Bundle, "b.o"), "");
  EXPECT_NE(load("program").find("is an executable artefact"),
            std::string::npos);
  EXPECT_NE(load("b.o").find("is an object artefact"), std::string::npos);
  EXPECT_NE(load("b.weights").find("holds the weights of a bundle"),
            std::string::npos);
  EXPECT_NE(load("b.h").find("is not an artefact of Lambent"),
            std::string::npos);
}

TEST_F(ArtefactTest, everyFormSaysWhatItsModelIs) {
  ASSERT_EQ(emit(OutputForm::Library, "m.so"), "");
  ASSERT_EQ(emit(OutputForm::Executable, "program"), "");
  ASSERT_EQ(emit(OutputForm::Object, "o.o"), "");
  ASSERT_EQ(emit(OutputForm::Bundle, "b.o"), "");
  for (const char *name : {"m.so", "program", "o.o", "b.o"}) {
    LambentArtefact *artefact;
    ASSERT_EQ(take(lambent_artefact_read(path(name).c_str(), &artefact)), "");
    const LambentModel &model = *lambent_artefact_model(artefact);
    EXPECT_STREQ(model.name, "two_layers");
    EXPECT_STREQ(model.producer, "by hand");
    EXPECT_STREQ(model.cpu, "x86-64");
    EXPECT_STREQ(model.cpu_features, "");
    EXPECT_STREQ(model.metadata, "{}");
    ASSERT_EQ(model.num_inputs, 1u);
    EXPECT_STREQ(model.inputs[0].name, "x");
    EXPECT_EQ(model.inputs[0].dims[1], TWO_LAYERS_COLUMNS);
    ASSERT_EQ(model.num_outputs, 1u);
    EXPECT_STREQ(model.outputs[0].name, "z");
    ASSERT_EQ(model.num_layers, 2u);
    EXPECT_STREQ(model.layers[1].name, "\"square\"");
    EXPECT_EQ(model.layers[1].flops, two_layers_model.layers[1].flops);
    EXPECT_EQ(model.weight_hash, two_layers_model.weight_hash);
    EXPECT_EQ(model.run, nullptr);
    lambent_artefact_destroy(artefact);
  }
  LambentArtefact *artefact;
  EXPECT_EQ(take(lambent_artefact_read(path("b.weights").c_str(), &artefact)),
            "'" + path("b.weights") +
                "' holds the weights of a bundle: what they are for says the "
                "bundle's object");
  ASSERT_EQ(take(writeArtefact(path("m.so").c_str(), ArtefactKind::Library,
                               "two_layers_model", nullptr, 0, nullptr, 0, 0)),
            "");
  EXPECT_EQ(take(lambent_artefact_read(path("m.so").c_str(), &artefact)),
            "'" + path("m.so") + "' is damaged: its description is none");
  LambentModel model = two_layers_model;
  ++model.abi;
  ASSERT_EQ(take(writeArtefact(path("m.so").c_str(), ArtefactKind::Library,
                               "two_layers_model", &model, sizeof(model),
                               nullptr, 0, 0)),
            "");
  EXPECT_EQ(take(lambent_artefact_read(path("m.so").c_str(), &artefact)),
            "'" + path("m.so") + "' has model version " +
                std::to_string(LAMBENT_MODEL_ABI + 1) +
                ", but this runtime reads version " +
                std::to_string(LAMBENT_MODEL_ABI) + ": compile it again");
  // Pointers of this process are no offsets.
  --model.abi;
  ASSERT_EQ(take(writeArtefact(path("m.so").c_str(), ArtefactKind::Library,
                               "two_layers_model", &model, sizeof(model),
                               nullptr, 0, 0)),
            "");
  EXPECT_EQ(take(lambent_artefact_read(path("m.so").c_str(), &artefact)),
            "'" + path("m.so") + "' is damaged: its description is none");
}

TEST_F(ArtefactTest, executableRunsOnFiles) {
  ASSERT_EQ(emit(OutputForm::Executable, "program"), "");
  EXPECT_EQ(list(), std::vector<std::string>{"program"});
  fs::create_directories(folder / "in");
  Tensor input(2.0f);
  ASSERT_EQ(take(lambent_tensor_write(path("in/x.npy").c_str(), &input.tensor,
                                      nullptr)),
            "");
  std::string log = path("log");
  auto runAs = [&](const std::string &name, const std::string &arguments) {
    return WEXITSTATUS(system(
        ("cd " + folder.string() + " && " + name + " " + arguments + " 2> log")
            .c_str()));
  };
  auto run = [&](const std::string &arguments) {
    return runAs("./program", arguments);
  };
  ASSERT_EQ(run("--input-dir in --output-dir=out --threads 2"), 0)
      << readFile(log);
  LambentTensorSet *output;
  ASSERT_EQ(take(lambent_tensor_read(path("out/z.npy").c_str(), &output)), "");
  const float *data =
      static_cast<const float *>(lambent_tensor_set_tensors(output)->data);
  EXPECT_EQ(std::vector<float>(data, data + input.data.size()),
            expectedOutput(input));
  lambent_tensor_set_destroy(output);

  EXPECT_EQ(run("--input-dir none --output-dir out"), 1);
  EXPECT_EQ(readFile(log),
            "error: cannot open 'none/x.npy': No such file or directory\n");
  EXPECT_EQ(run("--input-dir in"), 1);
  EXPECT_EQ(readFile(log),
            "error: --input-dir and --output-dir are needed; see --help\n");
  EXPECT_EQ(run("--input-dir in --output-dir out --threads 2000"), 1);
  EXPECT_EQ(
      readFile(log),
      "error: --threads: expected a number from 0 to 1024, but got '2000'\n");
  EXPECT_EQ(run("--help > help"), 0);
  EXPECT_NE(readFile(path("help")).find("Runs the model 'two_layers'"),
            std::string::npos);

  // Whatever it is called, and also as the argument of the system's loader.
  fs::create_directories(folder / "new\nline (deleted)");
  fs::rename(path("program"), folder / "new\nline (deleted)" / "program");
  EXPECT_EQ(runAs("new*/program", "--input-dir in --output-dir out"), 0)
      << readFile(log);
  fs::rename(folder / "new\nline (deleted)" / "program", path("program"));
#ifdef __x86_64__
  EXPECT_EQ(runAs("/lib64/ld-linux-x86-64.so.2 ./program",
                  "--input-dir in --output-dir out"),
            0)
      << readFile(log);
#endif

  std::string program = readFile(path("program"));
  program[program.size() - sizeof(ArtefactTrailer) - 8] ^= 1;
  writeFile(path("program"), program);
  EXPECT_EQ(run("--input-dir in --output-dir out"), 1);
  EXPECT_NE(readFile(log).find("are damaged or another model's"),
            std::string::npos);
}

TEST_F(ArtefactTest, bundleRunsWithItsWeightsFile) {
  ASSERT_EQ(emit(OutputForm::Bundle, "b.o"), "");
  EXPECT_EQ(list(), (std::vector<std::string>{"b.h", "b.o", "b.weights"}));
  LambentModel model = makeTwoLayers();
  model.weights = nullptr;
  LambentModule *module;
  ASSERT_EQ(take(lambent_module_create_with_file(
                &model, path("b.weights").c_str(), nullptr, &module)),
            "");
  lambent_module_destroy(module);
  model.weight_hash ^= 1;
  EXPECT_NE(take(lambent_module_create_with_file(
                     &model, path("b.weights").c_str(), nullptr, &module))
                .find("are damaged or another model's"),
            std::string::npos);
}

TEST_F(ArtefactTest, sameInputGivesTheSameBytes) {
  for (OutputForm form : {OutputForm::Library, OutputForm::Executable}) {
    ASSERT_EQ(emit(form, "same"), "");
    std::string first = readFile(path("same"));
    ASSERT_EQ(emit(form, "same"), "");
    EXPECT_EQ(first, readFile(path("same")));
  }
}

TEST_F(ArtefactTest, failureLeavesNothingBehind) {
  EXPECT_NE(emit(OutputForm::Library, "none/m.so").find("cannot write"),
            std::string::npos);
  std::string object = "this is no object file";
  std::string error = write(OutputForm::Library, "m", object, {}, "", "m.so");
  EXPECT_EQ(error, "the object is not an ELF file");
  object = readFile(TWO_LAYERS_OBJECT);
  error = write(OutputForm::Library, "another", object, {}, "", "m.so");
  EXPECT_NE(error.find("failed to link"), std::string::npos) << error;
  EXPECT_TRUE(list().empty());
}

/// All files of one call are new, or all are old.
TEST_F(ArtefactTest, filesTakeTheirPlacesTogether) {
  auto stage = [&](StagedFiles &files, const std::string &name) {
    llvm::Expected<OutputPlace> place = OutputPlace::find(path(name));
    ASSERT_TRUE(bool(place));
    llvm::Expected<std::string> written = files.add(*place);
    ASSERT_TRUE(bool(written));
    writeFile(*written, "new");
  };
  writeFile(path("old"), "old");
  SignalWatch watch(/*isWanted=*/false);
  {
    StagedFiles files(watch);
    for (const char *name : {"old", "none", "obstacle"})
      stage(files, name);
    fs::create_directories(folder / "obstacle");
    EXPECT_EQ(llvm::toString(files.moveToPlaces()),
              "cannot write '" + path("obstacle") +
                  "': it is no regular file any more");
  }
  EXPECT_EQ(list(), (std::vector<std::string>{"obstacle", "old"}));
  EXPECT_EQ(readFile(path("old")), "old");
  {
    StagedFiles files(watch);
    for (const char *name : {"old", "none"})
      stage(files, name);
    EXPECT_EQ(llvm::toString(files.moveToPlaces()), "");
  }
  EXPECT_EQ(list(), (std::vector<std::string>{"none", "obstacle", "old"}));
  EXPECT_EQ(readFile(path("old")), "new");
}

/// Applications keep their signals: without a wish nothing is blocked, handled
/// or started.
TEST_F(ArtefactTest, signalsAreLeftAlone) {
  auto describe = [] {
    std::string text;
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    for (int signal = 1; signal < SIGRTMIN; ++signal) {
      struct sigaction action = {};
      sigaction(signal, nullptr, &action);
      text += std::to_string(sigismember(&blocked, signal)) + " " +
              std::to_string(reinterpret_cast<uintptr_t>(action.sa_handler)) +
              "\n";
    }
    return text;
  };
  std::string before = describe();
  SignalWatch watch(/*isWanted=*/false);
  EXPECT_FALSE(watch.isOn());
  ASSERT_EQ(emit(OutputForm::Library, "m.so"), "");
  EXPECT_EQ(describe(), before);
}

TEST_F(ArtefactTest, aWatchEndsWithoutATrace) {
  sigset_t before, during, after;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  {
    SignalWatch watch(/*isWanted=*/true);
    ASSERT_TRUE(watch.isOn());
    pthread_sigmask(SIG_SETMASK, nullptr, &during);
    EXPECT_TRUE(sigismember(&during, SIGTERM));
  }
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
}

//===----------------------------------------------------------------------===//
// Open sizes
//===----------------------------------------------------------------------===//

TEST_F(ArtefactTest, describesOpenSizes) {
  for (OutputForm form :
       {OutputForm::Library, OutputForm::Object, OutputForm::Executable}) {
    ASSERT_EQ(emitOpen(form, "m"), "");
    LambentArtefact *artefact = nullptr;
    ASSERT_EQ(take(lambent_artefact_read(path("m").c_str(), &artefact)), "");
    const LambentModel &model = *lambent_artefact_model(artefact);
    EXPECT_EQ(model.evaluate, nullptr);
    ASSERT_EQ(model.num_symbols, 3u);
    EXPECT_STREQ(model.symbols[1].name, "seq");
    EXPECT_EQ(model.symbols[1].most, 512);
    ASSERT_EQ(model.num_size_checks, 2u);
    EXPECT_STREQ(model.size_checks[1].layer, "double");
    ASSERT_EQ(model.num_blocks, 3u);
    EXPECT_EQ(model.blocks[2].epoch, 1u);
    EXPECT_EQ(model.inputs[1].dims[2], -1);
    EXPECT_EQ(model.inputs[1].sizes[1], -1);
    EXPECT_EQ(model.outputs[1].epoch, 1u);
    EXPECT_STREQ(
        lambent_model_find_symbol(&model, model.inputs[0].sizes[1])->name,
        "seq");
    EXPECT_EQ(lambent_model_find_symbol(&model, model.inputs[1].sizes[2]),
              nullptr);
    EXPECT_EQ(lambent_tensor_info_bytes(&model.inputs[0]), 0u);
    lambent_artefact_destroy(artefact);
  }
}

TEST_F(ArtefactTest, libraryOfOpenSizesRunsThroughItsOwnFunctions) {
  ASSERT_EQ(emitOpen(OutputForm::Library, "m.so"), "");
  void *library = dlopen(path("m.so").c_str(), RTLD_NOW);
  ASSERT_NE(library, nullptr) << dlerror();
  auto create = reinterpret_cast<decltype(&lambent_library_create)>(
      dlsym(library, "open_layers_create"));
  auto run = reinterpret_cast<decltype(&lambent_aot_run_open)>(
      dlsym(library, "open_layers_run"));
  auto getDims = reinterpret_cast<decltype(&lambent_aot_output_dims)>(
      dlsym(library, "open_layers_output_dims"));
  auto destroy = reinterpret_cast<decltype(&lambent_library_destroy)>(
      dlsym(library, "open_layers_destroy"));
  ASSERT_TRUE(create && run && getDims && destroy);
  char error[256];
  LambentSession *session = create(2, error, sizeof(error));
  ASSERT_NE(session, nullptr) << error;
  OpenCase of(3, 24);
  const void *inputs[] = {of.x.data.data(), of.mask.data.data()};
  const int64_t *inputDims[] = {of.x.dims.data(), of.mask.dims.data()};
  int64_t doubledDims[2], foundDims[2];
  int64_t *outputDims[] = {doubledDims, foundDims};
  EXPECT_EQ(getDims(session, inputDims, outputDims), 0);
  EXPECT_EQ(doubledDims[1], 24);
  EXPECT_EQ(foundDims[0], -1);
  void *outputs[] = {of.doubled.data.data(), nullptr};
  Allocator allocator;
  auto runOn = [&](auto *dims) {
    return run(session, inputs, dims, outputs, outputDims,
               allocator.options.allocate, &allocator);
  };
  ASSERT_EQ(runOn(inputDims), 0);
  EXPECT_EQ(of.doubled.data, of.expectedDoubled);
  EXPECT_EQ(foundDims[0], int64_t(of.expectedFound.size()) / 2);
  auto *found = static_cast<float *>(outputs[1]);
  EXPECT_EQ(std::vector<float>(found, found + of.expectedFound.size()),
            of.expectedFound);
  const int64_t *none[] = {nullptr, of.mask.dims.data()};
  EXPECT_EQ(runOn(none), LAMBENT_STATUS_ERROR);
  of.x.dims[1] = 25;
  EXPECT_EQ(runOn(inputDims), LAMBENT_STATUS_ERROR);
  EXPECT_EQ(getDims(session, inputDims, outputDims), LAMBENT_STATUS_ERROR);
  EXPECT_EQ(getDims(nullptr, inputDims, outputDims), LAMBENT_STATUS_ERROR);
  destroy(session);
  dlclose(library);
}

TEST_F(ArtefactTest, executableOfOpenSizesRuns) {
  ASSERT_EQ(emitOpen(OutputForm::Executable, "program"), "");
  auto start = [&](const std::string &arguments) {
    return system(
        (path("program") + " " + arguments + " >" + path("log") + " 2>&1")
            .c_str());
  };
  EXPECT_EQ(start("--help"), 0);
  for (const char *line :
       {"input x: f32[batch x seq]\n", "input mask: f32[batch x 3 x ?]\n",
        "output found: f32[? x 2]\n", "dim batch: at least 0\n",
        "dim seq: 0 to 512, a multiple of 8\n"})
    EXPECT_NE(readFile(path("log")).find(line), std::string::npos)
        << line << readFile(path("log"));
  fs::create_directories(path("in"));
  for (auto [batch, seq] : {std::pair<int64_t, int64_t>{3, 24}, {0, 8}}) {
    OpenCase of(batch, seq);
    for (auto [name, tensor] :
         {std::pair{"in/x.npy", &of.x}, {"in/mask.npy", &of.mask}})
      ASSERT_EQ(take(lambent_tensor_write(path(name).c_str(), &tensor->tensor,
                                          nullptr)),
                "");
    ASSERT_EQ(
        start("--input-dir " + path("in") + " --output-dir " + path("out")), 0)
        << readFile(path("log"));
    LambentTensorSet *found = nullptr;
    ASSERT_EQ(take(lambent_tensor_read(path("out/found.npy").c_str(), &found)),
              "");
    const LambentTensor &tensor = *lambent_tensor_set_tensors(found);
    EXPECT_EQ(getShape(tensor),
              (std::vector<int64_t>{int64_t(of.expectedFound.size()) / 2, 2}));
    EXPECT_EQ(getData(tensor), of.expectedFound);
    lambent_tensor_set_destroy(found);
  }
  OpenTensor wrong({3, 25});
  ASSERT_EQ(take(lambent_tensor_write(path("in/x.npy").c_str(), &wrong.tensor,
                                      nullptr)),
            "");
  EXPECT_NE(start("--input-dir " + path("in") + " --output-dir " + path("out")),
            0);
  EXPECT_EQ(readFile(path("log")),
            "error: input 'x': expected dim 1 (seq) to be a multiple of 8, but "
            "got 25\n");
}

#ifdef TEST_DRIVER
/// The command line on an artefact of open dims.
TEST_F(ArtefactTest, driverTakesOpenSizes) {
  ASSERT_EQ(emitOpen(OutputForm::Library, "m.so"), "");
  auto call = [&](const std::string &arguments) {
    int status = system(("cd " + folder.string() + " && " TEST_DRIVER " " +
                         arguments + " >log 2>&1")
                            .c_str());
    return std::to_string(WEXITSTATUS(status)) + " " + readFile(path("log"));
  };
  std::string text = call("inspect m.so");
  for (const char *line :
       {"0 model", "input      x: f32 batch x seq\n",
        "input      mask: f32 batch x 3 x ?\n",
        "open dim   batch: at least 0 (dim 0 of input x)\n",
        "open dim   seq: 0 to 512, a multiple of 8 (dim 1 of input x)\n",
        "open dim   ?: 0 to 100000 (data decides)\n",
        "memory     depends on sizes: 3 blocks"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;

  std::string open = "1 lambent: error: ";
  EXPECT_EQ(call("bench m.so"),
            open +
                "the model has open dims: --dim batch=SIZE --dim seq=SIZE "
                "says how large they are, or --input-dir where inputs lie\n");
  EXPECT_EQ(call("bench m.so --dim batch=2 --dim sea=8"),
            open + "--dim sea: no input has an open dim 'sea'\n");
  EXPECT_EQ(call("bench m.so --shape x=8"),
            open + "--shape x: expected 2 dims, but got 1\n");
  EXPECT_EQ(call("bench m.so --shape y=8"),
            open + "--shape y: there is no input 'y'\n");
  EXPECT_EQ(call("bench m.so --dim batch=2 --dim seq=13 --seconds=0"),
            open + "input 'x': expected dim 1 (seq) to be a multiple of 8, but "
                   "got 13\n");
  EXPECT_EQ(call("bench m.so --dim batch=2 --accuracy=strict"),
            open + "'m.so' is compiled already: --accuracy is an option for "
                   "'lambent compile'\n");
  EXPECT_EQ(call("run m.so --dim batch=2 --output-dir out"),
            open + "'m.so' is compiled already: --dim is an option for "
                   "'lambent compile'\n");
  for (const char *sizes : {"--dim batch=2 --dim seq=16", "--shape x=2x16"}) {
    text = call("bench m.so --seconds=0 --layers " + std::string(sizes));
    EXPECT_EQ(text.substr(0, 9), "0 latency") << text;
    EXPECT_NE(text.find("not known: the model has open dims"),
              std::string::npos);
  }

  OpenCase of(3, 24);
  fs::create_directories(path("in"));
  for (auto [name, tensor] :
       {std::pair{"in/x.npy", &of.x}, {"in/mask.npy", &of.mask}})
    ASSERT_EQ(take(lambent_tensor_write(path(name).c_str(), &tensor->tensor,
                                        nullptr)),
              "");
  EXPECT_EQ(call("run m.so --input-dir in --output-dir out"), "0 ");
  LambentTensorSet *found = nullptr;
  ASSERT_EQ(take(lambent_tensor_read(path("out/found.npy").c_str(), &found)),
            "");
  EXPECT_EQ(getData(*lambent_tensor_set_tensors(found)), of.expectedFound);
  lambent_tensor_set_destroy(found);
}
#endif

} // namespace
