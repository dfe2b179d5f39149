//===- StagedFiles.cpp - Files that take their places together ------------===//

#include "StagedFiles.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>

using namespace lambent;
using llvm::StringRef;
namespace fs = llvm::sys::fs;

llvm::Error lambent::writeFile(StringRef path, StringRef bytes) {
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  if (!error) {
    os << bytes;
    os.close();
    error = os.error();
    os.clear_error();
  }
  return error ? llvm::createStringError("cannot write '" + path +
                                         "': " + error.message())
               : llvm::Error::success();
}

StagedFiles::~StagedFiles() {
  SignalWatch::Pause pause(watch);
  for (const std::string &folder : folders) {
    fs::remove_directories(folder);
    watch.forgetFolder(folder);
  }
}

llvm::Expected<std::string>
StagedFiles::addTemporary(const OutputPlace &place) {
  std::string parent = llvm::sys::path::parent_path(place.path).str();
  auto found = llvm::find_if(folders, [&](StringRef folder) {
    return llvm::sys::path::parent_path(folder) == StringRef(parent);
  });
  if (found == folders.end()) {
    SignalWatch::Pause pause(watch);
    llvm::SmallString<256> pattern(parent);
    llvm::sys::path::append(pattern,
                            ".lambent-" + std::to_string(getpid()) + "-XXXXXX");
    std::string folder = pattern.str().str();
    if (!::mkdtemp(folder.data()))
      return place.refuse(llvm::sys::StrError(errno));
    watch.removeOnSignal(folder);
    folders.push_back(folder);
    found = folders.end() - 1;
  }
  std::string path = *found + "/" + std::to_string(names.size());
  names.push_back({path, place.given});
  return path;
}

llvm::Error StagedFiles::nameOutputs(llvm::Error error) const {
  if (!error)
    return error;
  std::string text = llvm::toString(std::move(error));
  // The last first: a path may begin as a shorter one does.
  for (const auto &[path, given] : llvm::reverse(names))
    for (size_t at = 0; (at = text.find(path, at)) != std::string::npos;
         at += given.size())
      text.replace(at, path.size(), given);
  return llvm::createStringError(text);
}

llvm::Expected<std::string> StagedFiles::add(const OutputPlace &place) {
  auto path = addTemporary(place);
  if (!path)
    return path;
  auto old = addTemporary(place);
  if (!old)
    return old;
  files.push_back({*path, *old, place});
  return path;
}

/// Gives the file that is replaced a second name, by which it can be put back.
/// Where the file system has no second names, it is moved there.
static llvm::Error keepOldFile(StagedFiles::File &file) {
  const char *place = file.place.path.c_str();
  struct stat status;
  if (::lstat(place, &status) != 0)
    return errno == ENOENT ? llvm::Error::success()
                           : file.place.refuse(llvm::sys::StrError(errno));
  if (!S_ISREG(status.st_mode))
    return file.place.refuse("it is no regular file any more");
  if (::link(place, file.old.c_str()) != 0 &&
      ::rename(place, file.old.c_str()) != 0)
    return file.place.refuse(llvm::sys::StrError(errno));
  file.hasOld = true;
  return llvm::Error::success();
}

static llvm::Error moveToPlace(StagedFiles::File &file) {
  if (llvm::Error error = keepOldFile(file))
    return error;
  if (std::error_code error = fs::rename(file.path, file.place.path))
    return file.place.refuse(error.message());
  file.isMoved = true;
  return llvm::Error::success();
}

/// Undoes what moveToPlace did. Returns what went wrong with that.
static std::string putBack(llvm::ArrayRef<StagedFiles::File> files) {
  std::string failures;
  for (const StagedFiles::File &file : llvm::reverse(files)) {
    std::error_code error;
    if (file.hasOld)
      error = fs::rename(file.old, file.place.path);
    else if (file.isMoved)
      error = fs::remove(file.place.path);
    if (error)
      failures += "; what was at '" + file.place.given +
                  "' could not be put back: " + error.message();
  }
  return failures;
}

llvm::Error StagedFiles::moveToPlaces() {
  SignalWatch::Pause pause(watch);
  for (File &file : files)
    if (llvm::Error error = moveToPlace(file))
      return llvm::createStringError(llvm::toString(std::move(error)) +
                                     putBack(files));
  return llvm::Error::success();
}
