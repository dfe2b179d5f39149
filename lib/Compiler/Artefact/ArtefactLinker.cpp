//===- ArtefactLinker.cpp - From an object to a library or executable -----===//
//
// Linking is the job of the machine's own `cc`; for a library `ld.lld` will do.
// What is linked in beside the model is the runtime's two archives, which lie
// beside the library that this code is in. A version script exports the model
// and its functions and hides the runtime, so that any number of libraries live
// in one process.
//
//===----------------------------------------------------------------------===//

#include "ArtefactLinker.h"
#include "ModelDescription.h"
#include "ToolProcess.h"
#include "lambent/Runtime/Artefact.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include <dlfcn.h>
#include <optional>

using namespace lambent;
using llvm::SmallString;
using llvm::StringRef;
namespace fs = llvm::sys::fs;

static llvm::Error makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

//===----------------------------------------------------------------------===//
// Linking
//===----------------------------------------------------------------------===//

/// The folder of the runtime's archives: beside the library or program that
/// holds this code, or in lib next to it.
static llvm::Expected<std::string> findRuntimeFolder() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<void *>(&findRuntimeFolder), &info) ||
      !info.dli_fname)
    return makeError("cannot find the folder of liblambent-runtime.a");
  SmallString<256> self(info.dli_fname);
  // A program's own name may be one that the shell looked up.
  if (!fs::exists(self) || !self.str().contains('/'))
    self = fs::getMainExecutable(nullptr,
                                 reinterpret_cast<void *>(&findRuntimeFolder));
  SmallString<256> real;
  if (!fs::real_path(self, real))
    self = real;
  StringRef folder = llvm::sys::path::parent_path(self);
  for (StringRef candidate : {".", "../lib", "../../lib"}) {
    SmallString<256> path(folder);
    llvm::sys::path::append(path, candidate);
    if (fs::exists(path + "/liblambent-runtime.a"))
      return path.str().str();
  }
  return makeError("cannot find liblambent-runtime.a beside '" + self +
                   "': it is needed to link; --emit=object works "
                   "without");
}

static std::optional<std::string> findProgram(llvm::ArrayRef<StringRef> names) {
  for (StringRef name : names)
    if (llvm::ErrorOr<std::string> path = llvm::sys::findProgramByName(name))
      return *path;
  return std::nullopt;
}

llvm::Error lambent::checkArchitecture(llvm::MemoryBufferRef object) {
  StringRef bytes = object.getBuffer();
  constexpr size_t machineAt = offsetof(llvm::ELF::Elf64_Ehdr, e_machine);
  if (bytes.size() < sizeof(llvm::ELF::Elf64_Ehdr))
    return makeError("the object is not an ELF file");
  unsigned machine = static_cast<uint8_t>(bytes[machineAt]) |
                     static_cast<uint8_t>(bytes[machineAt + 1]) << 8;
#if defined(__aarch64__)
  constexpr unsigned here = llvm::ELF::EM_AARCH64;
#else
  constexpr unsigned here = llvm::ELF::EM_X86_64;
#endif
  if (machine == here)
    return llvm::Error::success();
  return makeError("the code is for another architecture than this "
                   "machine's and cannot be linked here: "
                   "use --emit=object and link it there");
}

static llvm::Error link(OutputForm form, StringRef name, bool hasOpenDims,
                        StringRef object, StringRef linked,
                        const OutputPlace &place, StagedFiles &files) {
  bool isLibrary = form == OutputForm::Library;
  llvm::Expected<std::string> runtime = findRuntimeFolder();
  if (!runtime)
    return runtime.takeError();
  std::optional<std::string> driver = findProgram({"cc", "gcc", "clang"});
  std::optional<std::string> linker =
      driver ? driver : findProgram({"ld.lld", "ld.lld-22", "ld"});
  if (!linker || (!driver && !isLibrary))
    return makeError("no linker found: " +
                     llvm::Twine(isLibrary ? "a library needs 'cc' or 'ld.lld'"
                                           : "an executable needs 'cc'") +
                     " on the search path; --emit=object works without");
  std::vector<std::string> arguments;
  // The driver hands on what follows -Xlinker; the linker itself takes options
  // as they are.
  auto add = [&](const llvm::Twine &option) {
    if (driver)
      arguments.push_back("-Xlinker");
    arguments.push_back(option.str());
  };
  arguments.insert(arguments.end(), {"-o", linked.str(), object.str()});
  arguments.push_back(*runtime + "/liblambent-linked.a");
  arguments.push_back(*runtime + "/liblambent-runtime.a");
  add("--defsym=lambent_linked_model=" + name + "_model");
  add("--gc-sections");
  if (isLibrary) {
    std::string script =
        ("{ global: " + name + "_model; " + name + "_create; " + name +
         "_run; " + name + "_destroy; " +
         (hasOpenDims ? name + "_output_dims; " : "") + "local: *; };\n")
            .str();
    llvm::Expected<std::string> scriptPath = files.addTemporary(place);
    if (!scriptPath)
      return scriptPath.takeError();
    if (llvm::Error error = writeFile(*scriptPath, script))
      return error;
    arguments.push_back("-shared");
    add("--version-script=" + *scriptPath);
    add("-soname=" + llvm::sys::path::filename(place.given));
    add("--undefined=lambent_library_create");
    add("--undefined=lambent_library_destroy");
    StringRef run = hasOpenDims ? "lambent_aot_run_open" : "lambent_aot_run";
    add("--undefined=" + run);
    add("--defsym=" + name + "_create=lambent_library_create");
    add("--defsym=" + name + "_run=" + run);
    if (hasOpenDims) {
      add("--undefined=lambent_aot_output_dims");
      add("--defsym=" + name + "_output_dims=lambent_aot_output_dims");
    }
    add("--defsym=" + name + "_destroy=lambent_library_destroy");
  }
  llvm::Expected<std::string> log = files.addTemporary(place);
  if (!log)
    return log.takeError();
  return runTool(*linker, arguments, *log, files.getWatch());
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

static llvm::Error toError(LambentStatus *status) {
  if (!status)
    return llvm::Error::success();
  std::string message = lambent_status_message(status);
  lambent_status_destroy(status);
  return makeError(message);
}

/// Whether the model has open dims. Of an object without a model the linker
/// says what is wrong.
static bool hasOpenDims(llvm::MemoryBufferRef object, StringRef symbol) {
  llvm::Expected<std::string> description = describeModel(object, symbol);
  if (!description) {
    llvm::consumeError(description.takeError());
    return false;
  }
  LambentModel model;
  std::memcpy(&model, description->data(), sizeof(model));
  return model.num_values > 0;
}

/// Writes the object itself, or links it.
static llvm::Error writeMain(OutputForm form, StringRef name,
                             llvm::MemoryBufferRef object,
                             llvm::ArrayRef<char> weights, uint64_t weightHash,
                             const OutputPlace &place, StagedFiles &files) {
  std::string symbol = (name + "_model").str();
  llvm::Expected<std::string> path = files.add(place);
  if (!path)
    return path.takeError();
  ArtefactKind kind = form == OutputForm::Library ? ArtefactKind::Library
                      : form == OutputForm::Executable
                          ? ArtefactKind::Executable
                          : ArtefactKind::Object;
  if (kind == ArtefactKind::Object) {
    weights = {};
    weightHash = 0;
    if (llvm::Error error = writeFile(*path, object.getBuffer()))
      return error;
  } else {
    if (llvm::Error error = checkArchitecture(object))
      return error;
    llvm::Expected<std::string> objectPath = files.addTemporary(place);
    if (!objectPath)
      return objectPath.takeError();
    if (llvm::Error error = writeFile(*objectPath, object.getBuffer()))
      return error;
    if (llvm::Error error = link(form, name, hasOpenDims(object, symbol),
                                 *objectPath, *path, place, files))
      return error;
  }
  llvm::Expected<std::string> description = describeModel(object, symbol);
  if (!description)
    return description.takeError();
  return toError(writeArtefact(path->c_str(), kind, symbol.c_str(),
                               description->data(), description->size(),
                               weights.data(), weights.size(), weightHash));
}

static llvm::Error writeParts(OutputForm form, StringRef name,
                              llvm::MemoryBufferRef object,
                              llvm::ArrayRef<char> weights, uint64_t weightHash,
                              StringRef header, const OutputPlan &plan,
                              StagedFiles &files) {
  if (llvm::Error error =
          writeMain(form, name, object, weights, weightHash, plan.main, files))
    return error;
  if (plan.weights) {
    llvm::Expected<std::string> path = files.add(*plan.weights);
    if (!path)
      return path.takeError();
    std::string symbol = (name + "_model").str();
    if (llvm::Error error = toError(writeArtefact(
            path->c_str(), ArtefactKind::Weights, symbol.c_str(), nullptr, 0,
            weights.data(), weights.size(), weightHash)))
      return error;
  }
  if (plan.header) {
    llvm::Expected<std::string> path = files.add(*plan.header);
    if (!path)
      return path.takeError();
    if (llvm::Error error = writeFile(*path, header))
      return error;
  }
  return llvm::Error::success();
}

llvm::Error lambent::writeArtefactFiles(OutputForm form, StringRef name,
                                        llvm::MemoryBufferRef object,
                                        llvm::ArrayRef<char> weights,
                                        uint64_t weightHash, StringRef header,
                                        const OutputPlan &plan,
                                        StagedFiles &files) {
  if (llvm::Error error = writeParts(form, name, object, weights, weightHash,
                                     header, plan, files))
    return files.nameOutputs(std::move(error));
  return files.moveToPlaces();
}
