//===- OutputPlace.cpp - Where an output file goes ------------------------===//

#include "OutputPlace.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/Path.h"
#include <climits>
#include <sys/stat.h>
#include <unistd.h>

using namespace lambent;
using llvm::SmallString;
using llvm::StringRef;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

llvm::Error OutputPlace::refuse(const llvm::Twine &why) const {
  return llvm::createStringError("cannot write '" + given + "': " + why);
}

llvm::Error OutputPlace::requireRegular() const {
  if (obstacle.empty())
    return llvm::Error::success();
  return refuse("expected a regular file or a new name, but got " + obstacle);
}

static StringRef describe(mode_t mode) {
  return S_ISREG(mode)    ? StringRef()
         : S_ISDIR(mode)  ? "a folder"
         : S_ISFIFO(mode) ? "a FIFO"
         : S_ISSOCK(mode) ? "a socket"
                          : "a device";
}

llvm::Expected<OutputPlace> OutputPlace::find(StringRef given) {
  OutputPlace place;
  place.given = given.str();
  auto fail = [&] { return place.refuse(llvm::sys::StrError(errno)); };
  SmallString<256> current(given);
  constexpr int mostLinks = 40; // as many as the kernel follows
  for (int links = 0; links <= mostLinks; ++links) {
    StringRef parent = path::parent_path(current);
    SmallString<256> real;
    if (std::error_code error =
            fs::real_path(parent.empty() ? "." : parent, real))
      return place.refuse(error.message());
    std::string folder = real.str().str();
    bool isOfProcess = StringRef(folder).starts_with("/proc/");
    path::append(real, path::filename(current));
    place.path = real.str().str();

    struct stat status;
    if (::lstat(place.path.c_str(), &status) != 0) {
      if (errno != ENOENT)
        return fail();
      if (::access(folder.c_str(), W_OK | X_OK) != 0)
        return fail();
      return place;
    }
    if (S_ISLNK(status.st_mode) && !isOfProcess) {
      char target[PATH_MAX + 1];
      ssize_t length = ::readlink(place.path.c_str(), target, PATH_MAX);
      if (length < 0)
        return fail();
      target[length] = 0;
      current = folder;
      path::append(current, target);
      if (path::is_absolute(target))
        current = target;
      continue;
    }
    // /dev/stdout and its like end in a link that stands for an open file.
    if (::stat(place.path.c_str(), &status) != 0)
      return fail();
    place.existing = fs::UniqueID(status.st_dev, status.st_ino);
    place.obstacle = !isOfProcess ? describe(status.st_mode)
                     : StringRef(folder).ends_with("/fd")
                         ? "an open stream"
                         : "a file of the kernel";
    if (::access(place.path.c_str(), W_OK) != 0 ||
        (place.obstacle.empty() && ::access(folder.c_str(), W_OK | X_OK) != 0))
      return fail();
    return place;
  }
  errno = ELOOP;
  return fail();
}
