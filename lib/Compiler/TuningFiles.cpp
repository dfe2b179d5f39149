//===- TuningFiles.cpp - What was measured, in files ----------------------===//
//
// Files of one user's machines lie side by side: their names say for which CPU
// with which caches, and choices also with which description, they are.
//
//===----------------------------------------------------------------------===//

#include "TuningFiles.h"
#include "lambent/Backends/CPU/TunedChoices.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace lambent;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

static constexpr StringRef native = "native";

std::string lambent::getTuningFolder() {
  auto getFolder = [](const char *variable) -> StringRef {
    const char *value = getenv(variable);
    // A relative one would be another in each working directory.
    return value && path::is_absolute(value) ? value : "";
  };
  llvm::SmallString<256> folder(getFolder("XDG_CACHE_HOME"));
  if (folder.empty()) {
    folder = getFolder("HOME");
    if (folder.empty())
      return "";
    path::append(folder, ".cache");
  }
  path::append(folder, "lambent");
  return folder.str().str();
}

/// The file of this kind and target in the user's folder.
static std::string getStored(StringRef kind, const cpu::TargetInfo &target) {
  llvm::SmallString<256> file(getTuningFolder());
  if (file.empty())
    return "";
  path::append(file, kind + "-" + target.tunedFor + "-" +
                         target.description.name + ".json");
  return file.str().str();
}

std::string lambent::getStoredDescription() {
  Expected<cpu::TargetInfo> target = cpu::TargetInfo::create(native);
  if (target)
    return getStored("cpu", *target);
  llvm::consumeError(target.takeError());
  return "";
}

std::string lambent::getStoredChoices(const cpu::TargetInfo &target) {
  return getStored("choices", target);
}

static Error failWith(StringRef file, StringRef message) {
  return llvm::createStringError("'" + file + "': " + message);
}

Expected<std::optional<std::string>> lambent::readOptional(StringRef file) {
  auto buffer = llvm::MemoryBuffer::getFile(file, /*IsText=*/true);
  if (buffer)
    return (*buffer)->getBuffer().str();
  if (buffer.getError() == std::errc::no_such_file_or_directory)
    return std::nullopt;
  return failWith(file, buffer.getError().message());
}

/// Reads a file and has its text checked. `remedy` is what helps against a file
/// that is kept.
static Expected<std::string>
readChecked(StringRef cpu, const char *given,
            llvm::function_ref<std::string()> getKept, StringRef remedy,
            llvm::function_ref<Error(StringRef)> check) {
  std::string file = given ? given : cpu == native ? getKept() : "";
  if (file.empty())
    return "";
  Expected<std::optional<std::string>> text = readOptional(file);
  if (!text)
    return text.takeError();
  if (!*text) {
    if (!given)
      return "";
    return failWith(
        file, make_error_code(std::errc::no_such_file_or_directory).message());
  }
  if (Error error = check(**text))
    return failWith(file, llvm::toString(std::move(error)) +
                              (given ? "" : ("; " + remedy).str()));
  return **text;
}

Expected<std::string> lambent::readDescription(StringRef cpu,
                                               const char *path) {
  return readChecked(
      cpu, path, getStoredDescription,
      "'lambent tune --cpu' measures this machine anew",
      [&](StringRef text) -> Error {
        Expected<cpu::TargetInfo> target = cpu::TargetInfo::create(cpu);
        if (!target) { // reported by whoever uses it
          llvm::consumeError(target.takeError());
          return Error::success();
        }
        return cpu::CPUDescription::parse(text, target->tunedFor).takeError();
      });
}

Expected<std::string> lambent::readChoices(StringRef cpu, StringRef description,
                                           const char *path) {
  auto getKept = [&]() -> std::string {
    auto target = cpu::TargetInfo::create(cpu, description);
    if (target)
      return getStoredChoices(*target);
    llvm::consumeError(target.takeError());
    return "";
  };
  return readChecked(cpu, path, getKept, "remove it", [&](StringRef text) {
    return cpu::TunedChoices::parse(text).takeError();
  });
}

Error lambent::replaceFile(StringRef file, StringRef text) {
  StringRef folder = path::parent_path(file);
  if (!folder.empty())
    if (std::error_code error = fs::create_directories(folder))
      return failWith(file, "cannot be written: " + error.message());
  std::string message;
  Error error = llvm::writeToOutput(file, [&](llvm::raw_ostream &os) {
    os << text;
    return Error::success();
  });
  llvm::handleAllErrors(std::move(error), [&](const llvm::ErrorInfoBase &e) {
    message = e.message();
  });
  return message.empty() ? Error::success()
                         : failWith(file, "cannot be written: " + message);
}
