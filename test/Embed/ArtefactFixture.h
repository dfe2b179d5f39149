//===- ArtefactFixture.h - Artefacts of hand-written models -----*- C++ -*-===//
//
// The hand-written models' objects take the place of the compiler's output.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_TEST_EMBED_ARTEFACTFIXTURE_H
#define LAMBENT_TEST_EMBED_ARTEFACTFIXTURE_H

#include "Compiler/Artefact/ArtefactLinker.h"
#include "Compiler/Artefact/HeaderWriter.h"
#include "OpenTensors.h"
#include "lambent-c/aot.h"
#include "lambent-c/tensor_file.h"
#include "lambent/Runtime/Artefact.h"
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdlib.h>
#include <sys/wait.h>

namespace lambent::test {
namespace fs = std::filesystem;

inline std::string readFile(const fs::path &path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

inline void writeText(const fs::path &path, const std::string &text) {
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

} // namespace lambent::test

#endif
