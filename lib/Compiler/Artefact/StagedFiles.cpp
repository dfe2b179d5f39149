//===- StagedFiles.cpp - Files that take their places together ------------===//

#include "StagedFiles.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>

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
    llvm::sys::path::append(pattern, ".lambent-XXXXXX");
    std::string folder = pattern.str().str();
    if (!::mkdtemp(folder.data()))
      return place.refuse(llvm::sys::StrError(errno));
    watch.removeOnSignal(folder);
    folders.push_back(folder);
    found = folders.end() - 1;
  }
  return *found + "/" + std::to_string(count++);
}

llvm::Expected<std::string> StagedFiles::add(const OutputPlace &place) {
  auto path = addTemporary(place);
  if (path)
    files.push_back({*path, place});
  return path;
}

llvm::Error StagedFiles::moveToPlaces() {
  SignalWatch::Pause pause(watch);
  for (const File &file : files)
    if (std::error_code error = fs::rename(file.path, file.place.path))
      return file.place.refuse(error.message());
  return llvm::Error::success();
}
