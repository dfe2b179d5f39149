//===- ArtefactFormsTest.cpp - Damage, other forms, written files ---------===//

#include "ArtefactFixture.h"

using namespace lambent;
using namespace lambent::test;

namespace {

TEST_F(ArtefactTest, everyFlippedBitIsFound) {
  ASSERT_EQ(emit(OutputForm::Library, "m.so"), "");
  std::string good = readFile(path("m.so"));
  ASSERT_EQ(load("m.so"), "");
  size_t step = good.size() / 400; // a sample, and all of the trailer
  for (size_t i = 0; i < good.size();
       i += i < good.size() - 256 ? std::min(step, good.size() - 256 - i) : 1) {
    std::string bad = good;
    bad[i] ^= 1 << i % 8;
    writeText(path("bad.so"), bad);
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
    writeText(path("bad.so"), bad);
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
    writeText(path("bad.so"), good.substr(0, size));
    EXPECT_NE(load("bad.so"), "") << size;
  }
  writeText(path("bad.so"),
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
    ASSERT_EQ(model.layers[0].num_variants, 2u);
    EXPECT_STREQ(model.layers[0].variants[0].algorithm, "rows<1>");
    EXPECT_STREQ(model.layers[0].variants[1].rejection, "too few");
    ASSERT_EQ(model.layers[1].num_sources, 1u);
    EXPECT_EQ(model.layers[1].sources[0], 0u);
    EXPECT_STREQ(model.tuning.description, "generic");
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
  writeText(path("program"), program);
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
    writeText(*written, "new");
  };
  writeText(path("old"), "old");
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

} // namespace
