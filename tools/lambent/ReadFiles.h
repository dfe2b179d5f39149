//===- ReadFiles.h - What no output may replace -----------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_READFILES_H
#define LAMBENT_TOOLS_READFILES_H

#include "lambent-c/compiler.h"
#include <string>
#include <vector>

namespace lambent::driver {

/// The files that a command reads.
class ReadFiles {
public:
  void add(const std::string &path) { files.push_back(path); }
  void add(const std::vector<std::string> &paths) {
    files.insert(files.end(), paths.begin(), paths.end());
  }
  /// The files that hold weights of the model at `path`.
  void addExternal(const std::string &path, const LambentModelSummary &summary);
  /// The model at `path` and the files with its weights, as far as they are
  /// known before it is read: what is wrong with it is said then.
  void addModel(const std::string &path, const LambentModelSource *source);
  /// All files of a folder.
  void addFolder(const std::string &folder);

  /// Fails where `output` is one of them, under whatever name. Prints what is
  /// wrong; returns an exit status.
  int checkOutput(const std::string &output) const;
  std::vector<const char *> getPaths() const;

private:
  std::vector<std::string> files;
};

} // namespace lambent::driver

#endif
