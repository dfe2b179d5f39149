//===- FileIdentity.h - Are two paths one file? -----------------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_FILEIDENTITY_H
#define LAMBENT_RUNTIME_FILEIDENTITY_H

#include <sys/stat.h>

namespace lambent::runtime {

/// A regular file under whatever name; nothing equals what is none.
class FileIdentity {
public:
  FileIdentity() = default;
  explicit FileIdentity(const char *path) {
    struct stat info;
    isFile = stat(path, &info) == 0 && S_ISREG(info.st_mode);
    if (isFile) {
      device = info.st_dev;
      number = info.st_ino;
    }
  }
  bool operator==(const FileIdentity &other) const {
    return isFile && other.isFile && device == other.device &&
           number == other.number;
  }

private:
  bool isFile = false;
  dev_t device = 0;
  ino_t number = 0;
};

} // namespace lambent::runtime

#endif
