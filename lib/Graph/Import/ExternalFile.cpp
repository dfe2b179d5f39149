//===- ExternalFile.cpp - Map model files and files beside them -----------===//

#include "lambent/Graph/Import/ExternalFile.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/Path.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace llvm;

namespace lambent::graph {
namespace {

/// An open file or folder, closed with the object.
class Descriptor {
public:
  explicit Descriptor(int number) : number(number) {}
  Descriptor(const Descriptor &) = delete;
  ~Descriptor() {
    if (number >= 0)
      ::close(number);
  }
  void reset(int other) {
    if (number >= 0)
      ::close(number);
    number = other;
  }
  int get() const { return number; }

private:
  int number;
};

std::string lastError() { return sys::StrError(errno); }

Expected<SharedBytes> mapOpenFile(int descriptor, StringRef name,
                                  uint64_t size) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getOpenFile(
      descriptor, name, size, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createStringError("can't read it: " + buffer.getError().message());
  return SharedBytes(std::move(*buffer));
}

} // namespace

Expected<SharedBytes> mapModelFile(StringRef path) {
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  Descriptor file(
      ::open(path.str().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat status;
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
    return createStringError("can't open it: " + lastError());
  if (!S_ISREG(status.st_mode))
    return createStringError("it is not a regular file");
  return mapOpenFile(file.get(), path, status.st_size);
}

Error checkExternalLocation(StringRef location) {
  if (location.empty())
    return createStringError("its location is empty");
  if (location.contains('\0'))
    return createStringError("its location holds a zero byte");
  if (location.starts_with("/"))
    return createStringError(
        "'" + location +
        "' is absolute; weight files must lie in the model's folder");
  for (StringRef part : split(location, '/'))
    if (part == "..")
      return createStringError("'" + location + "' leaves the model's folder");
  return Error::success();
}

/// Opens the file wherever links lead.
static Expected<SharedBytes> mapThroughLinks(StringRef modelPath,
                                             StringRef location) {
  SmallString<256> path(sys::path::parent_path(modelPath));
  sys::path::append(path, location);
  Expected<SharedBytes> mapped = mapModelFile(path);
  if (!mapped)
    return createStringError("'" + location +
                             "': " + toString(mapped.takeError()));
  return mapped;
}

Expected<SharedBytes> mapExternalFile(StringRef modelPath, StringRef location,
                                      bool followLinks) {
  if (Error error = checkExternalLocation(location))
    return error;
  if (followLinks)
    return mapThroughLinks(modelPath, location);
  auto refuse = [&](const Twine &why) {
    return createStringError("'" + location + "' " + why);
  };

  StringRef folder = sys::path::parent_path(modelPath);
  Descriptor current(::open(folder.empty() ? "." : folder.str().c_str(),
                            O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (current.get() < 0)
    return refuse("can't be opened: the model's folder can't: " + lastError());

  // Every part is looked at before it is opened (opening a device may do
  // something) and again afterwards.
  SmallVector<StringRef> parts;
  location.split(parts, '/', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  llvm::erase(parts, ".");
  if (parts.empty())
    return refuse("is no file");
  struct stat status;
  for (auto [index, part] : enumerate(parts)) {
    bool last = index + 1 == parts.size();
    std::string name = part.str();
    if (::fstatat(current.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) !=
        0)
      return refuse("can't be opened: " + lastError());
    if (S_ISLNK(status.st_mode))
      return refuse("goes through the link '" + part +
                    "'; weight files must lie in the model's folder, unless "
                    "--follow-links is given");
    if (last ? !S_ISREG(status.st_mode) : !S_ISDIR(status.st_mode))
      return refuse(last ? "is not a regular file"
                         : "goes through what is no folder");
    current.reset(::openat(current.get(), name.c_str(),
                           O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
                               (last ? O_NONBLOCK : O_DIRECTORY)));
    if (current.get() < 0 || ::fstat(current.get(), &status) != 0)
      return refuse("can't be opened: " + lastError());
  }
  if (!S_ISREG(status.st_mode))
    return refuse("is not a regular file");
  if (status.st_nlink > 1)
    return refuse("has a second name (hard link); weight files must belong to "
                  "the model alone, unless --follow-links is given");
  return mapOpenFile(current.get(), location, status.st_size);
}

} // namespace lambent::graph
