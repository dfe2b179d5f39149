//===- InputFolder.h - A model's inputs in files ----------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_INPUTFOLDER_H
#define LAMBENT_TOOLS_INPUTFOLDER_H

#include "Handles.h"
#include <string>
#include <vector>

namespace lambent::driver {

using Names = std::vector<const char *>;

/// The inputs to look for in a folder.
struct WantedInputs {
  Names names;
  std::vector<uint8_t> hasDefault; ///< 1: there may be no file
  std::vector<uint8_t> codes;      ///< LAMBENT_SEQUENCE, LAMBENT_OPTIONAL or 0
  void add(const char *name, bool mayBeMissing, uint8_t code);
  bool needsFolder() const;
};

/// Warns of files in `folder` that are no input; outputs may lie there, too. An
/// empty `folder` is one that was not given.
LambentStatus *warnOfStrays(const std::string &folder, const Names &inputs,
                            const Names &outputs);

/// Reads the tensors of these names. One that has no file and a default has no
/// data and a rank of -1.
LambentStatus *readInputFolder(const std::string &folder,
                               const WantedInputs &wanted, TensorSet &set);

/// The name of an input in a folder (lambent-c/tensor_file.h): that of the
/// file without its ending, or of a sequence's folder.
std::string getFileName(std::string input);

/// The file of a folder that an input is read from.
std::string findInputFile(const std::string &folder, const std::string &input,
                          uint64_t index);

} // namespace lambent::driver

#endif
